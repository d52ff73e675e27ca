"""What is counted about feeds, and read off again: polls, bytes, subscribers. By prometheus-client.

With PROMETHEUS_MULTIPROC_DIR set (`feedsvc serve` does it) all workers count into files in that folder, and each can
tell the figures of all, of workers that have ended too. The variable has to be there before prometheus-client is
imported, so it is imported when a `FeedMetrics` is made.
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

from feedsvc.errors import ConfigError
from feedsvc.web.stats.metric_files import fold, reading
from feedsvc.web.stats.poll_buffer import OTHER, FeedKey, Poll, PollBuffer
from feedsvc.web.stats.subscriber_counts import FILE as AUDIENCE
from feedsvc.web.stats.subscriber_counts import SubscriberCounts
from feedsvc.web.stats.user_agents import Report, report

if TYPE_CHECKING:
    from prometheus_client import Metric

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_BEGAN: Final = "began"
DELAY_SECONDS: Final = 1.0
# Ten seconds of all that a worker can answer: more waits only where the disk does, and then the first are forgotten.
MAX_NOTED: Final = 500_000


def prepare(folder: Path) -> None:
    """Count into `folder` from here on, in this process and those it starts; what an earlier server counted goes.

    Raises ConfigError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in (*folder.glob("*.db"), folder / AUDIENCE):
            file.unlink(missing_ok=True)
        (folder / _BEGAN).write_text(str(time.time()), "ascii")
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror} (make the folder writable: the workers count there)") from error
    os.environ[FOLDER] = str(folder)


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
        from prometheus_client import CollectorRegistry, Counter  # noqa: PLC0415  # see the module's text

        self._own = CollectorRegistry()
        labels = ("feed", "format")
        self._polls = Counter("feedsvc_polls", "Requests for feeds", (*labels, "result"), registry=self._own)
        self._sent = Counter("feedsvc_sent_bytes", "Bytes of feeds sent", labels, registry=self._own)
        saved = "Bytes of feeds not sent, since they were compressed or had not changed"
        self._saved = Counter("feedsvc_saved_bytes", saved, labels, registry=self._own)
        given = os.environ.get(FOLDER)
        self._folder = Path(given) if given else None
        self._began, self._folded = time.time(), False
        self.audience = SubscriberCounts(self._folder)
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
            timer.start()

    def write(self) -> None:
        """Bring what was noted to where all workers count."""
        with self._writing:
            self._due = False
            tally = self._tally()
            for (key, result), number in tally.results.items():
                self._polls.labels(*key, result).inc(number)
            for key, (sent, saved) in tally.bytes.items():
                self._sent.labels(*key).inc(sent)
                self._saved.labels(*key).inc(saved)
            self.audience.hear(tally.subscribers)
            # A worker's first act is to tidy up behind those whose place it took.
            if self._folder is not None and not self._folded:
                fold(self._folder)
                self._folded = True

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
        noted = self._folder and self._folder / _BEGAN
        began = float(noted.read_text("ascii")) if noted and noted.exists() else self._began
        return datetime.fromtimestamp(began, UTC).replace(microsecond=0)

    def counted(self) -> "list[Metric]":
        """What all workers counted, as metrics of Prometheus."""
        self.write()
        return [*self._counters(), *self._heard()]

    def _counters(self) -> "list[Metric]":
        if self._folder is None:
            return list(self._own.collect())
        from prometheus_client import CollectorRegistry  # noqa: PLC0415
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        collector = MultiProcessCollector(CollectorRegistry(), str(self._folder))  # type: ignore[no-untyped-call]
        with reading(self._folder):
            return list(collector.collect())  # type: ignore[no-untyped-call]

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
        for key, name, value in self._samples():
            found[key][name] += value
        return {key: Figures(**values) for key, values in sorted(found.items())}

    def _samples(self) -> Iterator[tuple[FeedKey, str, int]]:
        """(feed, field of `Figures`, value)."""
        names = {"feedsvc_sent_bytes_total": "sent", "feedsvc_saved_bytes_total": "saved"}
        names["feedsvc_subscribers"] = "subscribers"
        for metric in self.counted():
            for sample in metric.samples:
                name = names.get(sample.name) or (
                    sample.labels["result"] if sample.name == "feedsvc_polls_total" else None
                )
                if name is not None:
                    yield (sample.labels["feed"], sample.labels["format"]), name, int(sample.value)


T = TypeVar("T")


def _taken(noted: deque[T]) -> list[T]:
    """What is in there now, first come first."""
    return [noted.popleft() for _ in range(len(noted))]
