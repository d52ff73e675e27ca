"""Claim rows: one conditional UPDATE takes them, its row count says how many, and a claim ends by itself."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select, update


def claimed(connection: Connection, table: Table, due: Select[Any], now: float, until: float) -> tuple[str, int]:
    """Claim the rows that `due` selects by their primary key, unless they are claimed. Return the claim and the count.

    The condition is repeated in the UPDATE: where two workers select the same row, the second one waits for the first,
    and then finds it claimed.
    """
    claim = secrets.token_hex(16)
    (key,) = table.primary_key.columns
    statement = update(table).where(key.in_(due), table.c.claimed_until <= now)
    found = connection.execute(statement.values(claim=claim, claimed_until=until))
    return claim, found.rowcount


def rows_of(connection: Connection, table: Table, claim: str) -> Sequence[Any]:
    """Return the rows with a claim."""
    return connection.execute(select(table).where(table.c.claim == claim)).all()
