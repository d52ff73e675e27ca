"""Whether somebody copied another file over the store, as `cp backup store` does, while its WAL is in use.

Nothing else shows it: the file keeps its inode, and SQLite reads from the WAL first. The next checkpoint would write
pages of the WAL into the other file, and damage it. Two values in the header of the file (SQLite's file format, 1.3)
tell, since no connection changes them so while there is a WAL:

- the write and read version, 2 in WAL mode. The copies that feedsvc makes have no WAL, and there it is 1.
- the file change counter, which grows. A plain copy of the file has a smaller one if page 1 has changed since.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from feedsvc.files import FileId, file_id, id_in
from feedsvc.store.sqlite.open_files import is_open

_HEADER: Final = struct.Struct(">18xBB4xI")


@dataclass(slots=True)
class _OpenFile:
    """A descriptor of a store's file, and the largest change counter that was seen in it."""

    descriptor: int
    counter: int = 0


_LOCK: Final = Lock()
# Closing any descriptor of a file ends all POSIX locks of the process on that file, SQLite's included: other processes
# could delete a WAL that is in use. So a descriptor stays open as long as the process has a connection to its file.
_FILES: Final[dict[FileId, _OpenFile]] = {}


def was_overwritten(path: Path) -> bool:
    """Return whether the file at `path` is another one than its WAL belongs to. False if there is no file or no WAL."""
    with _LOCK:
        _close_unused(file_id(path))
        try:
            if not os.stat(f"{path}-wal").st_size:
                return False
            # Twice, since another process may write the header at this moment.
            return all(_is_foreign(_opened(path)) for _ in range(2))
        except OSError:
            return False


def close_unused() -> None:
    """Close the descriptors of the files to which this process has no connection any more."""
    with _LOCK:
        _close_unused(None)


def _close_unused(current: FileId | None) -> None:
    for each in [each for each in _FILES if each != current and not is_open(each)]:
        os.close(_FILES.pop(each).descriptor)


def _opened(path: Path) -> _OpenFile:
    known = file_id(path)
    if known is None or known not in _FILES:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        known = id_in(os.fstat(descriptor))
        # Where the file was replaced just now by one that is known, the descriptor is not closed either.
        _FILES.setdefault(known, _OpenFile(descriptor))
    return _FILES[known]


def _is_foreign(file: _OpenFile) -> bool:
    header = os.pread(file.descriptor, _HEADER.size, 0)
    if len(header) < _HEADER.size:
        return False
    write_version, read_version, counter = _HEADER.unpack(header)
    if (write_version, read_version) != (2, 2) or counter < file.counter:
        return True
    file.counter = counter
    return False
