"""Make articles visible or invisible to readers: indexes, tombstones and entries in the change log."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import delete, literal, or_, select

from feedsvc.model import Article
from feedsvc.slices.search_terms import Terms, is_same, terms_of
from feedsvc.store.change_log import Entry
from feedsvc.store.commit.corrections import Corrections
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.commit.tombstones import Tombstones
from feedsvc.store.facets import facet_rows, facets_of
from feedsvc.store.portions import portions
from feedsvc.store.rows import article_from
from feedsvc.store.schema import addresses, article_facets, articles
from feedsvc.store.session import Session
from feedsvc.store.snapshot.translations import Translations

Event = Literal["added", "changed", "removed", "rerendered"]
Done = tuple[Event, Article]


@dataclass(frozen=True, slots=True)
class Step:
    """An article as readers see it before and after a commit; None if they do not see it.

    `same_source` says that the article's file, and the files beside it, have the same bytes as before.
    """

    before: Article | None = None
    after: Article | None = None
    same_source: bool = False

    @property
    def event(self) -> Event:
        """Return the kind of change. A different rendering alone is not a correction."""
        if self.after is None:
            return "removed"
        if self.before is None:
            return "added"
        return "rerendered" if self.same_source else "changed"

    @property
    def has_same_links(self) -> bool:
        """Return whether translations, which show its address, language and title, show the same after the commit."""
        if self.before is None or self.after is None or not self.same_source:
            return False
        shown = ("slug", "title", "language", "translation_of", "aliases")
        return all(getattr(self.before, name) == getattr(self.after, name) for name in shown)

    @property
    def article(self) -> Article:
        """Return the article as it is, or as it was last."""
        article = self.after or self.before
        assert article is not None
        return article

    def entry(self) -> Entry:
        """Return its entry in the change log.

        If a rerendered article is in other slices than before, by its date or a tag, cursors report it: copies of
        slices that scripts keep would be wrong otherwise.
        """
        entry = Entry(self.event, self.article.id, before=self.before, after=self.after)
        is_moved = entry.kind == "rerendered" and len(entry.states()) > 1
        return replace(entry, kind="changed") if is_moved else entry


class Publisher:
    """The part of a commit that readers see."""

    def __init__(
        self,
        session: Session,
        log: CommitLog,
        corrections: Corrections,
        tombstones: Tombstones,
        translations: Translations,
    ) -> None:
        self._connection = session.connection
        self._session = session
        self._log, self._corrections, self._tombstones, self._translations = log, corrections, tombstones, translations

    def publish(
        self, steps: Sequence[Step], groups: Mapping[str, Set[str]], terms: Mapping[str, Terms] | None
    ) -> list[Done]:
        """Apply steps. `groups` are the slugs of the originals before the commit, by id.

        `terms` are those of `ArticleWriter.put`.
        """
        steps = [step for step in steps if step.before or step.after]
        for some in portions(steps):
            self._forget([step.before for step in some if step.before])
            self._add_to_indexes([step.after for step in some if step.after])
            if terms is not None:
                self._index(some, terms)
            gone = [step.article for step in some if not step.after]
            self._corrections.delete(gone)
            self._tombstones.add(gone)
            self._corrections.note([step.after for step in some if step.after and step.event != "rerendered"])
            self._log.append(*(step.entry() for step in some))
        self._log_translations("related", [step.article for step in steps if step.event != "rerendered"], groups)
        relinked = [step.article for step in steps if step.event == "rerendered" and not step.has_same_links]
        self._log_translations("rerendered", relinked, groups)
        return [(step.event, step.article) for step in steps]

    def _forget(self, some: Sequence[Article]) -> None:
        """Remove articles from the indexes under their former facets."""
        if some:
            ids = [each.id for each in some]
            self._connection.execute(delete(article_facets).where(article_facets.c.id.in_(ids)))
        for each in some:
            self._log.counted.subtract(facets_of(each))

    def _add_to_indexes(self, some: Sequence[Article]) -> None:
        """Add articles to the indexes: addresses, facets. Delete their tombstones."""
        if not some:
            return
        self._tombstones.delete(some)
        slugs = [{"slug": slug, "id": each.id} for each in some for slug in (each.slug, *each.aliases)]
        self._session.put(addresses, slugs)
        self._session.insert(article_facets, [row for each in some for row in facet_rows(each)])
        for each in some:
            self._log.counted.update(facets_of(each))

    def _index(self, some: Sequence[Step], terms: Mapping[str, Terms]) -> None:
        """Update the search index."""
        found_by: dict[str, Terms] = {}
        search = self._session.engine.search
        for step in some:
            # A page is in no search.
            before = step.before if step.before and not step.before.is_page else None
            after = step.after if step.after and not step.after.is_page else None
            if before and after and is_same(before, after):
                continue
            if before:
                search.take(self._connection, before)
            if after:
                found_by[after.id] = terms.get(after.id) or terms_of(after)
        search.put(self._connection, found_by)

    def groups(self, some: Sequence[Article]) -> dict[str, Set[str]]:
        """Return, for each article, every present and former slug of the original of its translations."""
        slugs_of = self._translations.slugs_of_originals
        return {id_: slugs for few in portions(some) for id_, slugs in slugs_of(few).items()}

    def _log_translations(
        self, kind: Literal["related", "rerendered"], some: Sequence[Article], groups: Mapping[str, Set[str]]
    ) -> None:
        """Log the translations of changed articles, since translations show links to each other.

        `groups` are the slugs of the originals before the commit. Each group is read once, however many of its
        articles changed.
        """
        after = self.groups(some)
        slugs = {slug for id_ in after for slug in (*after[id_], *groups.get(id_, ()))}
        member_ids: set[str] = set()
        for few in portions(sorted(slugs)):
            is_member = or_(articles.c.slug.in_(few), articles.c.translation_of.in_(few))
            member_ids.update(self._connection.scalars(select(articles.c.id).where(articles.c.live, is_member)))
        ids = sorted(member_ids - (self._log.reported if kind == "related" else self._log.logged))
        # The change log does not need the content.
        columns = [literal("").label("content") if each.name == "content" else each for each in articles.c]
        for few in portions(ids):
            rows = self._connection.execute(select(*columns).where(articles.c.id.in_(few)).order_by(articles.c.id))
            found = [article_from(row) for row in rows]
            self._log.append(*(Entry(kind, each.id, before=each, after=each) for each in found))
