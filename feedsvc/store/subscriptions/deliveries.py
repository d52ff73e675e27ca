"""Versions of feeds, and which subscription is to get which: a row is due while its tag is not the current one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, insert, or_, select, union, update

from feedsvc.store.change_log import Version
from feedsvc.store.engines import StoreEngine
from feedsvc.store.subscriptions.claims import claimed
from feedsvc.store.subscriptions.counting import count
from feedsvc.store.subscriptions.tables import feed_versions, subscriptions, verifications
from feedsvc.store.subscriptions.values import Delivered, Delivery

# Two ranges of the index of (feed, delivered_tag), where "!=" would read all rows of a feed.
IS_BEHIND = and_(
    feed_versions.c.feed == subscriptions.c.feed,
    or_(
        subscriptions.c.delivered_tag < feed_versions.c.tag,
        subscriptions.c.delivered_tag > feed_versions.c.tag,
    ),
)


class Deliveries:
    """The rows of subscriptions and versions. Every method is one transaction, and raises StoreUnavailable."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]], engine: StoreEngine) -> None:
        self._begin, self._engine = begin, engine

    def feeds(self) -> list[str]:
        """Return the feeds with subscriptions or requests for them, sorted."""
        with self._begin() as connection:
            both = union(select(subscriptions.c.feed), select(verifications.c.feed))
            return sorted(connection.scalars(both))

    def put_version(self, feed: str, tag: str, version: Version, now: float, changed_at: float) -> bool:
        """Save the tag of a feed's document as of `version`. Return False if a later one is known already.

        Only a tag that differs is another version of the feed, which became the current one at `now`, or, if it is the
        first that is known, at `changed_at`.
        """
        with self._begin() as connection:
            values = {"epoch": version.epoch, "commits": version.commit}
            mine = feed_versions.c.feed == feed
            is_older = or_(feed_versions.c.epoch != version.epoch, feed_versions.c.commits <= version.commit)
            same = update(feed_versions).where(mine, is_older, feed_versions.c.tag == tag)
            if connection.execute(same.values(values)).rowcount:
                return True
            values |= {"tag": tag, "changed_at": now}
            if connection.execute(update(feed_versions).where(mine, is_older).values(values)).rowcount:
                return True
            if connection.scalar(select(feed_versions.c.feed).where(mine)) is not None:
                return False
            connection.execute(insert(feed_versions).values({"feed": feed, **values, "changed_at": changed_at}))
            return True

    def forget_unused(self) -> None:
        """Delete the versions of feeds without subscriptions and requests."""
        with self._begin() as connection:
            used = union(select(subscriptions.c.feed), select(verifications.c.feed))
            connection.execute(delete(feed_versions).where(feed_versions.c.feed.not_in(used)))

    def claim(self, now: float, until: float, limit: int, *, again: bool) -> list[Delivery]:
        """Claim up to `limit` subscriptions that are due at `now`, until that time.

        With `again` only those that failed before or are slow, else only the others: they must not wait for these.
        """
        if limit <= 0:
            return []
        with self._begin() as connection:
            claim, number = claimed(connection, subscriptions, _due(now, limit, again=again), now, until)
            if not number:
                return []
            found = connection.execute(_CLAIMED, {"name": claim}).all()
        return [Delivery(**row._asdict(), claim=claim, claimed_until=until) for row in found]

    def release(self, deliveries: Sequence[Delivery], at: float) -> None:
        """Give claims back; these rows are not due before that time."""
        with self._begin() as connection:
            for each in deliveries:
                values = {"claim": "", "claimed_until": 0.0, "retry_after_at": at}
                connection.execute(update(subscriptions).where(*_mine(each)).values(values))

    def record(self, outcomes: Sequence[Delivered], now: float) -> None:
        """Save what became of deliveries, each if its claim is still the row's, and count them."""
        succeeded = [each for each in outcomes if each.succeeded]
        gone = [each for each in outcomes if each.gone]
        failed = [each for each in outcomes if not each.succeeded and not each.gone]
        with self._begin() as connection:
            if succeeded:
                rows = [
                    {"row": each.delivery.id, "mine": each.delivery.claim, "sent": each.tag, "slow": each.is_slow}
                    for each in succeeded
                ]
                connection.execute(_SUCCEEDED, [{**row, "at": now} for row in rows])
            for each in gone:
                connection.execute(delete(subscriptions).where(*_mine(each.delivery)))
            for each in failed:
                values = {
                    "tried_tag": each.tag,
                    "attempts": each.attempts,
                    "next_attempt_at": each.next_attempt_at,
                    "retry_after_at": each.retry_after_at,
                    "claim": "",
                    "claimed_until": 0.0,
                }
                connection.execute(update(subscriptions).where(*_mine(each.delivery)).values(values))
            count(
                self._engine,
                connection,
                {"deliveries": len(succeeded), "failures": len(failed) + len(gone), "ended": len(gone)},
            )

    def end_leases(self, now: float) -> int:
        """Delete the subscriptions whose lease has ended at `now`. Return their number."""
        with self._begin() as connection:
            ended = connection.execute(delete(subscriptions).where(subscriptions.c.lease_ends_at <= now)).rowcount
            count(self._engine, connection, {"expired": ended})
            return ended

    def redeliver(self, key: str) -> bool:
        """Let the current version be delivered again. Return whether there is a subscription with that key."""
        with self._begin() as connection:
            mine = update(subscriptions).where(subscriptions.c.key == key)
            return bool(connection.execute(mine.values(delivered_tag="")).rowcount)

    def end(self, key: str) -> None:
        """Delete the subscription with that key."""
        with self._begin() as connection:
            connection.execute(delete(subscriptions).where(subscriptions.c.key == key))


