"""What every part of a snapshot and of a commit shares: the connection, the store's own values, the site."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Table, bindparam, select

from feedsvc.errors import StoreUnavailable
from feedsvc.model import Site
from feedsvc.store.engines import Row, StoreEngine
from feedsvc.store.rows import site_from
from feedsvc.store.schema import meta

_META: Final = select(meta.c.value).where(meta.c.key == bindparam("name"))


class Session:
    """A connection of `engine`, inside one transaction."""

    def __init__(self, connection: Connection, engine: StoreEngine) -> None:
        self.connection, self.engine = connection, engine
        self._site: Site | None = None

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, or write them over those with the same primary key."""
        self.engine.put(self.connection, table, rows)

    def put_meta(self, key: str, value: str) -> None:
        """Save a value about the store itself."""
        self.put(meta, [{"key": key, "value": value}])

    def meta(self, key: str) -> str | None:
        """Return a value that the store keeps about itself; None where there is none."""
        return self.connection.scalar(_META, {"name": key})

    def epoch(self) -> str:
        """Return the random id of this store. A new store has another one."""
        return self.meta("epoch") or ""

    def commits(self) -> int:
        """Return how many commits there were that readers can see."""
        return int(self.meta("commit") or 0)

    def site(self) -> Site:
        """Return the publication as last committed. Raises StoreUnavailable before the first sync."""
        if self._site is None:
            text = self.meta("site")
            if text is None:
                raise StoreUnavailable("nothing is published yet (run feedsvc sync)")
            self._site = site_from(text)
        return self._site

    def replace_site(self, site: Site) -> None:
        """Make this transaction use `site` from now on."""
        self._site = site
