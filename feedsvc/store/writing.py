"""One commit: what a sync writes, and what of it readers can see. Many articles at a time, in few statements."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from feedsvc.errors import StillInContent, UnknownId
from feedsvc.model import Article, Site, Topic
from feedsvc.store import erasure
from feedsvc.store.changes import Entry
from feedsvc.store.facets import SITE, Facet
from feedsvc.store.keeping import MediaKeeper
from feedsvc.store.publishing import Done, Publisher, Step
from feedsvc.store.rows import article_from, article_row, site_from, site_text, to_text
from feedsvc.store.schema import addresses, article_facets, articles, changes
from feedsvc.store.sqlite.engine import portions, put
from feedsvc.store.sqlite.search import Terms


class Writer(Publisher, MediaKeeper):
    """Everything done through it is one commit, seen by readers at once or not at all."""

    def note_sync(self) -> None:
        """Remember when the content folder was last looked at; readers of feeds see no difference."""
        self.put_meta("synced", to_text(self.now))

    def put_renderer_version(self, version: str) -> None:
        """Note which renderer makes the documents; another one touches them all."""
        known = self._meta("renderer")
        if known == version:
            return
        if known is not None:
            self._log(Entry("renderer", version, facets=[SITE]))
        self.put_meta("renderer", version)
        self.touched = True

    def put_site(self, site: Site) -> None:
        """Save the publication. A change of it touches every slice, one of a topic those that show the topic."""
        text = site_text(site)
        known = self._meta("site")
        if known == text:
            return
        if known is not None:
            self._log_site_change(site_from(known), site)
        self.put_meta("site", text)
        self._site = site
        self.touched = True

    def _log_site_change(self, before: Site, after: Site) -> None:
        if _without_topics(before) != _without_topics(after):
            self._log(Entry("site", "", facets=[SITE]))
            return
        topics = {topic.name: replace(topic, aliases=()) for topic in before.topics}
        now = {topic.name: replace(topic, aliases=()) for topic in after.topics}
        for topic in [*after.topics, *(t for t in before.topics if t.name not in now)]:
            if topics.get(topic.name) != now.get(topic.name):
                self._log(Entry("topic", topic.name, facets=self._facets_beside(topic)))

    def _facets_beside(self, topic: Topic) -> set[Facet]:
        """The facets of every article with that topic: their feeds show its title."""
        ids = select(article_facets.c.id).where(article_facets.c.facet == "topic", article_facets.c.value == topic.name)
        found = self._connection.execute(
            select(article_facets.c.facet, article_facets.c.value).where(article_facets.c.id.in_(ids)).distinct()
        )
        return {("topic", topic.name), *((row.facet, row.value) for row in found)}

    def put_articles(
        self,
        batch: Sequence[Article],
        terms: Mapping[str, Terms] = MappingProxyType({}),
        same_source: Set[str] = frozenset(),
    ) -> list[Done]:
        """Save articles; those due are live. Returns what happened to each that is or was live.

        `terms` may say, by id, what some are found by (`search.terms_of`); the others' are worked out. `same_source`
        are the ids of articles that are made of the same bytes as before: where they differ, they are no corrections.
        """
        rows = self._known([each.id for each in batch])
        self._free_slugs([each for each in batch if each.id in rows and rows[each.id].slug != each.slug])
        valued = [(each, rows.get(each.id), self._values(each)) for each in batch]
        stale = [(each, row, values) for each, row, values in valued if row is None or dict(row._mapping) != values]
        steps = [
            replace(_step(article, row, live=values["live"]), same_source=article.id in same_source)
            for article, row, values in stale
        ]
        groups = self._groups([step.before for step in steps if step.before])
        if stale:
            self._connection.execute(put(articles), [values for _, _, values in stale])
        self._use_media([article for article, _, _ in stale])
        return self._publish(steps, groups, terms)

    def _values(self, article: Article) -> dict[str, Any]:
        is_over = article.expires is not None and article.expires <= self.now
        return {**article_row(article), "live": article.published <= self.now and not is_over}

    def _known(self, ids: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for some in portions(ids):
            rows = self._connection.execute(select(articles).where(articles.c.id.in_(some)))
            found.update({row.id: row for row in rows})
        return found

    def _free_slugs(self, renamed: Sequence[Article]) -> None:
        """Two articles may swap slugs in one commit."""
        if renamed:
            statement = update(articles).where(articles.c.id == bindparam("renamed"))
            values = [{"renamed": each.id, "between": f"/{each.id}"} for each in renamed]
            self._connection.execute(statement.values(slug=bindparam("between")), values)

    def remove(self, ids: Sequence[str]) -> list[Done]:
        """Remove articles for good: 410 at their addresses, a tombstone in Atom. Returns those that were live."""
        rows = self._known(ids)
        steps = [Step(before=article_from(rows[id_])) for id_ in ids if id_ in rows and rows[id_].live]
        groups = self._groups([step.article for step in steps])
        for some in portions(rows):
            self._connection.execute(delete(articles).where(articles.c.id.in_(some)))
        self._leave_media(list(rows))
        return self._publish(steps, groups, {})

    def reidentify(self, old: str, new: str) -> None:
        """Publish the article `old` as `new`: a tombstone for the one, a new entry for the other, at all its addresses.

        Raises UnknownId when there is no article `old`, or one is `new` already.
        """
        rows = self._known([old, new])
        if old not in rows:
            raise UnknownId(f"no article has the id {old!r} (feeds and feedsvc ids name ids)")
        if new in rows:
            raise UnknownId(f"{new!r} is the id of another article (choose another, or remove that one)")
        article = article_from(rows[old])
        self.remove([old])
        self.put_articles([replace(article, id=new)])
        self._connection.execute(update(addresses).where(addresses.c.id == old).values(id=new))
        self.files.reidentify(old, new)

    def forget(self, id_: str) -> list[str]:
        """Remove what the store holds of an article's title, summary and text; return the media that nobody uses now.

        Its id, its addresses, its topics and its language stay: for the tombstone, for 410, and for cursors. Tags and
        authors that no other article had go. The bytes leave the file with `erasure.erase_deleted`. Raises UnknownId
        where no article ever had the id, and StillInContent where a file publishes it: the next sync would bring it
        back.
        """
        paths = self.files.publishers([id_]).get(id_)
        if paths:
            raise StillInContent(f"{min(paths)} publishes {id_!r} (delete the file, run feedsvc sync, then forget it)")
        logged = select(changes.c.id).where(changes.c.id == id_).limit(1)
        if id_ not in self._known([id_]) and self._connection.scalar(logged) is None:
            raise UnknownId(
                f"no article that was public has or had the id {id_!r} (feeds and tombstones name ids; for one that "
                "was only scheduled delete its file, run feedsvc sync, then this command: it erases what was deleted)"
            )
        self.remove([id_])
        if erasure.erase_states(self._connection, id_):
            # Documents of such a tag or author are held under its name.
            self._log(Entry("site", "", facets=[SITE]))
        return self.drop_unused_media()

    def over(self) -> list[str]:
        """The ids of the articles, live and scheduled, that are to be taken down by now."""
        over = articles.c.expires <= to_text(self.now)
        return list(self._connection.scalars(select(articles.c.id).where(over).order_by(articles.c.id)))

    def release(self) -> list[Done]:
        """Put the scheduled articles live whose time has come."""
        due = self._connection.execute(
            select(articles).where(articles.c.live.is_(False), articles.c.published <= to_text(self.now))
        ).all()
        return self.put_articles([article_from(row) for row in due])


def _step(article: Article, row: Any, *, live: bool) -> Step:
    return Step(before=article_from(row) if row is not None and row.live else None, after=article if live else None)


def _without_topics(site: Site) -> Site:
    """Return the site without its topics, and without what leads elsewhere: no document shows redirects."""
    placeholder = Topic(name="-", title=site.title, description=site.title)
    return replace(site, topics=(placeholder,), gone_topics=(), redirects=(), redirect_presets=())
