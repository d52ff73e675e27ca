"""Who may read the files of the store: drafts and withdrawn articles are in them."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o007


def keep_private(path: Path) -> None:
    """Make the store at `path` readable by its owner alone; take from an older one what others may do with it.

    SQLite gives its WAL and shared memory the mode of the store. Raises OSError where a new one cannot be made.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        # Whoever does not own it cannot change its mode, and need not.
        with suppress(FileNotFoundError, PermissionError):
            mode = file.stat().st_mode & 0o777
            if mode & _OTHERS:
                file.chmod(mode & ~_OTHERS)
