"""`feedsvc watch`: sync when the content folder changes. Events are hints: each sync compares the files on disk."""

import logging
import os
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from feedsvc.config import Settings
from feedsvc.errors import ConfigError, FeedsvcError, StoreError, StoreUnavailable, WriterLockLost
from feedsvc.files import FileId
from feedsvc.media import media_storage
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store, Version
from feedsvc.sync import Options, Report, sync
from feedsvc.sync.folder.debounce import SETTLE_MS, is_complete, wait_until_complete
from feedsvc.sync.folder.files import RACY_NS
from feedsvc.sync.folder.folder_changes import FolderChanges
from feedsvc.sync.picture_sizes import SizeMaker, save_sizes
from feedsvc.sync.purging.purger import Purger, save_purged
from feedsvc.sync.purging.targets import purge_of
from feedsvc.sync.report import GRACE_SECONDS
from feedsvc.sync.revision import parsed, revision_of, why_not_follow
from feedsvc.terminal import OneWarning, logger

log = logger("feedsvc.watch")

RETRY_SECONDS: Final = 5.0
# The seconds between two attempts of a standby that does not take over.
STANDBY_SECONDS: Final = 1.0
# The seconds between two looks at the revision of the content, since a commit in git changes no file. After a sync and
# while there are edits it is less: `git pull` writes the files first and the revision last.
REVISION_SECONDS: Final = 30.0
EDITED_SECONDS: Final = 3.0
# The interval of attempts to truncate the WAL, in seconds, and the size of the WAL from which a warning is logged.
TRIM_SECONDS: Final = 30.0
LARGE_WAL: Final = 256 * 1024 * 1024
# The seconds between two syncs of a preview if nothing changes.
PREVIEW_SECONDS: Final = 60
# A message about a problem that persists is logged again after this many seconds.
REPEAT_SECONDS: Final = 3600.0


