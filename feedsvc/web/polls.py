"""What is counted about feeds, and read off again: polls, bytes, subscribers. By prometheus-client.

With PROMETHEUS_MULTIPROC_DIR set (`feedsvc serve` does it) all workers count into files in that folder, and each can
tell the figures of all, of workers that have ended too. The variable has to be there before prometheus-client is
imported, so it is imported when a `Polls` is made.
"""

import collections
import os
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Final, TypeVar

from feedsvc.errors import ConfigError
from feedsvc.web.subscribers import KNOWN_READERS, Report, report
from feedsvc.web.tally import OTHER, FeedKey, Poll, Tally

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
# Anybody can call itself a reader: no more than so many that we never heard of are told apart.
MAX_STRANGERS: Final = 32

DELAY_SECONDS: Final = 1.0
# Ten seconds of all that a worker can answer: more waits only where the disk does, and then the first are forgotten.
MAX_NOTED: Final = 500_000


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

    A poll is only noted; a second later at the most it goes to where all workers count. A worker that is killed takes
    its last second with it.
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
        # Both ends of a deque are safe to use by several threads, so whoever is polled takes no lock.
        self._noted: deque[Poll] = deque(maxlen=MAX_NOTED)
        self._said: deque[tuple[Poll, Report]] = deque(maxlen=MAX_NOTED)
        self._existing: set[FeedKey] = set()
        self._strangers: set[str] = set()
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
            for (key, reader), subscribers in tally.subscribers.items():
                if self._is_told_apart(reader):
                    self._subscribers.labels(*key, reader).set(subscribers)

    def _tally(self) -> Tally:
        tally, noted = Tally(), collections.Counter(_taken(self._noted))
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


T = TypeVar("T")


def _taken(noted: deque[T]) -> list[T]:
    """What is in there now, first come first."""
    return [noted.popleft() for _ in range(len(noted))]
