"""Before it is migrated, a store is copied beside itself, so that an older feedsvc can go on with the copy."""

import os
import re
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.store.schema import VERSION
from feedsvc.store.sqlite import SqliteEngine
from tests.conftest import Publication
from tests.store.test_migrations import SECOND, raw, remembered


def make_second(publication: Publication) -> Path:
    """Turn the store into one of schema 2."""
    publication.store.close()
    with raw(publication.settings.store_file) as connection:
        connection.executescript(SECOND)
    return publication.settings.store_file


def _schema(path: Path) -> str:
    with raw(path) as connection:
        (found,) = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        return str(found)


def _copies(store: Path) -> list[str]:
    return sorted(each.name for each in store.parent.iterdir() if "schema" in each.name)


@pytest.fixture
def store(publication: Publication) -> Path:
    publication.article("one")
    publication.sync()
    return make_second(publication)


def test_the_copy_holds_what_the_store_held(publication: Publication, store: Path) -> None:
    before = remembered(store)
    publication.sync()
    copy = store.with_name("store.sqlite3.schema-2")
    assert (_schema(store), _schema(copy)) == (str(VERSION), "2")
    assert remembered(copy) == before
    assert _copies(store) == ["store.sqlite3.schema-2"]
    assert copy.stat().st_mode == store.stat().st_mode


def test_the_copy_holds_what_is_in_the_wal_alone(publication: Publication, store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("INSERT INTO meta VALUES ('in', 'the WAL')")
        connection.commit()
        publication.sync()
    with raw(store.with_name("store.sqlite3.schema-2")) as copy:
        assert copy.execute("SELECT value FROM meta WHERE key = 'in'").fetchone() == ("the WAL",)


def test_a_store_that_is_new_or_not_older_is_not_copied(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    publication.sync()
    assert _copies(publication.settings.store_file) == []


def test_an_earlier_copy_is_never_overwritten(publication: Publication, store: Path) -> None:
    other = store.with_name("store.sqlite3.schema-2")
    other.write_bytes(b"something of somebody")
    publication.sync()
    assert other.read_bytes() == b"something of somebody"
    assert _schema(store.with_name("store.sqlite3.schema-2.2")) == "2"


def test_a_migration_that_fails_again_and_again_makes_one_copy(
    publication: Publication, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("feedsvc.store.migrations._add_columns", fail)
        for _ in range(3):
            with pytest.raises(StoreUnavailable, match="free some disk space"):
                publication.sync()
    assert _schema(store) == "2"
    publication.sync()
    assert _copies(store) == ["store.sqlite3.schema-2"]


def test_the_names_of_folders_may_have_any_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLAlchemy reads a question mark in the text of a URL as the start of parameters."""
    place = tmp_path / "a?b=c#d%20 e@f:g"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    engine = SqliteEngine(place / "store.sqlite3")
    with closing(sqlite3.connect(place / "store.sqlite3")) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE meta (key, value)")
    with closing(engine):
        with engine.private_copy() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM meta").scalar() == 0
        with engine.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM meta").scalar() == 0
        missing = pytest.raises(StoreUnavailable, match=re.escape(f"{place}/store.sqlite3: no such table: absent"))
        with missing, engine.read() as connection:
            connection.exec_driver_sql("SELECT 1 FROM absent")
    assert [each.name for each in tmp_path.iterdir()] == [place.name]
    assert not [each.name for each in place.iterdir() if each.name.startswith("feedsvc-")]


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on the size of files")
def test_without_room_for_the_copy_nothing_is_migrated(publication: Publication, store: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000));"
        "from feedsvc.cli import main; main()"
    )
    settings = publication.settings
    done = subprocess.run(
        [sys.executable, "-c", code, "sync", "--content", settings.content, "--store", settings.store_file],
        capture_output=True,
        check=False,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 2, done.stderr
    assert "cannot copy the store before it is migrated" in done.stderr
    assert "bytes of disk space" in done.stderr
    assert _schema(store) == "2"
    assert _copies(store) == []
