"""Save the publication, and log what its changes touch."""

from dataclasses import replace

from sqlalchemy import select

from feedsvc.model import Export, Site, Topic
from feedsvc.store.change_log import Entry, Version
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.facets import SITE, Facet
from feedsvc.store.rows import site_from, site_text, to_text
from feedsvc.store.schema import article_facets
from feedsvc.store.session import Session


class SiteWriter:
    """The part of a commit that saves the site, the renderer's version and the time of the sync."""

    def __init__(self, session: Session, log: CommitLog) -> None:
        self._connection = session.connection
        self._session, self._log = session, log

    def note_sync(self) -> None:
        """Save the time of the sync. Readers of feeds see no difference."""
        self._log.put_meta("synced", to_text(self._log.now))

    def note_revision(self, text: str) -> None:
        """Save the revision of the content that is published. Readers see no difference."""
        self._log.put_meta("writer_revision", text)

    def note_purged(self, version: Version) -> None:
        """Save the last version whose responses were purged from the CDN. Readers see no difference."""
        self._log.put_meta("purged", " ".join(map(str, version)))

    def note_preview(self) -> None:
        """Note that this is the store of a preview, with drafts in it."""
        self._log.put_meta("preview", "1")

    def put_renderer_version(self, version: str) -> None:
        """Save the version of the renderer. Another version touches every document."""
        known = self._session.meta("renderer")
        if known == version:
            return
        if known is not None:
            self._log.append(Entry("renderer", version, facets=[SITE]))
        self._log.put_meta("renderer", version)
        self._log.touched = True

    def put(self, site: Site) -> bool:
        """Save the publication, and return whether it differs from the one that was saved before.

        A change of a topic touches the slices that show it; other changes touch all.
        """
        text = site_text(site)
        known = self._session.meta("site")
        if known == text:
            return False
        if known is not None:
            self._log_change(site_from(known), site)
        self._log.put_meta("site", text)
        self._session.replace_site(site)
        self._log.touched = True
        return True

    def _log_change(self, before: Site, after: Site) -> None:
        if _without_topics(before) != _without_topics(after):
            self._log.append(Entry("site", "", facets=[SITE]))
            return
        topics = {topic.name: replace(topic, aliases=()) for topic in before.topics}
        now = {topic.name: replace(topic, aliases=()) for topic in after.topics}
        for topic in [*after.topics, *(t for t in before.topics if t.name not in now)]:
            if topics.get(topic.name) != now.get(topic.name):
                self._log.append(Entry("topic", topic.name, facets=self._facets_beside(topic)))

    def _facets_beside(self, topic: Topic) -> set[Facet]:
        """Return the facets of every article with that topic, because their feeds show its title."""
        ids = select(article_facets.c.id).where(article_facets.c.facet == "topic", article_facets.c.value == topic.name)
        found = self._connection.execute(
            select(article_facets.c.facet, article_facets.c.value).where(article_facets.c.id.in_(ids)).distinct()
        )
        return {("topic", topic.name), *((row.facet, row.value) for row in found)}


def _without_topics(site: Site) -> Site:
    """Return the site without its topics, and without redirects and exports, which no document of the service shows."""
    placeholder = Topic(name="-", title=site.title, description=site.title)
    return replace(site, topics=(placeholder,), gone_topics=(), redirects=(), redirect_presets=(), export=Export())
