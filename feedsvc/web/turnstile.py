"""Searches pass one by one, so that they never take every thread of a worker: a poll for what is held gets one."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from feedsvc.errors import SearchTooBusy


class Turnstile:
    """Half of a worker's `threads`, at least one, may search at a time; of the others one never waits for its turn.

    Whoever waits takes a thread as well. So few do, for no longer than `seconds`; the rest is sent away at once.
    """

    def __init__(self, threads: int, seconds: float) -> None:
        self.at_once = max(1, threads // 2)
        self.in_line = max(0, threads - self.at_once - 1)
        self._seconds = seconds
        self._changed = Condition()
        self._inside = self._waiting = 0

    @contextmanager
    def turn(self, *, needed: bool = True) -> Iterator[None]:
        """Search within; where that is not `needed`, at once. Raises SearchTooBusy where too many do."""
        if not needed:
            yield
            return
        self._enter()
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify()

    def _enter(self) -> None:
        with self._changed:
            if self._inside >= self.at_once:
                self._wait()
            self._inside += 1

    def _wait(self) -> None:
        busy = SearchTooBusy("too many searches at a time (try again shortly)")
        if self._waiting >= self.in_line:
            raise busy
        self._waiting += 1
        try:
            if not self._changed.wait_for(lambda: self._inside < self.at_once, self._seconds):
                raise busy
        finally:
            self._waiting -= 1
