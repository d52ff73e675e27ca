"""What the store knows of the identities of articles. A sync needs this before it writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, select, union_all

from feedsvc.model import Article
from feedsvc.slices.search_terms import body_text
from feedsvc.store.facets import EVERYTHING
from feedsvc.store.file_records import CopyOf, copy_of
from feedsvc.store.portions import portions
from feedsvc.store.rows import article_from, loads, to_text, to_time
from feedsvc.store.schema import addresses, article_facets, articles, removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """An existing article, live or scheduled, without its content. Times are UTC."""

    id: str
    slug: str
    aliases: tuple[str, ...]
    title: str
    published: datetime
    updated: datetime
    media: tuple[str, ...]


class Identities:
    """What the store knows of the identities of articles."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def briefs(self, ids: Iterable[str]) -> dict[str, Brief]:
        """Return those of `ids` that are articles, by id."""
        found: dict[str, Brief] = {}
        for some in portions(ids):
            rows = self._connection.execute(select(*_COLUMNS).where(articles.c.id.in_(some)))
            found.update({row.id: _brief(row) for row in rows})
        return found

    def briefs_at(self, times: Iterable[datetime]) -> dict[str, Brief]:
        """Return the articles with one of these publication times (UTC), by id."""
        found: dict[str, Brief] = {}
        everything = (article_facets.c.facet == EVERYTHING[0], article_facets.c.value == EVERYTHING[1])
        for some in portions({to_text(each) for each in times}):
            live = select(article_facets.c.id).where(*everything, article_facets.c.published.in_(some))
            scheduled = (articles.c.live.is_(False), articles.c.published.in_(some))
            both = union_all(*(select(*_COLUMNS).where(*each) for each in ((articles.c.id.in_(live),), scheduled)))
            found.update({row.id: _brief(row) for row in self._connection.execute(both)})
        return found

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the plain text of these articles' content, by id."""
        found: dict[str, str] = {}
        for some in portions(ids):
            rows = self._connection.execute(select(articles.c.id, articles.c.content).where(articles.c.id.in_(some)))
            found.update({row.id: body_text(row.content) for row in rows})
        return found

    def articles_of(self, ids: Iterable[str]) -> dict[str, Article]:
        """Return those of `ids` that are articles, live or scheduled, with their content, by id."""
        found: dict[str, Article] = {}
        for some in portions(ids):
            rows = self._connection.execute(select(articles).where(articles.c.id.in_(some)))
            found.update({row.id: article_from(row) for row in rows})
        return found

    def removed_at(self, slugs: Iterable[str]) -> dict[str, str]:
        """Return the ids of the removed articles to which these slugs led last, by slug."""
        found: dict[str, str] = {}
        for some in portions(slugs):
            rows = self._connection.execute(
                select(addresses.c.slug, addresses.c.id)
                .join(removed, removed.c.id == addresses.c.id)
                .where(addresses.c.slug.in_(some))
            )
            found.update({row.slug: row.id for row in rows})
        return found

    def traces_at(self, heads: Iterable[str]) -> list[CopyOf]:
        """Return what copies of removed articles would say that have one of these heads, with the articles' ids."""
        return self._traces(removed.c.head, heads)

    def traces_from(self, paths: Iterable[str]) -> dict[str, CopyOf]:
        """Return the same of the removed articles that these files published last, by path."""
        return {each.path: each for each in self._traces(removed.c.path, paths)}

    def _traces(self, column: Column[str], values: Iterable[str]) -> list[CopyOf]:
        found: list[CopyOf] = []
        for some in portions(sorted(set(values))):
            rows = select(removed.c.trace).where(column.in_(some)).order_by(removed.c.id)
            found += [copy_of(loads(text)) for text in self._connection.scalars(rows) if text]
        return found

    def slugs_of(self, id_: str) -> set[str]:
        """Return every slug that led to an article, removed or not."""
        return set(self._connection.scalars(select(addresses.c.slug).where(addresses.c.id == id_)))

    def is_used(self, id_: str) -> bool:
        """Return whether an article has this id, or had it before it was removed."""
        return any(
            self._connection.scalar(select(table.c.id).where(table.c.id == id_)) is not None
            for table in (articles, removed)
        )


_COLUMNS = (articles.c.id, articles.c.slug, articles.c.published, articles.c.data)


def _brief(row: Any) -> Brief:
    data = loads(row.data)
    return Brief(
        id=row.id,
        slug=row.slug,
        aliases=tuple(data["aliases"]),
        title=data["title"],
        published=to_time(row.published),
        updated=to_time(data["updated"]),
        media=tuple(data["media"]),
    )
