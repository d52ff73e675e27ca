"""The lists of pages beside slices: neighbours of an article or a month, and values of a facet."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import BindParameter, Row, Select, and_, bindparam, func, literal, or_, select, true

from feedsvc.languages import language_and_script
from feedsvc.model import Article
from feedsvc.slices.slice import Slice
from feedsvc.store.facets import EVERYTHING, Facet
from feedsvc.store.rows import to_text, to_time
from feedsvc.store.schema import article_facets, articles
from feedsvc.store.selection import NEWEST
from feedsvc.store.session import Session
from feedsvc.store.snapshot.queries import SliceQueries

# The number of a slice's newest articles whose values are counted: they show what is current, at a bounded cost.
RECENT: Final = 500
# The articles on each side that are compared: more than an article may have translations.
NEARBY: Final = 100


class Lists:
    """The lists of pages beside a slice."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._connection = session.connection
        self._queries = queries

    def most_used(self, slice_: Slice, facet: str, limit: int, seconds: float | None = None) -> list[str]:
        """Return the `limit` most used values of a facet in the slice's newest RECENT articles.

        Raises SearchTooSlow, after `seconds` if they are given.
        """
        with self._queries.selected(slice_, seconds) as wanted:
            recent = self._queries.rows(NEWEST, wanted.form, slice_.terms, RECENT)
            value = article_facets.c.value
            # Written in this way, the condition uses no index: SQLite might scan every article that has a tag.
            found = (
                select(value)
                .join(recent, recent.c.id == article_facets.c.id)
                .where(article_facets.c.facet.concat("") == facet)
                .group_by(value)
                .order_by(func.count().desc(), value)
                .limit(limit)
            )
            return list(self._connection.scalars(found, wanted.values))

    def last_before(self, moment: datetime | None) -> datetime | None:
        """Return when the newest article before `moment` was published; None if there is none."""
        published = article_facets.c.published
        older = published < to_text(moment) if moment else true()
        text = self._connection.scalar(_dates().where(older).order_by(published.desc()).limit(1))
        return to_time(text) if text else None

    def first_from(self, moment: datetime) -> datetime | None:
        """Return when the oldest article from `moment` on was published; None if there is none."""
        published = article_facets.c.published
        text = self._connection.scalar(_dates().where(published >= to_text(moment)).order_by(published).limit(1))
        return to_time(text) if text else None

    def dated_between(self, bounds: Sequence[datetime]) -> list[bool]:
        """Return whether articles were published from each of these moments up to the next one; one fewer than these.

        One statement asks the index for all periods.
        """
        published = article_facets.c.published
        asked = [
            _dates().where(published >= to_text(since), published < to_text(until)).exists()
            for since, until in pairwise(bounds)
        ]
        return [bool(each) for each in self._connection.execute(select(literal(1), *asked)).one()[1:]]

    def newest_of_topics(self, topics: Sequence[str], limit: int, without: Set[str]) -> dict[str, list[Article]]:
        """Return the newest `limit` articles of each topic. None is there twice, and none has an id of `without`."""
        taken, chosen = set(without), dict[str, list[str]]()
        published, id_ = article_facets.c.published, article_facets.c.id
        for topic in topics:
            newest = _ids(("topic", topic)).order_by(published.desc(), id_).limit(limit + len(taken))
            found = [row.id for row in self._connection.execute(newest) if row.id not in taken]
            chosen[topic] = found[:limit]
            taken.update(chosen[topic])
        articles_of = {
            each.id: each for each in self._queries.with_ids([id_ for ids in chosen.values() for id_ in ids])
        }
        return {topic: [articles_of[each] for each in ids] for topic, ids in chosen.items()}

    def neighbours(
        self, article: Article, topic: str, translations: Sequence[Article] = ()
    ) -> tuple[Article | None, Article | None]:
        """Return the articles of a topic before (older) and after (newer) one of them, none of its `translations`.

        On either side that is the nearest of the NEARBY ones in the article's language and script, if there is one.
        """
        values = {"topic": topic, "at": to_text(article.published), "id": article.id}
        own = {each.id for each in translations}
        ids = []
        for beside in (_OLDER, _NEWER):
            with self._connection.execute(beside, values) as rows:
                ids.append(_nearest(rows, own, article.language))
        found = {each.id: each for each in self._queries.with_ids([id_ for id_ in ids if id_])}
        older, newer = (found.get(id_ or "") for id_ in ids)
        return older, newer

    def neighbour_ids(
        self, some: Sequence[Article], topic: str, translations: Mapping[str, Sequence[Article]]
    ) -> dict[str, tuple[str, str]]:
        """Return the ids of the `neighbours` of each of many articles of a topic, by its id; "" where there is none."""
        if not some:
            return {}
        dates = sorted(to_text(each.published) for each in some)
        values = {"topic": topic, "first": dates[0], "last": dates[-1]}
        after, among, before = (self._connection.execute(each, values).all() for each in (_AFTER, _AMONG, _BEFORE))
        order = [*reversed(after), *among, *before]
        places = {row.id: place for place, row in enumerate(order)}
        found = {}
        for each in some:
            place, own = places[each.id], {other.id for other in translations.get(each.id, ())}
            older = map(order.__getitem__, range(place + 1, min(place + 1 + NEARBY, len(order))))
            newer = map(order.__getitem__, range(place - 1, max(place - 1 - NEARBY, -1), -1))
            found[each.id] = (_nearest(older, own, each.language) or "", _nearest(newer, own, each.language) or "")
        return found


