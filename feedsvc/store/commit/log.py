"""What the parts of a commit share: its time, its log entries and its counts."""

from collections import Counter
from datetime import datetime

from feedsvc.store import change_log
from feedsvc.store.change_log import Entry
from feedsvc.store.facets import Facet, add_counts
from feedsvc.store.session import Session


class CommitLog:
    """The entries that one commit adds to the change log.

    `now` is the time of the commit, and `at` its time in the log, never earlier than the last one; both are UTC.
    `touched` says whether readers can see a difference. `logged` are the ids with an entry, and `reported` those that
    cursors report. `counted` are the changes of the counts of facets.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self._connection = session.connection
        self._session = session
        self.now = now.replace(microsecond=0)
        self._last, last_at = change_log.end_of_log(session.connection)
        # Last-Modified never decreases.
        self.at = max(self.now, last_at)
        self.touched = False
        self.logged: set[str] = set()
        self.reported: set[str] = set()
        self.counted: Counter[Facet] = Counter()

    def append(self, *entries: Entry) -> None:
        """Append entries in their order."""
        change_log.append(self._session, entries, self._last, self.at)
        self._last += len(entries)
        self.logged.update(each.id for each in entries)
        self.reported.update(each.id for each in entries if each.kind in change_log.OF_ARTICLES)
        self.touched = self.touched or bool(entries)

    def put_meta(self, key: str, value: str) -> None:
        """Save a value about the store itself."""
        self._session.put_meta(key, value)

    def finish(self) -> None:
        """Save the counts and the store's own values. Count the commit if readers can see it."""
        add_counts(self._session, self.counted)
        if self.touched:
            self.put_meta("commit", str(self._session.commits() + 1))
        self._session.save_meta()
