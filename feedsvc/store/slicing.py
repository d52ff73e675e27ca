"""What a feed asks of a snapshot: the articles of a slice, when it last changed, what was removed from it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, Subquery, bindparam, func, select, text

from feedsvc.model import Article
from feedsvc.slices.grammar import is_search
from feedsvc.slices.slice import Slice
from feedsvc.store import changes as log
from feedsvc.store.connected import Connected
from feedsvc.store.facets import check_known
from feedsvc.store.rows import article_from, to_time
from feedsvc.store.schema import articles, changes, facet_values, removed
from feedsvc.store.selection import KEPT, NEWEST, REMOVED, Selection, Source, has_all, rows, selection
from feedsvc.store.sqlite import search
from feedsvc.store.sqlite.deadline import limited, thread_cpu_clock
from feedsvc.store.sqlite.engine import portions


class SliceReader(Connected):
    """Every method of a slice that is a search (`is_search`) raises SearchTooSlow when the budget is used up."""

    def __init__(self, connection: Connection, search_seconds: float = 2.0) -> None:
        super().__init__(connection, search_seconds)
        self._searched: dict[tuple[str, ...], search.Finds] = {}

    def check(self, slice_: Slice) -> None:
        """Raise UnknownFacet, naming the nearest, for a tag, author or language that no article ever had.

        One that articles had is legal though they are gone: whoever subscribed to it keeps the feed. Topics are not
        looked at (`slices.grammar.check_topics`): the site knows them.
        """
        check_known(self._connection, slice_)

    def articles(self, slice_: Slice, limit: int, offset: int = 0) -> list[Article]:
        """The live articles of a slice, newest first, then by id."""
        with self._looking(slice_) as wanted:
            return self._page(NEWEST, wanted, slice_.terms, limit, offset)

    def _page(
        self, source: Source, wanted: Selection, terms: Sequence[str], limit: int | None, offset: int = 0
    ) -> list[Article]:
        form = wanted.form
        if terms:
            found = _in_order(source, self._rows(source, form, terms, limit, offset))
        else:
            found = _page_of(source, form, limit, offset)
        return [article_from(row) for row in self._connection.execute(found, wanted.values)]

    def _rows(
        self, source: Source, form: Selection, terms: Sequence[str], limit: int | None, offset: int = 0
    ) -> Subquery:
        """(published, id) of live articles: from the search's finds where they are few, else newest first."""
        if not terms:
            return rows(source, form, limit, offset)
        finds = self._finds(terms)
        if not finds.are_few:
            return rows(source, form, limit, offset, lambda row: search.is_found(row, finds))
        found = select(articles.c.published, articles.c.id).where(articles.c.id.in_(search.ids(finds)))
        found = found.where(has_all(source, articles.c, form)).order_by(*source.order(articles.c))
        return (found.limit(limit).offset(offset) if limit is not None else found).subquery("found")

    def _finds(self, terms: Sequence[str]) -> search.Finds:
        """What has those terms; looked for once as long as nothing else is searched for."""
        wanted = tuple(terms)
        if wanted not in self._searched:
            self._searched = {wanted: search.finds(self._connection, wanted)}
        return self._searched[wanted]

    def _with_ids(self, ids: Sequence[str]) -> Iterator[Article]:
        """The articles of these ids, in no order."""
        for some in portions(ids):
            yield from map(article_from, self._connection.execute(_BY_ID, {"ids": some}))

    def languages(self) -> list[str]:
        """The language ranges that have live articles, sorted: en, en-Latn, en-US, zh, …"""
        where = (facet_values.c.facet == "lang", facet_values.c.live > 0)
        return list(self._connection.scalars(select(facet_values.c.value).where(*where).order_by(facet_values.c.value)))

    def count(self, slice_: Slice) -> int:
        """How many live articles a slice has."""
        with self._looking(slice_) as wanted:
            if wanted.is_simple and not slice_.terms and wanted.start is wanted.end is None:
                return self._live(*wanted.groups[0][0])
            return self._count(wanted, slice_.terms, None)

    def count_up_to(self, slice_: Slice, limit: int) -> int:
        """How many live articles a slice has, `limit` for that many and more. Raises SearchTooSlow."""
        with self._looking(slice_) as wanted:
            return self._count(wanted, slice_.terms, limit)

    def _count(self, wanted: Selection, terms: Sequence[str], limit: int | None) -> int:
        page = self._rows(NEWEST, wanted.form, terms, limit)
        return self._connection.scalar(select(func.count()).select_from(page), wanted.values) or 0

    def _live(self, facet: str, value: str) -> int:
        where = (facet_values.c.facet == facet, facet_values.c.value == value)
        return self._connection.scalar(select(facet_values.c.live).where(*where)) or 0

    def last_change(self, slice_: Slice) -> datetime:
        """When the slice, the site or the renderer last changed, else when the site was established.

        Of a search: of whatever its words were searched in, since no log keeps the words an article had.
        """
        with self._looking(slice_) as wanted:
            return max(log.last_change_of(self._connection, wanted), self.site().established)

    def last_change_of_any(self, shown: Sequence[Article]) -> datetime:
        """When one of these articles, the site or the renderer last changed, else when the site was established."""
        last = select(func.max(changes.c.at)).where(changes.c.id.in_([each.id for each in shown]))
        found = self._connection.scalar(last) or log.LONG_AGO
        return max(to_time(found), log.last_change_of_site(self._connection), self.site().established)

    def last_change_of_site(self) -> datetime:
        """When the site or the renderer last changed; the beginning of time when neither ever did."""
        return log.last_change_of_site(self._connection)

    def last_change_of_lists(self, slice_: Slice) -> datetime:
        """Like `last_change`, for what names every topic as well: pages, the OPML, the sitemap."""
        return max(self.last_change(slice_), self._last_change_of_topics())

    def last_change_of(self, article: Article) -> datetime:
        """When that article, a topic, the site or the renderer last changed."""
        return max(log.last_change_of_article(self._connection, article.id), self._last_change_of_topics())

    def _last_change_of_topics(self) -> datetime:
        return to_time(self._connection.scalar(_TOPICS_CHANGED) or log.LONG_AGO)

    def tombstones(self, slice_: Slice) -> list[tuple[str, datetime]]:
        """(id, when) of articles of the slice that were removed lately, latest first; a search has none."""
        if slice_.terms:
            return []
        with self._looking(slice_) as wanted:
            found = self._connection.execute(_tombstones_of(wanted.form), wanted.values)
            return [(row.id, to_time(row.at)) for row in found]

    @contextmanager
    def _looking(self, slice_: Slice, at_most: float | None = None) -> Iterator[Selection]:
        """What the slice is in the tables. Limits the CPU time of the block: of a search, or to `at_most` seconds.

        Other slices have no limit: an index answers them, so a page costs what it shows, however busy the machine is.
        """
        wanted = selection(self._connection, slice_, self.site())
        if at_most is None and not is_search(slice_):
            yield wanted
            return
        clock = thread_cpu_clock()
        began = clock()
        try:
            left = self._search_seconds - self._used
            limit = left if at_most is None else min(left, at_most)
            with limited(self._connection, limit, self._search_seconds, cpu=clock):
                yield wanted
        finally:
            self._used += clock() - began


