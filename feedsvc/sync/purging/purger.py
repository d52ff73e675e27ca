"""Purge what commits changed: beside the writer in a thread of its own, or once after a command.

A commit is purged some seconds after it, when the web nodes have it, and once more later: a node that lagged, or a
response that was under way, may have put an earlier state into the CDN meanwhile. Commits that come in between are
purged together. The store keeps which commit was purged last, so that nothing is lost at a restart.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final

from feedsvc.config import Settings
from feedsvc.errors import StoreError
from feedsvc.store import Store, Version
from feedsvc.sync.purging.targets import Purge, PurgeFailed, purge_of
from feedsvc.terminal import OneWarning, logger

log = logger("feedsvc.purge")

LOOK_SECONDS: Final = 0.1
# The time from the first purge of a commit to the last one: no web node lags more, in general.
AGAIN_SECONDS: Final = 15.0
# The bounds of the wait after a purge that failed; each is twice as long as the one before.
RETRY_SECONDS: Final = 1.0
MAX_RETRY_SECONDS: Final = 300.0
# How long the end of a writer waits for a purge that is under way.
STOP_SECONDS: Final = 2.0


class Purger:
    """Purges with `purge` what commits in `store` change, from `start` to `stop`. No method waits for the network.

    `seconds` is the time from a commit to its first purge. `say` is called with the problem when purging fails, and
    with "" when it succeeds again. `purged` is the last version all of whose purges were done; who has the right to
    write to the store saves it there.
    """

    def __init__(
        self, store: Store, purge: Purge, seconds: float, say: Callable[[str], None], again: float = AGAIN_SECONDS
    ) -> None:
        self._store, self._purge, self._seconds, self._say, self._again = store, purge, seconds, say, again
        self._signal = store.commit_signal()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="purger", daemon=True)
        self._warning = OneWarning(log)
        self.purged: Version | None = None
        # The versions that were purged once, each with the time (monotonic) from which another purge is the last one.
        self._once: list[tuple[float, Version]] = []
        self._due: float | None = None
        self._retry = RETRY_SECONDS

    def start(self) -> None:
        """Begin with the commits that were not purged before the last end."""
        self._thread.start()

    def stop(self) -> None:
        """End soon. What is not purged yet is purged after the next start."""
        self._stop.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        is_known = False
        while not self._stop.wait(LOOK_SECONDS):
            try:
                has_changed = self._signal.has_changed()
                if not is_known:
                    with self._store.read() as snapshot:
                        self.purged, is_known = snapshot.purged_version(), True
                elif has_changed and self._signal.is_other_store:
                    # Two histories of one store have the same numbers.
                    self.purged, self._once = None, []
                if has_changed and self._due is None:
                    self._due = time.monotonic() + self._seconds
                if self._due is not None and time.monotonic() >= self._due:
                    self._purge_all()
            except PurgeFailed as error:
                self._fail(str(error), error.wait_seconds)
            except StoreError:
                # The writer reports it.
                self._due = time.monotonic() + RETRY_SECONDS
            except Exception as error:  # the thread must not end: nothing would be purged any more
                log.exception("cannot purge")
                self._fail(f"an error in feedsvc ({type(error).__name__}: {error}; please report it)")
        self._signal.close()

    def _purge_all(self) -> None:
        """Purge everything that commits after `purged` may have changed, and plan the next purge."""
        with self._store.read() as snapshot:
            now, keys = snapshot.version(), snapshot.surrogate_keys_since(self.purged)
        # Before it: a purge that takes long is not the last one of a commit for which it began too early.
        begun = time.monotonic()
        if keys:
            self._purge(keys)
        if self._warning.has_warned:
            log.info("purges succeed again")
        self._warning.clear()
        self._say("")
        self._retry = RETRY_SECONDS
        for due, version in self._once:
            if due <= begun:
                self.purged = version
        self._once = [each for each in self._once if each[0] > begun]
        if now != self.purged and all(version != now for _, version in self._once):
            self._once.append((time.monotonic() + self._again, now))
        self._due = self._once[0][0] if self._once else None

    def _fail(self, message: str, wait_seconds: float = 0) -> None:
        """Report a failure once, and plan the next attempt."""
        self._warning.warn(
            f"{message}; readers may get earlier responses from the CDN (feedsvc purge tries it at once)"
        )
        self._say(message)
        self._due = time.monotonic() + min(MAX_RETRY_SECONDS, max(self._retry, wait_seconds))
        self._retry = min(MAX_RETRY_SECONDS, 2 * self._retry)


def save_purged(store: Store, version: Version) -> None:
    """Save that everything up to `version` is purged. Readers see no commit. Raises StoreError."""
    with store.write(datetime.now(UTC)) as commit:
        commit.site.note_purged(version)


def purge_since(store: Store, purge: Purge, version: Version | None) -> int:
    """Purge what may have changed after `version`, and save that if nothing before it waits. Return the number of keys.

    Raises PurgeFailed and StoreError.
    """
    with store.read() as snapshot:
        now, keys, purged = snapshot.version(), snapshot.surrogate_keys_since(version), snapshot.purged_version()
    if keys:
        purge(keys)
        if version is None or version == purged:
            save_purged(store, now)
    return len(keys)


def purge_after(settings: Settings, store: Store) -> None:
    """Purge what a command just committed, unless a writer runs, which does so. It never fails: the log says why."""
    purge = purge_of(settings)
    try:
        if purge is None or store.is_written():
            return
        with store.read() as snapshot:
            purged = snapshot.purged_version()
            if not snapshot.surrogate_keys_since(purged):
                return
        # Until the web nodes have the commit.
        time.sleep(settings.purge_seconds)
        purge_since(store, purge, purged)
    except (PurgeFailed, StoreError) as error:
        log.warning("%s (the next sync purges it, or feedsvc purge)", error)
