"""The permissions of the store's files, which contain drafts and withdrawn articles."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o007


def keep_private(path: Path) -> None:
    """Make the store at `path` readable by its owner only; remove the permissions of others from an older one.

    SQLite gives its WAL and shared memory the mode of the store. Raises OSError if a new one cannot be made.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        # A process of another owner cannot change its mode, and need not.
        with suppress(FileNotFoundError, PermissionError):
            mode = file.stat().st_mode & 0o777
            if mode & _OTHERS:
                file.chmod(mode & ~_OTHERS)