# By the names of all topics there ever were, each found behind the one before it: the log is as long as it is old.
_TOPICS_CHANGED: Final = text(
    """
    WITH RECURSIVE names (value) AS (
        SELECT min(value) FROM change_facets WHERE facet = 'topic'
        UNION ALL
        SELECT (SELECT min(value) FROM change_facets WHERE facet = 'topic' AND value > names.value)
        FROM names WHERE value IS NOT NULL
    )
    SELECT max(at) FROM changes WHERE id IN (SELECT value FROM names) AND kind = 'topic'
    """
)
_BY_ID: Final = select(articles).where(articles.c.id.in_(bindparam("ids", expanding=True)))


def _in_order(source: Source, page: Subquery) -> Select[Any]:
    return select(articles).join(page, page.c.id == articles.c.id).order_by(*source.order(page.c))


@lru_cache(KEPT)
def _page_of(source: Source, form: Selection, limit: int | None, offset: int) -> Select[Any]:
    return _in_order(source, rows(source, form, limit, offset))


@lru_cache(KEPT)
def _tombstones_of(form: Selection) -> Select[Any]:
    page = rows(REMOVED, form)
    return (
        select(removed.c.id, removed.c.at)
        .join(page, page.c.id == removed.c.id)
        .where(removed.c.recent)
        .order_by(removed.c.at.desc(), removed.c.id)
    )
