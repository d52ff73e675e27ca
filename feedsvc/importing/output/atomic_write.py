"""Write files that appear complete or not at all. A new file never replaces another one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from feedsvc.errors import ConfigError
from feedsvc.files import file_id


def create(path: Path, data: bytes) -> bool:
    """Write a new file. Return False, and write nothing, if a file of that name exists by then.

    Raises ConfigError if the disk does not allow it.
    """
    with _io_errors_as_config_errors(path), _temporary_file(path, data) as temporary:
        try:
            # Unlike a rename, a link never replaces a file.
            os.link(temporary, path)
        except FileExistsError:
            return False
        return True


def replace(path: Path, data: bytes) -> Path:
    """Write a file over an existing one, and return the new path of the former file.

    Raises ConfigError if the disk does not allow it.
    """
    with _io_errors_as_config_errors(path), _temporary_file(path, data) as temporary:
        # The file gets a second name in the numbered form of GNU backups. No sync reads a file with such a suffix.
        for number in count(1):
            backup = path.with_name(f"{path.name}.~{number}~")
            with suppress(FileExistsError):
                os.link(path, backup)
                break
        os.replace(temporary, path)
        return backup


@contextmanager
def _temporary_file(path: Path, data: bytes) -> Iterator[Path]:
    """Write the data to a hidden file beside `path`, which syncs and watchers ignore.

    Each path has one such name, so the next import overwrites what an interrupted one left. It is locked while it is
    written, so two imports wait for each other here.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.importing")
    while True:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(handle, fcntl.LOCK_EX)
        # The process that had the lock before may have renamed or deleted the file.
        if file_id(handle) == file_id(temporary):
            break
        os.close(handle)
    try:
        with os.fdopen(handle, "wb") as file:
            file.truncate()
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            yield temporary
            # Under the lock: a process that waits for it then finds another file, or none.
            temporary.unlink(missing_ok=True)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _io_errors_as_config_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror} (check the folder)") from error
