"""Everything that only PostgreSQL has, behind `PostgresqlEngine`: connections, search, limits, commit signal, copies.

Nothing here imports the driver: an installation without the extra `postgresql` has none. SQLAlchemy does, where the
engine is made.
"""

from feedsvc.store.postgresql.engine import PostgresqlEngine

__all__ = ["PostgresqlEngine"]
