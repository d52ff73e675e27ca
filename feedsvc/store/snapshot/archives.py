"""A feed's present and past: what the current document holds, and which archives there are (RFC 5005 §4)."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Integer, Select, bindparam, select

from feedsvc.model import Article
from feedsvc.slices.period import Period, is_named, period_named, period_of
from feedsvc.slices.slice import MAX_LIMIT, Slice
from feedsvc.store import change_log
from feedsvc.store.rows import to_time
from feedsvc.store.schema import articles, corrections
from feedsvc.store.selection import KEPT, NEWEST, OLDEST, Selection, Source, has_all, rows
from feedsvc.store.session import Session
from feedsvc.store.snapshot.queries import SliceQueries
from feedsvc.store.sqlite import search

# Of all the corrections of a month, how many a feed looks through for its own.
MANY_CORRECTIONS: Final = 5000


class Archives:
    """The running period is the one of the last commit that looked: reading looks at no clock."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._connection = session.connection
        self._session, self._queries = session, queries

    def running(self) -> Period | None:
        """The period that is not closed yet; None before the first was begun."""
        label, site = self._session.meta("running"), self._session.site()
        return period_named(label, site) if label is not None and is_named(label, site) else None

    def current(self, slice_: Slice) -> list[Article]:
        """What the current feed holds, newest first: the newest articles and all of the running period, at most 500,
        and after them what was corrected lately in closed ones."""
        size, running = slice_.limit or self._session.site().feed_size, self.running()
        with self._queries.selected(slice_) as wanted:
            newest = self._queries.page(NEWEST, wanted, slice_.terms, size)
            if slice_.limit is not None or running is None:
                return newest
            if len(newest) == size and newest[-1].published >= running.start:
                newest = self._queries.page(NEWEST, wanted.since(running.start), slice_.terms, MAX_LIMIT)
            room = min(size, MAX_LIMIT - len(newest))
            return newest + self._corrected(wanted, slice_.terms, {each.id for each in newest}, room)

    def _corrected(self, wanted: Selection, terms: Sequence[str], shown: set[str], room: int) -> list[Article]:
        found = _ids_corrected(wanted.form)
        if terms:
            found = found.where(search.is_found(articles.c, self._queries.finds(terms)))
        # What is shown already is left out here: were it named in the statement, that would be another each time.
        ids = self._connection.scalars(found, {**wanted.values, "room": room + len(shown)})
        corrected = list(self._queries.with_ids([id_ for id_ in ids if id_ not in shown][:room]))
        return sorted(corrected, key=lambda each: (-each.published.timestamp(), each.id))

    def archive(self, slice_: Slice, period: Period) -> list[Article]:
        """Everything of the slice that was published in the period, newest first."""
        with self._queries.selected(slice_) as wanted:
            return self._queries.page(NEWEST, wanted.within(period.start, period.end), slice_.terms, None)

    def neighbours(self, slice_: Slice, period: Period) -> tuple[Period | None, Period | None]:
        """The nearest closed periods before and after that have articles of the slice."""
        running = self.running()
        with self._queries.selected(slice_) as wanted:
            before = self._period_of_first(NEWEST, wanted.before(period.start), slice_.terms)
            if running is None or running.start <= period.end:
                return before, None
            later = wanted.within(period.end, running.start)
            return before, self._period_of_first(OLDEST, later, slice_.terms)

    def _period_of_first(self, source: Source, wanted: Selection, terms: Sequence[str]) -> Period | None:
        form = wanted.form
        first = (
            select(self._queries.rows(source, form, terms, 1).c.published) if terms else _first_date_of(source, form)
        )
        found = self._connection.scalar(first, wanted.values)
        return period_of(to_time(found), self._session.site()) if found else None

    def last_change_within(self, slice_: Slice, start: datetime, end: datetime) -> datetime:
        """Like `last_change`, for what was published in [start, end)."""
        with self._queries.selected(slice_) as wanted:
            return max(
                change_log.last_change_of(self._connection, wanted.within(start, end)),
                self._session.site().established,
            )


@lru_cache(KEPT)
def _ids_corrected(form: Selection) -> Select[Any]:
    """The articles of that form among the latest corrections, `room` of them, latest first."""
    latest = select(corrections).order_by(corrections.c.at.desc()).limit(MANY_CORRECTIONS).subquery("found")
    return (
        select(articles.c.id)
        .join(latest, latest.c.id == articles.c.id)
        .where(has_all(NEWEST, articles.c, form))
        .order_by(latest.c.at.desc(), latest.c.id)
        .limit(bindparam("room", type_=Integer))
    )


@lru_cache(KEPT)
def _first_date_of(source: Source, form: Selection) -> Select[Any]:
    return select(rows(source, form, 1).c.published)
