"""Totals of the hub, which all its processes add to."""

from collections.abc import Mapping

from sqlalchemy import Connection

from feedsvc.store.engines import StoreEngine
from feedsvc.store.subscriptions.tables import counters


def count(engine: StoreEngine, connection: Connection, numbers: Mapping[str, int]) -> None:
    """Add to totals, by name."""
    rows = [{"name": name, "value": number} for name, number in sorted(numbers.items()) if number]
    engine.add(connection, counters, "value", rows)
