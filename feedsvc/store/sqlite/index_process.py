"""Make a large FTS5 index in another process, while this one saves the articles.

The process fills an FTS5 table of the same form in a file without a name. FTS5 keeps an index in ordinary tables, and
their rows are all that is copied to the store.
"""

import gc
import os
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection

from feedsvc.processes import end_with_parent, start_method
from feedsvc.store.engines import Entries
from feedsvc.store.portions import portions
from feedsvc.terminal import logger

log = logger("feedsvc.store")

CREATE_TABLE: Final = (
    "CREATE VIRTUAL TABLE search USING fts5 (words, pairs, content='', columnsize=0, tokenize='ascii')"
)
PUT: Final = "INSERT INTO search (rowid, words, pairs) VALUES (?, ?, ?)"
# How many bytes of terms FTS5 collects in memory before it writes them to the index (docs/decisions/0306).
HASH_SIZE: Final = "INSERT INTO search (search, rank) VALUES ('hashsize', ?)"
# The tables with the index, and their columns. `search_config` has settings only, which are the default ones.
_TABLES: Final = {
    "search_data": ("id", "block"),
    "search_idx": ("segid", "term", "pgno"),
    "search_rows": ("number", "id"),
}
# In bytes. Larger parts of the index have to be merged less often.
_HASH_BYTES: Final = 32 * 1024 * 1024
_CACHE_BYTES: Final = 16 * 1024 * 1024
# A row of `search_data` has 4 kB.
_ROWS_AT_ONCE: Final = 200


def can_be_forked() -> bool:
    """Return whether another process can make an index, and a core is free for it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return cores > 1 and start_method() == "fork"


class IndexProcess:
    """A process that makes the index of `entries`, with a file in `folder`, and ends with the block."""

    def __init__(self, folder: Path, entries: Entries) -> None:
        context = get_context("fork")
        self._results, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_make, args=(sender, folder, entries), daemon=True)
        self._process.start()
        sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._results.close()
        self._process.kill()
        self._process.join()

    def copy_to(self, connection: Connection) -> bool:
        """Copy the index to the store, whose index is empty. Return False, and leave it so, if the process failed."""
        _empty(connection, *_TABLES)
        try:
            while message := self._results.recv():
                table, rows = message
                columns = _TABLES[table]
                names, marks = ", ".join(columns), ", ".join("?" * len(columns))
                connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  # in _TABLES
        except EOFError:
            log.warning(
                "the process that made the search index has ended, so it is made anew (add memory or disk space)"
            )
            _empty(connection, "search_rows")
            return False
        return True


def _empty(connection: Connection, *tables: str) -> None:
    """Make an empty index, since FTS5 keeps in memory what it knows of the one before, and delete rows of `tables`."""
    for statement in ("DROP TABLE search", CREATE_TABLE, *(f"DELETE FROM {table}" for table in tables)):  # noqa: S608
        connection.exec_driver_sql(statement)


def _make(sender: Pipe, folder: Path, entries: Entries) -> None:
    """Make the index in this process, and send its rows."""
    # No finalizer of what the parent has open may run here.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # The parent then makes the index itself, and says what is wrong with the disk.
    with suppress(OSError, sqlite3.Error):
        for portion in _rows(folder, entries):
            sender.send(portion)
        sender.send(None)


def _rows(folder: Path, entries: Entries) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Yield the rows of an index in portions, each with its table."""
    handle, name = tempfile.mkstemp(dir=folder, prefix="sync-")
    os.close(handle)
    try:
        connection = sqlite3.connect(name, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(f"PRAGMA cache_size={-_CACHE_BYTES // 1024}")
        connection.execute(CREATE_TABLE)
    finally:
        os.unlink(name)
    # Only here: before, the file would stay if the parent ended.
    end_with_parent()
    connection.execute("CREATE TABLE search_rows (number INTEGER PRIMARY KEY, id TEXT)")
    with suppress(sqlite3.OperationalError):  # an FTS5 without this option
        connection.execute(HASH_SIZE, (_HASH_BYTES,))
    connection.execute("BEGIN")
    last = 0
    for some in portions(entries()):
        numbered = list(enumerate(some, last + 1))
        last += len(some)
        connection.executemany(
            "INSERT INTO search_rows VALUES (?, ?)", [(number, id_) for number, (id_, _) in numbered]
        )
        connection.executemany(PUT, [(number, *terms) for number, (_, terms) in numbered])
    connection.execute("COMMIT")
    for table, columns in _TABLES.items():
        found = connection.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608  # of names in _TABLES
        while rows := found.fetchmany(_ROWS_AT_ONCE):
            yield table, rows
