"""The state of the writer: a small file beside the store, and the problems that it shows.

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

from feedsvc.errors import printable
from feedsvc.files import write_whole
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

FILE: Final = "writer.json"
BEAT_SECONDS: Final = 5.0
# Without a sign of life for so long, the process is taken for stopped; a busy machine may delay some beats.
SILENT_SECONDS: Final = 60.0
LONG_SYNC_SECONDS: Final = 1800.0
# So many starts within the hour are no accident.
MANY_STARTS: Final = 5
_MOST_STARTS: Final = 100
_LONGEST_ERROR: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterState:
    """The writer as it was at `seen_at`.

    `looked_at` is when its loop last looked for changes, `syncing_since` when the sync that runs began (None: none
    runs), `waiting_since` when the oldest change was noticed that no sync has taken in. `error` is the last sync's
    ("" when it went well), `error_count` how often in a row syncs failed. `refused` is the number of articles that the
    guard against mass removals keeps. `watch_mode` is "events" or "polling", `is_blind` says that it is polling because
    events failed. `starts` are the starts of the last hour. `ended_at` is set when the writer ended in good order.
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

    def lag_seconds(self, now: datetime) -> float:
        """Return how long the oldest change that was noticed has waited for a sync."""
        return max(0.0, (now - self.waiting_since).total_seconds()) if self.waiting_since else 0.0


@dataclass(frozen=True, slots=True)
class WriterProblem:
    """Something that an operator should look at. `summary` names no file; `detail` may: it is not for everybody."""

    name: str
    summary: str
    detail: str = ""


def state_path(store: Path) -> Path:
    """Return where the writer of the store at `store` says how it is."""
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


def problems_of(state: WriterState | None, now: datetime) -> tuple[WriterProblem, ...]:
    """Return what is wrong with the writer at `now` (UTC); nothing where no writer ever ran."""
    return tuple(_problems(state, now)) if state is not None else ()


def _problems(state: WriterState, now: datetime) -> Iterator[WriterProblem]:
    silent = (now - state.seen_at).total_seconds()
    idle = (now - state.looked_at).total_seconds()
    if state.ended_at is not None:
        yield WriterProblem("stopped", f"the writer ended at {_shown(state.ended_at)} (start feedsvc watch)")
    elif silent > SILENT_SECONDS:
        cure = "start feedsvc watch; where it runs, it is stopped or hangs: kill it, and it is started again"
        yield WriterProblem("silent", f"the writer was last seen at {_shown(state.seen_at)} ({cure})")
    elif state.syncing_since is None and idle > SILENT_SECONDS:
        yield WriterProblem("hung", f"the writer has looked at nothing since {_shown(state.looked_at)} (restart it)")
    elif state.syncing_since is not None and (now - state.syncing_since).total_seconds() > LONG_SYNC_SECONDS:
        yield WriterProblem("slow", f"one sync has been running since {_shown(state.syncing_since)} (see its log)")
    recent = [each for each in state.starts if each > now - timedelta(hours=1)]
    if len(recent) >= MANY_STARTS:
        yield WriterProblem("restarting", f"the writer was started {len(recent)} times in the last hour (see its log)")
    if state.site_toml_error:
        summary = "site.toml cannot be used; the last good state is served (run feedsvc check)"
        yield WriterProblem("site-toml", summary, state.site_toml_error)
    elif state.error:
        count = f"{state.error_count} times in a row, last at {_shown(state.error_at or state.seen_at)}"
        yield WriterProblem("failing", f"the sync failed {count} (see the writer's log)", state.error)
    if state.refused:
        cure = "run feedsvc sync --allow-removals if they are to go"
        yield WriterProblem("refused", f"a sync would remove {state.refused} articles and removes none ({cure})")
    if state.is_blind:
        yield WriterProblem("blind", "the folder is scanned, since events fail", state.watch_reason)


def lines_of(state: WriterState | None, now: datetime, *, detailed: bool) -> Iterator[str]:
    """Yield in lines of text how the writer is; `detailed` ones name files."""
    if state is None:
        yield "writer: none has run (start feedsvc watch, or run feedsvc sync now and then)"
        return
    success = f"last success {_ago(state.succeeded_at, now)}" if state.succeeded_at else "no success yet"
    how = "scanning" if state.watch_mode == "polling" else "watching by events"
    work = f", syncing since {_shown(state.syncing_since)}" if state.syncing_since else ""
    yield (
        f"writer: last seen {_ago(state.seen_at, now)}, {success}, {how}{work}, {state.set_aside} set aside, "
        f"lag {state.lag_seconds(now):.0f} s"
    )
    for each in problems_of(state, now):
        yield f"warning: {each.summary}{f': {printable(each.detail)}' if detailed and each.detail else ''}"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{max(0.0, (now - moment).total_seconds()):.0f} s ago"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


class WriterStateFile:
    """The writer's own hold on its state. Writing it never fails and never waits: a full disk is said once."""

    def __init__(self, store: Path, now: datetime | None = None) -> None:
        self._path, self._lock, self._failed = state_path(store), Lock(), False
        now = now or _now()
        before = read_state(store)
        starts = [each for each in (before.starts if before else ()) if each > now - timedelta(hours=1)]
        self._state = WriterState(
            pid=os.getpid(),
            started_at=now,
            seen_at=now,
            looked_at=now,
            succeeded_at=before.succeeded_at if before else None,
            starts=(*starts, now)[-_MOST_STARTS:],
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
        text = json.dumps(asdict(self._state), default=str, ensure_ascii=False)
        spare = self._path.with_name(f".{FILE}.{os.getpid()}")
        try:
            with self._lock:
                write_whole(self._path, spare, text, 0o640)
        except OSError as error:
            if not self._failed:
                log.warning("%s: %s (how the writer is, nobody can see)", self._path, error.strerror)
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
        """Note how a sync failed. Whatever it should have taken in waits from now on, if it did not before."""
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
        thread = Thread(target=self._beat, args=(stop,), name="heartbeat", daemon=True)
        self.write()
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self.write(ended_at=_now(), syncing_since=None)

    def _beat(self, stop: Event) -> None:
        while not stop.wait(BEAT_SECONDS):
            self.write()


def _now() -> datetime:
    return datetime.now(UTC)
