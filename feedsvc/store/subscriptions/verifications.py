"""Requests of subscribers, from POST /hub until they are verified, and denials until they are told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, func, insert, select, union, update

from feedsvc.errors import HubRefusal
from feedsvc.store.engines import StoreEngine
from feedsvc.store.subscriptions.claims import claimed, rows_of
from feedsvc.store.subscriptions.counting import count
from feedsvc.store.subscriptions.tables import feed_versions, subscriptions, verifications
from feedsvc.store.subscriptions.values import Verification

# Of requests that wait to be verified: of one host, and in all.
MAX_PENDING_OF_HOST = 2_000
MAX_PENDING = 20_000


class Verifications:
    """The rows of requests. Every method is one transaction, and raises StoreUnavailable."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]], engine: StoreEngine) -> None:
        self._begin, self._engine = begin, engine

    def add(self, request: Verification, max_feeds: int) -> None:
        """Add a request, in place of an earlier one for the same subscription that is not verified yet.

        Raises HubRefusal if a limit is reached: subscriptions of `max_feeds` different slices, and of pending requests.
        """
        with self._begin() as connection:
            # Subscriptions to many slices do not keep others from the feeds of topics and of all articles.
            if request.mode == "subscribe" and "?" in request.feed:
                _check_feeds(connection, request.feed, max_feeds)
            pending = select(func.count()).select_from(verifications)
            others = pending.where(verifications.c.key != request.key)
            of_host = connection.scalar(others.where(verifications.c.host == request.host)) or 0
            if of_host >= MAX_PENDING_OF_HOST or (connection.scalar(others) or 0) >= MAX_PENDING:
                raise HubRefusal("too many requests wait to be verified (send this one again in some minutes)", 429)
            self._put(connection, request)

    def _put(self, connection: Connection, request: Verification) -> None:
        row = {name: getattr(request, name) for name in _COLUMNS}
        fresh = {"attempts": 0, "next_attempt_at": 0.0, "claim": "", "claimed_until": 0.0}
        self._engine.put(connection, verifications, [{**row, **fresh}])

    def claim(self, now: float, until: float, limit: int) -> list[Verification]:
        """Claim up to `limit` requests that are due at `now`, the oldest first, until that time."""
        if limit <= 0:
            return []
        with self._begin() as connection:
            due = select(verifications.c.key).where(
                verifications.c.next_attempt_at <= now, verifications.c.claimed_until <= now
            )
            due = due.order_by(verifications.c.next_attempt_at, verifications.c.requested_at).limit(limit)
            claim, number = claimed(connection, verifications, due, now, until)
            found = rows_of(connection, verifications, claim) if number else []
        return [Verification(**{name: getattr(row, name) for name in _FIELDS}) for row in found]

    def confirm(self, request: Verification, lease_ends_at: float, now: float) -> bool:
        """Carry out a verified request. Return False if a newer one has replaced it meanwhile, which is then kept.

        A new subscription has the current version already, unless that came after the request. An existing one keeps
        what it was delivered last.
        """
        with self._begin() as connection:
            if not self._take(connection, request):
                return False
            if request.mode == "unsubscribe":
                connection.execute(delete(subscriptions).where(subscriptions.c.key == request.key))
                count(self._engine, connection, {"unsubscribed": 1})
                return True
            values = {"topic": request.topic, "secret": request.secret, "lease_ends_at": lease_ends_at}
            # It answers again: what failed is tried at once.
            values |= {"next_attempt_at": 0.0, "retry_after_at": 0.0}
            same = subscriptions.c.key == request.key
            if not connection.execute(update(subscriptions).where(same).values(values)).rowcount:
                current = connection.execute(
                    select(feed_versions.c.tag, feed_versions.c.changed_at).where(feed_versions.c.feed == request.feed)
                ).first()
                has_current = current is not None and current.changed_at <= request.requested_at
                values |= {"key": request.key, "feed": request.feed, "callback": request.callback, "created_at": now}
                values["delivered_tag"] = current.tag if current is not None and has_current else ""
                connection.execute(insert(subscriptions).values(values))
            count(self._engine, connection, {"verified": 1})
            return True

    def drop(self, request: Verification, counter: str) -> None:
        """Delete a request that was not confirmed or a denial that was told, and count it as `counter`."""
        with self._begin() as connection:
            if self._take(connection, request):
                count(self._engine, connection, {counter: 1})

    def retry(self, request: Verification, at: float, *, is_attempt: bool = True) -> None:
        """Let a request be tried again at that time; `is_attempt` counts that it was tried now."""
        with self._begin() as connection:
            mine = (verifications.c.key == request.key, verifications.c.claim == request.claim)
            values = {
                "attempts": request.attempts + is_attempt,
                "next_attempt_at": at,
                "claim": "",
                "claimed_until": 0.0,
            }
            connection.execute(update(verifications).where(*mine).values(values))

    def deny(self, request: Verification, reason: str) -> None:
        """Turn a request into a denial, which is to be told."""
        with self._begin() as connection:
            mine = (verifications.c.key == request.key, verifications.c.claim == request.claim)
            values = {"mode": "denied", "reason": reason, "claim": "", "claimed_until": 0.0, "attempts": 0}
            connection.execute(update(verifications).where(*mine).values(values | {"next_attempt_at": 0.0}))

    def end_feed(self, feed: str, reason: str, now: float) -> int:
        """End all subscriptions of a feed that was closed, and deny them to their subscribers. Return their number."""
        with self._begin() as connection:
            found = connection.execute(select(subscriptions).where(subscriptions.c.feed == feed)).all()
            for row in found:
                denial = Verification(
                    feed=feed,
                    callback=row.callback,
                    topic=row.topic,
                    host=urlsplit(row.callback).hostname or "",
                    mode="denied",
                    reason=reason,
                    requested_at=now,
                )
                self._put(connection, denial)
            connection.execute(delete(subscriptions).where(subscriptions.c.feed == feed))
            count(self._engine, connection, {"ended": len(found)})
        return len(found)

    def _take(self, connection: Connection, request: Verification) -> bool:
        mine = (verifications.c.key == request.key, verifications.c.claim == request.claim)
        return bool(connection.execute(delete(verifications).where(*mine)).rowcount)


_COLUMNS = ("key", "feed", "callback", "topic", "host", "mode", "secret", "lease_seconds", "reason", "requested_at")
_FIELDS = (*_COLUMNS[1:], "attempts", "claim")


def _check_feeds(connection: Connection, feed: str, max_feeds: int) -> None:
    pending = select(verifications.c.feed).where(
        verifications.c.mode == "subscribe", verifications.c.feed.contains("?")
    )
    known: Any = union(select(subscriptions.c.feed).where(subscriptions.c.feed.contains("?")), pending).subquery()
    number = connection.scalar(select(func.count()).select_from(known)) or 0
    if number >= max_feeds and connection.scalar(select(known.c.feed).where(known.c.feed == feed)) is None:
        raise HubRefusal(
            f"this hub takes subscriptions of {max_feeds} different slices, and has them (subscribe to a feed of a "
            "topic or of all articles, or ask the operator to raise FEEDSVC_HUB_FEEDS)",
            403,
        )
