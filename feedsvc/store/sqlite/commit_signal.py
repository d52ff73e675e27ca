"""Whether something was committed, learned without a transaction (SQLite's `data_version`)."""

import sqlite3
from pathlib import Path

from feedsvc.store.sqlite.connections import to_wal
from feedsvc.store.sqlite.open_files import StoreConnection, close_old_connections, identity, opened


class CommitSignal:
    """Of the store in the SQLite file at `path`. For one thread; it opens a connection of its own."""

    # A file is on this machine: who moves it away knows it, and the next reader reports every other error.
    problem = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: StoreConnection | None = None
        self._last: int | None = None
        self.is_other_store = False

    @property
    def is_connected(self) -> bool:
        """Return whether there is a connection to the file."""
        return self._connection is not None

    def has_changed(self) -> bool:
        """Whether there was a commit, or another store in its place, since the last call; True at the first one.

        False while there is no store to be read.
        """
        try:
            self._follow()
            if self._connection is None:
                return False
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except (OSError, sqlite3.Error):
            # The next reader of the store reports the error. Here it only means that nothing new can be seen.
            self.close()
            return False
        # Also where the same file was away meanwhile: what stood in its write-ahead log may be lost.
        last, self._last = self._last, version
        self.is_other_store = last is None
        return bool(last != version)

    def reset(self) -> None:
        """The next look finds a commit."""
        self._last = None

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._last = None

    def _follow(self) -> None:
        """Open the files that are at the path now: nobody writes to one that was moved away or deleted."""
        if self._connection is not None and identity(self._path) == self._connection.files:
            return
        self.close()
        # A new file is empty before its store is made: then there is no commit to see.
        if not close_old_connections(self._path, 0) or not self._path.stat().st_size:
            return
        before = identity(self._path)
        # mode=rw makes no file: who moved the store away wants to move it back.
        uri = f"{self._path.absolute().as_uri()}?mode=rw"
        self._connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=0, check_same_thread=False, factory=StoreConnection
        )
        # Also where no store was made yet, or a backup was put in its place: without a WAL it would count as one of the
        # old connections as soon as another one makes the WAL, and that one would be refused.
        to_wal(self._connection, 0)
        # The first statement that reads the file opens the WAL.
        self._connection.execute("PRAGMA schema_version").fetchone()
        if not opened(self._connection, self._path, before):
            self.close()
