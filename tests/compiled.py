"""Compile statements, templates and routes once for all tests of a process, instead of once for each application.

A program has one application and one store for as long as it runs; the tests make thousands of both. Without this
module, more than half of the processor time of a first sync or a first page is compiling of SQL, templates and routes.
"""

from collections.abc import Callable, Hashable
from functools import cache
from types import CodeType
from typing import Any, Final

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Dialect, Engine, MetaData, create_mock_engine, event
from werkzeug.routing import Rule

# Random slices make statements of always new shapes.
_LIMIT: Final = 4000


class _Statements(dict[Hashable, Any]):
    """The compiled statements by SQLAlchemy's keys, shared by all engines of a dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= _LIMIT:
            self.clear()
        super().__setitem__((key[0].name, *key[1:]), compiled)


class _Templates(BytecodeCache):
    """The compiled templates of all applications. Jinja compares a checksum of the source."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


class _Rule(Rule):
    """A route that builds its addresses with the compiled function of an equal route."""

    _builders: Final[dict[Hashable, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


_create_tables: Final = MetaData.create_all
_definitions: Final[dict[tuple[MetaData, str], list[str]]] = {}


def _create_all(tables: MetaData, connection: Any, *arguments: Any, **options: Any) -> None:
    """Create all tables in a new SQLite file as they were created in the first one, or in PostgreSQL at once."""
    if not arguments and not options and connection.dialect.name == "postgresql" and not _has_tables(connection):
        connection.exec_driver_sql(_script(tables, connection.dialect))
        return
    known = _definitions.get((tables, connection.dialect.name))
    is_new = not arguments and not options and connection.dialect.name == "sqlite"
    is_new = is_new and not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    if known is not None and is_new:
        for definition in known:
            connection.exec_driver_sql(definition)
        return
    _create_tables(tables, connection, *arguments, **options)
    if is_new:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY rowid")
        _definitions[tables, "sqlite"] = list(made.scalars())


def _has_tables(connection: Connection) -> bool:
    own = "relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname = 'meta'"
    return bool(connection.exec_driver_sql(f"SELECT count(*) FROM pg_class WHERE {own}").scalar())


@cache
def _script(tables: MetaData, dialect: Dialect) -> str:
    made: list[str] = []
    mock: Any = create_mock_engine(
        "postgresql+psycopg://", lambda each, *_: made.append(str(each.compile(dialect=dialect)))
    )
    _create_tables(tables, mock, checkfirst=False)
    return ";".join(made)


def share() -> None:
    """Let every engine and application of this process share what is compiled."""
    statements = _Statements()

    @event.listens_for(Engine, "engine_connect")
    def connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)

    MetaData.create_all = _create_all  # type: ignore[assignment]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    Flask.url_rule_class = _Rule
