"""One commit: its time, what it logs, and what it sums up when it ends."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection

from feedsvc.store import changes as log
from feedsvc.store.changes import Entry
from feedsvc.store.facets import Facet, add_counts
from feedsvc.store.reading import Snapshot
from feedsvc.store.schema import meta
from feedsvc.store.sqlite.engine import put


class Ledger(Snapshot):
    """What every part of a commit does. `at` is the commit's time in UTC, never earlier than the last one's.

    `touched` says whether readers can see a difference. `_logged` are the ids that this commit logged, `_told` those of
    them that cursors report.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        super().__init__(connection)
        self.now = now.replace(microsecond=0)
        self.at = log.monotonic(connection, now)
        self.touched = False
        self._logged: set[str] = set()
        self._told: set[str] = set()
        self._counted: Counter[Facet] = Counter()

    def has_facet(self, facet: str, value: str) -> bool:
        """As a snapshot says it, with what this commit itself adds, which is only counted when it ends."""
        return self._counted[facet, value] > 0 or super().has_facet(facet, value)

    def finish(self) -> None:
        """Count the commit when readers can see it."""
        add_counts(self._connection, self._counted)
        if self.touched:
            self.put_meta("commit", str(self.commit() + 1))

    def get_meta(self, key: str) -> str | None:
        """A value the store remembers for its writer."""
        return self._meta(key)

    def put_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self._connection.execute(put(meta), {"key": key, "value": value})

    def _log(self, *entries: Entry) -> None:
        log.append(self._connection, entries, self.at)
        self._logged.update(each.id for each in entries)
        self._told.update(each.id for each in entries if each.kind in log.OF_ARTICLES)
        self.touched = self.touched or bool(entries)
