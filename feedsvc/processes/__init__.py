"""How processes are started, on every version of Python, and how they end with the process that started them."""

import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Python 3.14 changed the default on Linux to "forkserver", whose processes inherit no listening socket and no settings
# made in the process that starts them. On macOS a fork may crash in the system's libraries.
START_METHOD: Final = "fork" if sys.platform == "linux" else "spawn"


def end_with_parent() -> None:
    """End this process, which multiprocessing started, as soon as its parent has ended, however it did. Return at once.

    A child of a process that was killed would otherwise wait for work for ever.
    """
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def start_method() -> str:
    """Return how this process may start others now.

    A fork starts immediately, but is safe only in a process with a single thread. Object storage has threads that
    Python does not know: a fork after its first request ends with SIGSEGV.
    """
    try:
        threads = len(os.listdir("/proc/self/task"))
    except OSError:  # not Linux
        threads = threading.active_count()
    return START_METHOD if threads == 1 else "spawn"


@contextmanager
def existing_objects_stay() -> Iterator[None]:
    """Keep the garbage collector from looking at the objects that exist now, while the block makes very many others.

    The modules of feedsvc and its libraries have some 300,000 objects.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
