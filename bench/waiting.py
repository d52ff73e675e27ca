"""Wait for a condition."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], what: str, seconds: float = 120, pause: float = 0.02) -> float:
    """Return the seconds until `condition` was true. Raises RuntimeError after the time limit."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise RuntimeError(f"waited {seconds} s in vain for {what}")
        time.sleep(pause)
    return time.monotonic() - begun
