"""What it means to readers that articles come, change and go: where they are found, what is left, what is logged."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, insert, literal, or_, select

from feedsvc.model import Article
from feedsvc.store import search
from feedsvc.store.changes import Entry
from feedsvc.store.engine import portions, put
from feedsvc.store.facets import facet_rows, facets_of
from feedsvc.store.rows import article_from, to_text
from feedsvc.store.schema import addresses, article_facets, articles, removed, removed_facets
from feedsvc.store.search import Terms
from feedsvc.store.timekeeping import Timekeeper

Event = Literal["added", "changed", "removed"]
Done = tuple[Event, Article]


@dataclass(frozen=True, slots=True)
class Step:
    """An article as readers saw it before and see it after a commit; None where they do not."""

    before: Article | None = None
    after: Article | None = None

    @property
    def event(self) -> Event:
        """What readers would call it."""
        return ("changed" if self.before else "added") if self.after else "removed"

    @property
    def article(self) -> Article:
        """As it is, or as it was last."""
        article = self.after or self.before
        assert article is not None
        return article

    def entry(self) -> Entry:
        """What the log keeps of it."""
        return Entry(self.event, self.article.id, before=self.before, after=self.after)


class Publisher(Timekeeper):
    """The part of a commit that readers see."""

    def _publish(self, steps: Sequence[Step], groups: Mapping[str, Set[str]], terms: Mapping[str, Terms]) -> list[Done]:
        """Take steps. `groups` are the slugs of the originals, by id, as they were before."""
        steps = [step for step in steps if step.before or step.after]
        for some in portions(steps):
            self._forget([step.before for step in some if step.before])
            self._find_again([step.after for step in some if step.after])
            self._index(some, terms)
            self._bury([step.article for step in some if not step.after])
            self._log(*(step.entry() for step in some))
        done: list[Done] = [(step.event, step.article) for step in steps]
        after = self._groups([article for _, article in done])
        self._log_related({slug for id_ in after for slug in (*after[id_], *groups.get(id_, ()))})
        return done

    def _forget(self, some: Sequence[Article]) -> None:
        """Let articles no longer be found by what they were."""
        if some:
            ids = [each.id for each in some]
            self._connection.execute(delete(article_facets).where(article_facets.c.id.in_(ids)))
        for each in some:
            self._counted.subtract(facets_of(each))

    def _find_again(self, some: Sequence[Article]) -> None:
        """Let articles be found by what they are: at their addresses, in their slices, in no graveyard."""
        if not some:
            return
        ids = [each.id for each in some]
        for table in (removed, removed_facets):
            self._connection.execute(delete(table).where(table.c.id.in_(ids)))
        slugs = [{"slug": slug, "id": each.id} for each in some for slug in (each.slug, *each.aliases)]
        self._connection.execute(put(addresses), slugs)
        self._connection.execute(insert(article_facets), [row for each in some for row in facet_rows(each)])
        for each in some:
            self._counted.update(facets_of(each))
        self._note_corrections(some)

    def _index(self, some: Sequence[Step], terms: Mapping[str, Terms]) -> None:
        """Let articles be found by their words."""
        found_by: dict[str, Terms] = {}
        for step in some:
            if step.before and step.after and search.is_same(step.before, step.after):
                continue
            if step.before:
                search.take(self._connection, step.before)
            if step.after:
                found_by[step.after.id] = terms.get(step.after.id) or search.terms_of(step.after)
        search.put(self._connection, found_by)

    def _bury(self, some: Sequence[Article]) -> None:
        """Articles that were live are so no longer; each leaves a tombstone."""
        if not some:
            return
        self._forget_corrections(some)
        at = to_text(self.at)
        self._connection.execute(put(removed), [{"id": each.id, "at": at, "recent": True} for each in some])
        self._connection.execute(insert(removed_facets), [row for each in some for row in facet_rows(each)])

    def _groups(self, some: Sequence[Article]) -> dict[str, Set[str]]:
        """By article: every slug that the original of its group of translations has or had."""
        return {id_: slugs for few in portions(some) for id_, slugs in self._slugs_of_originals(few).items()}

    def _log_related(self, slugs: Set[str]) -> None:
        """Translations show links to each other, so one that comes, changes or goes touches the others.

        `slugs` are those of their originals. A group is looked at once, however many of it changed.
        """
        ids = sorted(self._mates(slugs) - self._logged)
        # The log keeps nothing of the content.
        columns = [literal("").label("content") if each.name == "content" else each for each in articles.c]
        for some in portions(ids):
            rows = self._connection.execute(select(*columns).where(articles.c.id.in_(some)).order_by(articles.c.id))
            mates = [article_from(row) for row in rows]
            self._log(*(Entry("related", each.id, before=each, after=each) for each in mates))

    def _mates(self, slugs: Set[str]) -> set[str]:
        """The ids of the live articles of these groups."""
        found: set[str] = set()
        for some in portions(sorted(slugs)):
            is_mate = or_(articles.c.slug.in_(some), articles.c.translation_of.in_(some))
            found.update(self._connection.scalars(select(articles.c.id).where(articles.c.live, is_mate)))
        return found
