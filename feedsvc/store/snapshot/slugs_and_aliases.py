"""What a slug leads to: an article, the new slug of an article that had it (an alias), or a removed article."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select

from feedsvc import routes
from feedsvc.model import Article
from feedsvc.store import change_log
from feedsvc.store.facets import EVERYTHING, Facet
from feedsvc.store.rows import article_from, loads, to_time
from feedsvc.store.schema import addresses, article_facets, articles, changes, removed
from feedsvc.store.session import Session


@dataclass(frozen=True, slots=True)
class Moved:
    """The slug is an old one. The article's page is now at `slug`.

    `is_declared` says whether the article's file names the old slug; otherwise only the store knows it.
    """

    slug: str
    is_declared: bool = True


@dataclass(frozen=True, slots=True)
class Gone:
    """The slug belonged to an article that was removed."""


_LIVE_AT: Final = select(articles).where(articles.c.slug == bindparam("slug"), articles.c.live)
_PLACE_OF: Final = select(articles.c.slug, articles.c.data).where(articles.c.id == bindparam("id"), articles.c.live)


class Slugs:
    """The slugs and aliases of articles."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection

    def page(self, limit: int, offset: int, facet: Facet = EVERYTHING) -> list[tuple[str, datetime]]:
        """Return (slug, last change) of the live articles of a facet, oldest first, for the sitemap."""
        # Earlier rows are skipped in the index alone, however far the part is.
        date, id_ = article_facets.c.published, article_facets.c.id
        wanted = (article_facets.c.facet == facet[0], article_facets.c.value == facet[1])
        part = select(date, id_).where(*wanted).order_by(date, id_).limit(limit).offset(offset).subquery("found")
        last = select(func.max(changes.c.at)).where(changes.c.id == articles.c.id).scalar_subquery()
        found = self._connection.execute(
            select(articles.c.slug, last.label("at"))
            .join(part, part.c.id == articles.c.id)
            .order_by(part.c.published, part.c.id)
        )
        floor = change_log.last_change_of_site(self._connection)
        return [(row.slug, max(to_time(row.at), floor)) for row in found]

    def beside(self, slug: str, limit: int) -> list[str]:
        """Return the slugs of live articles next to `slug` in the order of characters, `limit` on each side."""
        own, live = articles.c.slug, articles.c.live.is_(True)
        after = select(own).where(own >= slug, live).order_by(own).limit(limit)
        before = select(own).where(own < slug, live).order_by(own.desc()).limit(limit)
        return [each for side in (before, after) for each in self._connection.scalars(side)]

    def at(self, slug: str) -> Article | Moved | Gone | None:
        """Return what a slug leads to; None if it never led to anything, or does not yet."""
        row = self._connection.execute(_LIVE_AT, {"slug": slug}).first()
        if row is not None:
            return article_from(row)
        id_ = self._connection.scalar(select(addresses.c.id).where(addresses.c.slug == slug))
        if id_ is None:
            return None
        now = self._connection.execute(_PLACE_OF, {"id": id_}).first()
        if now is not None:
            return Moved(now.slug, is_declared=slug in loads(now.data)["aliases"])
        return Gone() if self.was_removed(id_) else None

    def has_address(self, address: str) -> bool:
        """Return whether a slug or an old address (`urls.address_of`) leads to a live article."""
        return isinstance(self.at(address), Article | Moved)

    def owner(self, address: str) -> str | None:
        """Return the path of the article whose file gives it a slug or an old address; None if no file does."""
        found = self.at(address)
        if isinstance(found, Article) or (isinstance(found, Moved) and found.is_declared):
            return found.slug if found.slug.startswith("/") else routes.ARTICLE.path(slug=found.slug)
        return None

    def was_removed(self, id_: str) -> bool:
        """Return whether an article was published and is not any more."""
        return self._connection.scalar(select(removed.c.id).where(removed.c.id == id_)) is not None
