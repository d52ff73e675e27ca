"""Save and remove articles: many at a time, with few statements."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from feedsvc.model import PREVIEW_MARK, Article
from feedsvc.slices.search_terms import Terms
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.commit.media import MediaFiles
from feedsvc.store.commit.publishing import Done, Publisher, Step
from feedsvc.store.portions import portions
from feedsvc.store.rows import article_from, article_row
from feedsvc.store.schema import articles
from feedsvc.store.session import Session


class ArticleWriter:
    """The part of a commit that writes the table of articles."""

    def __init__(self, session: Session, log: CommitLog, publisher: Publisher, media: MediaFiles) -> None:
        self._connection = session.connection
        self._session = session
        self._log, self._publisher, self._media = log, publisher, media

    def put(
        self,
        batch: Sequence[Article],
        terms: Mapping[str, Terms] | None = MappingProxyType({}),
        same_source: Set[str] = frozenset(),
    ) -> list[Done]:
        """Save articles; those that are due become live. Return what happened to each that is or was live.

        `terms` may have the search terms of articles by id (`search_terms`); the others are computed. None leaves new
        articles out of the search index, inside the block of `indexed`. `same_source`
        are the ids of articles from unchanged files: if they differ, they are not corrections.
        """
        rows = self.rows([each.id for each in batch])
        self._free_slugs([each for each in batch if each.id in rows and rows[each.id].slug != each.slug])
        steps, stale = [], []
        for each in batch:
            row = rows.get(each.id)
            values = {**article_row(each), "live": self._is_live(each)}
            if row is None or dict(row._mapping) != values:
                stale.append((each, values))
                before = article_from(row) if row is not None and row.live else None
                steps.append(Step(before, each if values["live"] else None, each.id in same_source))
        groups = self._publisher.groups([step.before for step in steps if step.before])
        self._session.put(articles, [values for _, values in stale])
        self._media.add_references([article for article, _ in stale])
        return self._publisher.publish(steps, groups, terms)

    def _is_live(self, article: Article) -> bool:
        """Return whether readers see the article after this commit."""
        is_over = article.expires is not None and article.expires <= self._log.now
        # Only the store of a preview has marked articles; it shows scheduled ones before their time.
        is_due = article.published <= self._log.now or PREVIEW_MARK in article.extra
        return is_due and not is_over

    def indexed(self, found: Callable[[], Iterable[tuple[Article, Terms | None]]]) -> AbstractContextManager[None]:
        """Make the search index of a store without articles while the block saves them, without `terms`.

        `found` returns them with their terms (None for pages), also in a process that was forked from this one. It may
        leave out their texts.
        """

        def entries() -> Iterator[tuple[str, Terms]]:
            return ((each.id, terms) for each, terms in found() if terms and self._is_live(each))

        return self._session.engine.search.build(self._connection, entries)

    def rows(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return the rows of these articles, by id."""
        found: dict[str, Any] = {}
        for some in portions(ids):
            rows = self._connection.execute(select(articles).where(articles.c.id.in_(some)))
            found.update({row.id: row for row in rows})
        return found

    def _free_slugs(self, renamed: Sequence[Article]) -> None:
        """Free the slugs of renamed articles, because two articles may swap slugs in one commit."""
        if renamed:
            statement = update(articles).where(articles.c.id == bindparam("renamed"))
            values = [{"renamed": each.id, "between": f"/{each.id}"} for each in renamed]
            self._connection.execute(statement.values(slug=bindparam("between")), values)

    def remove(self, ids: Sequence[str]) -> list[Done]:
        """Remove articles: 410 at their addresses, a tombstone in Atom. Return those that were live."""
        rows = self.rows(ids)
        steps = [Step(before=article_from(rows[id_])) for id_ in ids if id_ in rows and rows[id_].live]
        groups = self._publisher.groups([step.article for step in steps])
        for some in portions(rows):
            self._connection.execute(delete(articles).where(articles.c.id.in_(some)))
        self._media.release_references(list(rows))
        return self._publisher.publish(steps, groups, {})
