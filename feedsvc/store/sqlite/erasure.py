"""Erase deleted rows from the bytes of the SQLite file, where they stay readable."""

import sqlite3
from contextlib import closing
from pathlib import Path

from feedsvc.errors import StoreUnavailable
from feedsvc.store.sqlite.connections import BUSY_SECONDS


def erase_deleted(path: Path) -> None:
    """Write the store at `path` anew without the pages of deleted rows, and empty its WAL.

    A deleted row stays readable in free pages of the file, in the segments of the full-text index and in the WAL until
    it is overwritten. Readers and the writer continue meanwhile. Raises StoreUnavailable if there is no space for a
    second copy, or if readers keep the WAL longer than BUSY_SECONDS.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
            connection.execute("INSERT INTO search (search) VALUES ('optimize')")
            connection.execute("VACUUM")
            (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        cure = "free disk space for a second copy of it, and run the command again"
        raise StoreUnavailable(f"{path}: the text was removed, but not yet from the file: {error} ({cure})") from error
    if is_busy:
        raise StoreUnavailable(
            f"{path}-wal: the text was removed, but a reader keeps the old state (run the command again)"
        )
