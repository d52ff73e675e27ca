"""The counters of feeds: polls, bytes, subscribers.

With PROMETHEUS_MULTIPROC_DIR set (`feedsvc serve` sets it) all workers write their counts to files in that folder, and
each worker reads the sum over all workers, including those that have ended. prometheus-client only writes the text: its
own files are mapped into memory, and a full disk would end a worker that writes to such a file.
"""

import collections
import os
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Final, TypeVar

from feedsvc.files import write_whole
from feedsvc.terminal import logger
from feedsvc.web.stats.counter_files import PATTERN, CounterFiles, Counts
from feedsvc.web.stats.poll_buffer import OTHER, FeedKey, Poll, PollBuffer
from feedsvc.web.stats.subscriber_totals import FILE as SUBSCRIBERS_FILE
from feedsvc.web.stats.subscriber_totals import SubscriberTotals
from feedsvc.web.stats.user_agent_subscribers import Report, report

if TYPE_CHECKING:
    from prometheus_client import Metric

log = logger("feedsvc.web")

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_BEGAN: Final = "began"
DELAY_SECONDS: Final = 1.0
# As many polls as a worker answers in ten seconds. More only wait when the disk blocks; the oldest are then dropped.
MAX_QUEUED: Final = 500_000


def prepare(folder: Path) -> None:
    """Make this process and those it starts count into `folder`, and delete the counts of an earlier server.

    While the folder is not writable, each worker counts alone. A failure is logged.
    """
    os.environ[FOLDER] = str(folder)
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        # The files of version 0.1 are named *.db.
        for file in (*folder.glob(PATTERN), *folder.glob("*.db"), folder / SUBSCRIBERS_FILE):
            file.unlink(missing_ok=True)
        write_whole(folder / _BEGAN, folder / f"{_BEGAN}.new", str(time.time()))
    except OSError as error:
        log.warning("%s: %s (make the folder writable: the workers count there)", folder, error.strerror)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one feed since the server started. `full` counts answers 200, `unchanged` 304; sizes are in bytes.

    `subscribers` is the sum that known readers report.
    """

    full: int = 0
    unchanged: int = 0
    error: int = 0
    sent: int = 0
    saved: int = 0
    subscribers: int = 0

    @property
    def polls(self) -> int:
        """The number of all polls."""
        return self.full + self.unchanged + self.error


class PollCounters:
    """The counters of one application.

    `note` only appends to a queue; within a second, a timer writes the queue to the files of all workers. The counts of
    the last second of a killed worker are lost.
    """

    def __init__(self) -> None:
        given = os.environ.get(FOLDER)
        folder = Path(given) if given else None
        self._own, self._files = Counts(), CounterFiles(folder)
        self._began = _began(folder)
        self.subscriber_totals = SubscriberTotals(folder)
        # Threads may use both ends of a deque at once, so a thread that answers a poll takes no lock.
        self._polls: deque[Poll] = deque(maxlen=MAX_QUEUED)
        self._reports: deque[tuple[Poll, Report]] = deque(maxlen=MAX_QUEUED)
        self._existing: set[FeedKey] = set()
        self._lock, self._writing = Lock(), Lock()
        self._due = False

    def note(self, poll: Poll, user_agent: str) -> None:
        """Queue a poll, and the number of subscribers that its User-Agent reports."""
        self._polls.append(poll)
        reported = report(user_agent)
        if reported is not None:
            self._reports.append((poll, reported))
        # `note` queues the poll before it reads `_due`, and `write` clears `_due` before it empties the queue. So no
        # poll waits for the next one.
        if self._due:
            return
        with self._lock:
            due, self._due = self._due, True
        if not due:
            timer = Timer(DELAY_SECONDS, self.write)
            timer.daemon = True
            try:
                timer.start()
            except RuntimeError:
                # The system allows no further thread. The poll is answered; the next poll starts a timer again.
                self._due = False

    def write(self) -> None:
        """Write the queue to the files of all workers."""
        with self._writing:
            self._due = False
            tally, polls = PollBuffer(), collections.Counter(_drain(self._polls))
            self._existing.update(poll.feed for poll in polls if poll.result != "error")
            for poll, times in polls.items():
                tally.add(self._feed_of(poll), poll, times)
            for poll, reported in _drain(self._reports):
                if self._feed_of(poll) is not OTHER:
                    tally.record(poll.feed, reported)
            for (key, result), number in tally.results.items():
                self._own[result, *key] += number
            for key, (sent, saved) in tally.bytes.items():
                self._own["sent", *key] += sent
                self._own["saved", *key] += saved
            # The counts come first: `write` creates the folder again if it was deleted.
            self._files.write(self._own)
            self.subscriber_totals.record(tally.subscribers)

    def _feed_of(self, poll: Poll) -> FeedKey:
        """Return the feed to count a poll for: `OTHER` for an error at an unknown feed, so that requests cannot add
        names to the figures.
        """
        return OTHER if poll.result == "error" and poll.feed not in self._existing else poll.feed

    @property
    def began(self) -> datetime:
        """The time when all workers began to count, in UTC."""
        return datetime.fromtimestamp(self._began, UTC).replace(microsecond=0)

    def counted(self) -> "list[Metric]":
        """Return the counts of all workers as metrics of Prometheus."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415  # a slow import

        labels: tuple[str, ...] = ("feed", "format")
        polls = CounterMetricFamily("feedsvc_polls", "Requests for feeds", labels=(*labels, "result"))
        sent = CounterMetricFamily("feedsvc_sent_bytes", "Bytes of feeds sent", labels=labels)
        saved = "Bytes of feeds not sent, since they were compressed or had not changed"
        families = {"sent": sent, "saved": CounterMetricFamily("feedsvc_saved_bytes", saved, labels=labels)}
        for (name, *feed), number in sorted(self._total().items()):
            if name in families:
                families[name].add_metric(feed, number)
            else:
                polls.add_metric([*feed, name], number)
        labels = (*labels, "reader")
        known = GaugeMetricFamily("feedsvc_subscribers", "Subscribers that a known reader last said", labels=labels)
        other = GaugeMetricFamily("feedsvc_unverified_subscribers", "What others call their subscribers", labels=labels)
        for each in self.subscriber_totals.reports():
            (known if each.is_known else other).add_metric([each.feed, each.format, each.reader], each.subscribers)
        return [polls, *families.values(), known, other]

    def _total(self) -> Counts:
        self.write()
        with self._writing:
            return self._files.total(self._own)

    def figures(self) -> dict[FeedKey, Figures]:
        """Return the figures of each feed since the server started."""
        found: defaultdict[FeedKey, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (name, feed, format_), number in self._total().items():
            found[feed, format_][name] += number
        for each in self.subscriber_totals.reports():
            if each.is_known:
                found[each.feed, each.format]["subscribers"] += each.subscribers
        return {key: Figures(**values) for key, values in sorted(found.items())}


def _began(folder: Path | None) -> float:
    """Return when the server began to count, in seconds since 1970 (UTC); the current time where no file says it."""
    try:
        return float((folder / _BEGAN).read_text("ascii")) if folder else time.time()
    except (OSError, ValueError):
        return time.time()


T = TypeVar("T")


def _drain(queue: deque[T]) -> list[T]:
    """Remove and return the current elements, the oldest first."""
    return [queue.popleft() for _ in range(len(queue))]
