"""Files that appear whole or not at all, and never over another that is not meant."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from feedsvc.errors import ConfigError


def create(path: Path, data: bytes) -> bool:
    """Write a file that is not there. False, and nothing is written, when there is one by then.

    Raises ConfigError when the disk does not let it.
    """
    with _complaining(path), _spare(path, data) as spare:
        try:
            # Unlike a rename, a link never takes another file's place.
            os.link(spare, path)
        except FileExistsError:
            return False
        return True


def replace(path: Path, data: bytes) -> Path:
    """Write a file over the one that is there, and say where that one is kept. Raises ConfigError."""
    with _complaining(path), _spare(path, data) as spare:
        kept = _kept(path)
        os.replace(spare, path)
        return kept


def _kept(path: Path) -> Path:
    """A second name for the file, in the numbered form of GNU's backups: no one reads a suffix like that."""
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
    """The data in a hidden file beside `path`, which neither sync nor the watcher sees.

    One name for each place, so that what an interrupted import left is overwritten by the next; whoever writes it
    holds a lock, so two imports at once wait for each other here.
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
            # Still under the lock: whoever waits for it finds another file there, or none.
            spare.unlink(missing_ok=True)
    except BaseException:
        spare.unlink(missing_ok=True)
        raise


def _locked(spare: Path) -> int:
    while True:
        handle = os.open(spare, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(handle), os.stat(spare)):
                return handle
        except FileNotFoundError:
            pass
        os.close(handle)


@contextmanager
def _complaining(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror} (check the folder)") from error