class Watcher:
    """Syncs when files change, when an article is due or expires, and when a missing file may count as deleted.

    `_changed` has the paths that changed since the last sync; None means that any path may have changed. `source.mode`
    says how changes are detected. `command` is the command that the operator started, "watch" or "serve".
    """

    def __init__(self, settings: Settings, store: Store, command: str = "watch") -> None:
        self.settings, self.store, self._command = settings, store, command
        self.source = FolderChanges(settings.content, settings.watch, settings.poll_seconds)
        self._changed: set[Path] | None = None
        self._missing_since: dict[str, float] = {}
        self._due = 0.0
        self._whole_due = time.monotonic() + settings.rescan_seconds
        # The identity of the store's files after the last sync; empty if it failed.
        self._files: tuple[object, ...] = ()
        self._storage = media_storage(settings)
        # The identity of the media folder after the last sync.
        self._media: FileId | None = None
        # The time of the folder when it was last compared with the store; 0 if it must be compared again.
        self._media_changed_at = 0
        # The next time (UTC) at which an article is due or expires, or a period ends.
        self._release: datetime | None = None
        self._has_large_wal = False
        self._trim_due = 0.0
        self._failure = SyncFailure()
        self._problems: tuple[str, ...] = ()
        self._problems_logged_at = 0.0
        self._state = store.writer_record(command=command)
        self._purger: Purger | None = None
        self._sizes: SizeMaker | None = None
        # The last version that the store has as purged.
        self._purged: Version | None = None
        # Log once why this one does not take over, and that the database is away.
        self._refusal, self._outage = OneWarning(log), OneWarning(log)
        self._unsaved_sizes = OneWarning(log)
        self._revision_due = 0.0

    def run(self, stop: Event) -> None:
        """Keep the store up to date until `stop` is set; stand by while another process does, or must.

        A standby that holds the lock but must not take over gives it back at once, since another one may.
        """
        answered = partial(self._outage.clear, f"{self.settings.store_name} answers again")
        while True:
            try:
                with self.store.writer_lock(stop, answered) as mine:
                    if mine and self._may_take_over():
                        if not isinstance(self.settings.store, Path):
                            # Which of several machines publishes is in its log.
                            log.info("this watcher publishes from now on")
                        self._write(stop)
            except WriterLockLost as error:
                self._outage.warn(f"{error} (this watcher stands by)")
            except StoreUnavailable as error:
                if isinstance(self.settings.store, Path):
                    raise
                # A database on another machine comes back by itself.
                self._outage.warn(f"{error}; it is tried again")
            if stop.wait(STANDBY_SECONDS):
                return

    def _may_take_over(self) -> bool:
        """Return whether this content may follow what was published last, which the lock keeps as it is.

        There is nothing to be asked of a store in SQLite: its writers read one folder.
        """
        if isinstance(self.settings.store, Path):
            return True
        text = None
        try:
            with self.store.read() as snapshot:
                text = snapshot.writer_revision()
        except StoreUnavailable:
            # Where the database answers, there is no store yet.
            self.store.check_lock()
        why = why_not_follow(Path(os.path.realpath(self.settings.content)), parsed(text))
        if why:
            self._refusal.warn(f"this watcher does not take over: {why}")
            self.store.note_standby(why)
        else:
            self._refusal.clear()
        return not why

    def _write(self, stop: Event) -> None:
        """Keep the store up to date while this process holds the lock. Raises WriterLockLost."""
        # The state of the previous writer is final only now, after it has ended.
        self._state = self.store.writer_record(command=self._command)
        # What was done before another process wrote means nothing any more.
        self._changed, self._due, self._release, self._files = None, 0.0, None, ()
        with self._state.heartbeat(), self._purging(), self._making_sizes():
            for changes in self.source.until(stop):
                self.store.check_lock()
                self._handle(changes, stop)
                self._save_purged()
                self._save_sizes()

    @contextmanager
    def _purging(self) -> Iterator[None]:
        """Purge what commits change while this process is the writer, if the settings say where."""
        purge = purge_of(self.settings)
        if purge is None:
            yield
            return
        self._purger = Purger(
            self.store,
            purge,
            self.settings.purge_seconds,
            lambda problem: self._state.note(purge_error=problem),
        )
        self._purger.start()
        try:
            yield
        finally:
            self._purger.stop()

    def _save_purged(self) -> None:
        """Save how far the purger is: only this thread writes to the store."""
        purged = self._purger.purged if self._purger else None
        if purged is None or purged == self._purged or not self._files or self.store.identity() != self._files:
            return
        try:
            save_purged(self.store, purged)
        except StoreError:  # the next sync reports it
            return
        self._purged, self._files = purged, self.store.identity()

    @contextmanager
    def _making_sizes(self) -> Iterator[None]:
        """Make smaller sizes of pictures while this process is the writer."""
        self._sizes = SizeMaker(self.store, self._storage)
        self._sizes.start()
        try:
            yield
        finally:
            self._sizes.stop()

    def _save_sizes(self) -> None:
        """Save the sizes that are ready: only this thread writes to the store."""
        if not self._sizes or not self._sizes.ready or not self._files or self.store.identity() != self._files:
            return
        try:
            save_sizes(self.store, self._storage, self._sizes.ready)
        except WriterLockLost:
            raise
        except StoreError as error:
            self._unsaved_sizes.warn(
                f"smaller sizes of pictures cannot be saved: {error} (the next sync tries it again)"
            )
        else:
            self._unsaved_sizes.clear()
            self._files, self._media = self.store.identity(), self._storage.identity()
        self._sizes.saved()

    def _handle(self, changes: Set[Path] | None, stop: Event) -> None:
        self._state.loop_ran()
        if changes is None or changes:
            self._state.changed()
        mode = self.source.mode
        self._state.note(watch_mode=mode.name, watch_reason=mode.reason, is_blind=mode.is_failure)
        wait_until_complete(changes or (), stop)
        self._changed = None if changes is None or self._changed is None else self._changed | changes
        # Always called: if the store was replaced, more files than `changes` must be read.
        is_due = self._is_due()
        if changes is None or changes or is_due:
            self._sync()
        if time.monotonic() >= self._trim_due:
            # The WAL can be truncated only when no reader uses it. A long use is logged once.
            self._trim_due = time.monotonic() + TRIM_SECONDS
            is_large = self.store.trim() > LARGE_WAL
            if is_large and not self._has_large_wal:
                log.warning(
                    "%s-wal grows, since a reader keeps an old state (end what reads it)", self.settings.store_name
                )
            self._has_large_wal = is_large

    def _is_due(self) -> bool:
        """Return whether a sync is due, or the store was deleted or replaced since the last sync.

        The WAL alone may have been replaced, and the commits of the last syncs may be lost with it.
        """
        if self._files and self.store.identity() != self._files:
            log.warning("%s was deleted or replaced: all files are read again", self.settings.store_name)
            self._changed = None
            return True
        if self._files and self._is_media_lost():
            log.warning("%s was deleted or replaced: all files are read again", self.settings.media)
            return True
        if self._files and self._lacks_media():
            # Only a sync of all files copies them again.
            self._changed = None
            return True
        if self._files and self._has_other_revision():
            return True
        # By the wall clock, which may be set forward, unlike the monotonic one.
        if self._release is not None and datetime.now(UTC) >= self._release:
            return True
        return time.monotonic() >= min(self._due, self._whole_due)

    def _has_other_revision(self) -> bool:
        """Return whether the checkout is at another revision than the store says, also where no file changed."""
        if isinstance(self.settings.store, Path) or time.monotonic() < self._revision_due:
            return False
        own = revision_of(self.source.folder)
        self._revision_due = time.monotonic() + (EDITED_SECONDS if own.has_edits else REVISION_SECONDS)
        try:
            with self.store.read() as snapshot:
                return parsed(snapshot.writer_revision()) != own
        except StoreError:  # the next sync reports it
            return False

    def _is_media_lost(self) -> bool:
        return self._media is not None and self._storage.identity() != self._media

    def _lacks_media(self) -> bool:
        """Whether files were deleted from the media folder that articles use, as far as its own time tells."""
        at = self._storage.changed_at()
        if at == self._media_changed_at:
            return False
        # As for files: within one tick of the clock, more may change without another time.
        self._media_changed_at = at if time.time_ns() - at > RACY_NS else 0
        try:
            with self.store.read() as snapshot:
                return bool(snapshot.media.missing(self._storage))
        except StoreError:  # the next sync reports it
            return False

    def _sync(self) -> None:
        now = time.monotonic()
        files, self._files = self.store.identity(), ()
        whole = now >= self._whole_due or self._is_media_lost()
        if whole:
            self._whole_due = now + self.settings.rescan_seconds
        is_partial = self._changed is not None and not whole
        # The present target of a symlink, so that one sync reads one tree.
        settings = replace(self.settings, content=self.source.folder)
        self._state.write(syncing_since=datetime.now(UTC))
        try:
            if self._is_media_lost():
                # Created before all files are read again for it.
                self._storage.prepare()
            site = load_site(settings.content, settings.base_url, settings.own_url)
        except (StoreUnavailable, ConfigError) as error:
            self._fail(_said(error), is_site_toml=isinstance(error, ConfigError))
            return
        try:
            report = sync(settings, site, self.store, datetime.now(UTC), self._options(whole=whole))
            with self.store.read() as snapshot:
                release = snapshot.schedule.next_due()
        except (FeedsvcError, OSError) as error:
            if isinstance(error, WriterLockLost):
                raise
            # OSError: the tree was deleted while it was read, for example after a symlink was switched to another one.
            self._fail(_said(error))
            return
        except Exception as error:  # the next sync may succeed, and no other process writes
            if self._fail(f"an error in feedsvc ({type(error).__name__}: {error}; please report it)"):
                log.error("the sync failed", exc_info=error)
            return
        self._files, self._media = self.store.identity(), self._storage.identity()
        if self._failure.message:
            # Otherwise the last line of the log says that nothing is written.
            log.info("syncs succeed again")
        self._failure = SyncFailure()
        self._revision_due = min(self._revision_due, time.monotonic() + EDITED_SECONDS)
        self._state.succeeded(set_aside=len(report.set_aside), refused=report.refused)
        self._log_report(report)
        self._plan(report, release)
        # The first part is the file itself. A sync of all files may open a WAL that did not exist before.
        if files != self._files if is_partial else files and files[:1] != self._files[:1]:
            # The store was deleted or replaced during the sync: the new one has only the changed files, or none.
            self._changed, self._due = None, now

    def _options(self, *, whole: bool) -> Options:
        """Return the options of the next sync."""
        return Options(
            changed=None if whole else self._changed,
            whole=whole,
            # The removal guard protects readers, which a preview does not have.
            allow_removals=bool(self.settings.drafts),
            counts_as_deleted=self._counts_as_deleted,
            is_complete=is_complete,
        )

    def _counts_as_deleted(self, path: str) -> bool:
        """Return whether a missing file was already missing GRACE_SECONDS ago."""
        first = self._missing_since.setdefault(path, time.monotonic())
        return time.monotonic() - first >= GRACE_SECONDS

    def _plan(self, report: Report, release: datetime | None) -> None:
        """Plan what comes next: smaller sizes of new pictures, and the sync that is due if nothing changes."""
        if self._sizes:
            self._sizes.look()
        self._missing_since = {path: since for path, since in self._missing_since.items() if path in report.missing}
        self._changed = {self.source.folder / path for path in (*report.pending, *report.missing)}
        now = time.monotonic()
        waits = [max(0.0, since + GRACE_SECONDS - now) for since in self._missing_since.values()]
        if report.pending:
            waits.append(SETTLE_MS / 1000)
        self._release = release
        # The marks of scheduled articles end with time alone.
        wait = (
            min(PREVIEW_SECONDS, self.settings.rescan_seconds) if self.settings.drafts else self.settings.rescan_seconds
        )
        self._due = now + min(waits, default=wait)

    def _log_report(self, report: Report) -> None:
        """Log the report of a sync with changes. A problem is logged when it is new, and every hour."""
        problems = (*map(str, report.problems), *report.to_be_removed)
        is_old = bool(problems) and time.monotonic() - self._problems_logged_at >= REPEAT_SECONDS
        if not report.is_unchanged or problems != self._problems or is_old:
            places = {str(each): {"path": each.path, "line": each.finding.line} for each in report.problems}
            for line in report.lines(() if is_old else self._problems):
                level = logging.WARNING if line in places else logging.INFO
                log.log(level, "%s", line, extra={"fields": places.get(line, {})})
        if is_old or not self._problems:
            self._problems_logged_at = time.monotonic()
        self._problems = problems

    def _fail(self, message: str, *, is_site_toml: bool = False) -> bool:
        """Schedule a full sync in RETRY_SECONDS. Return whether `message` differs from the last one and was logged."""
        self._changed, self._due, self._release = None, time.monotonic() + RETRY_SECONDS, None
        self._state.failed(message, is_site_toml=is_site_toml)
        is_new = message != self._failure.message
        if is_new:
            self._failure = SyncFailure(message)
        addition = self._failure.count(time.monotonic())
        if addition is not None:
            log.error("%s%s", message, addition)
        return is_new


def _said(error: FeedsvcError | OSError) -> str:
    """Return what is logged of an error that ends a sync. The next sync is soon."""
    if isinstance(error, OSError):
        return f"{error} (the last good state is kept)"
    return f"{error}; it is tried again" if isinstance(error, StoreUnavailable) else str(error)


class SyncFailure:
    """The reason why syncs fail. It is logged once, then every hour with the number of failures since then."""

    def __init__(self, message: str = "") -> None:
        self.message = message
        self._logged_at: float | None = None
        self._count = 0

    def count(self, now: float) -> str | None:
        """Count a failure at `now` (monotonic, in seconds). Return what to add to the message; None to log nothing."""
        self._count += 1
        if self._logged_at is not None and now - self._logged_at < REPEAT_SECONDS:
            return None
        addition = "" if self._logged_at is None else f" (again; {self._count} failures since the last message)"
        self._logged_at, self._count = now, 0
        return addition
