"""Open files without blocking, write small files atomically, and identify files by device and inode."""

import ctypes
import errno
import fcntl
import os
import stat
import time
import unicodedata
from contextlib import suppress
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, BinaryIO, Final

# The mode of files beside the store: the owner may write, the group may read, others may not, with any umask.
PRIVATE: Final = 0o640
# Device and inode. They stay when a file or folder is renamed, and differ for another one with the same path.
FileId = tuple[int, int]


class NotRegular(OSError):
    """The path is a FIFO, a socket, a device or a folder."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "not a regular file")


def open_regular(file: str | Path) -> BufferedReader:
    """Open a regular file for reading. Raises OSError; NotRegular for another kind of file, checked after opening."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # O_NONBLOCK: opening a FIFO would wait
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise NotRegular


def read_at_most(stream: BinaryIO, limit: int, expected: int) -> bytes:
    """Return the rest of a stream, `expected` bytes or any other number of them, up to `limit` bytes.

    To read up to `limit` bytes at once takes memory for all of them first, which takes longer than a short file.
    """
    data = stream.read(min(expected + 1, limit))
    return data if len(data) <= expected else data + stream.read(limit - len(data))


def file_id(file: str | Path | int) -> FileId | None:
    """Return device and inode of a path (symlinks are followed) or a descriptor; None if it does not exist."""
    try:
        return id_in(os.stat(file))
    except OSError:
        return None


def id_in(status: os.stat_result) -> FileId:
    """Return device and inode of a stat result."""
    return status.st_dev, status.st_ino


def changed_at(folder: Path) -> int:
    """Return when a name was last added to `folder` or deleted from it, in nanoseconds since 1970; 0 if it is gone."""
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0


def lengths_in(folder: Path) -> dict[str, int]:
    """Return the lengths in bytes of the regular files in `folder`, by name; none if there is no folder.

    Raises OSError if the folder cannot be read, and PermissionError if its files cannot be looked at.
    """
    found: dict[str, int] = {}
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for each in entries:
            length = length_of(folder / each.name)
            if length is not None:
                found[each.name] = length
    return found


def length_of(file: Path) -> int | None:
    """Return the length of a regular file in bytes; None if there is none. Raises PermissionError."""
    try:
        status = os.stat(file)
    except PermissionError:
        raise
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def write_whole(path: Path, spare: Path, text: str) -> None:
    """Replace the file at `path` by `text` in UTF-8, atomically. `spare` is a temporary path in the same folder.

    If the disk is full, the old file stays. The file has the mode PRIVATE. Raises OSError.
    """
    try:
        with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE), "wb") as file:
            file.write(text.encode())
        os.replace(spare, path)
    except OSError:
        spare.unlink(missing_ok=True)
        raise


def rename_new(old: Path, new: Path) -> None:
    """Rename a file or folder, in one step, to a name that nothing has. Raises OSError; FileExistsError if it has."""
    is_spelling = old.parent == new.parent and _spelled(old) == _spelled(new) and file_id(old) == file_id(new)
    if is_spelling:
        # Another case or normalization of its own name, on a file system that does not distinguish them.
        os.rename(old, new)
        return
    if os.path.lexists(new):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new))
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        # No system call of other systems, and of older ones, refuses to overwrite what was written just now.
        os.rename(old, new)
        return
    if rename(_AT_FDCWD, os.fsencode(old), _AT_FDCWD, os.fsencode(new), _RENAME_NOREPLACE) == 0:
        return
    number = ctypes.get_errno()
    if number not in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        raise OSError(number, os.strerror(number), str(new))
    os.rename(old, new)  # a file system that cannot refuse, such as some of networks


# Of Linux: fcntl.h and linux/fs.h.
_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1


def _spelled(file: Path) -> str:
    return unicodedata.normalize("NFC", file.name).casefold()


def is_locked(path: Path, kind: int) -> bool:
    """Return whether another process holds a lock on the file at `path` that excludes one of this kind.

    `kind` is fcntl.LOCK_SH or fcntl.LOCK_EX. A file that does not exist or cannot be opened is not locked.
    """
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def open_lock(path: Path) -> FileIO:
    """Open a file that is used for locking only, and create it if it does not exist. Raises OSError."""
    return FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE), "r+")


def take_lock(lock: IO[bytes], seconds: float) -> bool:
    """Lock an open file for this process alone, until it is closed. Return whether it was possible within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
