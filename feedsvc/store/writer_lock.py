"""The lock beside a store that lets one watcher write to it; others stand by until its process has ended."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final

from feedsvc.errors import StoreUnavailable
from feedsvc.files import is_locked, open_lock
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

FILE: Final = "writer.lock"


def is_written(store: Path) -> bool:
    """Return whether a watcher holds the lock of the writer of `store`."""
    return is_locked(store.parent / FILE, fcntl.LOCK_SH)


@contextmanager
def only_writer(store: Path, stop: Event) -> Iterator[bool]:
    """Hold the lock of the writer of `store`. Yield True once it is held, or False if `stop` is set before that.

    Raises StoreUnavailable if the folder of the store cannot be written.
    """
    try:
        store.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        file = open_lock(store.parent / FILE)
    except OSError as error:
        raise StoreUnavailable(
            f"{store.parent}: {error.strerror} (make it writable, or name another --store)"
        ) from error
    with file as lock:
        is_logged = False
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not is_logged:
                    log.info("another watcher writes to %s; this one stands by", store)
                    is_logged = True
                stop.wait(1)
            else:
                yield True
                return
        yield False
