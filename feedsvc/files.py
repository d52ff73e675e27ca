"""Open files without waiting for them, write small ones whole, and tell whether two names lead to the same file."""

import errno
import os
import stat
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Final

# Files beside the store: its owner's group may read them, others nothing, with any umask.
PRIVATE: Final = 0o640
# Device and inode: what a file or folder keeps when it is renamed, and another one in its place does not have.
FileId = tuple[int, int]


class NotRegular(OSError):
    """What stands there is a FIFO, a socket, a device or a folder."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "not a regular file")


def open_regular(file: Path) -> BufferedReader:
    """Open a file for reading. Raises OSError; NotRegular when it is none, even when it became so just now."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO would be waited for
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise NotRegular


def file_id(file: str | Path | int) -> FileId | None:
    """Return device and inode of what is at a path, symlinks followed, or open as a descriptor; None if nothing is."""
    try:
        return id_in(os.stat(file))
    except OSError:
        return None


def id_in(status: os.stat_result) -> FileId:
    """Return device and inode of a stat result."""
    return status.st_dev, status.st_ino


def write_whole(path: Path, spare: Path, text: str) -> None:
    """Write `text` in UTF-8 to `path` by way of `spare`, beside it: readers see the old file or the new one.

    A disk that fills up leaves the old one. Others than the owner's group may not read it. Raises OSError.
    """
    try:
        with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE), "wb") as file:
            file.write(text.encode())
        os.replace(spare, path)
    except OSError:
        spare.unlink(missing_ok=True)
        raise


def open_lock(path: Path) -> FileIO:
    """Open a file that is only to be locked; make it if need be. Raises OSError."""
    return FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE), "r+")