def _mine(delivery: Delivery) -> tuple[Any, ...]:
    return subscriptions.c.id == delivery.id, subscriptions.c.claim == delivery.claim


_SUCCEEDED = (
    update(subscriptions)
    .where(subscriptions.c.id == bindparam("row"), subscriptions.c.claim == bindparam("mine"))
    .values(
        delivered_tag=bindparam("sent"),
        delivered_at=bindparam("at"),
        is_slow=bindparam("slow"),
        tried_tag="",
        attempts=0,
        next_attempt_at=0.0,
        retry_after_at=0.0,
        claim="",
        claimed_until=0.0,
    )
)
_CLAIMED = (
    select(
        subscriptions.c.id,
        subscriptions.c.feed,
        subscriptions.c.callback,
        subscriptions.c.secret,
        feed_versions.c.tag,
        subscriptions.c.tried_tag,
        subscriptions.c.attempts,
    )
    .join(feed_versions, feed_versions.c.feed == subscriptions.c.feed)
    .where(subscriptions.c.claim == bindparam("name"))
    .order_by(subscriptions.c.id)
)


def _due(now: float, limit: int, *, again: bool) -> Select[Any]:
    """Select the ids of subscriptions that are due, those that failed least often first."""
    is_again = or_(subscriptions.c.attempts > 0, subscriptions.c.is_slow)
    first = and_(subscriptions.c.attempts == 0, subscriptions.c.is_slow.is_(False))
    is_due = and_(
        subscriptions.c.claimed_until <= now,
        subscriptions.c.lease_ends_at > now,
        subscriptions.c.retry_after_at <= now,
        # A newer version is tried at once: the times between attempts are those of one version.
        or_(subscriptions.c.tried_tag != feed_versions.c.tag, subscriptions.c.next_attempt_at <= now),
        is_again if again else first,
    )
    found = select(subscriptions.c.id).join(feed_versions, IS_BEHIND).where(is_due)
    return found.order_by(subscriptions.c.attempts, subscriptions.c.next_attempt_at, subscriptions.c.id).limit(limit)


def numbers_due(connection: Connection, now: float) -> tuple[int, int, float | None]:
    """Return how many subscriptions are behind, how many of them failed, and when the oldest version was new."""
    found = connection.execute(
        select(
            func.count(),
            func.count().filter(subscriptions.c.attempts > 0),
            func.min(feed_versions.c.changed_at),
        )
        .select_from(subscriptions)
        .join(feed_versions, IS_BEHIND)
        .where(subscriptions.c.lease_ends_at > now)
    ).one()
    return found[0], found[1], found[2]
