"""Limits on what a query may use: a watchdog thread interrupts SQLite when a query has used up its CPU time.

The limit is on CPU time. On a busy machine a query spends most of its time waiting for the CPU, and a feed must not be
refused for that. SQLite's progress handler cannot enforce the limit: one step of a full-text query may take as long as
thousands of others, and the handler would need Python's global lock.
"""

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection, exc

from feedsvc.errors import SearchTooSlow, TooBusy
from feedsvc.terminal import logger

log = logger("feedsvc.store")

# An interrupt between two statements has no effect on SQLite, so it is repeated until the query has ended.
REPEAT_SECONDS: Final = 0.01
# After an error, which is logged each time.
ERROR_SECONDS: Final = 1.0
# The wall-clock limit, as a multiple of the CPU time: for queries that wait for a disk, which uses no CPU time.
WALL_FACTOR: Final = 15

Clock = Callable[[], float]


def thread_cpu_clock() -> Clock:
    """Return a function that reads, in any thread, the CPU seconds that the calling thread has used.

    It must not be called after that thread has ended. macOS has no such clock: there it reads time.monotonic().
    """
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    return partial(time.clock_gettime, time.pthread_getcpuclockid(threading.get_ident()))


@dataclass(frozen=True, slots=True)
class _Limit:
    """The readings of the two clocks, in seconds, at which a query has used up its time."""

    cpu: Clock
    cpu_end: float
    wall: Clock
    wall_end: float

    @property
    def left(self) -> float:
        """The seconds that must pass at least before a limit is reached: no thread uses more CPU time than passes."""
        return min(self.cpu_end - self.cpu(), self.wall_end - self.wall())


@contextmanager
def limited(
    connection: Connection, left: float, seconds: float, *, cpu: Clock | None = None, wall: Clock = time.monotonic
) -> Iterator[None]:
    """Interrupt the block's queries when this thread has used `left` seconds of CPU time in it.

    `seconds` is the whole budget, which the message names. Raises SearchTooSlow; without a query when nothing is left.
    """
    too_slow = SearchTooSlow(f"this takes longer than {seconds:g} s (ask for less: a topic, a rarer word)")
    if left <= 0:
        raise too_slow
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    cpu = cpu or thread_cpu_clock()
    limit = _Limit(cpu, cpu() + left, wall, wall() + left * WALL_FACTOR)
    try:
        with _WATCHDOG.watching(raw, limit):
            yield
    except exc.DatabaseError as error:
        # SQLite says "interrupted", but a virtual table may turn that into another error.
        if limit.left > 0:
            raise
        raise too_slow from error


class _Watchdog:
    """Interrupts connections whose limit is reached, and never once their block has ended."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._limits: dict[sqlite3.Connection, _Limit] = {}
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, connection: sqlite3.Connection, limit: _Limit) -> Iterator[None]:
        """Interrupt `connection` in the block, from when `limit` is reached."""
        with self._changed:
            # A forked process does not have the thread.
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._limits[connection] = limit
            if time.monotonic() + limit.left < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            # The lock is free only after an interrupt that has begun has arrived.
            with self._changed:
                del self._limits[connection]

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="query limits", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # A query without a limit could take all of a worker's time.
            cure = "try again shortly; for the operator: raise the limit of threads (systemd's TasksMax, ulimit -u)"
            raise TooBusy(f"no query can be limited: {error} ({cure})") from error
        self._thread = thread

    def _run(self) -> None:
        with self._changed:
            while True:
                pause = self._interrupt()
                self._wakes_at = time.monotonic() + pause
                self._changed.wait(None if pause == math.inf else pause)

    def _interrupt(self) -> float:
        """Interrupt every connection that has reached its limit. Return the seconds until the next look."""
        pause = math.inf
        for connection, limit in list(self._limits.items()):
            try:
                left = limit.left
                if left <= 0:
                    connection.interrupt()
            except Exception:
                # This thread must not end: no other query would be limited. This one is, if that error ends.
                log.exception("cannot limit a query")
                left = ERROR_SECONDS
            pause = min(pause, max(left, REPEAT_SECONDS))
        return pause


_WATCHDOG: Final = _Watchdog()
