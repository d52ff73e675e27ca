"""What every view of the store begins with: its connection, its version, its site."""

from functools import cached_property
from typing import Final

from sqlalchemy import Connection, bindparam, select

from feedsvc.errors import StoreUnavailable
from feedsvc.model import Site
from feedsvc.store import changes as log
from feedsvc.store.changes import Touched, Version
from feedsvc.store.claims import Claims
from feedsvc.store.file_records import FileRecords
from feedsvc.store.identities import Identities
from feedsvc.store.rows import site_from
from feedsvc.store.schema import meta


class Connected:
    """A connection inside one transaction. All its searches together may use `search_seconds` of CPU time.

    `files`, `claims` and `identities` are what a sync asks; readers do not, so they are made when first asked for.
    """

    def __init__(self, connection: Connection, search_seconds: float = 2.0) -> None:
        self._connection, self._search_seconds, self._used = connection, search_seconds, 0.0
        self._site: Site | None = None

    @cached_property
    def files(self) -> FileRecords:
        """What each file looked like when it was read."""
        return FileRecords(self._connection)

    @cached_property
    def claims(self) -> Claims:
        """Which article claims which slug and id."""
        return Claims(self._connection)

    @cached_property
    def identities(self) -> Identities:
        """What is remembered of the identities of articles."""
        return Identities(self._connection)

    def reset_search_time(self) -> None:
        """Give the searches from here on a whole budget: they are another request's."""
        self._used = 0.0

    def commit(self) -> int:
        """The number of the last commit that readers can see."""
        return int(self._meta("commit") or 0)

    def version(self) -> Version:
        """Which store this is, and how far it has come."""
        return Version(self._meta("epoch") or "", self.commit(), log.last_seq(self._connection))

    def touched_since(self, version: Version) -> Touched:
        """What may look otherwise than it did at `version`."""
        if version.epoch != self._meta("epoch"):
            return Touched(everything=True)
        return log.touched_since(self._connection, version.seq)

    def site(self) -> Site:
        """The publication as last committed. Raises StoreUnavailable before the first sync."""
        if self._site is None:
            text = self._meta("site")
            if text is None:
                raise StoreUnavailable("nothing is published yet (run feedsvc sync)")
            self._site = site_from(text)
        return self._site

    def _meta(self, key: str) -> str | None:
        return self._connection.scalar(_META, {"name": key})


_META: Final = select(meta.c.value).where(meta.c.key == bindparam("name"))
