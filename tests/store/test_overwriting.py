"""A file that is copied over a live store is noticed, and nothing is written into it. Nothing else is taken for one."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.files import file_id
from feedsvc.store import Store
from feedsvc.store.sqlite.overwriting import _FILES, was_overwritten
from tests.conftest import Publication
from tests.live import wait_for


def in_use(publication: Publication) -> Path:
    """A store with commits in its WAL, and a backup from before them. Return the backup."""
    publication.article("one")
    publication.sync()
    copy = publication.settings.store_file.with_name("copy")
    publication.store.back_up(copy)
    publication.article("two")
    publication.sync()
    assert not was_overwritten(publication.settings.store_file)
    return copy


def test_a_backup_over_a_live_store_is_noticed(publication: Publication) -> None:
    """No sync writes into it, so the backup and the WAL stay as they are."""
    copy, store = in_use(publication), publication.settings.store_file
    before = publication.store.identity()
    shutil.copyfile(copy, store)
    assert publication.store.identity() != before
    publication.article("three")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"was copied over the store while .*run feedsvc restore"):
            publication.sync()
    assert publication.store.trim() == 0
    assert store.read_bytes() == copy.read_bytes()


def test_what_the_message_says_helps(publication: Publication) -> None:
    copy, store = in_use(publication), publication.settings.store_file
    shutil.copyfile(copy, store)
    publication.store.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)
    with closing(Store(store)) as publication.store:
        assert publication.store.restore(copy) is None
        publication.article("three")
        assert publication.sync().added == ("three", "two")


def test_an_older_file_without_its_wal_is_noticed(publication: Publication) -> None:
    """As `cp` of the store itself makes it, if the header has changed since."""
    copy, store = in_use(publication), publication.settings.store_file
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(store, copy)
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("CREATE TABLE another (x)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    publication.article("three")
    publication.sync()
    assert not was_overwritten(store)
    shutil.copyfile(copy, store)
    assert was_overwritten(store)


def put_in_place(publication: Publication, copy: Path) -> None:
    publication.store.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{publication.settings.store_file}{suffix}").unlink(missing_ok=True)
    os.replace(copy, publication.settings.store_file)


def copy_while_stopped(publication: Publication, copy: Path) -> None:
    publication.store.close()
    shutil.copyfile(copy, publication.settings.store_file)


def restore(publication: Publication, copy: Path) -> None:
    publication.store.restore(copy)


def cut_short(publication: Publication, _copy: Path) -> None:
    """Without a header there is nothing to say; readers report what is wrong."""
    whole = publication.settings.store_file.read_bytes()
    os.truncate(publication.settings.store_file, 0)
    assert not was_overwritten(publication.settings.store_file)
    publication.settings.store_file.write_bytes(whole)


@pytest.mark.parametrize("happens", [put_in_place, copy_while_stopped, restore, cut_short])
def test_no_false_alarm(publication: Publication, happens: Callable[[Publication, Path], None]) -> None:
    copy = in_use(publication)
    happens(publication, copy)
    publication.article("three")
    publication.sync()
    assert not was_overwritten(publication.settings.store_file)
    with publication.store.read() as snapshot:
        assert snapshot.claims.count() == 3


def test_no_false_alarm_while_it_is_written(publication: Publication) -> None:
    """Commits, checkpoints and VACUUM change the header and its file while it is read."""
    store = publication.settings.store_file
    copy = in_use(publication)
    looks, wrong, done = [0], [0], Event()

    def look() -> None:
        while not done.is_set():
            looks[0] += 1
            wrong[0] += was_overwritten(store)

    watcher = Thread(target=look)
    watcher.start()
    for number in range(30):
        with publication.store.write(publication.now) as commit:
            commit.log.put_meta(f"large-{number}", "x" * 300_000)
        with closing(sqlite3.connect(store)) as connection:
            connection.execute(f"PRAGMA wal_checkpoint({('PASSIVE', 'TRUNCATE', 'RESTART')[number % 3]})")
        if number % 10 == 9:
            publication.store.erase_deleted()
        if number % 15 == 14:
            publication.store.restore(copy)
    wait_for(lambda: looks[0] > 100, "some looks")
    done.set()
    watcher.join()
    assert wrong == [0]


def test_the_locks_of_the_process_stay(publication: Publication) -> None:
    """Closing any descriptor of the file would end them: then another process deletes the WAL that is in use."""
    in_use(publication)
    store = publication.settings.store_file
    script = (
        f"import sqlite3; c = sqlite3.connect({str(store)!r}); c.execute('SELECT * FROM meta').fetchall(); c.close()"
    )
    with publication.store.read() as snapshot:
        for _ in range(3):
            assert not was_overwritten(store)
            Store(store).close()
        subprocess.run([sys.executable, "-c", script], check=True)
        assert Path(f"{store}-wal").stat().st_size
        assert snapshot.claims.count() == 2
    assert file_id(store) in _FILES
    publication.store.close()
    assert file_id(store) not in _FILES
    assert not Path(f"{store}-wal").exists()
