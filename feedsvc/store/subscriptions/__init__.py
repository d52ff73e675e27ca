"""What the WebSub hub remembers: subscriptions, requests for them, versions of feeds.

It is beside the store: with SQLite in a file of its own, since every write to the store wakes all workers and waits for
a sync; with PostgreSQL in tables that the commit signal does not count.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from feedsvc.errors import StoreUnavailable
from feedsvc.store.engines import StoreEngine
from feedsvc.store.opening import engine_at
from feedsvc.store.subscriptions import tables
from feedsvc.store.subscriptions.deliveries import Deliveries, numbers_due
from feedsvc.store.subscriptions.outside import OutsideHubs
from feedsvc.store.subscriptions.self_tests import SelfTests, last_self_test
from feedsvc.store.subscriptions.values import Delivered, Delivery, HubNumbers, OutsideHub, SelfTest, Verification
from feedsvc.store.subscriptions.verifications import Verifications
from feedsvc.terminal import logger

__all__ = [
    "FILE",
    "Delivered",
    "Delivery",
    "HubNumbers",
    "OutsideHub",
    "SelfTest",
    "Subscriptions",
    "Verification",
]
log = logger("feedsvc.hub")

# In the state folder, beside a store in SQLite.
FILE: Final = "hub.sqlite3"
# Versions are rendered again, and self-tests repeated.
_BACKED_UP: Final = (tables.subscriptions, tables.verifications, tables.outside_hubs, tables.counters)


class Subscriptions:
    """The hub's rows beside the store at `place`, in parts. `state` is the folder of the file beside a SQLite store.

    Making one opens nothing. Any thread may call each method. All raise StoreUnavailable.
    """

    def __init__(self, place: Path | str | StoreEngine, state: Path) -> None:
        self._engine = engine_at(place) if isinstance(place, Path | str) else place
        self._file = state / FILE
        self._are_there = False
        self.verifications = Verifications(self._begin, self._engine)
        self.deliveries = Deliveries(self._begin, self._engine)
        self.outside = OutsideHubs(self._begin, self._engine)
        self.self_tests = SelfTests(self._begin)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        """Yield a transaction that may write; the first one makes the tables, also after the file was moved away."""
        if self._are_there and not self._engine.is_beside(self._file):
            cure = "feedsvc restore brings back those of a backup; readers subscribe again by themselves"
            log.warning("%s was deleted, with the subscriptions of the hub (%s)", self._file, cure)
            self._are_there = False
        try:
            with self._engine.beside(self._file) as connection:
                if not self._are_there:
                    tables.create(connection)
                yield connection
            self._are_there = True
        except StoreUnavailable:
            self._are_there = False
            raise

    def close(self) -> None:
        """Close the pooled connections."""
        self._engine.close()

    def back_up(self, copy: Path) -> int:
        """Add the subscriptions to the file `copy`, which `Store.back_up` wrote. Return how many it has."""
        self._engine.back_up_beside(self._file, copy, [each.name for each in _BACKED_UP])
        return len(self._engine.rows_in_copy(copy, tables.subscriptions.name))

    def restore(self, copy: Path) -> int | None:
        """Take over the subscriptions of the file `copy`, unless there are some already: those are later ones.

        Return how many were taken over, None if there are some already.
        """
        found = {table: self._engine.rows_in_copy(copy, table.name) for table in _BACKED_UP}
        if not found[tables.subscriptions]:
            return 0
        with self._begin() as connection:
            if connection.scalar(select(func.count()).select_from(tables.subscriptions)):
                return None
            for table, rows in found.items():
                known = [{name: row[name] for name in row if name in table.c} for row in rows]
                unclaimed = {"claim": "", "claimed_until": 0.0} if "claim" in table.c else {}
                self._engine.put(connection, table, [{**row, **unclaimed} for row in known])
        return len(found[tables.subscriptions])

    def numbers(self, now: float) -> HubNumbers:
        """Return what the hub did and has to do, at `now`. It makes no file: root may call this to look."""
        if not self._engine.is_beside(self._file):
            return HubNumbers()
        with self._begin() as connection:
            rows = tables.subscriptions.c
            by_feed = select(rows.feed, func.count()).where(rows.lease_ends_at > now).group_by(rows.feed)
            due, failing, oldest = numbers_due(connection, now)
            others = tables.outside_hubs.c
            problems = select(others.url, others.problem).where(others.problem != "")
            return HubNumbers(
                subscribers={row[0]: row[1] for row in connection.execute(by_feed)},
                due=due,
                failing=failing,
                oldest_due_at=oldest,
                pending=connection.scalar(select(func.count()).select_from(tables.verifications)) or 0,
                counters={row.name: row.value for row in connection.execute(select(tables.counters))},
                outside_problems={row.url: row.problem for row in connection.execute(problems)},
                self_test=last_self_test(connection),
            )
