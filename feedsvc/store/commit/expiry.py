"""Changes by time: tombstones and corrections expire, and the running period ends. Each is an entry in the log."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property

from sqlalchemy import delete, select, update

from feedsvc.model import Article
from feedsvc.slices.period import is_named, period_named, period_of
from feedsvc.store.change_log import Entry
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.facets import EVERYTHING, Facet
from feedsvc.store.portions import portions
from feedsvc.store.rows import article_from, to_text
from feedsvc.store.schema import article_facets, articles, corrections, removed, removed_facets
from feedsvc.store.session import Session
from feedsvc.store.snapshot.archives import Archives


class Expiry:
    """The part of a commit that reads the clock."""

    def __init__(self, session: Session, log: CommitLog, archives: Archives) -> None:
        self._connection = session.connection
        self._session, self._log, self._archives = session, log, archives

    def expire(self, days: int) -> None:
        """Remove tombstones and corrections that are older than `days` from the feeds."""
        limit = to_text(self._log.now - timedelta(days=days))
        for id_ in self._connection.scalars(select(removed.c.id).where(removed.c.recent, removed.c.at <= limit)).all():
            rows = self._connection.execute(select(removed_facets).where(removed_facets.c.id == id_)).all()
            self._connection.execute(update(removed).where(removed.c.id == id_).values(recent=False))
            self._connection.execute(delete(removed_facets).where(removed_facets.c.id == id_))
            self._log.append(Entry("expired", id_, facets=[(row.facet, row.value) for row in rows]))
        old = select(articles).join(corrections, corrections.c.id == articles.c.id).where(corrections.c.at <= limit)
        known = [article_from(row) for row in self._connection.execute(old).all()]
        self.forget_corrections(known)
        self._log.append(*(Entry("expired", each.id, before=each, after=each) for each in known))

    def close_period(self) -> None:
        """Close the running period if it is over. The feeds that had articles in it get another archive."""
        site = self._session.site()
        current, label = period_of(self._log.now, site), self._session.meta("running")
        if label is not None and is_named(label, site):
            known = period_named(label, site)
            # A clock that goes backwards opens no period again.
            if current.start <= known.start:
                return
            last = to_text(current.start - timedelta(seconds=1))
            facets = self._facets_between(to_text(known.start), last)
            self._log.append(Entry("closed", label, facets=facets, published=last))
        self._log.put_meta("running", current.label)
        self._log.touched = True

    def _facets_between(self, first: str, last: str) -> set[Facet]:
        """Return the facets of the articles that were published in that time."""
        every, other = article_facets.alias(), article_facets.alias()
        found = self._connection.execute(
            select(other.c.facet, other.c.value)
            .join(every, every.c.id == other.c.id)
            .where(every.c.facet == EVERYTHING[0], every.c.value == EVERYTHING[1])
            .where(every.c.published.between(first, last))
            .distinct()
        )
        return {(row.facet, row.value) for row in found}

    @cached_property
    def _closed_before(self) -> str:
        """The beginning of the running period when the commit began; "" before the first period."""
        running = self._archives.running()
        return to_text(running.start) if running else ""

    def note_corrections(self, some: Sequence[Article]) -> None:
        """Show new articles of closed periods in the current feed: clients fetch an archive once (RFC 5005 §4)."""
        at = to_text(self._log.at)
        rows = [{"id": each.id, "at": at} for each in some if to_text(each.published) < self._closed_before]
        self._session.put(corrections, rows)

    def forget_corrections(self, some: Sequence[Article]) -> None:
        """Show these articles in the current feed no longer for a correction."""
        for ids in portions(each.id for each in some):
            self._connection.execute(delete(corrections).where(corrections.c.id.in_(ids)))
