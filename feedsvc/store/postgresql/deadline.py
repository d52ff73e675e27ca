"""Limits on how long queries may take: the server's `statement_timeout`, by the wall clock.

It limits each statement. Before a statement of the block, what is left of the budget becomes its limit, where that is
much less than the limit it has.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, event, exc

from feedsvc.errors import SearchTooSlow
from feedsvc.store.engines import Clock
from feedsvc.store.postgresql.connections import roll_back
from feedsvc.store.postgresql.errors import QUERY_CANCELED, sqlstate

# A limit is lowered when less than this share of it is left, since lowering costs a round trip.
_SHARE: Final = 0.9


@contextmanager
def limited(connection: Connection, left: float, seconds: float, clock: Clock = time.monotonic) -> Iterator[None]:
    """Cancel the block's queries when `left` seconds have passed on `clock`. Raises SearchTooSlow.

    A savepoint keeps the transaction usable after that, and takes the limit back.
    """
    too_slow = SearchTooSlow(f"this takes longer than {seconds:g} s (ask for less: a topic, a rarer word)")
    if left <= 0:
        raise too_slow
    end, limit = clock() + left, left

    def lower(*_given: object) -> None:
        nonlocal limit
        now_left = end - clock()
        if now_left <= 0:
            raise too_slow
        if now_left < limit * _SHARE:
            limit = now_left
            # Not by the driver alone, whose errors nobody expects here. This is called for it again, and returns.
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_milliseconds(limit)}")

    connection.exec_driver_sql(f"SAVEPOINT limited; SET LOCAL statement_timeout = {_milliseconds(left)}")
    event.listen(connection, "before_cursor_execute", lower)
    try:
        yield
    except BaseException as error:
        event.remove(connection, "before_cursor_execute", lower)
        _undo(connection)
        if isinstance(error, exc.DBAPIError) and sqlstate(error) == QUERY_CANCELED and end - clock() < left / 10:
            raise too_slow from error
        raise
    else:
        event.remove(connection, "before_cursor_execute", lower)
        connection.exec_driver_sql("RELEASE SAVEPOINT limited; SET LOCAL statement_timeout TO DEFAULT")


def _milliseconds(seconds: float) -> int:
    return max(1, math.ceil(seconds * 1000))


def _undo(connection: Connection) -> None:
    try:
        if not connection.invalidated:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT limited; RELEASE SAVEPOINT limited")
    except exc.DBAPIError:
        roll_back(connection)
