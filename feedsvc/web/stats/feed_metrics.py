"""What is counted about feeds, and read off again: polls, bytes, subscribers.

With PROMETHEUS_MULTIPROC_DIR set (`feedsvc serve` does it) all workers write their counts to files in that folder, and
each can tell the figures of all, of workers that have ended too. prometheus-client only writes the text: its own files
are mapped into memory, and a full disk would end the worker that writes to one.
"""

import collections
import os
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Final, TypeVar

from feedsvc.files import write_whole
from feedsvc.terminal import logger
from feedsvc.web.stats.metric_files import PATTERN, Counts, MetricFiles
from feedsvc.web.stats.poll_buffer import OTHER, FeedKey, Poll, PollBuffer
from feedsvc.web.stats.subscriber_counts import FILE as AUDIENCE
from feedsvc.web.stats.subscriber_counts import SubscriberCounts
from feedsvc.web.stats.user_agents import Report, report

if TYPE_CHECKING:
    from prometheus_client import Metric

log = logger("feedsvc.web")

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_BEGAN: Final = "began"
DELAY_SECONDS: Final = 1.0
# Ten seconds of all that a worker can answer: more waits only where the disk does, and then the first are forgotten.
MAX_NOTED: Final = 500_000


def prepare(folder: Path) -> None:
    """Count into `folder` from here on, in this process and those it starts; what an earlier server counted goes.

    Where nothing can be written, each worker counts alone until something can.
    """
    os.environ[FOLDER] = str(folder)
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        # Those of version 0.1 are named *.db.
        for file in (*folder.glob(PATTERN), *folder.glob("*.db"), folder / AUDIENCE):
            file.unlink(missing_ok=True)
        write_whole(folder / _BEGAN, folder / f"{_BEGAN}.new", str(time.time()))
    except OSError as error:
        log.warning("%s: %s (make the folder writable: the workers count there)", folder, error.strerror)


@dataclass(frozen=True, slots=True)
class Figures:
    """One feed's figures since the server started. `full` answers were 200, `unchanged` 304; sizes are in bytes.

    `subscribers` adds up what known readers say.
    """

    full: int = 0
    unchanged: int = 0
    error: int = 0
    sent: int = 0
    saved: int = 0
    subscribers: int = 0

    @property
    def polls(self) -> int:
        """All of them."""
        return self.full + self.unchanged + self.error


class FeedMetrics:
    """The counters of one application.

    A poll is only noted; a second later at the most it goes to where all workers count. A worker that is killed takes
    its last second with it.
    """

    def __init__(self) -> None:
        given = os.environ.get(FOLDER)
        folder = Path(given) if given else None
        self._own, self._files = Counts(), MetricFiles(folder)
        self._began = _began(folder)
        self.audience = SubscriberCounts(folder)
        # Both ends of a deque are safe to use by several threads, so whoever is polled takes no lock.
        self._noted: deque[Poll] = deque(maxlen=MAX_NOTED)
        self._said: deque[tuple[Poll, Report]] = deque(maxlen=MAX_NOTED)
        self._existing: set[FeedKey] = set()
        self._lock, self._writing = Lock(), Lock()
        self._due = False

    def note(self, poll: Poll, user_agent: str) -> None:
        """Note a poll, and how many subscribers its reader says it has."""
        self._noted.append(poll)
        said = report(user_agent)
        if said is not None:
            self._said.append((poll, said))
        # Asked after the poll is there, and answered with no before it is looked for: so none waits for the next one.
        if not self._due:
            self._write_soon()

    def _write_soon(self) -> None:
        with self._lock:
            due, self._due = self._due, True
        if not due:
            timer = Timer(DELAY_SECONDS, self.write)
            timer.daemon = True
            try:
                timer.start()
            except RuntimeError:
                # The system allows no further thread just now. The poll is answered; the next one tries again.
                self._due = False

    def write(self) -> None:
        """Bring what was noted to where all workers count."""
        with self._writing:
            self._due = False
            tally = self._tally()
            for (key, result), number in tally.results.items():
                self._own[result, *key] += number
            for key, (sent, saved) in tally.bytes.items():
                self._own["sent", *key] += sent
                self._own["saved", *key] += saved
            # First, since it makes the folder where somebody deleted it.
            self._files.write(self._own)
            self.audience.hear(tally.subscribers)

    def _tally(self) -> PollBuffer:
        tally, noted = PollBuffer(), collections.Counter(_taken(self._noted))
        self._existing.update(poll.feed for poll in noted if poll.result != "error")
        for poll, times in noted.items():
            tally.add(self._feed_of(poll), poll, times)
        for poll, said in _taken(self._said):
            if self._feed_of(poll) is not OTHER:
                tally.hear(poll.feed, said)
        return tally

    def _feed_of(self, poll: Poll) -> FeedKey:
        """An error at no feed we know is `OTHER`: nobody fills the figures with names of theirs."""
        return OTHER if poll.result == "error" and poll.feed not in self._existing else poll.feed

    @property
    def began(self) -> datetime:
        """Since when all workers count, in UTC."""
        return datetime.fromtimestamp(self._began, UTC).replace(microsecond=0)

    def counted(self) -> "list[Metric]":
        """What all workers counted, as metrics of Prometheus."""
        return [*self._counters(), *self._heard()]

    def _total(self) -> Counts:
        self.write()
        with self._writing:
            return self._files.total(self._own)

    def _counters(self) -> "Iterator[Metric]":
        from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415  # it takes a while to import

        labels = ("feed", "format")
        polls = CounterMetricFamily("feedsvc_polls", "Requests for feeds", labels=(*labels, "result"))
        sent = CounterMetricFamily("feedsvc_sent_bytes", "Bytes of feeds sent", labels=labels)
        saved = "Bytes of feeds not sent, since they were compressed or had not changed"
        families = {"sent": sent, "saved": CounterMetricFamily("feedsvc_saved_bytes", saved, labels=labels)}
        for (name, *feed), number in sorted(self._total().items()):
            if name in families:
                families[name].add_metric(feed, number)
            else:
                polls.add_metric([*feed, name], number)
        yield from (polls, *families.values())

    def _heard(self) -> "Iterator[Metric]":
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        labels = ("feed", "format", "reader")
        known = GaugeMetricFamily("feedsvc_subscribers", "Subscribers that a known reader last said", labels=labels)
        other = GaugeMetricFamily("feedsvc_unverified_subscribers", "What others call their subscribers", labels=labels)
        for each in self.audience.said():
            (known if each.is_known else other).add_metric([each.feed, each.format, each.reader], each.subscribers)
        yield from (known, other)

    def figures(self) -> dict[FeedKey, Figures]:
        """By feed, since the server started."""
        found: defaultdict[FeedKey, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (name, feed, format_), number in self._total().items():
            found[feed, format_][name] += number
        for each in self.audience.said():
            if each.is_known:
                found[each.feed, each.format]["subscribers"] += each.subscribers
        return {key: Figures(**values) for key, values in sorted(found.items())}


def _began(folder: Path | None) -> float:
    """When the server began to count, in seconds since 1970 (UTC): now, where nobody noted it."""
    try:
        return float((folder / _BEGAN).read_text("ascii")) if folder else time.time()
    except (OSError, ValueError):
        return time.time()


T = TypeVar("T")


def _taken(noted: deque[T]) -> list[T]:
    """What is in there now, first come first."""
    return [noted.popleft() for _ in range(len(noted))]
