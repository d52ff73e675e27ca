"""What the time of a sync says of a file: articles/ has no clock. Pure: the time is handed in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from feedsvc.articles.metadata.visibility import says_when_over
from feedsvc.errors import Finding, Problem
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.reading import Outcome

# How far a writer's clock, or the offset of a date, may be ahead of ours.
TOLERANCE: Final = timedelta(hours=24)
# A date so far ahead is a slip more often than a plan.
FAR: Final = timedelta(days=366)


def at_time(outcomes: Iterable[Outcome], known: Mapping[str, FileRecord], now: datetime) -> list[Outcome]:
    """The outcomes as they are at `now` (UTC). `known` are the records of before, by path.

    An article that has expired publishes nothing, as a draft does, and so does one that another field holds back until
    later. One whose `updated` is in the future is set aside and tried again; a date far ahead is warned of.
    """
    return [_at(outcome, known.get(outcome.record.path), now) for outcome in outcomes]


def _at(outcome: Outcome, known: FileRecord | None, now: datetime) -> Outcome:
    if outcome.parsed is None or outcome.parsed.draft:
        return outcome
    article = outcome.parsed.article
    if article.expires is not None and article.expires <= now:
        record = replace(outcome.record, id=None)
        return replace(outcome, record=record, parsed=replace(outcome.parsed, draft=True), is_withdrawn=True)
    held = {field: at for field, at in outcome.parsed.held.items() if at > now}
    if held:
        field = max(held, key=lambda each: held[each])
        message = (
            f"is later than now, so this is a draft until then (write published: {held[field]:%Y-%m-%dT%H:%MZ} alone)"
        )
        problems = (*outcome.record.problems, _warning(outcome, field, message))
        # It is read again at each sync. One that is held back has not expired.
        record = replace(outcome.record, id=None, expires=None, retry=True, problems=problems)
        return replace(outcome, record=record, parsed=replace(outcome.parsed, draft=True), is_withdrawn=True)
    if article.updated > max(now + TOLERANCE, article.published):
        message = (
            "is in the future, so readers would show the article above all others until then "
            "(write when it was changed; the file is tried again)"
        )
        finding = Finding(line=_line(outcome, "updated"), field="updated", message=message)
        return outcome.set_aside(finding, known.id if known else None)
    if article.published > now + FAR:
        message = "is more than a year ahead (check the year; the article is released then)"
        warning = _warning(outcome, "published", message)
        # It is read again at each sync, so that the warning goes when the date is near.
        record = replace(outcome.record, problems=(*outcome.record.problems, warning), retry=True)
        return replace(outcome, record=record)
    return outcome


def expired(outcome: Outcome, now: datetime) -> Iterator[Problem]:
    """What `check` says of an article that has expired at `now` (UTC); a sync merely counts it."""
    if outcome.parsed is None or (at := outcome.parsed.article.expires) is None or at > now:
        return
    field = next((name for name in outcome.parsed.lines if says_when_over(name.rpartition(".")[2])), "expires")
    message = "is past, so the article is taken down (write a later date to publish it again, or delete the file)"
    yield Problem(path=outcome.record.path, finding=_warning(outcome, field, message))


def _warning(outcome: Outcome, field: str, message: str) -> Finding:
    return Finding(line=_line(outcome, field), field=field, message=message, severity="warning")


def _line(outcome: Outcome, field: str) -> int:
    lines = outcome.parsed.lines if outcome.parsed else {}
    return lines.get(field) or lines.get(field.partition(".")[0], 0)
