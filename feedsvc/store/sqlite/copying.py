"""Copies of a store: its committed state in one file, also before each migration, for an older version of feedsvc."""

import glob
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, create_engine

from feedsvc.errors import StoreUnavailable
from feedsvc.store.sqlite.disk_space import needs_shm_space, space_cure

# The end of the names of unfinished copies: no other file beside a store has it.
_PARTIAL: Final = ".partial"


def copy_before_migration(path: Path, schema: int) -> Path:
    """Copy the store at `path`, which has that schema, beside itself. Return the copy.

    The caller holds the writer's lock. The copy includes commits in the WAL. If a copy of the same state exists, from
    a migration that failed, it is returned. A copy of another state is never overwritten. Raises StoreUnavailable if
    the copy cannot be written.
    """
    base = path.with_name(f"{path.name}.schema-{schema}")
    try:
        with closing(open_to_read(path)) as source:
            number = 1
            copy = base
            while copy.exists():
                if _meta_of_file(copy) == _meta(source):
                    return copy
                number += 1
                copy = base.with_name(f"{base.name}.{number}")
            with temporary_copy(source, base) as temporary:
                temporary.chmod(path.stat().st_mode & 0o777)
                os.link(temporary, copy)  # Fails where there is such a file by now.
        return copy
    except (OSError, sqlite3.Error) as error:
        cure = f"free {path.stat().st_size:,} bytes of disk space there, and make the folder writable"
        raise StoreUnavailable(f"{base}: cannot copy the store before it is migrated: {error} ({cure})") from error


@contextmanager
def private_copy(path: Path) -> Iterator[Connection]:
    """Yield a copy of the store at `path` in the system's temporary folder; delete it at the end.

    Raises StoreUnavailable if there is no space for it.
    """
    try:
        temporary = tempfile.TemporaryDirectory(prefix="feedsvc-")
    except OSError as error:
        cure = "make the system's temporary folder writable, or name another in TMPDIR"
        raise StoreUnavailable(f"{path}: cannot copy the store to look at it: {error} ({cure})") from error
    with temporary as folder:
        copy = Path(folder, "store.sqlite3")
        try:
            with closing(open_to_copy(path)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        except (OSError, sqlite3.Error) as error:
            size, place = path.stat().st_size, tempfile.gettempdir()
            cure = f"free {size:,} bytes of disk space in {place}, or name another folder in TMPDIR"
            if needs_shm_space(error):
                cure = space_cure(error, path.parent) or cure
            raise StoreUnavailable(f"{path}: cannot copy the store to look at it: {error} ({cure})") from error
        with _connected(URL.create("sqlite", database=str(copy))) as connection:
            yield connection


def empty() -> AbstractContextManager[Connection]:
    """Yield an empty database in memory."""
    return _connected(URL.create("sqlite"))


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def copies_of(path: Path) -> list[Path]:
    """Return the copies of the store at `path` that migrations, restores and new publications made, by name."""
    kinds = ("schema", "replaced")
    return sorted(each for kind in kinds for each in path.parent.glob(f"{path.name}.{kind}-*") if each.is_file())


def _meta_of_file(copy: Path) -> list[tuple[str, str]] | None:
    try:
        with closing(open_to_read(copy)) as connection:
            return _meta(connection)
    except sqlite3.Error:
        return None


def _meta(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return values that every sync changes: counts of commits and of record updates, the time of the last sync."""
    return connection.execute("SELECT key, value FROM meta ORDER BY key").fetchall()


def open_to_copy(path: Path) -> sqlite3.Connection:
    """Open the store at `path` to read all of it, also on a full disk. Commits nothing. Raises sqlite3.Error."""
    connection = open_to_read(path)
    try:
        # The first statement that opens the WAL, for which SQLite makes the -shm.
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        connection.close()
        exclusive = _exclusive(path) if needs_shm_space(error) else None
        if exclusive is None:
            raise
        return exclusive
    return connection


def _exclusive(path: Path) -> sqlite3.Connection | None:
    """Open a store that no other process uses, with what a -shm has in memory. None if one does, or it is read-only."""
    # mode=rw: an exclusive lock needs a file that is open for writing.
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error:
        connection.close()
        return None
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the SQLite file at `path` without changing it. Raises sqlite3.Error."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


@contextmanager
def temporary_copy(source: sqlite3.Connection, target: Path) -> Iterator[Path]:
    """Yield a complete copy of a database beside `target`, on the disk, with mode 0600; delete it at the end.

    It is one file without a WAL, so it can be copied, moved and linked. Raises OSError, sqlite3.Error.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-", suffix=_PARTIAL)
    os.close(handle)
    temporary = Path(name)
    try:
        with closing(sqlite3.connect(temporary)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        sync_to_disk(temporary)
        yield temporary
    finally:
        # SQLite leaves its journal where the disk is full.
        for file in (temporary, Path(f"{name}-journal")):
            file.unlink(missing_ok=True)


def left_copies(target: Path) -> list[Path]:
    """Return the files that `temporary_copy` made beside `target`: left by processes that were killed, or in use."""
    return [
        each
        for suffix in (_PARTIAL, f"{_PARTIAL}-journal")
        for each in target.parent.glob(f".{glob.escape(target.name)}-????????{suffix}")
        if each.is_file()
    ]


def sync_to_disk(place: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk. Raises OSError."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
