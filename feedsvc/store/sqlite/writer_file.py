"""The file beside the store with the state of its writer.

It is no part of the SQLite store: each write there would make every worker look for changes.
"""

import os
from pathlib import Path
from typing import Final

from feedsvc.errors import StoreUnavailable
from feedsvc.files import write_whole

FILE: Final = "writer.json"
# The size of the file in bytes, unless more is needed. A full disk has no byte more for a new file, but has these.
_MIN_FILE_BYTES: Final = 8192


def state_path(store: Path) -> Path:
    """Return the path of the state file of the writer of the store at `store`, which is beside it."""
    return store.parent / FILE


def read(store: Path) -> bytes | None:
    """Return what the file has; None where there is none that can be read."""
    try:
        return state_path(store).read_bytes()
    except OSError:
        return None


def write(store: Path, data: bytes, *, create: bool) -> None:
    """Write the file whole, with space for more; where the disk is full, into the space that it has.

    With `create`, a missing folder is made. Raises StoreUnavailable.
    """
    path = state_path(store)
    try:
        if create:
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        _write(path, data)
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, path.with_name(f".{FILE}.{os.getpid()}"), data.ljust(_MIN_FILE_BYTES).decode())
    except OSError:
        with path.open("r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if len(data) > size:
                raise
            # In one piece, so that readers see the old state or the new one.
            file.write(data.ljust(size))
