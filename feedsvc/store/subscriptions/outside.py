"""The hubs of others that get a ping after a commit: one is due while it does not know the last commit."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from feedsvc.store.change_log import Version
from feedsvc.store.engines import StoreEngine
from feedsvc.store.subscriptions.claims import claimed, rows_of
from feedsvc.store.subscriptions.counting import count
from feedsvc.store.subscriptions.tables import outside_hubs
from feedsvc.store.subscriptions.values import OutsideHub


class OutsideHubs:
    """The rows of outside hubs. Every method is one transaction, and raises StoreUnavailable."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]], engine: StoreEngine) -> None:
        self._begin, self._engine = begin, engine

    def keep(self, urls: Sequence[str], version: Version) -> None:
        """Have exactly these hubs; a new one counts as told of `version`, since it reads the feeds by itself."""
        with self._begin() as connection:
            connection.execute(delete(outside_hubs).where(outside_hubs.c.url.not_in(urls)))
            told = {"epoch": version.epoch, "commits": version.commit, "seq": version.seq}
            fresh = {"attempts": 0, "next_attempt_at": 0.0, "problem": "", "claim": "", "claimed_until": 0.0}
            self._engine.put_new(connection, outside_hubs, [{"url": url, **told, **fresh} for url in urls])

    def claim(self, version: Version, now: float, until: float) -> list[OutsideHub]:
        """Claim the hubs that were not told of `version` yet and are due at `now`, until that time."""
        with self._begin() as connection:
            is_behind = or_(outside_hubs.c.epoch != version.epoch, outside_hubs.c.commits < version.commit)
            due = select(outside_hubs.c.url).where(
                is_behind, outside_hubs.c.next_attempt_at <= now, outside_hubs.c.claimed_until <= now
            )
            claim, number = claimed(connection, outside_hubs, due, now, until)
            found = rows_of(connection, outside_hubs, claim) if number else []
        names = ("url", "epoch", "commits", "seq", "attempts", "claim")
        return [OutsideHub(**{name: getattr(row, name) for name in names}) for row in found]

    def told(self, hub: OutsideHub, version: Version, pings: int) -> None:
        """Note that a hub knows of `version`, by that many requests."""
        told = {"epoch": version.epoch, "commits": version.commit, "seq": version.seq}
        values = {**told, "attempts": 0, "next_attempt_at": 0.0, "problem": "", "claim": "", "claimed_until": 0.0}
        with self._begin() as connection:
            connection.execute(update(outside_hubs).where(*_mine(hub)).values(values))
            count(self._engine, connection, {"pings": pings})

    def failed(self, hub: OutsideHub, problem: str, at: float) -> None:
        """Note why a hub could not be told; it is due again at that time."""
        values = {"attempts": hub.attempts + 1, "next_attempt_at": at, "problem": problem}
        values |= {"claim": "", "claimed_until": 0.0}
        with self._begin() as connection:
            connection.execute(update(outside_hubs).where(*_mine(hub)).values(values))
            count(self._engine, connection, {"ping_failures": 1})


def _mine(hub: OutsideHub) -> tuple[Any, ...]:
    return outside_hubs.c.url == hub.url, outside_hubs.c.claim == hub.claim
