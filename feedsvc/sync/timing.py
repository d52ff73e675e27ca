"""Apply the time of a sync to outcomes, because `articles` has no clock. Pure: the time is a parameter."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from feedsvc.articles.metadata.visibility import is_expiry_field
from feedsvc.errors import Finding, Problem
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.reading import Outcome

# How far the clock of an author, or the offset of a date, may be ahead of the clock of this machine.
TOLERANCE: Final = timedelta(hours=24)
# A date this far in the future is usually a mistake.
FAR_FUTURE: Final = timedelta(days=366)


def at_time(outcomes: Iterable[Outcome], known: Mapping[str, FileRecord], now: datetime) -> list[Outcome]:
    """Return the outcomes as they are at `now` (UTC). `known` has the earlier records, by path.

    An expired article publishes nothing, and neither does one with a marker of a later time. A file whose `updated` is
    in the future is set aside and tried again. A date of publication in the far future gets a warning.
    """
    return [_at(outcome, known.get(outcome.record.path), now) for outcome in outcomes]


def _at(outcome: Outcome, known: FileRecord | None, now: datetime) -> Outcome:
    if (parsed := outcome.public) is None:
        return outcome
    article = parsed.article
    if article.expires is not None and article.expires <= now:
        record = replace(outcome.record, id=None)
        return replace(outcome, record=record, parsed=replace(parsed, draft=True), is_withdrawn=True)
    embargoes = {field: at for field, at in parsed.embargoes.items() if at > now}
    if embargoes:
        field = max(embargoes, key=lambda each: embargoes[each])
        end = f"{embargoes[field]:%Y-%m-%dT%H:%MZ}"
        message = f"is later than now, so this is a draft until then (write published: {end} alone)"
        problems = (*outcome.record.problems, _warning(outcome, field, message))
        # Each sync reads the file again. An article that is not yet public has not expired.
        record = replace(outcome.record, id=None, expires=None, retry=True, problems=problems)
        return replace(outcome, record=record, parsed=replace(parsed, draft=True), is_withdrawn=True)
    if article.updated > max(now + TOLERANCE, article.published):
        message = (
            "is in the future, so readers would show the article above all others until then "
            "(write when it was changed; the file is tried again)"
        )
        finding = Finding(line=_line(outcome, "updated"), field="updated", message=message)
        return outcome.set_aside(finding, known.id if known else None)
    if article.published > now + FAR_FUTURE:
        message = "is more than a year ahead (check the year; the article is released then)"
        warning = _warning(outcome, "published", message)
        # Each sync reads the file again, so that the warning disappears when the date is near.
        record = replace(outcome.record, problems=(*outcome.record.problems, warning), retry=True)
        return replace(outcome, record=record)
    return outcome


def expired(outcome: Outcome, now: datetime) -> Iterator[Problem]:
    """Yield a warning, for `check`, about an article that has expired at `now` (UTC). A sync only counts it."""
    if outcome.parsed is None or (at := outcome.parsed.article.expires) is None or at > now:
        return
    field = next((name for name in outcome.parsed.lines if is_expiry_field(name.rpartition(".")[2])), "expires")
    message = "is past, so the article is taken down (write a later date to publish it again, or delete the file)"
    yield Problem(path=outcome.record.path, finding=_warning(outcome, field, message))


def _warning(outcome: Outcome, field: str, message: str) -> Finding:
    return Finding(line=_line(outcome, field), field=field, message=message, severity="warning")


def _line(outcome: Outcome, field: str) -> int:
    lines = outcome.parsed.lines if outcome.parsed else {}
    return lines.get(field) or lines.get(field.partition(".")[0], 0)
