"""What the time of a sync says of a file: articles/ has no clock. Pure: the time is handed in."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from feedsvc.errors import Finding
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.reading import Outcome

# How far a writer's clock, or the offset of a date, may be ahead of ours.
TOLERANCE: Final = timedelta(hours=24)
# A date so far ahead is a slip more often than a plan.
FAR: Final = timedelta(days=366)


def at_time(outcomes: Iterable[Outcome], known: Mapping[str, FileRecord], now: datetime) -> list[Outcome]:
    """The outcomes as they are at `now` (UTC). `known` are the records of before, by path.

    An article that has expired publishes nothing, as a draft does. One whose `updated` is in the future is set aside
    and tried again; a date far ahead is warned of.
    """
    return [_at(outcome, known.get(outcome.record.path), now) for outcome in outcomes]


def _at(outcome: Outcome, known: FileRecord | None, now: datetime) -> Outcome:
    if outcome.parsed is None or outcome.parsed.draft:
        return outcome
    article = outcome.parsed.article
    if article.expires is not None and article.expires <= now:
        record = replace(outcome.record, id=None)
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
        warning = Finding(line=_line(outcome, "published"), field="published", message=message, severity="warning")
        # It is read again at each sync, so that the warning goes when the date is near.
        record = replace(outcome.record, problems=(*outcome.record.problems, warning), retry=True)
        return replace(outcome, record=record)
    return outcome


def _line(outcome: Outcome, field: str) -> int:
    return outcome.parsed.lines.get(field, 0) if outcome.parsed else 0
