"""What every part of a snapshot and of a commit shares: the connection, the store's own values, the site."""

import json
import secrets
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Table, delete, select

from feedsvc.errors import StoreUnavailable
from feedsvc.model import Site
from feedsvc.store.engines import Row, StoreEngine
from feedsvc.store.rows import loads, site_from
from feedsvc.store.schema import meta

# The condition, which each key meets, lets the query use the index.
_ALL_META: Final = select(meta.c.key, meta.c.value).where(meta.c.key > "")


# The public names of all pictures that the publication itself has or had, as JSON.
SITE_PICTURES: Final = "site_pictures"


class Session:
    """A connection of `engine`, inside one transaction.

    The store's own values are read once, together, and written together: each statement is a round trip to a server.
    """

    def __init__(self, connection: Connection, engine: StoreEngine) -> None:
        self.connection, self.engine = connection, engine
        self._site: Site | None = None
        self._values: dict[str, str] | None = None
        self._unsaved: dict[str, str] = {}

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows. Every row has the same columns."""
        self.engine.insert(self.connection, table, rows)

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, or write them over those with the same primary key."""
        self.engine.put(self.connection, table, rows)

    def _meta(self) -> dict[str, str]:
        if self._values is None:
            self._values = {row.key: row.value for row in self.connection.execute(_ALL_META)}
        return self._values

    def meta(self, key: str) -> str | None:
        """Return a value that the store keeps about itself; None where there is none."""
        return self._meta().get(key)

    def put_meta(self, key: str, value: str) -> None:
        """Change a value about the store itself. `save_meta` saves it."""
        self._meta()[key] = self._unsaved[key] = value

    def save_meta(self) -> None:
        """Save the values that were changed."""
        self.put(meta, [{"key": key, "value": value} for key, value in self._unsaved.items()])
        self._unsaved.clear()

    def epoch(self) -> str:
        """Return the random id of this store, also of one that was restored since. A new store has another one."""
        return self.meta("epoch") or ""

    def former_epochs(self) -> list[tuple[str, int]]:
        """Return the epochs before the present one, each with its last number in the change log."""
        return [(epoch, last) for epoch, last in loads(self.meta("former_epochs") or "[]")]

    def epoch_at(self, seq: int) -> str:
        """Return the epoch of an entry of the change log; that of 0 is the first one."""
        return next((epoch for epoch, last in self.former_epochs() if seq <= last), self.epoch())

    def begin_epoch(self, last: int) -> None:
        """Give the entries after `last`, the last one of the change log, another epoch."""
        self.put_meta("former_epochs", json.dumps([*self.former_epochs(), (self.epoch(), last)]))
        self.put_meta("epoch", secrets.token_hex(4))

    def delete_meta(self, key: str) -> None:
        """Delete a value about the store itself."""
        self._meta().pop(key, None)
        self._unsaved.pop(key, None)
        self.connection.execute(delete(meta).where(meta.c.key == key))

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


def pictures_of_site(session: Session) -> set[str]:
    """Return the public names of the icons and logos that the publication has or had."""
    return set(loads(session.meta(SITE_PICTURES) or "[]"))
