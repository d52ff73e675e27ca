"""Nobody else on the machine reads the store: drafts are in it. Media are for the group of the web server."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from feedsvc.store.sqlite.writer_file import state_path
from feedsvc.store.writer_lock import only_writer
from feedsvc.web.stats import poll_counters
from feedsvc.web.stats.counter_files import CounterFiles
from feedsvc.web.stats.subscriber_totals import SubscriberTotals
from tests.conftest import Publication
from tests.web.resources import PICTURE


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """The most careless umask."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o7777


def test_the_store_is_its_owners_and_media_are_the_groups(publication: Publication) -> None:
    publication.write("articles/p.svg", PICTURE)
    publication.article("one", "![x](p.svg)")
    publication.sync()
    store, media = publication.settings.store_file, publication.settings.media_folder
    for file in (store, Path(f"{store}-wal"), Path(f"{store}-shm")):
        assert mode(file) == 0o600, file
    assert mode(store.parent) == 0o750
    assert mode(media) == 0o750
    assert {mode(file) for file in media.iterdir()} == {0o640}
    publication.store.writer_record().write()
    assert mode(state_path(store)) == 0o640


def test_others_read_no_file_beside_the_store(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks and counts tell who polls what, and when something is written."""
    monkeypatch.setenv(poll_counters.FOLDER, "")
    folder = publication.root / ".feedsvc" / "polls"
    poll_counters.prepare(folder)
    counts, subscribers = CounterFiles(folder), SubscriberTotals(folder)
    counts.write(Counter({("full", "chips", "atom"): 1}))
    subscribers.record({(("chips", "atom"), "Feedly"): 7})
    with only_writer(publication.settings.store_file, Event()):
        found = list(publication.root.joinpath(".feedsvc").rglob("*"))
    assert len([each for each in found if each.is_file()]) >= 5
    for each in found:
        assert mode(each) & 0o007 == 0, each


def test_others_lose_an_older_store_and_its_group_keeps_it(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    store = publication.settings.store_file
    store.chmod(0o664)
    publication.sync()
    assert mode(store) == 0o660


def test_media_take_the_group_of_a_setgid_folder(publication: Publication) -> None:
    media = publication.settings.media_folder
    media.mkdir(parents=True)
    group = os.getgid() if os.getuid() else 33
    os.chown(media, -1, group)
    media.chmod(0o2750)
    publication.write("articles/p.svg", PICTURE)
    publication.article("one", "![x](p.svg)")
    publication.sync()
    assert mode(media) == 0o2750
    assert {file.stat().st_gid for file in media.iterdir()} == {group}
