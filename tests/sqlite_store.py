"""The parts of a store in SQLite that tests look at from inside."""

from pathlib import Path

from sqlalchemy import Engine

from feedsvc.store import Store
from feedsvc.store.sqlite import SqliteEngine


def engine_of(store: Store) -> Engine:
    """The SQLAlchemy engine of a store."""
    engine = store._engine
    assert isinstance(engine, SqliteEngine)
    return engine._engine


def path_of(store: Store) -> Path:
    """The file of a store."""
    return Path(store._engine.name)
