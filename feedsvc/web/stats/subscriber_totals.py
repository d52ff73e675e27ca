"""The numbers of subscribers that readers report, from all workers: in one small file, or in memory without a folder.

Any client can report any number. So the reports are bounded, they expire when they are not repeated, and unknown
readers are shown apart from known readers.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final, NamedTuple

from feedsvc.files import open_lock, write_whole
from feedsvc.terminal import OneWarning, logger
from feedsvc.web.stats.poll_buffer import FeedKey
from feedsvc.web.stats.user_agent_subscribers import KNOWN_READERS

log = logger("feedsvc.web")

FILE: Final = "subscribers.json"
# The slowest of the known readers polls once a day.
EXPIRES_SECONDS: Final = 7 * 86400
# A report without a change is written again only after this time.
REPEATED_SECONDS: Final = 3600
# The most unknown readers in the file; the one whose last report is the oldest is dropped.
MAX_UNKNOWN_READERS: Final = 32


class SubscriberReport(NamedTuple):
    """The last report of `reader` about the feed (`feed`, `format`); `reported_at` is in seconds since 1970 (UTC)."""

    feed: str
    format: str
    reader: str
    subscribers: int
    reported_at: float

    @property
    def is_known(self) -> bool:
        """Whether the reader is a known one."""
        return self.reader in KNOWN_READERS


_Key = tuple[str, str, str]


class SubscriberTotals:
    """The reports of readers, in `folder`, where all workers write them; in memory where `folder` is None."""

    def __init__(self, folder: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = folder and folder / FILE, clock
        self._memory: dict[_Key, SubscriberReport] = {}
        self._warning = OneWarning(log)

    def record(self, numbers: Mapping[tuple[FeedKey, str], int]) -> None:
        """Store the numbers of subscribers by feed and reader. A failure is logged."""
        now = self._clock()
        reports = {
            (*feed, reader): SubscriberReport(*feed, reader, subscribers, now)
            for (feed, reader), subscribers in numbers.items()
        }
        try:
            if not self._has_changes(reports):
                return
            with self._locked():
                self._save(_bounded({**self._load(), **reports}.values(), now))
            self._warning.clear()
        except OSError as error:
            self._warn(error)

    def reports(self) -> tuple[SubscriberReport, ...]:
        """Return the reports that have not expired, sorted by feed, format and reader."""
        return tuple(sorted(_recent(self._load().values(), self._clock())))

    def _has_changes(self, reports: Mapping[_Key, SubscriberReport]) -> bool:
        stored = self._load()
        return any(
            (old := stored.get(key)) is None
            or old.subscribers != new.subscribers
            or new.reported_at - old.reported_at > REPEATED_SECONDS
            for key, new in reports.items()
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if self._path is None:
            yield
            return
        with open_lock(self._path.with_suffix(".lock")) as lock:
            flock(lock, LOCK_EX)
            yield

    def _load(self) -> dict[_Key, SubscriberReport]:
        if self._path is None:
            return self._memory
        try:
            rows = [SubscriberReport(*row) for row in json.loads(self._path.read_bytes())]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            # The folder cannot be read, or a crash of the machine truncated the file.
            self._warn(error)
            return {}
        return {(each.feed, each.format, each.reader): each for each in rows}

    def _warn(self, error: Exception) -> None:
        """Log a failure once, until a write succeeds."""
        reason = getattr(error, "strerror", None) or error
        self._warning.warn(f"{self._path}: {reason} (what readers say of their subscribers is not kept)")

    def _save(self, reports: Iterable[SubscriberReport]) -> None:
        """Replace the file in one step, since other workers read it without a lock."""
        if self._path is None:
            self._memory = {(each.feed, each.format, each.reader): each for each in reports}
            return
        write_whole(self._path, self._path.with_suffix(".new"), json.dumps(list(reports)))


def _recent(reports: Iterable[SubscriberReport], now: float) -> list[SubscriberReport]:
    return [each for each in reports if now - each.reported_at <= EXPIRES_SECONDS]


def _bounded(reports: Iterable[SubscriberReport], now: float) -> list[SubscriberReport]:
    """Return the reports to store: none that has expired, and of unknown readers only the most recent."""
    recent = _recent(reports, now)
    unknown_readers: dict[str, float] = {}
    for each in recent:
        if not each.is_known:
            unknown_readers[each.reader] = max(each.reported_at, unknown_readers.get(each.reader, 0))
    kept = set(sorted(unknown_readers, key=unknown_readers.__getitem__, reverse=True)[:MAX_UNKNOWN_READERS])
    return [each for each in recent if each.is_known or each.reader in kept]
