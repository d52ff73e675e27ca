"""The limiter for what is not cached: how many threads make documents or send large files, and how many wait to.

Threads of one Python process share one core, so a document that is being made delays every other answer. Therefore few
are made at a time. The rest waits, in a queue with an end and for a time with an end, or is answered 503.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum
from threading import Condition, Lock
from typing import Final

from feedsvc.errors import TooBusy
from feedsvc.slices.grammar import is_search
from feedsvc.slices.slice import Slice


class Cost(Enum):
    """What an answer takes. The classes do not wait for each other's work."""

    # Documents that many clients ask for, and of which there is a limited number: feeds, lists, articles.
    COMMON = "documents"
    # Documents of which a client can ask for ever new ones: dates, limits, changes after a cursor, later pages,
    # archives, parts of the sitemap.
    RARE = "documents of this kind"
    # Documents of slices for which `is_search` is true.
    SEARCH = "searches"
    # Files that are too large to be sent in one piece.
    DOWNLOAD = "downloads"


def cost_of(slice_: Slice, *, rare: bool = False) -> Cost:
    """Return what it takes to make a document of `slice_`; `rare` where something beside the slice makes it so."""
    if is_search(slice_):
        return Cost.SEARCH
    dated = slice_.since is not None or slice_.until is not None
    return Cost.RARE if rare or dated or slice_.limit is not None else Cost.COMMON


@dataclass(frozen=True, slots=True)
class Budget:
    """What the answers of one class may take: `places` are threads, those that wait included.

    A thread waits at most `seconds` for its slot.
    """

    places: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one worker process.

    `slots` is how many documents it makes at a time. `reserved` slots and as many places are for COMMON ones alone.
    `places` is how many threads all classes take together.
    """

    slots: int
    places: int
    budgets: Mapping[Cost, Budget]

    @property
    def reserved(self) -> int:
        """One slot, where there are two."""
        return 1 if self.slots > 1 else 0


def limits_of_threads(threads: int) -> Limits:
    """The limits under a server that has `threads` threads for everything: one stays free for what is cached."""
    places = max(1, threads - 1)
    others = max(1, places - 1)
    return Limits(
        slots=max(1, threads // 2),
        places=places,
        budgets={
            Cost.COMMON: Budget(places, 30),
            Cost.RARE: Budget(others, 10),
            Cost.SEARCH: Budget(others, 5),
            Cost.DOWNLOAD: Budget(others, 0),
        },
    )


def limits_of_pool(threads: int, downloads: int) -> Limits:
    """The limits where a thread that waits, or sends a large file, is one more than the `threads` that work.

    64 places let a reader subscribe to some dozens of feeds at once, just after a commit.
    """
    budgets = {
        Cost.COMMON: Budget(64, 30),
        Cost.RARE: Budget(16, 10),
        Cost.SEARCH: Budget(8, 5),
        Cost.DOWNLOAD: Budget(downloads, 0),
    }
    return Limits(max(1, threads // 2), sum(each.places for each in budgets.values()), budgets)


class RenderLimiter:
    """Counts the threads of one process by their class. `idle` is entered around each wait."""

    def __init__(self, limits: Limits, idle: Callable[[], AbstractContextManager[object]] = nullcontext) -> None:
        self.limits, self._idle = limits, idle
        self._lock = Lock()
        # One for each class: a slot that comes free wakes one thread of each, not all that wait.
        self._freed = {cost: Condition(self._lock) for cost in Cost}
        self._places, self._running = Counter[Cost](), Counter[Cost]()

    def idle(self) -> AbstractContextManager[object]:
        """Wait in the block for another machine, and let another thread work meanwhile."""
        return self._idle()

    @contextmanager
    def place(self, cost: Cost) -> Iterator[None]:
        """Hold one of the places of the class. Raises TooBusy at once where all are taken."""
        with self._lock:
            limits, taken = self.limits, self._places.total()
            reserved = limits.reserved if cost is not Cost.COMMON else 0
            others = taken - self._places[Cost.COMMON]
            if (
                self._places[cost] >= limits.budgets[cost].places
                or taken >= limits.places
                or (reserved and others >= limits.places - reserved)
            ):
                raise _too_busy(cost)
            self._places[cost] += 1
        try:
            yield
        finally:
            with self._lock:
                self._places[cost] -= 1

    @contextmanager
    def slot(self, cost: Cost) -> Iterator[None]:
        """Make a document in the block, when it is this thread's turn. Raises TooBusy where it waited too long."""
        with self._lock:
            is_free = self._has_slot(cost)
            if is_free:
                self._running[cost] += 1
        if not is_free:
            with self._idle(), self._lock:
                if not self._freed[cost].wait_for(lambda: self._has_slot(cost), self.limits.budgets[cost].seconds):
                    raise _too_busy(cost)
                self._running[cost] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[cost] -= 1
                for condition in self._freed.values():
                    condition.notify()

    @contextmanager
    def waiting(self, cost: Cost, lock: Lock) -> Iterator[None]:
        """Hold `lock` in the block, another thread's work on the same. Raises TooBusy where that takes too long."""
        if not lock.acquire(blocking=False):
            with self._idle():
                got = lock.acquire(timeout=self.limits.budgets[cost].seconds)
            if not got:
                raise _too_busy(cost)
        try:
            yield
        finally:
            lock.release()

    def _has_slot(self, cost: Cost) -> bool:
        limits, taken = self.limits, self._running.total()
        others = taken - self._running[Cost.COMMON]
        return taken < limits.slots and (cost is Cost.COMMON or others < limits.slots - limits.reserved)


def _too_busy(cost: Cost) -> TooBusy:
    return TooBusy(f"too many {cost.value} at a time (try again shortly)")


UNLIMITED: Final = Limits(2**16, 2**20, {cost: Budget(2**16, 60) for cost in Cost})
