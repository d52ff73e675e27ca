"""The state of the writer, which its engine keeps beside the articles; see `writer_problems` for what it shows.

Times are in UTC.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from socket import gethostname
from threading import Event, Lock, Thread
from typing import Any, Final, get_type_hints

from feedsvc.errors import StoreUnavailable, WriterLockLost
from feedsvc.store.engines import StoreEngine
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

HEARTBEAT_SECONDS: Final = 5.0
_MAX_STARTS: Final = 100
_MAX_ERROR_LENGTH: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterState:
    """The writer as it was at `seen_at`.

    `looked_at` is when its loop last looked for changes, `syncing_since` when the sync that runs began (None: none
    runs), `waiting_since` when the oldest change was noticed that no sync has taken in. `error` is the last sync's
    ("" when it went well), `error_count` how often in a row syncs failed. `refused` is the number of articles that the
    guard against mass removals keeps. `watch_mode` is "events" or "polling", `is_blind` says that it is polling because
    events failed. `starts` are the starts of the last hour. `ended_at` is set when the writer ended; `crash` says how,
    when it did not end in good order, and `crashed_at` when that was the last time. `host` is the name of its machine.
    `standby` is why a standby does not take over after it; "" if none tried. `command` is the command that started it,
    "serve" or "watch"; "" if it is not known.
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
    purge_error: str = ""
    starts: tuple[datetime, ...] = ()
    ended_at: datetime | None = None
    crash: str = ""
    crashed_at: datetime | None = None
    host: str = ""
    standby: str = ""
    command: str = ""

    @property
    def is_here(self) -> bool:
        """Whether the writer runs on this machine, as one of an earlier version does, which did not say where."""
        return self.host in ("", gethostname())

    def lag_seconds(self, now: datetime) -> float:
        """Return the seconds, at `now` (UTC), that the oldest unsynced change has waited; 0.0 if there is none."""
        return max(0.0, (now - self.waiting_since).total_seconds()) if self.waiting_since else 0.0


def read_state(engine: StoreEngine) -> WriterState | None:
    """Return what the writer last said; None where none ever ran, or its state cannot be read."""
    data = engine.read_writer_state()
    if data is None:
        return None
    types = get_type_hints(WriterState)
    try:
        found = json.loads(data).items()
        return WriterState(**{name: _field(value, types[name]) for name, value in found if name in types})
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _field(value: Any, wanted: object) -> Any:
    """Return the value of a field from JSON. Raises ValueError, TypeError or OverflowError if it has another type."""
    if wanted == tuple[datetime, ...] and isinstance(value, list):
        return tuple(_field(each, datetime) for each in value)
    if wanted == datetime | None:
        return None if value is None else _field(value, datetime)
    if wanted is datetime:
        moment = datetime.fromisoformat(value)
        # Without an offset it cannot be compared with the present time.
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    # Not isinstance: true is no number.
    if type(value) is not wanted:
        raise TypeError
    return value


def note_crash(engine: StoreEngine, pid: int, started_at: datetime, why: str) -> None:
    """Note that the writer with that process id of this machine ended, and not in good order.

    The process that started it calls this, which is `feedsvc serve`.
    It may have ended before it could write anything itself: then its start is noted as well. Never fails.
    """
    now = _now()
    state = read_state(engine) or WriterState(pid=0, started_at=started_at, seen_at=started_at, looked_at=started_at)
    if state.pid != pid or not state.is_here:
        starts = (*recent_starts(state.starts, now), started_at)[-_MAX_STARTS:]
        state = replace(state, pid=pid, host=gethostname(), started_at=started_at, starts=starts)
    crash = why[:_MAX_ERROR_LENGTH]
    state = replace(state, syncing_since=None, ended_at=now, crashed_at=now, crash=crash, command="serve")
    try:
        engine.write_writer_state(_encoded(state), create=True)
    except StoreUnavailable as error:
        log.warning("%s (the state of the writer is not written)", error)


def note_standby(engine: StoreEngine, why: str) -> None:
    """Note in the state of the last writer why this process does not take over after it. Never fails."""
    state = read_state(engine)
    said = f"{gethostname()}: {why}"[:_MAX_ERROR_LENGTH]
    if state is not None and state.standby != said:
        with suppress(StoreUnavailable):
            engine.write_writer_state(_encoded(replace(state, standby=said)))


def recent_starts(starts: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """Return those of `starts` that were within an hour of `now`; all in UTC."""
    return tuple(each for each in starts if abs(now - each) < timedelta(hours=1))


def _encoded(state: WriterState) -> bytes:
    return json.dumps(asdict(state), default=str, ensure_ascii=False).encode("utf-8", "backslashreplace")


class WriterStateRecord:
    """The state as its writer keeps it. Writing never raises, waits for no transaction, and logs a failure once."""

    def __init__(self, engine: StoreEngine, now: datetime | None = None, command: str = "") -> None:
        # Writing may wait for a database, and the loop of the writer must not wait for that to note something.
        self._engine, self._lock, self._writing, self._failed = engine, Lock(), Lock(), False
        now = now or _now()
        before = read_state(engine)
        # Where a standby takes over, nothing was started again.
        starts = recent_starts(before.starts, now) if before and before.is_here else ()
        crashed = before is not None and before.crashed_at is not None and before.crashed_at > now - timedelta(hours=1)
        self._state = WriterState(
            pid=os.getpid(),
            host=gethostname(),
            started_at=now,
            seen_at=now,
            looked_at=now,
            succeeded_at=before.succeeded_at if before else None,
            starts=(*starts, now)[-_MAX_STARTS:],
            crash=before.crash if before and crashed else "",
            crashed_at=before.crashed_at if before and crashed else None,
            command=command,
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
            with self._writing:
                self._engine.write_writer_state(_encoded(self._state))
        except StoreUnavailable as error:
            if not self._failed:
                log.warning("%s (the state of the writer is not written)", error)
            self._failed = True
        else:
            self._failed = False

    def loop_ran(self) -> None:
        """Note that the writer's loop goes round."""
        self.note(looked_at=_now())

    def changed(self) -> None:
        """Note that a change waits, if none does already."""
        if self._state.waiting_since is None:
            self.note(waiting_since=_now())

    def failed(self, error: str, *, is_site_toml: bool = False) -> None:
        """Note how a sync failed. Its changes wait from now on, if they did not before."""
        self.changed()
        message = error[:_MAX_ERROR_LENGTH]
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
    def heartbeat(self) -> Iterator[None]:
        """Write the state every HEARTBEAT_SECONDS, also during a long sync; at the end, that the writer ended.

        Nothing is written at the end if the block raises WriterLockLost, since the state may be another writer's.
        """
        stop = Event()

        def beat() -> None:
            while not stop.wait(HEARTBEAT_SECONDS):
                self.write()

        thread = Thread(target=beat, name="heartbeat", daemon=True)
        self.write()
        thread.start()
        is_mine = True
        try:
            yield
        except WriterLockLost:
            is_mine = False
            raise
        finally:
            stop.set()
            thread.join()
            if is_mine:
                self.write(ended_at=_now(), syncing_since=None)


def _now() -> datetime:
    return datetime.now(UTC)
