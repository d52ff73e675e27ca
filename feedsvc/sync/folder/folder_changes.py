"""Detect changes below the content folder: by file system events, or by scans where there are no events."""

import os
import time
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final, Literal

from watchfiles import Change, watch

from feedsvc.errors import printable
from feedsvc.files import FileId, file_id
from feedsvc.sync.folder.debounce import STEP_MS
from feedsvc.sync.folder.file_systems import Mounts, mounts_of
from feedsvc.sync.folder.folder_scan import FolderScan
from feedsvc.sync.folder.walk import is_skipped
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

TICK_MS: Final = 200
# After events failed, the folder is scanned for this long before events are tried again.
EVENTS_AGAIN_SECONDS: Final = 60.0
# The kernel silently drops events if very many occur at once: after this many, any path may have changed.
MAX_BURST: Final = 1000
# The pause after a scan, as a multiple of its duration: scans take at most a tenth of the time with any setting.
REST_FACTOR: Final = 9
REMIND_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class WatchMode:
    """How changes are detected: immediately by "events", or within FEEDSVC_POLL_SECONDS by "polling".

    `reason` is why events are not used, or "". `is_failure` says that events were requested and failed.
    """

    name: Literal["events", "polling"]
    reason: str = ""
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """The location of the content folder. If it changes, the tree is another one, which is not watched yet.

    `root` is the real path. `folders` has the device and inode of the folder and of `articles` in it.
    """

    root: Path
    folders: tuple[FileId | None, ...]
    mounts: Mounts

    @classmethod
    def of(cls, content: Path) -> "_Place":
        root = os.path.realpath(content)
        return cls(Path(root), (file_id(root), file_id(os.path.join(root, "articles"))), mounts_of(root))


class FolderChanges:
    """Detects changes below `content`, also if another folder replaces it.

    `wanted` is "auto", "events" or "poll". `folder` is the folder that `content` names at present: `content` itself, or
    its real path if it contains a symlink. A sync that uses this path reads one tree even if the symlink changes.
    """

    def __init__(self, content: Path, wanted: str = "auto", poll_seconds: int = 5) -> None:
        self._content, self._wanted, self._poll_seconds = content, wanted, poll_seconds
        self.mode = WatchMode("events")
        self._failure, self._failed_at = "", -EVENTS_AGAIN_SECONDS
        self._reminded_at = 0.0
        self._place = _Place.of(content)

    @property
    def folder(self) -> Path:
        root = self._place.root
        return self._content if root == Path(os.path.abspath(self._content)) else root

    def until(self, stop: Event) -> Iterator[Set[Path] | None]:
        """Yield the paths that changed, or None if any path may have changed; at least every TICK_MS milliseconds."""
        while not stop.is_set():
            self._place = _Place.of(self._content)
            if self._place.folders[0] is None:
                changed: Set[Path] | None = None
                while not stop.is_set() and not self._is_elsewhere():
                    yield changed
                    changed = set()
                    stop.wait(TICK_MS / 1000)
                continue
            reason = self._why_not_events()
            if reason:
                self._set_mode(WatchMode("polling", reason, is_failure=reason == self._failure))
            yield from self._scans(stop) if reason else self._events(stop)

    def _why_not_events(self) -> str:
        if self._wanted == "poll":
            return "FEEDSVC_WATCH is poll"
        if self._wanted == "auto" and self._place.mounts.remote:
            return f"{self._place.mounts.remote} reports no changes that other machines make"
        return self._failure if time.monotonic() - self._failed_at < EVENTS_AGAIN_SECONDS else ""

    def _is_elsewhere(self) -> bool:
        return _Place.of(self._content) != self._place

    def _events(self, stop: Event) -> Iterator[Set[Path] | None]:
        """Yield changes by events until the folder is replaced or events fail."""
        is_first = True
        try:
            for found in watch(
                self._place.root,
                # The filter of watchfiles ignores everything below a folder such as .git, even one above `root`.
                watch_filter=None,
                stop_event=stop,
                step=STEP_MS,
                debounce=1600,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                force_polling=False,
                # True would also hide that no inotify watch is left. Scans skip a folder that may not be read.
                ignore_permission_denied=False,
            ):
                if self._is_elsewhere():
                    return
                if is_first:
                    self._set_mode(WatchMode("events"))
                yield None if is_first or len(found) > MAX_BURST else self._named(path for _, path in found)
                is_first = False
                # The permissions of a folder changed: only a new watcher watches its content.
                if any(change is Change.modified and os.path.isdir(path) for change, path in found):
                    return
        # RuntimeError: no inotify instance left, or a name that is not UTF-8. OSError: no watch left, or the folder
        # was deleted meanwhile.
        except (OSError, RuntimeError) as error:
            self._failure, self._failed_at = f"watching failed: {printable(str(error))}", time.monotonic()

    def _scans(self, stop: Event) -> Iterator[Set[Path] | None]:
        """Yield changes by scans until the folder is replaced or events may be tried again."""
        begun = time.monotonic()
        scan = FolderScan(self._place.root)
        due = self._next_scan(begun)
        yield None
        while not stop.wait(min(TICK_MS / 1000, self._poll_seconds)):
            if self._is_elsewhere() or not self._why_not_events():
                return
            self._remind()
            begun = time.monotonic()
            if begun < due:
                yield set()
                continue
            changed = scan.changed()
            due = self._next_scan(begun)
            yield self._named(map(str, changed)) if len(changed) <= MAX_BURST else None

    def _next_scan(self, begun: float) -> float:
        now = time.monotonic()
        return max(begun + self._poll_seconds, now + REST_FACTOR * (now - begun))

    def _named(self, paths: Iterator[str]) -> Set[Path] | None:
        """Return the paths with `folder` for its real path, without hidden ones; None after a burst of events."""
        root, folder = self._place.root, self.folder
        try:
            inside = [Path(path).relative_to(root) for path in paths]
        except ValueError:
            return None
        return {folder / path for path in inside if not any(map(is_skipped, path.parts))}

    def _set_mode(self, mode: WatchMode) -> None:
        if mode != self.mode:
            self.mode, self._reminded_at = mode, time.monotonic() - REMIND_SECONDS
            if mode.name == "events":
                log.info("%s is watched by events again", self._content)
        self._remind()

    def _remind(self) -> None:
        """Log that the folder is scanned, at most once an hour."""
        if self.mode.reason and time.monotonic() - self._reminded_at >= REMIND_SECONDS:
            self._reminded_at = time.monotonic()
            log.warning(
                "%s is scanned for changes every %d s, not watched: %s",
                self._content,
                self._poll_seconds,
                self.mode.reason,
            )
