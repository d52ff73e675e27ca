"""One commit: what a sync writes, and what readers can see of it."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from feedsvc.errors import StillInContent, UnknownId
from feedsvc.store.change_log import Entry
from feedsvc.store.commit import erasure
from feedsvc.store.commit.articles import ArticleWriter
from feedsvc.store.commit.corrections import Corrections
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.commit.media import MediaFiles
from feedsvc.store.commit.periods import Periods
from feedsvc.store.commit.publishing import Publisher
from feedsvc.store.commit.schedule import Schedule
from feedsvc.store.commit.site import SiteWriter
from feedsvc.store.commit.tombstones import Tombstones
from feedsvc.store.facets import SITE
from feedsvc.store.file_records import CopyOf, FileRecords
from feedsvc.store.rows import article_from, dumps
from feedsvc.store.schema import addresses, changes, removed
from feedsvc.store.session import Session
from feedsvc.store.snapshot import Snapshot


class Commit:
    """One commit, in parts. Readers see all of it or nothing.

    `snapshot` shows the store with the changes of this commit so far.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self.log = log = CommitLog(session, now)
        self.snapshot = Snapshot(session)
        self.media = MediaFiles(session, log)
        self.corrections = Corrections(session, log, self.snapshot.archives)
        self.tombstones = Tombstones(session, log)
        publisher = Publisher(session, log, self.corrections, self.tombstones, self.snapshot.translations)
        self.articles = ArticleWriter(session, log, publisher, self.media)
        self.schedule = Schedule(session, log, self.articles)
        self.periods = Periods(session, log)
        self.site = SiteWriter(session, log)

    @property
    def files(self) -> FileRecords:
        """Return the records of files."""
        return self.snapshot.files

    def note_traces(self, traces: Iterable[CopyOf]) -> None:
        """Remember what copies of removed articles would say; of articles that were never public nothing."""
        rows = [{"of": each.id, "file": each.path, "by": each.head, "said": dumps(asdict(each))} for each in traces]
        if rows:
            statement = update(removed).where(removed.c.id == bindparam("of"))
            statement = statement.values(path=bindparam("file"), head=bindparam("by"), trace=bindparam("said"))
            self._session.connection.execute(statement, rows)

    def has_address(self, address: str) -> bool:
        """Return whether a slug or an old address leads to a live article."""
        return self.snapshot.has_address(address)

    def owner(self, address: str) -> str | None:
        """Return the page of the live article whose file gives it a slug or an old address."""
        return self.snapshot.owner(address)

    def has_media(self, name: str) -> bool:
        """Return whether an article has a file of this name."""
        return self.snapshot.has_media(name)

    def has_facet(self, facet: str, value: str) -> bool:
        """Return whether an article has or had this facet, including those that this commit adds."""
        return self.log.counted[facet, value] > 0 or self.snapshot.has_facet(facet, value)

    def reidentify(self, old: str, new: str) -> None:
        """Publish the article `old` under the id `new`, at the same addresses.

        Readers get a tombstone for the one and an entry for the other. Raises UnknownId if there is no article `old`,
        or `new` is in use.
        """
        rows = self.articles.rows([old, new])
        if old not in rows:
            raise UnknownId(f"no article has the id {old!r} (feeds and feedsvc ids name ids)")
        if new in rows:
            raise UnknownId(f"{new!r} is the id of another article (choose another, or remove that one)")
        article = article_from(rows[old])
        self.articles.remove([old])
        self.articles.put([replace(article, id=new)])
        self._session.connection.execute(update(addresses).where(addresses.c.id == old).values(id=new))
        self.files.reidentify(old, new)

    def forget(self, id_: str) -> list[str]:
        """Delete an article's title, summary and text from the store. Return the media that are no longer used.

        Its id, addresses, topics and language stay, for the tombstone, for 410 and for cursors. Tags and authors that
        no other article had are deleted. `erase_deleted` removes the bytes from the file. Raises UnknownId if no
        article ever had the id, and StillInContent if a file publishes it, since the next sync would bring it back.
        """
        paths = self.files.publishers([id_]).get(id_)
        if paths:
            raise StillInContent(f"{min(paths)} publishes {id_!r} (delete the file, run feedsvc sync, then forget it)")
        logged = select(changes.c.id).where(changes.c.id == id_).limit(1)
        if id_ not in self.articles.rows([id_]) and self._session.connection.scalar(logged) is None:
            raise UnknownId(
                f"no article that was public has or had the id {id_!r} (feeds and tombstones name ids; for one that "
                "was only scheduled delete its file, run feedsvc sync, then this command: it erases what was deleted)"
            )
        self.articles.remove([id_])
        if erasure.erase_states(self._session.connection, id_):
            # Documents of such a tag or author are cached under its name.
            self.log.append(Entry("site", "", facets=[SITE]))
        return self.media.drop_unused()

    def expire_tombstones(self, days: int) -> None:
        """Remove tombstones and corrections that are older than `days` from the feeds."""
        limit = self.log.now - timedelta(days=days)
        self.tombstones.expire(limit)
        self.corrections.expire(limit)

    def finish(self) -> None:
        """End the commit. Count it if readers can see it."""
        self.log.finish()
