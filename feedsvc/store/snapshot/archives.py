"""The current feed of a slice and its archives (RFC 5005 §4)."""

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
from feedsvc.store.selection import MAX_CACHED_FORMS, NEWEST, OLDEST, Selection, Source, has_all, rows
from feedsvc.store.session import Session
from feedsvc.store.snapshot.queries import SliceQueries

# The number of the latest corrections that a feed searches for its own.
MANY_CORRECTIONS: Final = 5000


class Archives:
    """The running period is that of the last commit: reading does not use the clock."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._connection = session.connection
        self._session, self._queries = session, queries

    def running(self) -> Period | None:
        """Return the period that is not closed yet; None before the first one."""
        label, site = self._session.meta("running"), self._session.site()
        return period_named(label, site) if label is not None and is_named(label, site) else None

    def current(self, slice_: Slice) -> list[Article]:
        """Return the articles of the current feed, newest first.

        These are the newest articles and all of the running period, at most 500, then recent corrections in closed
        periods.
        """
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
            found = found.where(self._queries.results(terms).is_found(articles.c))
        # Articles that are already shown are removed here: in the statement, they would need another one each time.
        ids = self._connection.scalars(found, {**wanted.values, "room": room + len(shown)})
        corrected = list(self._queries.with_ids([id_ for id_ in ids if id_ not in shown][:room]))
        return sorted(corrected, key=lambda each: (-each.published.timestamp(), each.id))

    def archive(self, slice_: Slice, period: Period) -> list[Article]:
        """Return all articles of the slice that were published in the period, newest first."""
        with self._queries.selected(slice_) as wanted:
            return self._queries.page(NEWEST, wanted.within(period.start, period.end), slice_.terms, None)

    def neighbours(self, slice_: Slice, period: Period) -> tuple[Period | None, Period | None]:
        """Return the nearest closed periods before and after that have articles of the slice."""
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
        """Return the last change of what was published in [start, end), as `last_change` does."""
        with self._queries.selected(slice_) as wanted:
            return max(
                change_log.last_change_of(self._connection, wanted.within(start, end)),
                self._session.site().established,
            )


@lru_cache(MAX_CACHED_FORMS)
def _ids_corrected(form: Selection) -> Select[Any]:
    """Select the articles with that form among the latest corrections, at most `room`, the latest first."""
    latest = (
        select(corrections)
        .order_by(corrections.c.at.desc(), corrections.c.id)
        .limit(MANY_CORRECTIONS)
        .subquery("found")
    )
    return (
        select(articles.c.id)
        .join(latest, latest.c.id == articles.c.id)
        .where(has_all(NEWEST, articles.c, form))
        .order_by(latest.c.at.desc(), latest.c.id)
        .limit(bindparam("room", type_=Integer))
    )


@lru_cache(MAX_CACHED_FORMS)
def _first_date_of(source: Source, form: Selection) -> Select[Any]:
    return select(rows(source, form, 1).c.published)
