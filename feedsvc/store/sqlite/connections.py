"""Connections and transactions of SQLite, in WAL mode.

pysqlite opens no transaction for SELECT, so every transaction is begun explicitly. A read is one snapshot; a write
takes the lock at its beginning (BEGIN IMMEDIATE) and is alone.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.pool import ConnectionPoolEntry

from feedsvc.errors import StoreUnavailable
from feedsvc.store.sqlite.disk_space import space_cure
from feedsvc.store.sqlite.open_files import StoreConnection, add_engine, close_old_connections, identity, opened
from feedsvc.terminal import logger

log = logger("feedsvc.store")

BUSY_SECONDS: Final = 30
# A request that still reads a store that was moved away may use its time for searches.
OLD_READERS_SECONDS: Final = 5.0
# The bytes of the WAL that stay for the next commits to overwrite. SQLite checkpoints it at this size.
WAL_BYTES: Final = 4 * 1024 * 1024
# The largest cache of a transaction that writes. That of a reader has SQLite's default, 2 MB.
WRITER_CACHE_BYTES: Final = 32 * 1024 * 1024
# What helps, by a part of SQLite's message.
_ADVICE: Final = {
    "unable to open": "check that the folder exists and may be written",
    "locked": "another process writes: wait until it has finished",
    "readonly": "make the file and its folder writable",
    "full": "free some disk space",
    "malformed": "restore it, or delete it and sync again",
    "not a database": "restore it, or delete it and sync again",
    "no such table": "run feedsvc sync",
}


def open_engine(path: Path, synchronous: str = "NORMAL") -> Engine:
    """Return an engine for the SQLite file at `path`. Opens nothing yet.

    With `synchronous` "FULL", a commit is on the disk when it ends; with "NORMAL", a power failure may undo the last
    ones.
    """

    def connect() -> StoreConnection:
        before = identity(path)
        # mode=rw makes no file: where a reader comes while the store is moved away, it would make an empty one.
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
            factory=StoreConnection,
        )
        try:
            _configure(connection, synchronous)
        except BaseException:
            connection.close()
            raise
        # One that may not be used is refused by `checked_out`.
        opened(connection, path, before)
        return connection

    # A read inside a read takes a second connection. With a limit, threads could wait for each other.
    engine = create_engine(URL.create("sqlite", database=str(path)), creator=connect, max_overflow=-1)

    def checked_out(connection: object, _record: object, _proxy: object) -> None:
        if not _is_current(path, connection):
            # SQLAlchemy connects again.
            raise exc.DisconnectionError

    def checked_in(connection: object, record: ConnectionPoolEntry) -> None:
        if connection is not None and not _is_current(path, connection):
            record.invalidate()

    event.listen(engine, "checkout", checked_out)
    event.listen(engine, "checkin", checked_in)
    add_engine(engine, path)
    return engine


def _is_current(path: Path, connection: object) -> bool:
    """Return whether the open files of a connection are those at `path`. The store may have been moved or replaced."""
    return isinstance(connection, StoreConnection) and connection.files == identity(path) != ()


def _configure(connection: sqlite3.Connection, synchronous: str) -> None:
    connection.isolation_level = None
    # No mmap_size: if the file is truncated, reading a mapped page of it would end the process (SIGBUS).
    to_wal(connection, BUSY_SECONDS)
    for pragma in (f"synchronous={synchronous}", "temp_store=MEMORY", "mmap_size=0", f"journal_size_limit={WAL_BYTES}"):
        connection.execute(f"PRAGMA {pragma}")
    # The first one that reads the file: it opens the WAL, so that it is known which one that is.
    connection.execute("PRAGMA schema_version").fetchone()


def to_wal(connection: sqlite3.Connection, seconds: float) -> None:
    """Switch a new store to WAL mode. Raises sqlite3.Error, also where another process still does that after `seconds`.

    SQLite itself does not wait for another process that does this.
    """
    deadline = time.monotonic() + seconds
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def transaction(engine: Engine, begin: str) -> Iterator[Connection]:
    """Yield a connection inside one transaction: "BEGIN" for a snapshot, "BEGIN IMMEDIATE" to write.

    Commits at the end of the block, rolls back if it raises. Raises StoreUnavailable if the database cannot be used.
    """
    path = Path(str(engine.url.database))
    with translated(path), _connect(engine, path) as connection:
        # SQLAlchemy takes ten times as long as SQLite for these statements, which each read has.
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute(begin)
        try:
            yield connection
        except BaseException:
            # After some errors, such as a full disk, SQLite has already rolled back.
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
        raw.execute("COMMIT")


@contextmanager
def large_cache(connection: Connection) -> Iterator[None]:
    """Let the transaction of a block keep more pages in memory, as far as it needs them, and drop them at its end.

    A large commit changes the same pages many times, and writes each page to the WAL that the cache cannot keep.
    """
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size={-WRITER_CACHE_BYTES // 1024}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={usual}")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise StoreUnavailable for an error of SQLite in the block."""
    try:
        yield
    except (exc.DatabaseError, sqlite3.DatabaseError) as error:
        cause = error.orig if isinstance(error, exc.DatabaseError) else error
        advice = next((cure for sign, cure in _ADVICE.items() if sign in str(cause)), "")
        cure = advice or space_cure(cause, path.parent) or "see the log of the disk it stands on"
        summary = f"the store cannot be used: {cause}{advice and f' ({advice})'}"
        raise StoreUnavailable(f"{path}: {cause} ({cure})", summary) from error


def _connect(engine: Engine, path: Path) -> Connection:
    deadline = time.monotonic() + OLD_READERS_SECONDS
    cure = "wait until nothing reads the old ones any more"
    replaced = StoreUnavailable(f"{path}: the files beside it were replaced while the store was in use ({cure})")
    while close_old_connections(path, max(0.0, deadline - time.monotonic())):
        try:
            return engine.connect()
        except exc.InvalidRequestError as error:
            # The files were replaced again, or another thread opened some of the old ones: `checked_out` refused what
            # was opened just now.
            if time.monotonic() > deadline:
                raise replaced from error
            time.sleep(0.02)
    raise replaced


def trim_wal(engine: Engine, path: Path) -> int:
    """Move the content of a large WAL into the file at `path`, and shorten it. Return the bytes that are left.

    A commit makes the WAL as large as what it writes, and SQLite leaves it so. This does not wait: if a reader still
    needs the WAL, it stays. Committed data stays if this fails.
    """
    wal = Path(f"{path}-wal")
    if _size(wal) <= WAL_BYTES:
        return _size(wal)
    if not close_old_connections(path, 0):
        return _size(wal)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            try:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    except (exc.DatabaseError, sqlite3.DatabaseError) as error:
        log.warning("%s: %s (what it holds is kept; free some disk space)", wal, error)
    return _size(wal)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
