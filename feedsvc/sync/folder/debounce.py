"""Debounce changes: several writes of a file, or of files that belong together, cause one sync."""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Final

from feedsvc.sync.folder.walk import Found

# Events of the system within so many milliseconds are reported together.
STEP_MS: Final = 20
# A file that was written less than so many milliseconds ago may not be complete.
SETTLE_MS: Final = 100


def wait_until_complete(paths: Iterable[Path], stop: Event) -> None:
    """Wait until the newest of these files was written SETTLE_MS ago, once, or until `stop` is set."""
    ages = []
    for path in paths:
        with suppress(OSError):  # the file was deleted
            ages.append((time.time_ns() - path.stat().st_mtime_ns) / 1e6)
    if ages and 0 <= min(ages) < SETTLE_MS:
        stop.wait((SETTLE_MS - min(ages)) / 1000)


def is_complete(found: Found) -> bool:
    """Return whether a file was written SETTLE_MS ago or earlier. A time in the future is no sign of a write now."""
    age_ms = (time.time_ns() - found.stamp.mtime_ns) / 1e6
    return not 0 <= age_ms < SETTLE_MS
