"""Connections and transactions: where the databases differ. SQLite in WAL mode.

pysqlite opens no transaction for SELECT, so every one is begun explicitly: a read is one snapshot, a write takes
the lock at its beginning (BEGIN IMMEDIATE) and is alone.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, exc

from feedsvc.errors import StoreUnavailable

BUSY_SECONDS: Final = 30


def open_engine(path: Path) -> Engine:
    """An engine for the SQLite file at `path`; nothing is opened yet."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY", "mmap_size=268435456"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def transaction(engine: Engine, begin: str) -> Iterator[Connection]:
    """A connection inside one transaction: "BEGIN" for a snapshot to read, "BEGIN IMMEDIATE" to write.

    Committed when the block ends, rolled back when it raises. Raises StoreUnavailable when the database cannot be used.
    """
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(begin)
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
    except (exc.OperationalError, exc.DatabaseError) as error:
        raise StoreUnavailable(f"{engine.url.database}: {error.orig} ({_cure(str(error.orig))})") from error


def _cure(message: str) -> str:
    cures = {
        "unable to open": "check that the folder exists and may be written",
        "locked": "another process writes; it is tried again",
        "readonly": "make the file and its folder writable",
        "full": "free some disk space",
        "malformed": "restore it, or delete it and sync again",
        "no such table": "run feedsvc sync",
    }
    return next((cure for sign, cure in cures.items() if sign in message), "see the log of the disk it stands on")
