"""Give tests the engine and the file of a store in SQLite."""

from pathlib import Path

from sqlalchemy import Engine

from feedsvc.store import Store
from feedsvc.store.sqlite import SqliteEngine


def engine_of(store: Store) -> Engine:
    """Return the SQLAlchemy engine of a store."""
    engine = store._engine
    assert isinstance(engine, SqliteEngine)
    return engine._engine


def path_of(store: Store) -> Path:
    """Return the path of a store's file."""
    return Path(store._engine.name)
