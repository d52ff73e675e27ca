"""Close the running period of the archives (RFC 5005 §4) when it is over."""

from datetime import timedelta

from sqlalchemy import select

from feedsvc.slices.period import is_named, period_named, period_of
from feedsvc.store.change_log import Entry
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.facets import EVERYTHING, Facet
from feedsvc.store.rows import to_text
from feedsvc.store.schema import article_facets
from feedsvc.store.session import Session


class Periods:
    """The part of a commit that closes periods."""

    def __init__(self, session: Session, log: CommitLog) -> None:
        self._connection = session.connection
        self._session, self._log = session, log

    def close(self) -> None:
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
            # Not BETWEEN: with a collation, PostgreSQL does not parse what SQLAlchemy writes.
            .where(every.c.published >= first, every.c.published <= last)
            .distinct()
        )
        return {(row.facet, row.value) for row in found}
