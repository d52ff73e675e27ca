"""A folder of limited size with parts of media files, the cache of a web node: the least recently used part goes first.

All workers of a node share it. A part is written to a temporary file, synced and renamed, so that no reader, also
after the machine crashed, finds an incomplete one. The name of a part is made of the content, so it is never stale.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from feedsvc.files import open_lock
from feedsvc.terminal import OneWarning, logger

log = logger("feedsvc.media")

# The part that is being written. One process writes at a time, and what a killed one left is overwritten.
_PARTIAL: Final = ".part"
# Holds the size of the cache in bytes, as 8 bytes in big-endian order, and the lock under which it is written.
_SIZE: Final = ".size"
# A part that cannot be written for so long is not kept.
_LOCK_SECONDS: Final = 2.0
# The time of the last use is written when it is older, not at each use.
_USED_SECONDS: Final = 60.0
# When the cache is full, this share of it is freed at once.
_FREED: Final = 1 / 16


class ChunkCache:
    """The cache in `folder`, which is created at its first use. It never has more than `limit` bytes."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._warning = OneWarning(log)

    def open(self, name: str, length: int | None) -> BinaryIO | None:
        """Return an open part; None if the cache does not have it with this `length`. None means any length."""
        try:
            file = (self._folder / name).open("rb")
        except OSError:
            return None
        status = os.fstat(file.fileno())
        if length is not None and status.st_size != length:
            file.close()
            return None
        if abs(time.time() - status.st_mtime) > _USED_SECONDS:
            with suppress(OSError):
                os.utime(file.fileno())
        return file

    def put(self, name: str, data: bytes) -> BinaryIO:
        """Keep a part, and return it open. Where it cannot be kept it is in memory alone, and a warning is logged."""
        if len(data) > self._limit:
            return BytesIO(data)
        try:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            with self._locked() as size_file:
                # Another worker may have been first.
                found = self.open(name, len(data)) or self._write(name, data, size_file)
        except TimeoutError:
            return BytesIO(data)
        except OSError as error:
            cure = "free disk space, or make it writable; files are read from the object storage each time"
            self._warning.warn(f"{self._folder}: {error.strerror} ({cure})")
            return BytesIO(data)
        self._warning.clear()
        return found

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Yield the descriptor of the file with the size, while no other worker writes. Raises TimeoutError."""
        with open_lock(self._folder / _SIZE) as file:
            give_up = time.monotonic() + _LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > give_up:
                        raise TimeoutError from None
                    time.sleep(0.01)
            yield file.fileno()

    def _write(self, name: str, data: bytes, size_file: int) -> BinaryIO:
        """Write a part under the lock, and delete others first if there is no space for it."""
        counted = os.pread(size_file, 8, 0)
        total = int.from_bytes(counted, "big")
        # An empty file is new, or its folder was emptied by hand.
        if not counted or total + len(data) > self._limit:
            total = self._free(self._limit - len(data), self._limit - len(data) - int(self._limit * _FREED))
        temporary = self._folder / _PARTIAL
        file = temporary.open("w+b")
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            # First: a process that is killed in between has counted too much, which the next deletion corrects.
            os.pwrite(size_file, (total + len(data)).to_bytes(8, "big"), 0)
            os.replace(temporary, self._folder / name)
            file.seek(0)
        except BaseException:
            with suppress(OSError):
                file.close()
            temporary.unlink(missing_ok=True)
            raise
        return file

    def _free(self, most: int, goal: int) -> int:
        """If the parts have more than `most` bytes, delete the least recently used until `goal` are left.

        Return the bytes that are left.
        """
        parts: list[tuple[float, int, str]] = []
        with os.scandir(self._folder) as entries:
            for each in entries:
                with suppress(FileNotFoundError):
                    status = each.stat(follow_symlinks=False)
                    if each.name not in (_SIZE, _PARTIAL) and stat.S_ISREG(status.st_mode):
                        parts.append((status.st_mtime, status.st_size, each.path))
        total = sum(size for _, size, _ in parts)
        if total > most:
            for _, size, path in sorted(parts):
                if total <= goal:
                    break
                Path(path).unlink(missing_ok=True)
                total -= size
        return total
