"""Everything that only SQLite has, behind `SqliteEngine`: connections, search, deadlines, the commit signal, copies."""

from feedsvc.store.sqlite.engine import SqliteEngine

__all__ = ["SqliteEngine"]
