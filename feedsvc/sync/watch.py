"""`feedsvc watch`: the one writer. A watcher is only a hint; what it says is always checked against the disk."""

import fcntl
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Final

from feedsvc.config import Settings
from feedsvc.errors import ConfigError, FeedsvcError, StoreUnavailable
from feedsvc.files import FileId, file_id, open_lock
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.store.writer_state import WriterStateFile
from feedsvc.sync import Options, Report, sync
from feedsvc.sync.assets import make_folder
from feedsvc.sync.folder.folder_changes import FolderChanges
from feedsvc.sync.folder.walk import Found
from feedsvc.sync.report import GRACE_SECONDS
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

STILL_MS: Final = 100
RETRY_SECONDS: Final = 5.0
# How often a WAL that readers kept is looked at again, and from how many bytes on that is said.
TRIM_SECONDS: Final = 30.0
LARGE_WAL: Final = 256 * 1024 * 1024
# What persists is said again.
REPEAT_SECONDS: Final = 3600.0


def is_written(store: Path) -> bool:
    """Whether a watcher holds the writer's place beside the store."""
    try:
        with (store.parent / "writer.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such place: the next command that opens it says what is wrong with it
        return False
    return False


@contextmanager
def only_writer(store: Path, stop: Event) -> Iterator[bool]:
    """Hold the writer's place beside the store, waiting for it if need be; False when `stop` came first."""
    try:
        store.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        place = open_lock(store.parent / "writer.lock")
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

    `_changed` are the paths that changed since the last sync; None stands for any. `source.mode` says how changes are
    seen.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self.source = FolderChanges(settings.content, settings.watch, settings.poll_seconds)
        self._changed: set[Path] | None = None
        self._missed: dict[str, float] = {}
        self._due = 0.0
        self._whole_due = time.monotonic() + settings.rescan_seconds
        # Those of the store after the last sync; empty where that failed.
        self._files: tuple[object, ...] = ()
        # The media folder after the last sync.
        self._media: FileId | None = None
        # When an article is due or expires, or a period ends.
        self._release: datetime | None = None
        self._has_large_wal = False
        self._trim_due = 0.0
        self._complaint = Complaint()
        self._problems: tuple[str, ...] = ()
        self._problems_said = 0.0
        self._state = WriterStateFile(settings.store)

    def run(self, stop: Event) -> None:
        """Keep the store up to date until `stop` is set."""
        with only_writer(self.settings.store, stop) as mine:
            if not mine:
                return
            # What the writer before this one said is known only now, when it has ended.
            self._state = WriterStateFile(self.settings.store)
            with self._state.beating():
                for changes in self.source.until(stop):
                    self._look(changes, stop)

    def _look(self, changes: Set[Path] | None, stop: Event) -> None:
        self._state.looked()
        if changes is None or changes:
            self._state.changed()
        mode = self.source.mode
        self._state.note(watch_mode=mode.name, watch_reason=mode.reason, is_blind=mode.is_failure)
        # What is still being written is waited for, a moment.
        written = [age for path in changes or () if (age := _age_ms(path)) is not None]
        if written and 0 <= min(written) < STILL_MS:
            stop.wait((STILL_MS - min(written)) / 1000)
        self._changed = None if changes is None or self._changed is None else self._changed | changes
        # Always asked: where the store was replaced, more than `changes` has to be read.
        is_due = self._is_due()
        if changes is None or changes or is_due:
            self._sync()
        if time.monotonic() >= self._trim_due:
            # The WAL is cut when nobody reads it any more; once, when somebody does for long, that is said.
            self._trim_due = time.monotonic() + TRIM_SECONDS
            is_large = self.store.trim() > LARGE_WAL
            if is_large and not self._has_large_wal:
                log.warning("%s-wal grows, since a reader keeps an old state (end what reads it)", self.settings.store)
            self._has_large_wal = is_large

    def _is_due(self) -> bool:
        """Whether a time has come, or the store was deleted or replaced since the last sync.

        Its WAL alone may have been replaced: what the last syncs committed may be lost with that.
        """
        if self._files and self.store.identity() != self._files:
            log.warning("%s was deleted or replaced: all files are read again", self.settings.store)
            self._changed = None
            return True
        if self._files and self._is_media_lost():
            log.warning("%s was deleted or replaced: all files are read again", self.settings.media)
            return True
        # By the wall clock, which may be set forward while the other one goes on.
        if self._release is not None and datetime.now(UTC) >= self._release:
            return True
        return time.monotonic() >= min(self._due, self._whole_due)

    def _is_media_lost(self) -> bool:
        return self._media is not None and file_id(self.settings.media) != self._media

    def _sync(self) -> None:
        now = time.monotonic()
        files, self._files = self.store.identity(), ()
        whole = now >= self._whole_due or self._is_media_lost()
        if whole:
            self._whole_due = now + self.settings.rescan_seconds
        is_partial = self._changed is not None and not whole
        # Where a symlink leads now, so that one sync reads one tree.
        settings = replace(self.settings, content=self.source.folder)
        self._state.write(syncing_since=datetime.now(UTC))
        try:
            if self._is_media_lost():
                # Tried before everything is read for it.
                make_folder(settings.media)
            site = load_site(settings.content, settings.base_url, settings.own_url)
        except StoreUnavailable as error:
            self._fail(str(error))
            return
        except ConfigError as error:
            self._fail(str(error), is_site_toml=True)
            return
        try:
            changed = None if whole else self._changed
            options = Options(changed=changed, whole=whole, may_go=self._may_go, still=_is_still)
            report = sync(settings, site, self.store, datetime.now(UTC), options)
            with self.store.read() as snapshot:
                release = snapshot.next_due()
        except (FeedsvcError, OSError) as error:
            # An OSError: the tree went while it was read, as when a symlink was switched and the old tree deleted.
            self._fail(f"{error} (the last good state is kept)" if isinstance(error, OSError) else str(error))
            return
        except Exception as error:  # the next sync may go well: nobody else writes
            if self._fail(f"an error in feedsvc ({type(error).__name__}: {error}; please report it)"):
                log.error("the sync failed", exc_info=error)
            return
        self._files, self._media = self.store.identity(), file_id(self.settings.media)
        self._complaint = Complaint()
        self._state.succeeded(set_aside=len(report.set_aside), refused=report.refused)
        self._say(report)
        self._plan(report, release)
        if is_partial and files != self._files:
            # The store was deleted or replaced during the sync: it has only what had changed.
            self._changed, self._due = None, now

    def _may_go(self, path: str) -> bool:
        """Whether a missing file was already missing GRACE_SECONDS ago."""
        first = self._missed.setdefault(path, time.monotonic())
        return time.monotonic() - first >= GRACE_SECONDS

    def _plan(self, report: Report, release: datetime | None) -> None:
        """When to look again, if nothing else happens."""
        self._missed = {path: since for path, since in self._missed.items() if path in report.missing}
        self._changed = {self.source.folder / path for path in (*report.pending, *report.missing)}
        now = time.monotonic()
        waits = [max(0.0, since + GRACE_SECONDS - now) for since in self._missed.values()]
        if report.pending:
            waits.append(STILL_MS / 1000)
        self._release = release
        self._due = now + min(waits, default=self.settings.rescan_seconds)

    def _say(self, report: Report) -> None:
        """Log what was done, and what is wrong: when that changes, and every hour while it stays."""
        problems = (*map(str, report.problems), *report.leaving)
        is_old = bool(problems) and time.monotonic() - self._problems_said >= REPEAT_SECONDS
        if not report.quiet or problems != self._problems or is_old:
            for line in report.lines():
                log.info("%s", line)
            self._problems_said = time.monotonic()
        self._problems = problems

    def _fail(self, message: str, *, is_site_toml: bool = False) -> bool:
        """Look at everything again soon; return whether `message` is a new one, which was logged."""
        self._changed, self._due, self._release = None, time.monotonic() + RETRY_SECONDS, None
        self._state.failed(message, is_site_toml=is_site_toml)
        is_new = message != self._complaint.message
        if is_new:
            self._complaint = Complaint(message)
        said = self._complaint.due(time.monotonic())
        if said is not None:
            log.error("%s%s", message, said)
        return is_new


class Complaint:
    """Why syncs fail: said once, then every hour with how often they failed since it was said."""

    def __init__(self, message: str = "") -> None:
        self.message = message
        self._said_at: float | None = None
        self._count = 0

    def due(self, now: float) -> str | None:
        """Count a failure at `now` (monotonic, in seconds); return what to add to the message, None for silence."""
        self._count += 1
        if self._said_at is not None and now - self._said_at < REPEAT_SECONDS:
            return None
        said = "" if self._said_at is None else f" (still; {self._count} times since it was said last)"
        self._said_at, self._count = now, 0
        return said


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
