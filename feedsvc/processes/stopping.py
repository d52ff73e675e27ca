"""When a command that runs until it is stopped has to end."""

import os
import signal
import threading


def stop_event(*, with_parent: bool) -> threading.Event:
    """Return an event that SIGINT and SIGTERM set, and the end of standard input where `with_parent` is set.

    For the main thread of a process, once. A parent that is killed closes the pipe that is the standard input.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def stop_with_parent() -> None:
        while os.read(0, 4096):
            pass
        stop.set()

    if with_parent:
        threading.Thread(target=stop_with_parent, daemon=True).start()
    return stop
