"""How much a delivery worker may claim: what its threads are at, and how many deliveries they sent lately."""

import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final, Literal

# Of all threads, those that subscribers which failed before or are slow may use, and those for requests of strangers,
# who are not verified. First deliveries have the rest for themselves.
SLOW_SHARE: Final = 0.5
OTHER_SHARE: Final = 0.25
# Besides one for each thread, as many deliveries are claimed as were sent in this time: so one transaction claims many,
# and none waits for a thread much longer than that.
AHEAD_SECONDS: Final = 0.5
MAX_AHEAD: Final = 1000

# What a thread does: a delivery, one to a subscriber that failed before or is slow, or another request.
Kind = Literal["first", "again", "other"]


class InFlight:
    """What was given to the threads and has not ended, by kind. `end` is called in any thread, the rest in one."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._threads, self._clock = threads, clock
        self._numbers: Counter[Kind] = Counter()
        self._ended: deque[Kind] = deque()
        self._sent, self._ahead = 0, 0
        self._next = clock() + AHEAD_SECONDS

    def begin(self, kind: Kind) -> None:
        """Count what is given to the threads."""
        self._numbers[kind] += 1

    def end(self, kind: Kind) -> None:
        """Count what has ended. A deque takes it in any thread."""
        self._ended.append(kind)

    def room(self, kind: Kind) -> int:
        """Return how many of a kind may be claimed now. Of first deliveries, these are many or none."""
        self._count()
        number = self._numbers[kind]
        if kind == "again":
            return max(0, int(self._threads * SLOW_SHARE) - number)
        if kind == "other":
            return max(0, max(1, int(self._threads * OTHER_SHARE)) - number)
        if number > self._threads + self._ahead // 2:
            return 0
        return self._threads + self._ahead - number

    def _count(self) -> None:
        for _ in range(len(self._ended)):
            kind = self._ended.popleft()
            self._numbers[kind] -= 1
            self._sent += kind == "first"
        now = self._clock()
        if now >= self._next:
            self._ahead, self._sent = min(self._sent, MAX_AHEAD), 0
            self._next = now + AHEAD_SECONDS
