"""The thread that sees commits come in and has what is held made anew: pollers neither ask nor wait for it.

A second thread looks after it. Where it raises or hangs, the cache stops trusting what it holds: each request asks the
store, until a refresh succeeds.
"""

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from feedsvc.errors import StoreError
from feedsvc.store.engines import CommitSignal
from feedsvc.terminal import OneWarning, logger
from feedsvc.web.cache.document_cache import DocumentCache

log = logger("feedsvc.web")

TICK_SECONDS: Final = 0.02
RETRY_SECONDS: Final = 1.0
_SERVED: Final = "the cached documents are served; it is tried again"
_READ_AGAIN: Final = "the store can be read again"
# Where commits come faster than documents can be made, polls keep most of the processor.
SHARE: Final = 0.5
# How often the refresher is looked after, and after how many looks without a sign of life it hangs. Looks are counted,
# not seconds: a process that was stopped has not looked. A refresh takes half a second and one document.
CHECK_SECONDS: Final = 1.0
MAX_STALLED_CHECKS: Final = 15


class Refresher:
    """Keeps `documents` at the last commit of the store, from `start` to `stop`. The CommitSignal tells of commits."""

    def __init__(
        self, documents: DocumentCache, commit_signal: CommitSignal, on_start: Callable[[], None] = lambda: None
    ) -> None:
        self._documents, self._commit_signal, self._on_start = documents, commit_signal, on_start
        self._stop = Event()
        self._threads: list[Thread] = []
        # Of faults of ours, and of times in which the store cannot be read.
        self._warning, self._outage = OneWarning(log), OneWarning(log)
        # Grows while the thread goes on.
        self._rounds = 0
        self._had_stalled = False

    def start(self) -> None:
        """Begin; from here on the documents are known to be right without asking. Raises RuntimeError: no thread."""
        self._on_start()
        for name, work in (("refresher", self._run), ("refresher watchdog", self._check_progress)):
            thread = Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End; from here on each request asks the store again."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            self._rounds += 1
            if self._had_stalled:
                self._had_stalled = False
                self._commit_signal.reset()
            try:
                wait = self._refresh()
            except Exception as error:
                # This thread must not end: every document of the worker would stay as it is. Until a refresh succeeds,
                # nobody knows which documents are current, so each request asks the store.
                self._documents.watched = False
                self._warn(f"cannot refresh the cached documents: {type(error).__name__}: {error}", error)
                self._commit_signal.reset()
                wait = RETRY_SECONDS
        self._documents.watched = False
        self._commit_signal.close()

    def _refresh(self) -> float:
        """Refresh the documents that the last commits changed. Return the seconds until the next look."""
        wait = TICK_SECONDS
        has_changed = self._commit_signal.has_changed()
        if self._commit_signal.problem:
            self._outage.warn(f"{self._commit_signal.problem} ({_SERVED})")
        if has_changed:
            if self._commit_signal.is_other_store:
                self._documents.mark_all_outdated()
            begun = time.monotonic()
            try:
                self._documents.refresh()
            except StoreError as error:
                # The store cannot say anything newer to anybody, so the cached documents are served.
                self._documents.problem = f"{error} ({_SERVED})"
                self._outage.warn(self._documents.problem)
                # Connected again: it may be another file, or have lost its write-ahead log.
                self._commit_signal.close()
                wait = RETRY_SECONDS
            else:
                self._documents.problem = ""
                self._warning.clear()
                self._outage.clear(_READ_AGAIN)
                self._documents.current_at = begun
                wait = max(TICK_SECONDS, (time.monotonic() - begun) / SHARE)
        elif self._warning.has_warned and not self._documents.watched:
            return wait  # There is no store to look at, and the refresh that failed is still to be done.
        elif self._commit_signal.is_connected and not self._documents.problem:
            self._documents.current_at = time.monotonic()
            self._outage.clear(_READ_AGAIN)
        self._documents.watched = True
        return wait

    def _check_progress(self) -> None:
        """Count the looks in which the refresher did not go on; do not trust the cache where they are too many."""
        seen, stalled = -1, 0
        while not self._stop.wait(CHECK_SECONDS):
            rounds = self._rounds
            stalled = stalled + 1 if rounds == seen else 0
            seen = rounds
            if stalled >= MAX_STALLED_CHECKS:
                self._documents.watched = False
                self._warn("the refresh of the cached documents hangs (look at the disk of the store)")
                # Last, so that a refresher that goes on just now trusts the cache only after another refresh.
                self._had_stalled = True

    def _warn(self, message: str, error: Exception | None = None) -> None:
        """Log a failure once, with the traceback of an unforeseen `error`, until a refresh succeeds."""
        self._warning.warn(message, error)
        self._documents.problem = message
