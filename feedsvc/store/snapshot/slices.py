"""What a feed needs: the articles of a slice, its last change, and its removed articles."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, func, select, text

from feedsvc.model import Article
from feedsvc.slices.search_terms import contains, indexed
from feedsvc.slices.slice import Slice
from feedsvc.store import change_log
from feedsvc.store.facets import check_known, is_known
from feedsvc.store.rows import to_time
from feedsvc.store.schema import changes, facet_values, removed
from feedsvc.store.selection import MAX_CACHED_FORMS, NEWEST, REMOVED, Selection, rows
from feedsvc.store.session import Session
from feedsvc.store.snapshot.queries import SliceQueries

# The articles of a search that are ranked: a word that every article has must not cost more in a larger publication.
RANKED: Final = 1000


class Slices:
    """Every method raises SearchTooSlow if the slice is a search (`is_search`) and the budget is used up."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._connection = session.connection
        self._session, self._queries = session, queries
        # Each page of an export asks for one of few: readers see a state that does not change.
        self._lists_changed: dict[Slice, datetime] = {}
        self._counts: dict[Slice, int] = {}
        self._pictures_changed: datetime | None = None
        self._site_changed: datetime | None = None
        self._topics_changed: datetime | None = None

    def check(self, slice_: Slice) -> None:
        """Raise UnknownFacet with the nearest one for a tag, author or language that no article ever had.

        A facet that articles had is valid after they are gone, because subscribers keep the feed. Topics are not
        checked here (`slices.grammar.check_topics`): the site knows them.
        """
        check_known(self._connection, slice_)

    def articles(self, slice_: Slice, limit: int, offset: int = 0) -> list[Article]:
        """Return the live articles of a slice, newest first, then by id."""
        with self._queries.selected(slice_) as wanted:
            return self._queries.page(NEWEST, wanted, slice_.terms, limit, offset)

    def most_relevant(self, slice_: Slice, limit: int, offset: int = 0) -> list[Article]:
        """Return the newest RANKED articles of a search, the best matches first. Raises SearchTooSlow.

        The more of the terms a title has, the better; then as the full-text index ranks; then newest first.
        """
        terms = slice_.terms
        with self._queries.selected(slice_) as wanted:
            recent = self._queries.rows(NEWEST, wanted.form, terms, RANKED)
            newest = select(recent.c.id).order_by(*NEWEST.order(recent.c))
            ids = list(self._connection.scalars(newest, wanted.values))
            scores = self._session.engine.search.rank(self._connection, terms, ids)
            titles = ((id_, indexed(title)) for id_, title in self._queries.titles(ids))
            in_title = {id_: sum(contains(title, each) for each in terms) for id_, title in titles}
            best = sorted(ids, key=lambda id_: (-in_title[id_], -scores.get(id_, 0.0)))[offset : offset + limit]
            shown = {each.id: each for each in self._queries.with_ids(best)}
            return [shown[id_] for id_ in best]

    def has_facet(self, facet: str, value: str) -> bool:
        """Return whether an article has or had this tag, author or language."""
        return is_known(self._connection, facet, value)

    def languages(self) -> list[str]:
        """Return the language ranges of live articles, sorted: en, en-Latn, en-US, zh, …"""
        where = (facet_values.c.facet == "lang", facet_values.c.live > 0)
        return list(self._connection.scalars(select(facet_values.c.value).where(*where).order_by(facet_values.c.value)))

    def count(self, slice_: Slice) -> int:
        """Return the number of live articles of a slice."""
        if slice_ in self._counts:
            return self._counts[slice_]
        with self._queries.selected(slice_) as wanted:
            if wanted.is_simple and not slice_.terms and wanted.start is wanted.end is None:
                facet, value = wanted.groups[0][0]
                where = (facet_values.c.facet == facet, facet_values.c.value == value)
                found = self._connection.scalar(select(facet_values.c.live).where(*where)) or 0
            else:
                found = self._count(wanted, slice_.terms, None)
        self._counts[slice_] = found
        return found

    def count_up_to(self, slice_: Slice, limit: int) -> int:
        """Return the number of live articles of a slice, at most `limit`. Raises SearchTooSlow."""
        with self._queries.selected(slice_) as wanted:
            return self._count(wanted, slice_.terms, limit)

    def _count(self, wanted: Selection, terms: Sequence[str], limit: int | None) -> int:
        page = self._queries.rows(NEWEST, wanted.form, terms, limit)
        return self._connection.scalar(select(func.count()).select_from(page), wanted.values) or 0

    def last_change(self, slice_: Slice) -> datetime:
        """Return the last change of the slice, the site or the renderer, or else when the site was established.

        For a search, that of the slice without its words, since the log does not have the words that an article had.
        """
        with self._queries.selected(slice_) as wanted:
            return max(change_log.last_change_of(self._connection, wanted), self._session.site().established)

    def last_change_of_any(self, shown: Sequence[Article]) -> datetime:
        """Return the last change that a feed of these articles shows, of the site or the renderer, or `established`."""
        ids = [each.id for each in shown]
        last = select(func.max(changes.c.at)).where(changes.c.id.in_(ids), changes.c.kind != "pictures")
        found = self._connection.scalar(last) or change_log.EPOCH_START
        return max(to_time(found), self.last_change_of_site(), self._session.site().established)

    def last_change_of_site(self) -> datetime:
        """Return the last change of the site or the renderer; LONG_AGO if there was none."""
        if self._site_changed is None:
            self._site_changed = change_log.last_change_of_site(self._connection)
        return self._site_changed

    def last_change_of_lists(self, slice_: Slice) -> datetime:
        """Return `last_change` for documents that name every topic too: pages, the OPML, the sitemap."""
        if slice_ not in self._lists_changed:
            self._lists_changed[slice_] = max(self.last_change(slice_), self._last_change_of_topics())
        return self._lists_changed[slice_]

    def last_change_of_pictures(self) -> datetime:
        """Return when pages got other sizes of pictures last; LONG_AGO if they never did."""
        if self._pictures_changed is None:
            self._pictures_changed = change_log.last_change_of_pictures(self._connection)
        return self._pictures_changed

    def last_change_of(self, article: Article) -> datetime:
        """Return the last change of that article, a topic, the site or the renderer."""
        changed_at = change_log.last_change_of_article(self._connection, article.id)
        return max(changed_at, self.last_change_of_site(), self._last_change_of_topics())

    def _last_change_of_topics(self) -> datetime:
        if self._topics_changed is None:
            self._topics_changed = to_time(self._connection.scalar(_TOPICS_CHANGED) or change_log.EPOCH_START)
        return self._topics_changed

    def tombstones(self, slice_: Slice) -> list[tuple[str, datetime]]:
        """Return (id, when) of articles of the slice that were removed lately, latest first. A search has none."""
        if slice_.terms:
            return []
        with self._queries.selected(slice_) as wanted:
            found = self._connection.execute(_tombstones_of(wanted.form), wanted.values)
            return [(row.id, to_time(row.at)) for row in found]


# By the names of all topics that ever existed, each found after the one before: the log may be very long.
_TOPICS_CHANGED: Final = text(
    """
    WITH RECURSIVE names (value) AS (
        SELECT min(value) FROM change_facets WHERE facet = 'topic'
        UNION ALL
        SELECT (SELECT min(value) FROM change_facets WHERE facet = 'topic' AND value > names.value)
        FROM names WHERE value IS NOT NULL
    )
    SELECT max((SELECT max(at) FROM changes WHERE id = names.value AND kind = 'topic')) FROM names
    """
)


@lru_cache(MAX_CACHED_FORMS)
def _tombstones_of(form: Selection) -> Select[Any]:
    page = rows(REMOVED, form)
    return (
        select(removed.c.id, removed.c.at)
        .join(page, page.c.id == removed.c.id)
        .where(removed.c.recent)
        .order_by(removed.c.at.desc(), removed.c.id)
    )
