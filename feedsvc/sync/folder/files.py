"""One file on disk: its stamp, its bytes as long as they do not change, and the message if it cannot be read."""

import errno
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from feedsvc.errors import Finding
from feedsvc.files import NotRegular, open_regular
from feedsvc.store.file_records import Stamp

# A file that was written more recently may be written again within the resolution of its time, without a new stamp.
RACY_NS: Final = 2_000_000_000
# The maximum that the store can keep: SQLite's integers are signed and have 64 bits.
_LARGEST: Final = 2**63 - 1
_PIECE: Final = 1024 * 1024


class Changing(OSError):
    """Another program writes the file while it is read."""

    def __init__(self) -> None:
        super().__init__(errno.EBUSY, "another program is writing it")


def pieces(file: Path) -> Iterator[bytes]:
    """Yield all bytes of a file in chunks. Raises OSError, and Changing if the stamp changes meanwhile."""
    with open_regular(file) as stream:
        before = stamp_of(os.fstat(stream.fileno()))
        while piece := stream.read(_PIECE):
            yield piece
            if stamp_of(os.fstat(stream.fileno())) != before:
                raise Changing


def unreadable(error: OSError) -> Finding:
    """Return the finding about a file or folder that cannot be read."""
    if isinstance(error, NotRegular):
        return Finding(message="not a regular file (replace it by one)")
    cure = "check its permissions" if isinstance(error, PermissionError) else "check the disk, or copy it again"
    return Finding(message=f"cannot be read: {error.strerror} ({cure})")


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp in a stat result.

    Its time is the later one of mtime and ctime: tar, rsync and cp -p set the mtime of a new file, possibly to that
    of the old one.
    """
    mtime_ns = max(-_LARGEST, min(max(status.st_mtime_ns, status.st_ctime_ns), _LARGEST))
    return Stamp(size=status.st_size, mtime_ns=mtime_ns, inode=status.st_ino & _LARGEST)


def trusted(stamp: Stamp) -> Stamp:
    """Return the stamp of a file that is read now, without its time if the file was written within RACY_NS."""
    return stamp if time.time_ns() - stamp.mtime_ns > RACY_NS else replace(stamp, mtime_ns=0)
