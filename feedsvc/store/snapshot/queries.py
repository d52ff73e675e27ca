"""How the articles of a slice are found, by an index or by a search: shared by slices, archives and lists."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, Subquery, bindparam, select

from feedsvc.model import Article, Site
from feedsvc.slices.grammar import is_search
from feedsvc.slices.slice import Slice
from feedsvc.store.engines import SearchResults
from feedsvc.store.portions import portions
from feedsvc.store.rows import article_from, title_from
from feedsvc.store.schema import articles
from feedsvc.store.selection import MAX_CACHED_FORMS, Selection, Source, has_all, rows, selection
from feedsvc.store.session import Session

_BY_ID: Final = select(articles).where(articles.c.id.in_(bindparam("ids", expanding=True)))
_TITLES: Final = select(articles.c.id, articles.c.data).where(articles.c.id.in_(bindparam("ids", expanding=True)))


class SliceQueries:
    """All searches of one snapshot together may use `search_seconds` of CPU time."""

    def __init__(self, session: Session, search_seconds: float) -> None:
        self._connection = session.connection
        self._session, self._search_seconds, self._used = session, search_seconds, 0.0
        self._searched: dict[tuple[str, ...], SearchResults] = {}
        self._selected: tuple[Slice, Site, Selection] | None = None

    def reset_search_time(self) -> None:
        """Give the following searches, which are of another request, the whole budget."""
        self._used = 0.0

    @contextmanager
    def selected(self, slice_: Slice, at_most: float | None = None) -> Iterator[Selection]:
        """Yield the selection of a slice. Limit the CPU time of the block for a search, or to `at_most` seconds.

        Other slices have no limit: an index answers them, so a page costs what it shows, on a busy machine too. Raises
        SearchTooSlow when the time is used up.
        """
        connection = self._connection
        site = self._session.site()
        # A document asks ten times for the same slice.
        if self._selected is None or self._selected[0] != slice_ or self._selected[1] is not site:
            self._selected = slice_, site, selection(connection, slice_, site)
        wanted = self._selected[2]
        if at_most is None and not is_search(slice_):
            yield wanted
            return
        engine = self._session.engine
        clock = engine.clock()
        began = clock()
        try:
            left = self._search_seconds - self._used
            limit = left if at_most is None else min(left, at_most)
            with engine.limited(connection, limit, self._search_seconds, clock):
                yield wanted
        finally:
            self._used += clock() - began

    def page(
        self, source: Source, wanted: Selection, terms: Sequence[str], limit: int | None, offset: int = 0
    ) -> list[Article]:
        """Return articles in the order of `source`; only those with all of `terms`, if there are any."""
        form = wanted.form
        if terms:
            found = _in_order(source, self.rows(source, form, terms, limit, offset))
        else:
            found = _page_of(source, form, limit, offset)
        return [article_from(row) for row in self._connection.execute(found, wanted.values)]

    def rows(
        self, source: Source, form: Selection, terms: Sequence[str], limit: int | None, offset: int = 0
    ) -> Subquery:
        """Select (published, id) of live articles: from the search results if they are few, else newest first."""
        if not terms:
            return rows(source, form, limit, offset)
        results = self.results(terms)
        if not results.are_few:
            return rows(source, form, limit, offset, results.is_found)
        found = select(articles.c.published, articles.c.id).where(articles.c.id.in_(results.ids()))
        found = found.where(has_all(source, articles.c, form)).order_by(*source.order(articles.c))
        return (found.limit(limit).offset(offset) if limit is not None else found).subquery("found")

    def results(self, terms: Sequence[str]) -> SearchResults:
        """Return the articles with those terms. Those of the last search are cached."""
        wanted = tuple(terms)
        if wanted not in self._searched:
            self._searched = {wanted: self._session.engine.search.find(self._connection, wanted)}
        return self._searched[wanted]

    def titles(self, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the id and the title of the articles of these ids, in no order."""
        for some in portions(ids):
            yield from ((row.id, title_from(row)) for row in self._connection.execute(_TITLES, {"ids": some}))

    def with_ids(self, ids: Sequence[str]) -> Iterator[Article]:
        """Yield the articles of these ids, in no order."""
        for some in portions(ids):
            yield from map(article_from, self._connection.execute(_BY_ID, {"ids": some}))


def _in_order(source: Source, page: Subquery) -> Select[Any]:
    return select(articles).join(page, page.c.id == articles.c.id).order_by(*source.order(page.c))


@lru_cache(MAX_CACHED_FORMS)
def _page_of(source: Source, form: Selection, limit: int | None, offset: int) -> Select[Any]:
    return _in_order(source, rows(source, form, limit, offset))
