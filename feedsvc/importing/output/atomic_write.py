"""Write files that appear complete or not at all, and replace no other file by accident."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from feedsvc.errors import ConfigError
from feedsvc.files import file_id


def create(path: Path, data: bytes) -> bool:
    """Write a new file. Return False, and write nothing, if a file of that name exists by then.

    Raises ConfigError if the disk does not allow it.
    """
    with _complaining(path), _spare(path, data) as spare:
        try:
            # Unlike a rename, a link never replaces a file.
            os.link(spare, path)
        except FileExistsError:
            return False
        return True


def replace(path: Path, data: bytes) -> Path:
    """Write a file over an existing one, which is kept under another name. Return that name. Raises ConfigError."""
    with _complaining(path), _spare(path, data) as spare:
        kept = _kept(path)
        os.replace(spare, path)
        return kept


def _kept(path: Path) -> Path:
    """Give the file a second name in the numbered form of GNU backups. No sync reads a file with such a suffix."""
    for number in count(1):
        kept = path.with_name(f"{path.name}.~{number}~")
        try:
            os.link(path, kept)
        except FileExistsError:
            continue
        return kept
    raise AssertionError("numbers do not end")


@contextmanager
def _spare(path: Path, data: bytes) -> Iterator[Path]:
    """Write the data to a hidden file beside `path`, which syncs and watchers ignore.

    Each path has one such name, so the next import overwrites what an interrupted one left. It is locked while it is
    written, so two imports wait for each other here.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    spare = path.with_name(f".{path.name}.importing")
    handle = _locked(spare)
    try:
        with os.fdopen(handle, "wb") as file:
            file.truncate()
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            yield spare
            # Under the lock: a process that waits for it then finds another file, or none.
            spare.unlink(missing_ok=True)
    except BaseException:
        spare.unlink(missing_ok=True)
        raise


def _locked(spare: Path) -> int:
    while True:
        handle = os.open(spare, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(handle, fcntl.LOCK_EX)
        # The process that had the lock before may have renamed or deleted the file.
        if file_id(handle) == file_id(spare):
            return handle
        os.close(handle)


@contextmanager
def _complaining(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror} (check the folder)") from error
