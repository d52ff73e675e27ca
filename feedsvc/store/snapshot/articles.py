"""Single articles: their addresses, former addresses and translations."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select

from feedsvc import routes
from feedsvc.model import Article
from feedsvc.store import change_log
from feedsvc.store.facets import EVERYTHING
from feedsvc.store.rows import article_from, to_time
from feedsvc.store.schema import addresses, article_facets, articles, changes, removed
from feedsvc.store.session import Session
from feedsvc.store.snapshot.queries import SliceQueries

MAX_TRANSLATIONS: Final = 50


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


def _first_of_groups() -> Select[Any]:
    """Select the ids of the first articles of each group of translations, by the slugs of its original."""
    slugs: BindParameter[Any] = bindparam("slugs", expanding=True)
    # The first articles of each slug include those of the group. One more, since an article is no translation of
    # itself.
    place = func.row_number().over(
        partition_by=func.coalesce(articles.c.translation_of, articles.c.slug),
        order_by=(articles.c.language, articles.c.id),
    )
    is_mate = or_(articles.c.slug.in_(slugs), articles.c.translation_of.in_(slugs))
    ranked = select(articles.c.id, place.label("place")).where(articles.c.live, is_mate).subquery("ranked")
    return select(ranked.c.id).where(ranked.c.place <= MAX_TRANSLATIONS + 1)


_FIRST_OF_GROUPS: Final = _first_of_groups()
_IDS_AT: Final = select(addresses).where(addresses.c.slug.in_(bindparam("slugs", expanding=True)))
_PLACE_OF: Final = select(articles.c.slug, articles.c.data).where(articles.c.id == bindparam("id"), articles.c.live)
_ADDRESSES: Final = select(addresses).where(addresses.c.id.in_(bindparam("ids", expanding=True)))


class Articles:
    """Single articles: their addresses, former addresses and translations."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._connection = session.connection
        self._queries = queries

    def slugs(self, limit: int, offset: int) -> list[tuple[str, datetime]]:
        """Return (slug, last change) of live articles, oldest first, for the sitemap."""
        # Earlier rows are skipped in the index alone, however far the part is.
        date, id_ = article_facets.c.published, article_facets.c.id
        everything = (article_facets.c.facet == EVERYTHING[0], article_facets.c.value == EVERYTHING[1])
        part = select(date, id_).where(*everything).order_by(date, id_).limit(limit).offset(offset).subquery("found")
        last = select(func.max(changes.c.at)).where(changes.c.id == articles.c.id).scalar_subquery()
        found = self._connection.execute(
            select(articles.c.slug, last.label("at"))
            .join(part, part.c.id == articles.c.id)
            .order_by(part.c.published, part.c.id)
        )
        floor = change_log.last_change_of_site(self._connection)
        return [(row.slug, max(to_time(row.at), floor)) for row in found]

    def at(self, slug: str) -> Article | Moved | Gone | None:
        """Return what a slug leads to; None if it never led to anything, or does not yet."""
        row = self._connection.execute(select(articles).where(articles.c.slug == slug, articles.c.live)).first()
        if row is not None:
            return article_from(row)
        id_ = self._connection.scalar(select(addresses.c.id).where(addresses.c.slug == slug))
        if id_ is None:
            return None
        now = self._connection.execute(_PLACE_OF, {"id": id_}).first()
        if now is not None:
            return Moved(now.slug, is_declared=slug in json.loads(now.data)["aliases"])
        return Gone() if self.was_removed(id_) else None

    def has_address(self, address: str) -> bool:
        """Return whether a slug or an old address (`urls.address_of`) leads to a live article."""
        return isinstance(self.at(address), Article | Moved)

    def owner(self, address: str) -> str | None:
        """Return the path of the article whose file gives it a slug or an old address; None if no file does."""
        found = self.at(address)
        if isinstance(found, Article) or (isinstance(found, Moved) and found.is_declared):
            return routes.ARTICLE.path(slug=found.slug)
        return None

    def was_removed(self, id_: str) -> bool:
        """Return whether an article was published and is not any more."""
        return self._connection.scalar(select(removed.c.id).where(removed.c.id == id_)) is not None

    def translations(self, of: Sequence[Article]) -> dict[str, list[Article]]:
        """Return the live articles in other languages for each article that has them, by its id.

        The first MAX_TRANSLATIONS by language and id.
        """
        keys = self.slugs_of_originals(of)
        wanted = list({slug for slugs in keys.values() for slug in slugs})
        ids = self._connection.scalars(_FIRST_OF_GROUPS, {"slugs": wanted}).all()
        at_hand = {each.id: each for each in of}
        found = [at_hand[id_] for id_ in ids if id_ in at_hand]
        found += self._queries.with_ids([id_ for id_ in ids if id_ not in at_hand])
        named: dict[str | None, list[Article]] = {}
        for each in found:
            for slug in {each.slug, each.translation_of}:
                named.setdefault(slug, []).append(each)
        mates = {id_: {a.id: a for slug in slugs for a in named.get(slug, ())} for id_, slugs in keys.items()}
        others = {
            id_: sorted((each for each in group.values() if each.id != id_), key=lambda each: (each.language, each.id))
            for id_, group in mates.items()
        }
        return {id_: found[:MAX_TRANSLATIONS] for id_, found in others.items() if found}

    def slugs_of_originals(self, of: Sequence[Article]) -> dict[str, set[str]]:
        """Return, for each article, every present and former slug of the original of its translations."""
        named = list({each.translation_of for each in of if each.translation_of})
        rows = self._connection.execute(_IDS_AT, {"slugs": named}) if named else ()
        originals = {row.slug: row.id for row in rows}
        keys: dict[str, set[str]] = {}
        for each in of:
            keys[each.id] = {each.translation_of} if each.translation_of else {each.slug, *each.aliases}
        ids = {each.id: originals.get(each.translation_of) if each.translation_of else each.id for each in of}
        slugs: dict[str | None, set[str]] = {}
        known = self._connection.execute(_ADDRESSES, {"ids": list(set(ids.values()) - {None})})
        for row in known:
            slugs.setdefault(row.id, set()).add(row.slug)
        return {id_: {*keys[id_], *slugs.get(original, ())} for id_, original in ids.items()}

    def next_release(self) -> datetime | None:
        """Return when (UTC) the next scheduled article is due; None if there is none."""
        text = self._connection.scalar(
            select(articles.c.published).where(articles.c.live.is_(False)).order_by(articles.c.published).limit(1)
        )
        return to_time(text) if text else None

    def next_expiry(self) -> datetime | None:
        """Return when (UTC) the next article expires, live or scheduled; None if none does."""
        first = select(func.min(articles.c.expires)).where(articles.c.expires.is_not(None))
        text = self._connection.scalar(first)
        return to_time(text) if text else None
