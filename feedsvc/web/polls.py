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
from threading import Lock, Timer
from typing import TYPE_CHECKING, Final

from feedsvc.errors import ConfigError
from feedsvc.web.subscribers import KNOWN_READERS, Report
from feedsvc.web.tally import OTHER, FeedKey, Poll, Tally

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
# Anybody can call itself a reader: no more than so many that we never heard of are told apart.
MAX_STRANGERS: Final = 32

DELAY_SECONDS: Final = 1.0


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


class Polls:
    """The counters of one application.

    A poll only adds to numbers in memory; a second later at the most they go to where all workers count. A worker that
    is killed takes its last second with it.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge  # noqa: PLC0415  # see the module's text

        self._own = CollectorRegistry()
        labels = ("feed", "format")
        self._polls = Counter("feedsvc_polls", "Requests for feeds", (*labels, "result"), registry=self._own)
        self._sent = Counter("feedsvc_sent_bytes", "Bytes of feeds sent", labels, registry=self._own)
        saved = "Bytes of feeds not sent, since they were compressed or had not changed"
        self._saved = Counter("feedsvc_saved_bytes", saved, labels, registry=self._own)
        self._subscribers = Gauge(
            "feedsvc_subscribers",
            "Subscribers that a reader last said it has",
            (*labels, "reader"),
            registry=self._own,
            # The newest of all workers; from one that has ended it is as good as from one that runs.
            multiprocess_mode="mostrecent",
        )
        self._tally = Tally()
        self._existing: set[FeedKey] = set()
        self._strangers: set[str] = set()
        self._lock, self._writing = Lock(), Lock()
        self._due = False

    def count(self, key: FeedKey, poll: Poll, report: Report | None) -> None:
        """Note a poll, and how many subscribers its reader says it has. An error at no feed we know is `OTHER`."""
        with self._lock:
            if poll.result != "error":
                self._existing.add(key)
            elif key not in self._existing:
                key = OTHER
            self._tally.add(key, poll, report if key is not OTHER else None)
            due, self._due = self._due, True
        if not due:
            timer = Timer(DELAY_SECONDS, self.write)
            timer.daemon = True
            timer.start()

    def write(self) -> None:
        """Bring what was noted to where all workers count."""
        with self._writing:
            with self._lock:
                tally, self._tally, self._due = self._tally, Tally(), False
            for (key, result), number in tally.results.items():
                self._polls.labels(*key, result).inc(number)
            for key, (sent, saved) in tally.bytes.items():
                self._sent.labels(*key).inc(sent)
                self._saved.labels(*key).inc(saved)
            for (key, reader), subscribers in tally.subscribers.items():
                if self._is_told_apart(reader):
                    self._subscribers.labels(*key, reader).set(subscribers)

    def _is_told_apart(self, reader: str) -> bool:
        if reader in KNOWN_READERS or reader in self._strangers:
            return True
        if len(self._strangers) >= MAX_STRANGERS:
            return False
        self._strangers.add(reader)
        return True

    def registry(self) -> "CollectorRegistry":
        """The figures of all workers."""
        self.write()
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
