"""The self-tests of the hub: the worker begins one, and the web side, whose callback it names, takes part."""

import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from feedsvc.store.subscriptions.tables import self_tests
from feedsvc.store.subscriptions.values import SelfTest

# How long a self-test that has no end is kept.
OLD_SECONDS: Final = 86400.0


class SelfTests:
    """The rows of self-tests. Every method is one transaction, and raises StoreUnavailable."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._begin = begin

    def begin(self, token: str, secret: str, now: float) -> None:
        """Begin a self-test; results of earlier ones are deleted, but for the last."""
        with self._begin() as connection:
            last = select(self_tests.c.token).where(self_tests.c.problem.is_not(None))
            kept = connection.scalar(last.order_by(self_tests.c.begun_at.desc()).limit(1))
            is_old = self_tests.c.begun_at < now - OLD_SECONDS
            is_over = self_tests.c.problem.is_not(None) & (self_tests.c.token != (kept or ""))
            connection.execute(delete(self_tests).where(is_old | is_over))
            connection.execute(insert(self_tests).values(token=token, secret=secret, begun_at=now))

    def verified(self, token: str, now: float) -> bool:
        """Note that the verification arrived. Return whether that self-test runs."""
        with self._begin() as connection:
            running = (self_tests.c.token == token, self_tests.c.problem.is_(None))
            return bool(connection.execute(update(self_tests).where(*running).values(verified_at=now)).rowcount)

    def delivered(self, token: str, body: bytes, signature: str, now: float) -> bool:
        """Note that the delivery arrived, if it is signed. Return whether that self-test runs."""
        with self._begin() as connection:
            running = (self_tests.c.token == token, self_tests.c.problem.is_(None))
            secret = connection.scalar(select(self_tests.c.secret).where(*running))
            if secret is None:
                return False
            expected = f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"
            is_signed = hmac.compare_digest(expected.encode(), signature.encode())
            values: dict[str, Any] = {"delivered_at": now, "problem": ""}
            if not is_signed:
                values = {"problem": "the delivery had another signature (a proxy changes bodies or header fields)"}
            connection.execute(update(self_tests).where(*running).values(values))
            return True

    def fail(self, token: str, problem: str) -> None:
        """Note why a self-test that runs cannot succeed."""
        with self._begin() as connection:
            running = (self_tests.c.token == token, self_tests.c.problem.is_(None))
            connection.execute(update(self_tests).where(*running).values(problem=problem))

    def find(self, token: str) -> SelfTest | None:
        """Return a self-test."""
        with self._begin() as connection:
            row = connection.execute(select(self_tests).where(self_tests.c.token == token)).first()
            return _self_test(row) if row is not None else None


def last_self_test(connection: Connection) -> SelfTest | None:
    """Return the last self-test that has ended."""
    ended = select(self_tests).where(self_tests.c.problem.is_not(None))
    row = connection.execute(ended.order_by(self_tests.c.begun_at.desc()).limit(1)).first()
    return _self_test(row) if row is not None else None


def _self_test(row: Any) -> SelfTest:
    return SelfTest(
        begun_at=row.begun_at, verified_at=row.verified_at, delivered_at=row.delivered_at, problem=row.problem
    )
