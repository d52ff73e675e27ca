"""Whether something was committed, learned without a transaction (SQLite's `data_version`)."""

import sqlite3
from pathlib import Path


class CommitSignal:
    """Of the store in the SQLite file at `path`. For one thread; it opens a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._last: int | None = None

    def beat(self) -> bool:
        """Whether there was a commit, or another store in its place, since the last call; True at the first one.

        False while there is no store to be read.
        """
        try:
            self._follow()
            if self._connection is None:
                return False
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except (OSError, sqlite3.Error):
            # Whoever reads the store says what is wrong with it; here it only means that nothing new can be seen.
            self.close()
            return False
        last, self._last = self._last, version
        return bool(last != version)

    def forget(self) -> None:
        """The next look finds a commit."""
        self._last = None

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._last = self._file = None

    def _follow(self) -> None:
        """Keep to the file that is at the path now: a deleted one can still be read, but nobody writes to it."""
        status = self._path.stat()
        file = (status.st_dev, status.st_ino)
        if file != self._file:
            self.close()
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=0, check_same_thread=False)
            self._file = file
