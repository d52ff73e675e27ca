"""What an export lists: the order of slices, all values of a facet, all articles, public files, old addresses."""

from collections.abc import Iterable, Iterator, Set
from typing import Final, NamedTuple

from sqlalchemy import and_, func, or_, select, true

from feedsvc.model import Article
from feedsvc.slices.slice import Slice
from feedsvc.store.facets import Facet, live_counts
from feedsvc.store.portions import portions
from feedsvc.store.rows import to_time
from feedsvc.store.schema import addresses, article_facets, article_media, articles, facet_values, media, removed
from feedsvc.store.selection import NEWEST
from feedsvc.store.session import Session, pictures_of_site
from feedsvc.store.snapshot.media import MediaFile
from feedsvc.store.snapshot.queries import SliceQueries

# The articles on each side of a changed one whose pages may have a link to it (`lists.NEARBY`).
_NEARBY: Final = 100


class Dated(NamedTuple):
    """An article in the order of a slice: its id, and when it was published, as RFC 3339 text in UTC."""

    id: str
    published: str


class Catalogue:
    """The lists of an export: much is read at a time."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._session, self._connection = session, session.connection
        self._queries = queries

    def order(self, slice_: Slice) -> list[Dated]:
        """Return every live article of a slice, newest first, then by id."""
        with self._queries.selected(slice_) as wanted:
            found = self._queries.rows(NEWEST, wanted.form, slice_.terms, None)
            ordered = select(found.c.id, found.c.published).order_by(*NEWEST.order(found.c))
            return [Dated(*row) for row in self._connection.execute(ordered, wanted.values)]

    def values(self, facet: str) -> list[str]:
        """Return the values of a facet that live articles have, sorted."""
        where = (facet_values.c.facet == facet, facet_values.c.live > 0)
        return list(self._connection.scalars(select(facet_values.c.value).where(*where).order_by(facet_values.c.value)))

    def articles(self, ids: Iterable[str] | None = None) -> Iterator[list[Article]]:
        """Yield live articles in portions, newest first: all, or those of `ids` that are live."""
        live = select(articles.c.id, articles.c.published).where(articles.c.live)
        # Pages have no facet of lists, so no index gives all in order.
        asked = [live] if ids is None else [live.where(articles.c.id.in_(some)) for some in portions(ids)]
        found = [Dated(*row) for each in asked for row in self._connection.execute(each)]
        found.sort(key=lambda each: each.id)
        wanted = [each.id for each in sorted(found, key=lambda each: each.published, reverse=True)]
        for some in portions(wanted):
            by_id = {each.id: each for each in self._queries.with_ids(some)}
            yield [by_id[id_] for id_ in some]

    def near(self, topic: str, place: Dated) -> set[str]:
        """Return the ids of the articles of a topic around a place in its order, 100 on each side."""
        id_, published = article_facets.c.id, article_facets.c.published
        named = select(id_).where(article_facets.c.facet == "topic", article_facets.c.value == topic)
        older = or_(published < place.published, and_(published == place.published, id_ > place.id))
        newer = or_(published > place.published, and_(published == place.published, id_ < place.id))
        before = named.where(older).order_by(published.desc(), id_).limit(_NEARBY)
        after = named.where(newer).order_by(published, id_.desc()).limit(_NEARBY)
        return {*self._connection.scalars(before), *self._connection.scalars(after)}

    def count_newer(self, facet: Facet, place: Dated, until: str | None = None) -> int:
        """Return the number of live articles with a facet before a place in its order, of those published before
        `until`: RFC 3339 text in UTC.
        """
        id_, published = article_facets.c.id, article_facets.c.published
        named = select(func.count()).where(article_facets.c.facet == facet[0], article_facets.c.value == facet[1])
        # The index gives the first condition of each as a range.
        later = named.where(published > place.published, published < until if until else true())
        equal = named.where(published == place.published, id_ < place.id)
        return (self._connection.scalar(later) or 0) + (self._connection.scalar(equal) or 0)

    def ids_on_page(self, facet: Facet, offset: int, limit: int, within: tuple[str, str] | None = None) -> list[str]:
        """Return the ids of at most `limit` live articles with a facet after the first `offset` ones, newest first.

        `within` are the beginning and the end (exclusive) of the time in which they were published: RFC 3339, UTC.
        """
        id_, published = article_facets.c.id, article_facets.c.published
        named = select(id_).where(article_facets.c.facet == facet[0], article_facets.c.value == facet[1])
        if within:
            named = named.where(published >= within[0], published < within[1])
        return list(self._connection.scalars(named.order_by(published.desc(), id_).offset(offset).limit(limit)))

    def count(self, facet: Facet, within: tuple[str, str] | None = None) -> int:
        """Return the number of live articles with a facet; `within` as for `ids_on_page`."""
        if within is None:
            return live_counts(self._connection, [facet])[facet]
        published = article_facets.c.published
        named = select(func.count()).where(article_facets.c.facet == facet[0], article_facets.c.value == facet[1])
        return self._connection.scalar(named.where(published >= within[0], published < within[1])) or 0

    def public_media(self, ids: Set[str] | None = None) -> Iterator[MediaFile]:
        """Yield the files that the publication itself or a live article has or had, by name: all, or of few `ids`."""
        uses = select(article_media.c.name).join(articles, articles.c.id == article_media.c.id).where(articles.c.live)
        if ids is None:
            is_wanted = or_(media.c.name.in_(uses), media.c.name.in_(pictures_of_site(self._session)))
        else:
            is_wanted = media.c.name.in_(uses.where(articles.c.id.in_(sorted(ids))))
        for row in self._connection.execute(select(media).where(is_wanted).order_by(media.c.name)):
            yield MediaFile(row.name, row.type, row.length, row.digest, to_time(row.at), row.filename)

    def old_addresses(self) -> Iterator[tuple[str, str | None]]:
        """Yield each former slug or old address with the slug that it leads to; None where the article was removed.

        In the order of the addresses.
        """
        now = select(addresses.c.slug, articles.c.slug.label("now"), removed.c.id.label("gone")).select_from(
            addresses.outerjoin(articles, and_(articles.c.id == addresses.c.id, articles.c.live)).outerjoin(
                removed, removed.c.id == addresses.c.id
            )
        )
        for row in self._connection.execute(now.order_by(addresses.c.slug)):
            if row.now is not None and row.now != row.slug:
                yield row.slug, row.now
            elif row.now is None and row.gone is not None:
                yield row.slug, None
