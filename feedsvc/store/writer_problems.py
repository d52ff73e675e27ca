"""The problems that the state of the writer shows, with their remedies, and lines of text. Times are in UTC."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedsvc.errors import StorageUnavailable, printable
from feedsvc.media.storage import MediaStorage
from feedsvc.store.snapshot.media import Media
from feedsvc.store.writer_state import WriterState, recent_starts

# Without a sign of life for this time, the process counts as stopped. A busy machine may delay some beats.
SILENT_SECONDS: Final = 60.0
LONG_SYNC_SECONDS: Final = 1800.0
# This number of starts within an hour is a problem.
MANY_STARTS: Final = 5
_READABLE: Final = "let its user, or its group, read the folder and its files"
_ANY_COMMAND: Final = "feedsvc serve or feedsvc watch"


@dataclass(frozen=True, slots=True)
class WriterProblem:
    """A problem for an operator. `summary` names no file; `detail` may, so only those with the token see it."""

    name: str
    summary: str
    detail: str = ""


def problems_of(state: WriterState | None, now: datetime) -> tuple[WriterProblem, ...]:
    """Return the problems of the writer at `now` (UTC); none if no writer ever ran."""
    return tuple(_problems(state, now)) if state is not None else ()


def _problems(state: WriterState, now: datetime) -> Iterator[WriterProblem]:
    # A time to come is one from before the clock was set back: a writer that runs has written another since.
    silent = abs((now - state.seen_at).total_seconds())
    idle = (now - state.looked_at).total_seconds()
    recent = recent_starts(state.starts, now)
    start = f"start feedsvc {state.command}" if state.command in ("serve", "watch") else f"start {_ANY_COMMAND}"
    if state.ended_at is not None and state.ended_at == state.crashed_at:
        said = f"the writer failed at {_shown(state.ended_at)} and does not run (remove the cause, {start})"
        yield WriterProblem("crashed", said, state.crash)
    elif state.ended_at is not None:
        yield WriterProblem("stopped", f"the writer ended at {_shown(state.ended_at)} ({start})")
    elif silent > SILENT_SECONDS:
        cure = (
            f"{start}; where it runs, it cannot save its state, as its log says, or it is stopped or hangs: "
            "kill it, and it is started again"
        )
        yield WriterProblem("silent", f"the writer was last seen at {_shown(state.seen_at)} ({cure})")
    elif state.syncing_since is None and idle > SILENT_SECONDS:
        yield WriterProblem("hung", f"the writer has looked at nothing since {_shown(state.looked_at)} (restart it)")
    elif state.syncing_since is not None and (now - state.syncing_since).total_seconds() > LONG_SYNC_SECONDS:
        yield WriterProblem("slow", f"one sync has been running since {_shown(state.syncing_since)} (see its log)")
    if state.standby:
        cure = "its log and feedsvc status say what to do"
        yield WriterProblem("standby", f"a standby does not take over ({cure})", state.standby)
    if len(recent) >= MANY_STARTS:
        said = f"the writer was started {len(recent)} times in the last hour (see its log)"
        yield WriterProblem("restarting", said, state.crash)
    if state.site_toml_error:
        summary = "site.toml cannot be used; the last good state is served (run feedsvc check)"
        yield WriterProblem("site-toml", summary, state.site_toml_error)
    elif state.error:
        count = f"{state.error_count} times in a row, last at {_shown(state.error_at or state.seen_at)}"
        yield WriterProblem("failing", f"the sync failed {count} (see the writer's log)", state.error)
    if state.refused:
        cure = "run feedsvc sync --allow-removals if they are to go, or --new-publication if content/ is of another one"
        yield WriterProblem("refused", f"a sync would remove {state.refused} articles and removes none ({cure})")
    if state.purge_error:
        summary = "what changed is not purged from the CDN, which may send earlier responses (run feedsvc purge)"
        yield WriterProblem("purging", summary, state.purge_error)
    if state.is_blind:
        yield WriterProblem("blind", "the folder is scanned, since events fail", state.watch_reason)


def media_problems(media: Media, storage: MediaStorage) -> tuple[WriterProblem, ...]:
    """Return the problems that the storage lacks files of articles, and that this process may not read some."""
    try:
        missing, unreadable = media.missing(storage), media.unreadable(storage)
    except StorageUnavailable as error:
        return (_unusable(storage, str(error)),)
    place, found = "object storage" if storage.is_remote else "media folder", []
    if missing:
        said = f"files of articles are missing from the {place} or damaged: {len(missing)}"
        found.append(WriterProblem("media", f"{said} (feedsvc sync makes them again)", min(missing)))
    if unreadable:
        said = f"files of articles in the {place} may not be read by this process: {len(unreadable)}"
        found.append(WriterProblem("media-unreadable", f"{said} ({_READABLE})", min(unreadable)))
    return tuple(found)


def storage_problems(storage: MediaStorage) -> tuple[WriterProblem, ...]:
    """Return the problem that this process could not use the storage at last; none if it could, or did not try."""
    return (_unusable(storage, storage.problem),) if storage.problem else ()


def _unusable(storage: MediaStorage, why: str) -> WriterProblem:
    """Return the problem that nobody knows what the storage lacks."""
    said = "the object storage with the files of articles cannot be used (see the log of this process)"
    if not storage.is_remote:
        said = f"the media folder cannot be read by this process ({_READABLE})"
    return WriterProblem("media-unreadable", said, why)


def lines_of(state: WriterState | None, now: datetime, *, detailed: bool) -> Iterator[str]:
    """Yield the state of the writer as lines of text. Only `detailed` lines name files."""
    if state is None:
        yield f"writer: none has run (start {_ANY_COMMAND}, or run feedsvc sync now and then)"
        return
    success = f"last success {_ago(state.succeeded_at, now)}" if state.succeeded_at else "no success yet"
    how = "scanning" if state.watch_mode == "polling" else "watching by events"
    work = f", syncing since {_shown(state.syncing_since)}" if state.syncing_since else ""
    where = f" on {printable(state.host)}" if detailed and not state.is_here else ""
    yield (
        f"writer: last seen {_ago(state.seen_at, now)}{where}, {success}, {how}{work}, {state.set_aside} set aside, "
        f"lag {state.lag_seconds(now):.0f} s"
    )
    yield from warnings_of(problems_of(state, now), detailed=detailed)


def warnings_of(problems: Iterable[WriterProblem], *, detailed: bool) -> Iterator[str]:
    """Yield a line for each problem. Only `detailed` lines name files."""
    for each in problems:
        yield f"warning: {each.summary}{f': {printable(each.detail)}' if detailed and each.detail else ''}"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{max(0.0, (now - moment).total_seconds()):.0f} s ago"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
