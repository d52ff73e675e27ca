"""What is counted about feeds, and read off again: polls, bytes, subscribers. By prometheus-client.

With PROMETHEUS_MULTIPROC_DIR set (`feedsvc serve` does it) all workers count into files in that folder, and each can
tell the figures of all, of workers that have ended too. The variable has to be there before prometheus-client is
imported, so it is imported when a `Polls` is made.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from feedsvc.errors import ConfigError
from feedsvc.web.subscribers import KNOWN_READERS, Report

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
# Anybody can call itself a reader: no more than so many that we never heard of are told apart.
MAX_STRANGERS: Final = 32

# A feed and its format: ("chips", "atom"); everything that is no feed is `OTHER`.
FeedKey = tuple[str, str]
OTHER: Final[FeedKey] = ("other", "")
RESULTS: Final = ("full", "unchanged", "error")


def prepare(folder: Path) -> None:
    """Count into `folder` from here on, in this process and those it starts; what an earlier server counted goes.

    Raises ConfigError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.db"):
            file.unlink()
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror} (make the folder writable: the workers count there)") from error
    os.environ[FOLDER] = str(folder)


@dataclass(frozen=True, slots=True)
class Figures:
    """One feed's figures since the server started. `full` answers were 200, `unchanged` 304; sizes are in bytes."""

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


class FeedCounters:
    """One feed's counters: looked up once, counted up at every poll."""

    __slots__ = ("results", "saved", "sent")

    def __init__(self, polls: "Counter", sent: "Counter", saved: "Counter", key: FeedKey) -> None:
        self.results = {result: polls.labels(*key, result) for result in RESULTS}
        self.sent, self.saved = sent.labels(*key), saved.labels(*key)


class Polls:
    """The counters of one application."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge  # noqa: PLC0415  # see the module's text

        self._own = CollectorRegistry()
        labels = ("feed", "format")
        self._counters = (
            Counter("feedsvc_polls", "Requests for feeds", (*labels, "result"), registry=self._own),
            Counter("feedsvc_sent_bytes", "Bytes of feeds sent", labels, registry=self._own),
            Counter(
                "feedsvc_saved_bytes",
                "Bytes of feeds not sent, since they were compressed or had not changed",
                labels,
                registry=self._own,
            ),
        )
        self._subscribers = Gauge(
            "feedsvc_subscribers",
            "Subscribers that a reader last said it has",
            (*labels, "reader"),
            registry=self._own,
            # The newest of all workers; from one that has ended it is as good as from one that runs.
            multiprocess_mode="mostrecent",
        )
        self._feeds: dict[FeedKey, FeedCounters] = {}
        self._strangers: set[str] = set()
        self._lock = Lock()

    def feed(self, key: FeedKey) -> FeedCounters:
        """The counters of a feed."""
        found = self._feeds.get(key)
        if found is None:
            with self._lock:
                found = self._feeds.setdefault(key, FeedCounters(*self._counters, key))
        return found

    def knows(self, key: FeedKey) -> bool:
        """Whether that feed was counted before, so it exists."""
        return key in self._feeds

    def report(self, key: FeedKey, report: Report) -> None:
        """Note how many subscribers a reader says it has."""
        if report.reader not in KNOWN_READERS:
            with self._lock:
                if report.reader not in self._strangers and len(self._strangers) >= MAX_STRANGERS:
                    return
                self._strangers.add(report.reader)
        self._subscribers.labels(*key, report.reader).set(report.subscribers)

    def registry(self) -> "CollectorRegistry":
        """The figures of all workers."""
        folder = os.environ.get(FOLDER)
        if folder is None:
            return self._own
        from prometheus_client import CollectorRegistry  # noqa: PLC0415
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return registry

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
        for metric in self.registry().collect():
            for sample in metric.samples:
                name = names.get(sample.name) or (
                    sample.labels["result"] if sample.name == "feedsvc_polls_total" else None
                )
                if name is not None:
                    yield (sample.labels["feed"], sample.labels["format"]), name, int(sample.value)
