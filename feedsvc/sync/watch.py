"""`feedsvc watch`: the one writer. A watcher is only a hint; what it says is always checked against the disk."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Final

from watchfiles import watch

from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError, StoreUnavailable
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Options, Report, sync
from feedsvc.sync.report import GRACE_SECONDS
from feedsvc.sync.walk import Found

log = logging.getLogger("feedsvc.watch")

STILL_MS: Final = 100
# Changes are collected for so long; what is still being written then is waited for.
STEP_MS: Final = 20
TICK_MS: Final = 200
RETRY_SECONDS: Final = 5.0


def is_written(store: Path) -> bool:
    """Whether a watcher holds the writer's place beside the store."""
    try:
        with (store.parent / "writer.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such place: whoever opens it next says what is wrong with it
        return False
    return False


@contextmanager
def only_writer(store: Path, stop: Event) -> Iterator[bool]:
    """Hold the writer's place beside the store, waiting for it if need be; False when `stop` came first."""
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        place = (store.parent / "writer.lock").open("w")
    except OSError as error:
        raise StoreUnavailable(
            f"{store.parent}: {error.strerror} (make it writable, or name another --store)"
        ) from error
    with place as lock:
        said = False
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not said:
                    log.info("another watcher writes to %s; this one stands by", store)
                    said = True
                stop.wait(1)
            else:
                yield True
                return
        yield False


class Watcher:
    """Syncs when something changed, when an article is due, when a missing file is to be looked for again.

    `_changed` are the paths that changed since the last sync; None stands for any.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self._root = Path(os.path.realpath(settings.content))
        self._changed: set[Path] | None = None
        self._missed: dict[str, float] = {}
        self._due = 0.0
        self._whole_due = time.monotonic() + settings.rescan_seconds
        self._has_store = False
        self._complaint = ""
        self._problems: tuple[str, ...] = ()

    def run(self, stop: Event) -> None:
        """Keep the store up to date until `stop` is set."""
        with only_writer(self.settings.store, stop) as mine:
            while mine and not stop.is_set():
                self._watch(stop)

    def _watch(self, stop: Event) -> None:
        self._changed = None
        try:
            for changes in watch(
                self._root,
                stop_event=stop,
                step=STEP_MS,
                debounce=1600,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                self._note({Path(path) for _, path in changes}, stop)
                if changes or self._is_due():
                    self._sync()
        except (FileNotFoundError, OSError) as error:
            self._complain(f"{self.settings.content}: {error} (the last good state is kept)")
            stop.wait(RETRY_SECONDS)

    def _note(self, changed: set[Path], stop: Event) -> None:
        """Remember what changed, and wait a moment if it is still being written."""
        written = [age for path in changed if (age := _age_ms(path)) is not None]
        if written and 0 <= min(written) < STILL_MS:
            stop.wait((STILL_MS - min(written)) / 1000)
        if self._changed is not None:
            self._changed |= {self.settings.content / path.relative_to(self._root) for path in changed}

    def _is_due(self) -> bool:
        """Whether a time has come, or the store was deleted since the last sync."""
        if self._has_store and not self.settings.store.exists():
            self._changed = None
            return True
        return time.monotonic() >= min(self._due, self._whole_due)

    def _sync(self) -> None:
        now = time.monotonic()
        self._has_store = False
        whole = now >= self._whole_due
        if whole:
            self._whole_due = now + self.settings.rescan_seconds
        try:
            report, release = self._sync_once(whole)
        except FeedsvcError as error:
            self._changed = None
            self._complain(str(error))
            self._due = now + RETRY_SECONDS
            return
        self._has_store = True
        self._complaint = ""
        self._say(report)
        self._plan(report, release)

    def _sync_once(self, whole: bool) -> tuple[Report, datetime | None]:
        site = load_site(self.settings.content, self.settings.base_url, self.settings.own_url)
        changed = None if whole else self._changed
        options = Options(changed=changed, whole=whole, may_go=self._may_go, still=_is_still)
        moment = datetime.now(UTC)
        report = sync(self.settings, site, self.store, moment, options)
        with self.store.read() as snapshot:
            return report, snapshot.next_due()

    def _may_go(self, path: str) -> bool:
        """Whether a missing file was already missing GRACE_SECONDS ago."""
        first = self._missed.setdefault(path, time.monotonic())
        return time.monotonic() - first >= GRACE_SECONDS

    def _plan(self, report: Report, release: datetime | None) -> None:
        """When to look again, if nothing else happens."""
        self._missed = {path: since for path, since in self._missed.items() if path in report.missing}
        self._changed = {self.settings.content / path for path in (*report.pending, *report.missing)}
        now = time.monotonic()
        waits = [max(0.0, since + GRACE_SECONDS - now) for since in self._missed.values()]
        if report.pending:
            waits.append(STILL_MS / 1000)
        if release is not None:
            waits.append(max(0.0, (release - datetime.now(UTC)).total_seconds()))
        self._due = now + min(waits, default=self.settings.rescan_seconds)

    def _say(self, report: Report) -> None:
        problems = (*map(str, report.problems), *report.leaving)
        if not report.quiet or problems != self._problems:
            for line in report.lines():
                log.info("%s", line)
        self._problems = problems

    def _complain(self, message: str) -> None:
        if message != self._complaint:
            log.error("%s", message)
        self._complaint = message


def _is_still(found: Found) -> bool:
    """Whether a file has not been written for a moment; a stamp in the future says nothing."""
    age_ms = (time.time_ns() - found.stamp.mtime_ns) / 1e6
    return not 0 <= age_ms < STILL_MS


def _age_ms(path: Path) -> float | None:
    """How long ago a file was written, in milliseconds; None when it is not there."""
    try:
        return (time.time_ns() - path.stat().st_mtime_ns) / 1e6
    except OSError:
        return None
