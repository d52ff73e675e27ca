"""Corrections: new articles of closed periods, which the current feed shows for a time."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy import delete, select

from feedsvc.model import Article
from feedsvc.store.change_log import Entry
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.portions import portions
from feedsvc.store.rows import article_from, to_text
from feedsvc.store.schema import articles, corrections
from feedsvc.store.session import Session
from feedsvc.store.snapshot.archives import Archives


class Corrections:
    """The part of a commit that writes the table of corrections."""

    def __init__(self, session: Session, log: CommitLog, archives: Archives) -> None:
        self._connection = session.connection
        self._session, self._log, self._archives = session, log, archives

    @cached_property
    def _closed_before(self) -> str:
        """The beginning of the running period when the commit began; "" before the first period."""
        running = self._archives.running()
        return to_text(running.start) if running else ""

    def note(self, some: Sequence[Article]) -> None:
        """Show new articles of closed periods in the current feed: clients fetch an archive once (RFC 5005 §4)."""
        at = to_text(self._log.at)
        late = [each for each in some if not each.is_page and to_text(each.published) < self._closed_before]
        rows = [{"id": each.id, "at": at} for each in late]
        self._session.put(corrections, rows)

    def delete(self, some: Sequence[Article]) -> None:
        """Show these articles in the current feed no longer for a correction."""
        for ids in portions(each.id for each in some):
            self._connection.execute(delete(corrections).where(corrections.c.id.in_(ids)))

    def expire(self, limit: datetime) -> None:
        """Remove corrections that are older than `limit` (UTC) from the feeds, with entries in the change log."""
        old = select(articles).join(corrections, corrections.c.id == articles.c.id)
        old = old.where(corrections.c.at <= to_text(limit)).order_by(corrections.c.at, corrections.c.id)
        rows = self._connection.execute(old).all()
        expired = [article_from(row) for row in rows]
        self.delete(expired)
        self._log.append(*(Entry("expired", each.id, before=each, after=each) for each in expired))
