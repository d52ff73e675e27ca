"""One commit: what a sync writes, and what the change log makes of it."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, insert, literal, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from feedsvc.model import Article, Site, Topic
from feedsvc.store import changes as log
from feedsvc.store import search
from feedsvc.store.engine import portions
from feedsvc.store.facets import SITE, Facet, facet_rows, facets_of
from feedsvc.store.rows import article_from, article_row, site_from, site_text, to_text
from feedsvc.store.schema import (
    addresses,
    article_facets,
    article_media,
    articles,
    media,
    removed,
    removed_facets,
)
from feedsvc.store.timekeeping import Timekeeper


class Writer(Timekeeper):
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
            self._log("renderer", version, facets=[SITE])
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
            self._log("site", "", facets=[SITE])
            return
        topics = {topic.name: topic for topic in before.topics}
        for topic in [*after.topics, *(t for t in before.topics if after.topic(t.name) is None)]:
            if topics.get(topic.name) != after.topic(topic.name):
                self._log("topic", topic.name, facets=self._facets_beside(topic))

    def _facets_beside(self, topic: Topic) -> set[Facet]:
        """The facets of every article with that topic: their feeds show its title."""
        ids = select(article_facets.c.id).where(article_facets.c.facet == "topic", article_facets.c.value == topic.name)
        found = self._connection.execute(
            select(article_facets.c.facet, article_facets.c.value).where(article_facets.c.id.in_(ids)).distinct()
        )
        return {("topic", topic.name), *((row.facet, row.value) for row in found)}

    def put_articles(self, batch: Sequence[Article]) -> list[tuple[str, Article]]:
        """Save articles; those due are live. Returns what happened: ("added" | "changed" | "removed", article)."""
        done: list[tuple[str, Article]] = []
        rows = {id_: row for some in portions(batch) for id_, row in self._known_rows(some).items()}
        self._free_slugs([each for each in batch if each.id in rows and rows[each.id].slug != each.slug])
        stale = [(each, rows.get(each.id), values) for each in batch for values in (self._values(each),)]
        stale = [(each, row, values) for each, row, values in stale if row is None or dict(row._mapping) != values]
        groups = self._groups([article_from(row) for _, row, _ in stale if row is not None and row.live])
        for article, row, values in stale:
            kind = self._put_article(article, row, values)
            if kind is not None:
                done.append((kind, article))
        for id_, slugs in self._groups([article for _, article in done]).items():
            groups[id_] = groups.get(id_, frozenset()) | slugs
        self._log_related({slug for _, article in done for slug in groups[article.id]})
        return done

    def _values(self, article: Article) -> dict[str, Any]:
        return {**article_row(article), "live": article.published <= self.now}

    def _known_rows(self, some: Sequence[Article]) -> dict[str, Any]:
        found = self._connection.execute(select(articles).where(articles.c.id.in_([each.id for each in some])))
        return {row.id: row for row in found}

    def _free_slugs(self, renamed: Sequence[Article]) -> None:
        """Two articles may swap slugs in one commit."""
        if renamed:
            statement = update(articles).where(articles.c.id == bindparam("renamed"))
            values = [{"renamed": each.id, "between": f"/{each.id}"} for each in renamed]
            self._connection.execute(statement.values(slug=bindparam("between")), values)

    def _put_article(self, article: Article, row: Any, values: dict[str, Any]) -> log.Kind | None:
        before = article_from(row) if row is not None and row.live else None
        statement = upsert(articles).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
        self._put_media_uses(article)
        return self._publish(before, article) if values["live"] else self._withdraw(before)

    def _publish(self, before: Article | None, after: Article) -> log.Kind:
        kind: log.Kind = "changed" if before else "added"
        self._put_addresses(after)
        self._put_facets(before, after)
        for table in (removed, removed_facets):
            self._connection.execute(delete(table).where(table.c.id == after.id))
        self._note_correction(after)
        self._log(kind, after.id, before=before, after=after)
        return kind

    def _withdraw(self, before: Article | None) -> log.Kind | None:
        """An article that was live is so no longer; it leaves a tombstone."""
        if before is None:
            return None
        self._put_facets(before, None)
        self._forget_correction(before.id)
        self._connection.execute(
            upsert(removed)
            .values(id=before.id, at=to_text(self.at), recent=True)
            .on_conflict_do_update(index_elements=["id"], set_={"at": to_text(self.at), "recent": True})
        )
        self._connection.execute(insert(removed_facets), facet_rows(before))
        self._log("removed", before.id, before=before)
        return "removed"

    def remove(self, ids: Iterable[str]) -> list[tuple[str, Article]]:
        """Remove articles for good: 410 at their addresses, a tombstone in Atom. Returns ("removed", article)s."""
        done: list[tuple[str, Article]] = []
        slugs: set[str] = set()
        for id_ in ids:
            row = self._connection.execute(select(articles).where(articles.c.id == id_)).first()
            if row is None:
                continue
            article = article_from(row)
            group = self._groups([article])[id_]
            self._connection.execute(delete(articles).where(articles.c.id == id_))
            self._connection.execute(delete(article_media).where(article_media.c.id == id_))
            if self._withdraw(article if row.live else None):
                done.append(("removed", article))
                slugs |= group
        self._log_related(slugs)
        return done

    def release(self) -> list[tuple[str, Article]]:
        """Put the scheduled articles live whose time has come."""
        due = self._connection.execute(
            select(articles).where(articles.c.live.is_(False), articles.c.published <= to_text(self.now))
        ).all()
        return self.put_articles([article_from(row) for row in due])

    def put_media(self, name: str, type_: str, length: int, digest: bytes) -> None:
        """Note a file that stands in the media folder."""
        self._connection.execute(
            upsert(media)
            .values(name=name, type=type_, length=length, digest=digest, at=to_text(self.at))
            .on_conflict_do_nothing()
        )

    def drop_unused_media(self) -> list[str]:
        """Forget the files no article uses any longer; returns their names, for the folder."""
        unused = media.c.name.not_in(select(article_media.c.name))
        names = self._connection.scalars(select(media.c.name).where(unused)).all()
        self._connection.execute(delete(media).where(unused))
        return list(names)

    def media_names(self) -> set[str]:
        """The names of all files that ought to be in the media folder."""
        return set(self._connection.scalars(select(media.c.name)))

    def _put_addresses(self, article: Article) -> None:
        rows = [{"slug": slug, "id": article.id} for slug in (article.slug, *article.aliases)]
        statement = upsert(addresses)
        newer = {"id": statement.excluded.id}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["slug"], set_=newer), rows)

    def _put_facets(self, before: Article | None, after: Article | None) -> None:
        """Let the article be found by what it is now, and by its words."""
        if before:
            self._connection.execute(delete(article_facets).where(article_facets.c.id == before.id))
            self._counted.subtract(facets_of(before))
        if after:
            self._connection.execute(insert(article_facets), facet_rows(after))
            self._counted.update(facets_of(after))
        self._put_words(before, after)

    def _put_words(self, before: Article | None, after: Article | None) -> None:
        if before and after and search.is_same(before, after):
            return
        if before:
            search.take(self._connection, before)
        if after:
            search.put(self._connection, after)

    def _put_media_uses(self, article: Article) -> None:
        # Files of earlier versions stay: readers hold entries that show them. They go when the article goes.
        if article.media:
            rows = [{"name": name, "id": article.id} for name in article.media]
            self._connection.execute(upsert(article_media).on_conflict_do_nothing(), rows)

    def _groups(self, some: Sequence[Article]) -> dict[str, Set[str]]:
        """By article: every slug that the original of its group of translations has or had."""
        return {id_: slugs for few in portions(some) for id_, slugs in self._slugs_of_originals(few).items()}

    def _log_related(self, slugs: Set[str]) -> None:
        """Translations show links to each other, so one that comes, changes or goes touches the others.

        `slugs` are those of their originals. A group is looked at once, however many of it changed.
        """
        for mate in self._mates(slugs):
            if mate.id not in self._logged:
                self._log("related", mate.id, before=mate, after=mate)

    def _mates(self, slugs: Set[str]) -> list[Article]:
        """The live articles of these groups, without their content."""
        columns = [literal("").label("content") if each.name == "content" else each for each in articles.c]
        found: dict[str, Article] = {}
        for some in portions(sorted(slugs)):
            is_mate = or_(articles.c.slug.in_(some), articles.c.translation_of.in_(some))
            rows = self._connection.execute(select(*columns).where(articles.c.live, is_mate))
            found.update({row.id: article_from(row) for row in rows})
        return [found[id_] for id_ in sorted(found)]


def _without_topics(site: Site) -> Site:
    placeholder = Topic(name="-", title=site.title, description=site.title)
    return replace(site, topics=(placeholder,))
