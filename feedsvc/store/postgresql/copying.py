"""Copies of a store inside its database: a schema of their own before each migration, temporary tables to look at.

Temporary tables hide those of the store on their connection, and are gone when its transaction is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, inspect

from feedsvc.store.postgresql.address import Address
from feedsvc.store.postgresql.connections import PRIVATE, begun, roll_back
from feedsvc.store.postgresql.errors import translated
from feedsvc.store.postgresql.search import search, search_parts
from feedsvc.store.schema import metadata

_TABLES: Final = (*metadata.tables, search.name, search_parts.name)
_COPIES: Final = (
    "SELECT nspname FROM pg_namespace JOIN pg_class ON relnamespace = pg_namespace.oid"
    " WHERE starts_with(nspname, current_schema() || '_schema_') AND relname = 'meta'"
)


def copy_before_migration(connection: Connection, schema: int) -> str:
    """Copy the tables, which have that schema, into a schema of the database. Return its name.

    The connection is in the writer's transaction. A copy of the same state is returned, one of another state stays.
    """
    number = 1
    base = f"{_current_schema(connection)}_schema_{schema}"
    name = base
    known = inspect(connection).get_schema_names()
    while name in known:
        if _meta(connection, f"{_quoted(connection, name)}.meta") == _meta(connection, "meta"):
            return name
        number += 1
        name = f"{base}_{number}"
    connection.exec_driver_sql(f"CREATE SCHEMA {_quoted(connection, name)}")
    _copy_tables(connection, name)
    return name


def copies_of(connection: Connection) -> list[str]:
    """Return the names of the schemas with copies of the store, sorted."""
    return sorted(connection.exec_driver_sql(_COPIES).scalars())


@contextmanager
def private_copy(engine: Engine, address: Address) -> Iterator[Connection]:
    """Yield a connection with temporary tables in place of the store's, with the same content."""
    with _private(engine, address) as connection:
        _copy_tables(connection, "pg_temp")
        connection.exec_driver_sql("SET LOCAL search_path = pg_temp")
        yield connection


@contextmanager
def empty(engine: Engine, address: Address) -> Iterator[Connection]:
    """Yield a connection that sees no tables and makes temporary ones."""
    with _private(engine, address) as connection:
        connection.exec_driver_sql("SET LOCAL search_path = pg_temp")
        yield connection


@contextmanager
def _private(engine: Engine, address: Address) -> Iterator[Connection]:
    with translated(address), begun(engine, PRIVATE) as connection:
        try:
            yield connection
        finally:
            roll_back(connection)


def _copy_tables(connection: Connection, schema: str) -> None:
    """Copy the store's tables, with their indexes, into another schema."""
    source, target = _quoted(connection, _current_schema(connection)), _quoted(connection, schema)
    inspector = inspect(connection)
    for table in _TABLES:
        if inspector.has_table(table):
            connection.exec_driver_sql(f"CREATE TABLE {target}.{table} (LIKE {source}.{table} INCLUDING ALL)")
            connection.exec_driver_sql(f"INSERT INTO {target}.{table} SELECT * FROM {source}.{table}")  # noqa: S608


def _current_schema(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT current_schema()").scalar())


def _meta(connection: Connection, table: str) -> list[tuple[str, str]]:
    """Return values that every sync changes."""
    rows = connection.exec_driver_sql(f"SELECT key, value FROM {table} ORDER BY key")  # noqa: S608
    return [(row.key, row.value) for row in rows]


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
