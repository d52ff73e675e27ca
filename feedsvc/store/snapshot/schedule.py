"""When time alone will change something: releases, expiries and the end of the running period."""

from datetime import datetime

from sqlalchemy import func, select

from feedsvc.store.rows import to_time
from feedsvc.store.schema import articles
from feedsvc.store.session import Session
from feedsvc.store.snapshot.archives import Archives


class Schedule:
    """The next changes that time makes."""

    def __init__(self, session: Session, archives: Archives) -> None:
        self._connection = session.connection
        self._archives = archives

    def next_release(self) -> datetime | None:
        """Return when (UTC) the next scheduled article is due; None if there is none."""
        text = self._connection.scalar(
            select(articles.c.published).where(articles.c.live.is_(False)).order_by(articles.c.published).limit(1)
        )
        return to_time(text) if text else None

    def next_expiry(self) -> datetime | None:
        """Return when (UTC) the next article expires, live or scheduled; None if none does."""
        first = select(func.min(articles.c.expires)).where(articles.c.expires.is_not(None))
        text = self._connection.scalar(first)
        return to_time(text) if text else None

    def next_due(self) -> datetime | None:
        """Return when (UTC) the first of these happens: a release, an expiry, or the end of a period."""
        running = self._archives.running()
        times = (self.next_release(), self.next_expiry(), running.end if running else None)
        return min((moment for moment in times if moment is not None), default=None)
