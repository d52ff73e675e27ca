"""When time alone will change something: releases, expiries and the end of the running period."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from feedsvc.store.rows import to_time
from feedsvc.store.schema import articles
from feedsvc.store.session import Session
from feedsvc.store.snapshot.archives import Archives


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The number of articles that are not live yet, and when (UTC) the next one of them is due; None if there is none.

    `next_expiry` is when the next article expires, live or scheduled.
    """

    scheduled: int
    next_release: datetime | None
    next_expiry: datetime | None


_FIRST_EXPIRY: Final = select(func.min(articles.c.expires)).where(articles.c.expires.is_not(None)).scalar_subquery()
_WAITING: Final = select(func.count(), func.min(articles.c.published), _FIRST_EXPIRY).where(articles.c.live.is_(False))


class Schedule:
    """The next changes that time makes."""

    def __init__(self, session: Session, archives: Archives) -> None:
        self._connection = session.connection
        self._archives = archives

    def waiting(self) -> Waiting:
        """Return the number of scheduled articles, and when the next release and the next expiry are."""
        count, release, expiry = self._connection.execute(_WAITING).one()
        return Waiting(
            scheduled=count,
            next_release=to_time(release) if release else None,
            next_expiry=to_time(expiry) if expiry else None,
        )

    def next_due(self) -> datetime | None:
        """Return when (UTC) the first of these happens: a release, an expiry, or the end of a period."""
        running, waiting = self._archives.running(), self.waiting()
        times = (waiting.next_release, waiting.next_expiry, running.end if running else None)
        return min((moment for moment in times if moment is not None), default=None)