def _nearest(rows: Iterable[Row[Any]], own: Set[str], language: str) -> str | None:
    """Return the id of the first row in this language and script, which is none of `own`; None if there is none."""
    spoken = language_and_script(language)
    found = (str(row.id) for row in rows if row.id not in own and language_and_script(row.language) == spoken)
    return next(found, None)


def _dates() -> Select[Any]:
    return _ids(EVERYTHING).with_only_columns(article_facets.c.published)


def _ids(facet: Facet) -> Select[tuple[str, str]]:
    """Select (id, published) of a facet's articles."""
    return select(article_facets.c.id, article_facets.c.published).where(
        article_facets.c.facet == facet[0], article_facets.c.value == facet[1]
    )


def _of_topic() -> Select[Any]:
    """Select (id, language) of a topic's articles."""
    facet, value = article_facets.c.facet == "topic", article_facets.c.value == bindparam("topic")
    found = select(articles.c.id, articles.c.language).select_from(article_facets)
    return found.join(articles, articles.c.id == article_facets.c.id).where(facet, value)


def _statements() -> Iterator[Select[Any]]:
    """Yield what is before and after an article in a topic's order, then after, among and before a span of dates."""
    published, id_ = article_facets.c.published, article_facets.c.id
    at: BindParameter[str] = bindparam("at")
    own: BindParameter[str] = bindparam("id")
    newest, oldest = (published.desc(), id_), (published, id_.desc())
    # The first condition of each lets the index give the rows in order.
    older = and_(published <= at, or_(published < at, and_(published == at, id_ > own)))
    newer = and_(published >= at, or_(published > at, and_(published == at, id_ < own)))
    yield _of_topic().where(older).order_by(*newest).limit(NEARBY)
    yield _of_topic().where(newer).order_by(*oldest).limit(NEARBY)
    first: BindParameter[str] = bindparam("first")
    last: BindParameter[str] = bindparam("last")
    yield _of_topic().where(published > last).order_by(*oldest).limit(NEARBY)
    yield _of_topic().where(published >= first, published <= last).order_by(*newest)
    yield _of_topic().where(published < first).order_by(*newest).limit(NEARBY)


_OLDER, _NEWER, _AFTER, _AMONG, _BEFORE = _statements()
