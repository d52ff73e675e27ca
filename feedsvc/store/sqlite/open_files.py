"""The files that this process has open of each store: all of its connections must have the same ones open.

SQLite lets all connections of a process to one file share the index of its WAL (`-shm`), that of the first of them,
until the last one is closed (unixOpenSharedMemory in os_unix.c). Where the WAL and its index were moved away, deleted
or replaced, a connection that is opened beside an old one reads the new WAL by the old index: it fails with "disk I/O
error", or sees no commit any more. So old connections are closed before a new one is opened.
"""

import sqlite3
import time
from itertools import zip_longest
from pathlib import Path
from threading import Condition
from typing import Final
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Engine

from feedsvc.files import FileId, file_id

# Of the store's file, of its WAL and of the index of that, None for each that is missing; empty if there is no store.
Identity = tuple[FileId | None, ...]


class StoreConnection(sqlite3.Connection):
    """A connection that is known to this module from `opened` until it is closed."""

    files: Identity = ()

    def close(self) -> None:
        """Close it, and wake those that wait for that."""
        super().close()
        with _CHANGED:
            _OPEN.discard(self)
            _CHANGED.notify_all()


# How often the files are looked at again. A connection that is closed ends the wait at once.
_LOOK_SECONDS: Final = 0.05
_CHANGED: Final = Condition()
_OPEN: Final[WeakSet[StoreConnection]] = WeakSet()
_ENGINES: Final[WeakKeyDictionary[Engine, Path]] = WeakKeyDictionary()


def identity(path: Path) -> Identity:
    """Return device and inode of the file at `path` and of the WAL and index beside it; empty where there is no file.

    All three: where a store was moved away and back, the file is the same and the WAL may be another one.
    """
    main = file_id(path)
    return () if main is None else (main, file_id(f"{path}-wal"), file_id(f"{path}-shm"))


def is_open(file: FileId) -> bool:
    """Return whether this process has a connection to the store in that file."""
    with _CHANGED:
        return any(each.files[:1] == (file,) for each in _OPEN)


def add_engine(engine: Engine, path: Path) -> None:
    """Let `close_old_connections` close the idle connections of `engine`, which is one for the store at `path`."""
    with _CHANGED:
        _ENGINES[engine] = path


def opened(connection: StoreConnection, path: Path, before: Identity) -> bool:
    """Note that `connection` has the files at `path` open; return whether it may be used.

    `before` is what `identity` returned before it was made. To be called after its first statement opened the WAL.
    """
    now = identity(path)
    # Where a file was replaced meanwhile, the connection may have the former one open, to which nobody writes any more.
    is_same = bool(before) and all(was in (None, found) for was, found in zip_longest(before, now))
    with _CHANGED:
        # One that came beside an old one shares the old index: it counts as an old one itself.
        is_current = is_same and not _has_old_connection(now)
        connection.files = now if is_current else now[:1]
        _OPEN.add(connection)
    return is_current


def close_old_connections(path: Path, seconds: float) -> bool:
    """Close this process's idle connections to files that are no longer at `path`, and wait for those in use.

    Return whether none is left after so many seconds: a connection may be opened only then.
    """
    deadline = time.monotonic() + seconds
    while True:
        # Anew each time: the files are looked at one after another, and a first connection may make the WAL meanwhile.
        now = identity(path)
        with _CHANGED:
            if not _has_old_connection(now):
                return True
            engines = [engine for engine, of in _ENGINES.items() if of == path]
        for engine in engines:
            engine.dispose()
        with _CHANGED:
            left = deadline - time.monotonic()
            if _has_old_connection(now):
                if left <= 0:
                    return False
                _CHANGED.wait(min(left, _LOOK_SECONDS))


def _has_old_connection(now: Identity) -> bool:
    """Whether a connection has some of these files open, but not all of them.

    Also the WAL and index alone: they stay where only the store's file was moved away. Two connections of a process
    that share an index, but not the store's file, do not know of each other. When one closes the index, the process
    loses its locks on it, and another process empties it under the other one, which ends this process (SIGBUS).
    """
    shared = {*now} - {None}
    return any(each.files != now and not shared.isdisjoint(each.files) for each in _OPEN)
