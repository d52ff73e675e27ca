"""A process leaves the files of a store that were moved away or deleted before it opens those in their place.

SQLite shares the index of a WAL among all connections of a process: beside an old connection, a new one would read the
new WAL by the old index.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.store import Store
from feedsvc.store.sqlite import connections, open_files
from feedsvc.store.sqlite.connections import to_wal
from feedsvc.store.sqlite.open_files import StoreConnection, close_old_connections
from tests.conftest import Publication
from tests.live import ROOT, environment, wait_for


def sync_elsewhere(publication: Publication) -> None:
    """Sync in another process, whose connections share nothing with those of this one."""
    settings = publication.settings
    places = ["--content", str(settings.content), "--store", str(settings.store_file)]
    command = [sys.executable, "-m", "feedsvc", "sync", *places]
    subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)


def delete_wal(publication: Publication) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{publication.settings.store_file}{suffix}").unlink()


def away_and_back(publication: Publication) -> None:
    """The store without its WAL, as `mv store.sqlite3 …` does; whoever looks meanwhile finds none."""
    store = publication.settings.store_file
    os.rename(store, store.with_suffix(".away"))
    delete_wal(publication)
    os.rename(store.with_suffix(".away"), store)


def fill_pool(publication: Publication) -> None:
    """Leave some idle connections."""
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(publication.store.read()).version()


def last_seq(publication: Publication) -> int:
    with publication.store.read() as snapshot:
        return snapshot.version().seq


def test_a_wal_that_is_made_at_this_moment_is_no_other_one(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looked between two files waited for the connections of others as if all had been replaced."""
    publication.sync()
    store, found = publication.settings.store_file, open_files.identity
    looks = [(*found(store)[:1], None, None)]
    with publication.store.read():
        monkeypatch.setattr(open_files, "identity", lambda path: looks.pop() if looks else found(path))
        assert close_old_connections(store, 1)
        assert looks == []


@pytest.mark.parametrize("happens", [delete_wal, away_and_back])
def test_idle_connections_are_left(publication: Publication, happens: Callable[[Publication], None]) -> None:
    publication.article("one")
    publication.sync()
    signal = publication.store.commit_signal()
    signal.has_changed()
    fill_pool(publication)
    for number in range(3):
        happens(publication)
        publication.article(f"later-{number}")
        sync_elsewhere(publication)
        assert signal.has_changed()
        assert signal.is_other_store
        before = last_seq(publication)
        publication.article(f"last-{number}")
        sync_elsewhere(publication)
        assert signal.has_changed()
        assert not signal.is_other_store
        assert last_seq(publication) > before
    signal.close()


def test_what_was_replaced_while_it_was_opened_is_not_used(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection to the file that is deleted then would see no commit any more, and its commits would be lost."""
    publication.article("one")
    publication.sync()
    store = publication.settings.store_file
    copy = store.with_name("copy")
    publication.store.back_up(copy)
    publication.store.close()
    replaced: list[object] = []

    def to_wal_and_replace(connection: StoreConnection, seconds: float) -> None:
        to_wal(connection, seconds)
        if not replaced:
            replaced.append(connection.execute("PRAGMA schema_version").fetchone())
            os.replace(shutil.copy(copy, store.with_name("fresh")), store)
            delete_wal(publication)

    signal = publication.store.commit_signal()

    def read() -> object:
        return last_seq(publication)

    looks: dict[str, Callable[[], object]] = {"commit_signal": signal.has_changed, "connections": read}
    for module, look in looks.items():
        replaced.clear()
        publication.store.close()
        monkeypatch.setattr(f"feedsvc.store.sqlite.{module}.to_wal", to_wal_and_replace)
        look()
        assert replaced
        publication.article(f"after-{module}")
        sync_elsewhere(publication)
        assert signal.has_changed()
        with publication.store.read() as snapshot:
            seen = snapshot.version()
        with Store(store).read() as snapshot:
            assert snapshot.version() == seen
    signal.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for open files in /proc")
def test_an_index_that_stayed_is_left_with_the_file_that_was_moved_away(publication: Publication) -> None:
    """Closed beside a connection of another file that shares it, it would lose the locks of that one."""
    publication.article("one")
    publication.sync()
    store = publication.settings.store_file
    fill_pool(publication)
    assert any(f"{store}-shm" == each for each in open_paths())
    os.replace(shutil.copy(store, store.with_name("copy")), store)
    assert close_old_connections(store, 0)
    assert not any(each.startswith(f"{store}-shm") for each in open_paths())


def open_paths() -> list[str]:
    """The paths that this process has open."""
    found = []
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(each.readlink()))
    return found


def make_empty(publication: Publication) -> None:
    """The store as its writer leaves it for a moment, when it makes a new one."""
    publication.store.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{publication.settings.store_file}{suffix}").unlink()
    publication.settings.store_file.touch()


def put_a_backup(publication: Publication) -> None:
    """A backup in the place of the store, without a WAL."""
    copy = publication.settings.store_file.with_name("copy")
    publication.store.back_up(copy)
    make_empty(publication)
    os.replace(copy, publication.settings.store_file)


@pytest.mark.parametrize("happens", [make_empty, put_a_backup])
def test_a_signal_beside_a_store_without_a_wal_hinders_nobody(
    publication: Publication, happens: Callable[[Publication], None]
) -> None:
    """One thread waits for commits while another makes the WAL: the first connection is none that must be left."""
    publication.article("one")
    publication.sync()
    signal = publication.store.commit_signal()
    assert signal.has_changed()
    happens(publication)
    signal.has_changed()
    publication.article("two")
    publication.sync()
    assert signal.has_changed()
    assert last_seq(publication) == 2
    signal.close()


def test_one_in_use_is_waited_for(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    publication.article("one")
    publication.sync()
    signal = publication.store.commit_signal()
    signal.has_changed()
    reading, done = Event(), Event()

    def read() -> None:
        with publication.store.read():
            reading.set()
            done.wait(300)

    reader = Thread(target=read)
    reader.start()
    assert reading.wait(300)
    delete_wal(publication)
    publication.article("two")
    sync_elsewhere(publication)
    assert not signal.has_changed()
    monkeypatch.setattr("feedsvc.store.sqlite.connections.OLD_READERS_SECONDS", 0)
    with pytest.raises(StoreUnavailable, match="were replaced while the store was in use"), publication.store.read():
        pass
    monkeypatch.setattr("feedsvc.store.sqlite.connections.OLD_READERS_SECONDS", 300)
    seen: list[int] = []
    waiting = Thread(target=lambda: seen.append(last_seq(publication)))
    waiting.start()
    done.set()
    reader.join()
    waiting.join()
    wait_for(signal.has_changed, "the commit")
    publication.article("three")
    sync_elsewhere(publication)
    assert signal.has_changed()
    assert last_seq(publication) > seen[0]
    signal.close()


def test_a_connection_that_is_refused_is_tried_again(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody replaces the files one by one, another thread may open some of the old ones at any moment."""
    publication.article("one")
    publication.sync()
    refused: list[None] = []
    real = connections._is_current

    def is_current(path: Path, connection: object) -> bool:
        if len(refused) < 6:
            refused.append(None)
            return False
        return real(path, connection)

    monkeypatch.setattr(connections, "_is_current", is_current)
    assert last_seq(publication) == 1
    assert len(refused) == 6
    refused.clear()
    monkeypatch.setattr(connections, "OLD_READERS_SECONDS", 0)
    with pytest.raises(StoreUnavailable, match="were replaced while the store was in use"), publication.store.read():
        pass
