"""Whether the server answers: one that hangs, and a network that loses everything, end no connection.

A thread that gets no answer for SILENT_SECONDS opens another connection, which is what tells a server that hangs from
one that works on a long query. If the server does not answer that one either, the thread gives up, and so does every
other one, at once, until the server has answered one of them again.
"""

import time
from collections.abc import Callable, Generator
from threading import Lock
from typing import Any, Final

from feedsvc.store.engines import Clock
from feedsvc.store.postgresql.address import SILENT_MS

# Makes a connection of the driver; what it waits by.
Connect = Callable[[], Any]
Waiting = Generator[Any, Any, Any]
SILENT_SECONDS: Final = SILENT_MS / 1000
# While the server does not answer, a request tries it again after so long. Where the commit signal looks, its thread
# is earlier, and no request waits.
TRY_AGAIN_SECONDS: Final = 3.0
NO_ANSWER: Final = "the server does not answer"


class Responsiveness:
    """What the connections of one process know of one server. Any thread may call each method."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        # Held by the one thread that tries a server that does not answer.
        self._trying = Lock()
        self._answered_at = clock()
        # When the last attempt in vain ended; None while the server answers.
        self._silent_at: float | None = None

    @property
    def is_silent(self) -> bool:
        """Return whether the server did not answer the last time."""
        return self._silent_at is not None

    def check(self) -> None:
        """Raise OperationalError of the driver while the server is known not to answer."""
        if self._silent_at is not None:
            raise _no_answer()

    def connected(self, connect: Connect, *, always: bool = False) -> Any:
        """Return a new connection, which `connect` makes. Raises what it raises.

        While the server does not answer, raises OperationalError at once, except in the thread that tries it: always
        where `always` is set, else after TRY_AGAIN_SECONDS.
        """
        if self._silent_at is None:
            return self._attempt(connect)
        is_due = always or self._clock() - self._silent_at >= TRY_AGAIN_SECONDS
        if not is_due or not self._trying.acquire(blocking=always):
            raise _no_answer()
        try:
            return self._attempt(connect)
        finally:
            self._trying.release()

    def _attempt(self, connect: Connect) -> Any:
        from psycopg import Error, errors  # noqa: PLC0415

        begun = self._clock()
        try:
            made = connect()
        except Error as error:
            now = self._clock()
            # A host without a machine is reported after some seconds, too. Each other error is an answer.
            if isinstance(error, errors.ConnectionTimeout) or now - begun >= SILENT_SECONDS:
                self._silent_at = now
            else:
                self.answered()
            raise
        self.answered()
        return made

    def answered(self) -> None:
        """Note that the server answers."""
        self._answered_at, self._silent_at = self._clock(), None

    def probe(self, connect: Connect) -> None:
        """Raise OperationalError if the server does not answer.

        One thread opens a connection for that, unless another one had an answer just now.
        """
        from psycopg import Error  # noqa: PLC0415

        with self._trying:
            self.check()
            if self._clock() - self._answered_at < SILENT_SECONDS:
                return
            try:
                self._attempt(connect).close()
            except Error as error:
                # Another error is an answer, such as that all slots for connections are taken.
                if self.is_silent:
                    raise _no_answer() from error

    def observed(self, driver: Waiting, connect: Connect) -> Waiting:
        """Wait as the generator `driver` does, and probe the server by `connect` after each SILENT_SECONDS in vain.

        Such a generator yields what it waits for on the socket, and is sent what is ready, which is 0 every 0.1 s.
        """
        due = self._clock() + SILENT_SECONDS
        ready = None
        while True:
            try:
                wanted = driver.send(ready)
            except StopIteration as ended:
                self._answered_at = self._clock()
                return ended.value
            ready = yield wanted
            if not ready and self._clock() >= due:
                self.probe(connect)
            if ready or self._clock() >= due:
                due = self._clock() + SILENT_SECONDS


def _no_answer() -> Exception:
    from psycopg import OperationalError  # noqa: PLC0415

    return OperationalError(NO_ANSWER)


def connector(responsiveness: Responsiveness, *, always: bool) -> Callable[..., Any]:
    """Return what opens connections that do not wait for a server that does not answer. Raises ImportError.

    It takes the arguments of the driver's `connect`. `always` is as for `Responsiveness.connected`.
    """
    from psycopg import Connection, OperationalError  # noqa: PLC0415

    class BoundedConnection(Connection[Any]):
        another: Connect

        def wait(self, gen: Any, *given: Any, **named: Any) -> Any:
            try:
                responsiveness.check()
                return super().wait(responsiveness.observed(gen, self.another), *given, **named)
            except OperationalError:
                if responsiveness.is_silent:
                    # So that the pool forgets it. Nothing is sent, which might take long.
                    self.pgconn.finish()
                raise

    def connect(*given: Any, **named: Any) -> Any:
        def another() -> Any:
            return BoundedConnection.connect(*given, **named)

        made = responsiveness.connected(another, always=always)
        made.another = another
        return made

    return connect
