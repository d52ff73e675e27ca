"""The problems that the state of the writer shows, with their remedies, and lines of text. Times are in UTC."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedsvc.errors import StorageUnavailable, printable
from feedsvc.media.storage import MediaStorage
from feedsvc.store.snapshot.media import Media
from feedsvc.store.writer_state import WriterState, recent_starts
from feedsvc.text import Message, message

# Without a sign of life for this time, the process counts as stopped. A busy machine may delay some beats.
SILENT_SECONDS: Final = 60.0
LONG_SYNC_SECONDS: Final = 1800.0
# This number of starts within an hour is a problem.
MANY_STARTS: Final = 5
_READABLE: Final = message("let its user, or its group, read the folder and its files")


@dataclass(frozen=True, slots=True)
class WriterProblem:
    """A problem for an operator. `summary` names no file; `detail` may, so only those with the token see it."""

    name: str
    summary: Message
    detail: str = ""


def problems_of(state: WriterState | None, now: datetime) -> tuple[WriterProblem, ...]:
    """Return the problems of the writer at `now` (UTC); none if no writer ever ran."""
    return tuple(_problems(state, now)) if state is not None else ()


def _problems(state: WriterState, now: datetime) -> Iterator[WriterProblem]:
    # A time to come is one from before the clock was set back: a writer that runs has written another since.
    silent = abs((now - state.seen_at).total_seconds())
    idle = (now - state.looked_at).total_seconds()
    recent = recent_starts(state.starts, now)
    start = _start(state.command)
    if state.ended_at is not None and state.ended_at == state.crashed_at:
        said = message(
            "the writer failed at %(time)s and does not run (remove the cause, %(start)s)",
            time=_shown(state.ended_at),
            start=start,
        )
        yield WriterProblem("crashed", said, state.crash)
    elif state.ended_at is not None:
        said = message("the writer ended at %(time)s (%(start)s)", time=_shown(state.ended_at), start=start)
        yield WriterProblem("stopped", said)
    elif silent > SILENT_SECONDS:
        said = message(
            "the writer was last seen at %(time)s (%(start)s; where it runs, it cannot save its state, as its log "
            "says, or it is stopped or hangs: kill it, and it is started again)",
            time=_shown(state.seen_at),
            start=start,
        )
        yield WriterProblem("silent", said)
    elif state.syncing_since is None and idle > SILENT_SECONDS:
        looked = _shown(state.looked_at)
        said = message("the writer has looked at nothing since %(time)s (restart it)", time=looked)
        yield WriterProblem("hung", said)
    elif state.syncing_since is not None and (now - state.syncing_since).total_seconds() > LONG_SYNC_SECONDS:
        since = _shown(state.syncing_since)
        yield WriterProblem("slow", message("one sync has been running since %(time)s (see its log)", time=since))
    if state.standby:
        said = message("a standby does not take over (its log and feedsvc status say what to do)")
        yield WriterProblem("standby", said, state.standby)
    if len(recent) >= MANY_STARTS:
        said = message("the writer was started %(number)s times in the last hour (see its log)", number=len(recent))
        yield WriterProblem("restarting", said, state.crash)
    yield from _problems_of_syncs(state)


def _problems_of_syncs(state: WriterState) -> Iterator[WriterProblem]:
    if state.site_toml_error:
        said = message("site.toml cannot be used; the last good state is served (run feedsvc check)")
        yield WriterProblem("site-toml", said, state.site_toml_error)
    elif state.error:
        said = message(
            "the sync failed %(number)s times in a row, last at %(time)s (see the writer's log)",
            number=state.error_count,
            time=_shown(state.error_at or state.seen_at),
        )
        yield WriterProblem("failing", said, state.error)
    if state.refused:
        said = message(
            "a sync would remove %(number)s articles and removes none (run feedsvc sync --allow-removals if they are "
            "to go, or --new-publication if content/ is of another one)",
            number=state.refused,
        )
        yield WriterProblem("refused", said)
    if state.purge_error:
        said = message("what changed is not purged from the CDN, which may send earlier responses (run feedsvc purge)")
        yield WriterProblem("purging", said, state.purge_error)
    if state.is_blind:
        yield WriterProblem("blind", message("the folder is scanned, since events fail"), state.watch_reason)


def _start(command: str) -> Message:
    """Return what starts a writer: the command that did, where it is known."""
    if command in ("serve", "watch"):
        return message("start feedsvc %(command)s", command=command)
    return message("start feedsvc serve or feedsvc watch")


def media_problems(media: Media, storage: MediaStorage) -> tuple[WriterProblem, ...]:
    """Return the problems that the storage lacks files of articles, and that this process may not read some."""
    try:
        missing, unreadable = media.missing(storage), media.unreadable(storage)
    except StorageUnavailable as error:
        return (_unusable(storage, str(error)),)
    place, found = message("object storage") if storage.is_remote else message("media folder"), []
    if missing:
        said = message(
            "files of articles are missing from the %(place)s or damaged: %(number)s (feedsvc sync makes them again)",
            place=place,
            number=len(missing),
        )
        found.append(WriterProblem("media", said, min(missing)))
    if unreadable:
        said = message(
            "files of articles in the %(place)s may not be read by this process: %(number)s (%(cure)s)",
            place=place,
            number=len(unreadable),
            cure=_READABLE,
        )
        found.append(WriterProblem("media-unreadable", said, min(unreadable)))
    return tuple(found)


def storage_problems(storage: MediaStorage) -> tuple[WriterProblem, ...]:
    """Return the problem that this process could not use the storage at last; none if it could, or did not try."""
    return (_unusable(storage, storage.problem),) if storage.problem else ()


def _unusable(storage: MediaStorage, why: str) -> WriterProblem:
    """Return the problem that nobody knows what the storage lacks."""
    said = message("the object storage with the files of articles cannot be used (see the log of this process)")
    if not storage.is_remote:
        said = message("the media folder cannot be read by this process (%(cure)s)", cure=_READABLE)
    return WriterProblem("media-unreadable", said, why)


def lines_of(state: WriterState | None, now: datetime, *, detailed: bool) -> Iterator[Message]:
    """Yield the state of the writer as lines of text. Only `detailed` lines name files."""
    if state is None:
        yield message("writer: none has run (%(start)s, or run feedsvc sync now and then)", start=_start(""))
        return
    seen, succeeded, since = _ago(state.seen_at, now), state.succeeded_at, state.syncing_since
    yield message(
        "writer: last seen %(ago)s%(where)s, %(success)s, %(how)s%(work)s, %(number)s set aside, lag %(lag)s s",
        ago=seen,
        where=message(" on %(host)s", host=printable(state.host)) if detailed and not state.is_here else "",
        success=message("last success %(ago)s", ago=_ago(succeeded, now)) if succeeded else message("no success yet"),
        how=message("scanning") if state.watch_mode == "polling" else message("watching by events"),
        work=message(", syncing since %(time)s", time=_shown(since)) if since else "",
        number=state.set_aside,
        lag=f"{state.lag_seconds(now):.0f}",
    )
    yield from warnings_of(problems_of(state, now), detailed=detailed)


def warnings_of(problems: Iterable[WriterProblem], *, detailed: bool) -> Iterator[Message]:
    """Yield a line for each problem. Only `detailed` lines name files."""
    for each in problems:
        if detailed and each.detail:
            detail = printable(each.detail)
            yield message("warning: %(problem)s: %(detail)s", problem=each.summary, detail=detail)
        else:
            yield message("warning: %(problem)s", problem=each.summary)


def _ago(moment: datetime, now: datetime) -> Message:
    return message("%(seconds)s s ago", seconds=f"{max(0.0, (now - moment).total_seconds()):.0f}")


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
