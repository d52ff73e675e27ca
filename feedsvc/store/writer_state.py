"""The state of the writer: a small file beside the store, see `writer_problems` for what it shows.

It is no part of the SQLite store: each write there would make every worker look for changes. Times are in UTC.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Final

from feedsvc.files import write_whole
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

FILE: Final = "writer.json"
BEAT_SECONDS: Final = 5.0
_MOST_STARTS: Final = 100
_LONGEST_ERROR: Final = 2000
# The size of the file in bytes, unless more is needed. A full disk has no byte more for a new file, but has these.
_ROOM: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterState:
    """The writer as it was at `seen_at`.

    `looked_at` is when its loop last looked for changes, `syncing_since` when the sync that runs began (None: none
    runs), `waiting_since` when the oldest change was noticed that no sync has taken in. `error` is the last sync's
    ("" when it went well), `error_count` how often in a row syncs failed. `refused` is the number of articles that the
    guard against mass removals keeps. `watch_mode` is "events" or "polling", `is_blind` says that it is polling because
    events failed. `starts` are the starts of the last hour. `ended_at` is set when the writer ended; `crash` says how,
    when it did not end in good order, and `crashed_at` when that was the last time.
    """

    pid: int
    started_at: datetime
    seen_at: datetime
    looked_at: datetime
    syncing_since: datetime | None = None
    waiting_since: datetime | None = None
    succeeded_at: datetime | None = None
    error: str = ""
    error_at: datetime | None = None
    error_count: int = 0
    set_aside: int = 0
    refused: int = 0
    watch_mode: str = "events"
    watch_reason: str = ""
    is_blind: bool = False
    site_toml_error: str = ""
    starts: tuple[datetime, ...] = ()
    ended_at: datetime | None = None
    crash: str = ""
    crashed_at: datetime | None = None

    def lag_seconds(self, now: datetime) -> float:
        """Return the seconds, at `now` (UTC), that the oldest unsynced change has waited; 0.0 if there is none."""
        return max(0.0, (now - self.waiting_since).total_seconds()) if self.waiting_since else 0.0


def state_path(store: Path) -> Path:
    """Return the path of the state file of the writer of the store at `store`, which is beside it."""
    return store.parent / FILE


def read_state(store: Path) -> WriterState | None:
    """Return what the writer last said; None where none ever ran, or its file cannot be read."""
    try:
        return _parsed(state_path(store).read_bytes())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _parsed(data: bytes) -> WriterState:
    known = {each.name for each in fields(WriterState)}
    values: dict[str, Any] = {name: value for name, value in json.loads(data).items() if name in known}
    for name, value in values.items():
        if name.endswith(("_at", "_since")) and value is not None:
            values[name] = datetime.fromisoformat(value)
    values["starts"] = tuple(map(datetime.fromisoformat, values.get("starts", ())))
    return WriterState(**values)


def note_crash(store: Path, pid: int, started_at: datetime, why: str) -> None:
    """Note that the writer with that process id ended, and not in good order; for the process that started it.

    It may have ended before it could write anything itself: then its start is noted as well. Never fails.
    """
    now = _now()
    state = read_state(store) or WriterState(pid=0, started_at=started_at, seen_at=started_at, looked_at=started_at)
    if state.pid != pid:
        starts = (*recent_starts(state.starts, now), started_at)[-_MOST_STARTS:]
        state = replace(state, pid=pid, started_at=started_at, starts=starts)
    state = replace(state, syncing_since=None, ended_at=now, crashed_at=now, crash=why[:_LONGEST_ERROR])
    try:
        store.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        _write(state_path(store), state)
    except OSError as error:
        log.warning("%s: %s (the state of the writer is not written)", state_path(store), error.strerror)


def recent_starts(starts: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """Return those of `starts` that were within an hour of `now`; all in UTC."""
    return tuple(each for each in starts if abs(now - each) < timedelta(hours=1))


def _write(path: Path, state: WriterState) -> None:
    """Write the file whole, with space for more; where the disk is full, into the space that it has. Raises OSError."""
    data = json.dumps(asdict(state), default=str, ensure_ascii=False).encode()
    try:
        write_whole(path, path.with_name(f".{FILE}.{os.getpid()}"), data.ljust(_ROOM).decode())
    except OSError:
        with path.open("r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if len(data) > size:
                raise
            # In one piece, so that readers see the old state or the new one.
            file.write(data.ljust(size))


class WriterStateFile:
    """The state file, as its writer uses it. Writing never raises and waits for nobody; a full disk is logged once."""

    def __init__(self, store: Path, now: datetime | None = None) -> None:
        self._path, self._lock, self._failed = state_path(store), Lock(), False
        now = now or _now()
        before = read_state(store)
        starts = recent_starts(before.starts, now) if before else ()
        crashed = before is not None and before.crashed_at is not None and before.crashed_at > now - timedelta(hours=1)
        self._state = WriterState(
            pid=os.getpid(),
            started_at=now,
            seen_at=now,
            looked_at=now,
            succeeded_at=before.succeeded_at if before else None,
            starts=(*starts, now)[-_MOST_STARTS:],
            crash=before.crash if before and crashed else "",
            crashed_at=before.crashed_at if before and crashed else None,
        )

    @property
    def state(self) -> WriterState:
        """The state as it was last written."""
        return self._state

    def note(self, **changes: Any) -> None:
        """Change fields of the state in memory; the next beat writes them."""
        with self._lock:
            self._state = replace(self._state, **changes)

    def write(self, **changes: Any) -> None:
        """Change fields of the state and write it: whole or not at all."""
        self.note(**changes, seen_at=_now())
        try:
            with self._lock:
                _write(self._path, self._state)
        except OSError as error:
            if not self._failed:
                log.warning("%s: %s (the state of the writer is not written)", self._path, error.strerror)
            self._failed = True
        else:
            self._failed = False

    def looked(self) -> None:
        """Note that the writer's loop goes round."""
        self.note(looked_at=_now())

    def changed(self) -> None:
        """Note that a change waits, if none does already."""
        if self._state.waiting_since is None:
            self.note(waiting_since=_now())

    def failed(self, error: str, *, is_site_toml: bool = False) -> None:
        """Note how a sync failed. Its changes wait from now on, if they did not before."""
        self.changed()
        message = error[:_LONGEST_ERROR]
        self.write(
            syncing_since=None,
            error=message,
            error_at=_now(),
            error_count=self._state.error_count + 1,
            site_toml_error=message if is_site_toml else "",
        )

    def succeeded(self, *, set_aside: int, refused: int) -> None:
        """Note that a sync took in everything that was noticed before it began."""
        self.write(
            syncing_since=None,
            waiting_since=None,
            succeeded_at=_now(),
            error="",
            error_at=None,
            error_count=0,
            site_toml_error="",
            set_aside=set_aside,
            refused=refused,
        )

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Write a sign of life every BEAT_SECONDS, also in the middle of a long sync; at the end, that it ended."""
        stop = Event()

        def beat() -> None:
            while not stop.wait(BEAT_SECONDS):
                self.write()

        thread = Thread(target=beat, name="heartbeat", daemon=True)
        self.write()
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self.write(ended_at=_now(), syncing_since=None)


def _now() -> datetime:
    return datetime.now(UTC)
