"""One file on disk: its stamp, its bytes while they hold still, and what is said when it cannot be read."""

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

# A file written this lately may be written again within the same tick of its clock, so its stamp proves nothing.
RACY_NS: Final = 2_000_000_000
# What the store can keep: SQLite's integers are signed, of 64 bits.
_LARGEST: Final = 2**63 - 1
_PIECE: Final = 1024 * 1024


class Changing(OSError):
    """Somebody writes the file while it is read."""

    def __init__(self) -> None:
        super().__init__(errno.EBUSY, "it is written just now")


def pieces(file: Path) -> Iterator[bytes]:
    """All bytes of a file. Raises OSError; Changing as soon as its stamp is another than at the beginning."""
    with open_regular(file) as stream:
        before = stamp_of(os.fstat(stream.fileno()))
        while piece := stream.read(_PIECE):
            yield piece
            if stamp_of(os.fstat(stream.fileno())) != before:
                raise Changing


def unreadable(error: OSError) -> Finding:
    """What is said of a file or folder that cannot be read."""
    if isinstance(error, NotRegular):
        return Finding(message="not a regular file (replace it by one)")
    cure = "check its permissions" if isinstance(error, PermissionError) else "look after the disk, or copy it anew"
    return Finding(message=f"cannot be read: {error.strerror} ({cure})")


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp in a stat result.

    The time is that of the last change, of the bytes or of the inode: tar, rsync and cp -p give a new file any time of
    the bytes, that of the old one too.
    """
    mtime_ns = max(-_LARGEST, min(max(status.st_mtime_ns, status.st_ctime_ns), _LARGEST))
    return Stamp(size=status.st_size, mtime_ns=mtime_ns, inode=status.st_ino & _LARGEST)


def trusted(stamp: Stamp) -> Stamp:
    """The stamp of a file that is read now, without its time when that proves nothing yet."""
    return stamp if time.time_ns() - stamp.mtime_ns > RACY_NS else replace(stamp, mtime_ns=0)
