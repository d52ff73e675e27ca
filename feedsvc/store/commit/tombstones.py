"""Tombstones of removed articles (RFC 6721): in the feeds for a time, in the store for ever."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from feedsvc.model import Article
from feedsvc.store.change_log import Entry
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.facets import Facet, facet_rows, facets_of
from feedsvc.store.rows import to_text
from feedsvc.store.schema import removed, removed_facets
from feedsvc.store.session import Session


class Tombstones:
    """The part of a commit that writes the tables of removed articles."""

    def __init__(self, session: Session, log: CommitLog) -> None:
        self._connection = session.connection
        self._session, self._log = session, log

    def add(self, some: Sequence[Article]) -> None:
        """Add a tombstone for articles that are no longer live."""
        if not some:
            return
        at = to_text(self._log.at)
        self._session.put(removed, [{"id": each.id, "at": at, "recent": True} for each in some])
        self._session.insert(removed_facets, [row for each in some for row in facet_rows(each)])

    def delete(self, some: Sequence[Article]) -> None:
        """Delete the tombstones of articles that are live again.

        Feeds that showed a tombstone and that the article is not in now change too, so the change log has an entry for
        them.
        """
        known = self._known([each.id for each in some])
        for each in some:
            entry = known.get(each.id)
            if entry and (frozenset(entry.facets), entry.published) != (facets_of(each), to_text(each.published)):
                self._log.append(entry)
        if known:
            for table in (removed, removed_facets):
                self._connection.execute(delete(table).where(table.c.id.in_(known)))

    def _known(self, ids: Sequence[str]) -> dict[str, Entry | None]:
        """Return, for each id with a tombstone, the entry that says that its feeds lose it; None if none shows it.

        It has all facets that the article had, and its date: a feed may be of several facets, and of some days.
        """
        facets: defaultdict[tuple[str, str | None], list[Facet]] = defaultdict(list)
        rows = select(removed.c.id, removed_facets.c.facet, removed_facets.c.value, removed_facets.c.published)
        rows = rows.outerjoin(removed_facets, removed_facets.c.id == removed.c.id).where(removed.c.id.in_(ids))
        for row in self._connection.execute(rows):
            facets[row.id, row.published].append((row.facet, row.value))
        return {
            id_: Entry("expired", id_, facets=some, published=at) if at is not None else None
            for (id_, at), some in facets.items()
        }

    def expire(self, limit: datetime) -> None:
        """Remove tombstones that are older than `limit` (UTC) from the feeds, with entries in the change log.

        Their ids stay in the store, so that the addresses of the articles answer 410.
        """
        old = select(removed.c.id).where(removed.c.recent, removed.c.at <= to_text(limit))
        old = old.order_by(removed.c.at, removed.c.id)
        for id_ in self._connection.scalars(old).all():
            rows = self._connection.execute(select(removed_facets).where(removed_facets.c.id == id_)).all()
            self._connection.execute(update(removed).where(removed.c.id == id_).values(recent=False))
            self._connection.execute(delete(removed_facets).where(removed_facets.c.id == id_))
            self._log.append(Entry("expired", id_, facets=[(row.facet, row.value) for row in rows]))
