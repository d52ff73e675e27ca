"""The lock beside a store that servers share while they serve it: a restore refuses meanwhile, and names them."""

import fcntl
import os
from pathlib import Path
from typing import Final

from feedsvc.files import PRIVATE, is_locked

FILE: Final = "server.lock"


def hold_server_lock(store: Path | str) -> None:
    """Share the lock of the servers of `store` until this process and its children have ended.

    Nothing happens where the folder of the store is missing or cannot be written, and for a store that is no file:
    feedsvc restores none.
    """
    if not isinstance(store, Path):
        return
    try:
        # Never closed: the lock ends with the process, also if it is killed.
        descriptor = os.open(store.parent / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return


def is_served(store: Path) -> bool:
    """Return whether a server shares the lock of the servers of `store`."""
    return is_locked(store.parent / FILE, fcntl.LOCK_EX)
