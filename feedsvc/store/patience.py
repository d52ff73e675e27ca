"""How long the database may look: a thread of the process interrupts whoever's time is over.

SQLite can be asked to count its steps, but one step of a full-text index may take as long as thousands of others. So
the clock interrupts, whatever SQLite is at; and while it is at something, it needs no Python.
"""

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Final

from sqlalchemy import Connection, exc

from feedsvc.errors import SearchTooSlow

# What is interrupted between two statements notices nothing: it is interrupted again, until it has ended.
AGAIN_SECONDS: Final = 0.01


@contextmanager
def bounded(connection: Connection, left: float, seconds: float) -> Iterator[None]:
    """Interrupts what SQLite reads within, when it takes longer than is `left` of `seconds`. Raises SearchTooSlow."""
    too_slow = SearchTooSlow(f"this takes longer than {seconds:g} s (ask for less: a topic, a rarer word)")
    if left <= 0:
        raise too_slow
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    deadline = time.monotonic() + left
    try:
        with _ALARM.set_for(raw, deadline):
            yield
    except exc.DatabaseError as error:
        # "interrupted", or whatever a virtual table makes of that.
        if time.monotonic() < deadline:
            raise
        raise too_slow from error


class Alarm:
    """Interrupts connections when their time is over, and never once they have ended."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._deadlines: dict[sqlite3.Connection, float] = {}
        self._wakes_at = math.inf
        self._thread: Thread | None = None

    @contextmanager
    def set_for(self, connection: sqlite3.Connection, deadline: float) -> Iterator[None]:
        """Interrupt what `connection` does within, from `deadline` on, a time of time.monotonic()."""
        with self._changed:
            self._deadlines[connection] = deadline
            # A process that was forked has not got the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="patience", daemon=True)
                self._thread.start()
            elif deadline < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            # Not before an interrupt that is on its way has arrived.
            with self._changed:
                del self._deadlines[connection]

    def _run(self) -> None:
        with self._changed:
            while True:
                self._wakes_at = self._interrupt(time.monotonic())
                self._changed.wait(None if self._wakes_at == math.inf else self._wakes_at - time.monotonic())

    def _interrupt(self, now: float) -> float:
        """Whose time is over; returns when to look again."""
        for connection, deadline in self._deadlines.items():
            if deadline <= now:
                connection.interrupt()
        return min((max(each, now + AGAIN_SECONDS) for each in self._deadlines.values()), default=math.inf)


_ALARM: Final = Alarm()
