"""What each application and store compiles anew is compiled once for all tests of a process.

A program has one application and one store for as long as it runs; the tests make thousands of both. Without this
module, more than half of the processor time of a first sync or a first page is compiling of SQL, templates and routes.
"""

from collections.abc import Callable, Hashable
from types import CodeType
from typing import Any, Final

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, MetaData, event
from werkzeug.routing import Rule

# Random slices make statements of ever new shapes.
_LIMIT: Final = 4000


class _Statements(dict[Hashable, Any]):
    """Compiled statements by SQLAlchemy's keys, for all engines of a dialect instead of one."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= _LIMIT:
            self.clear()
        super().__setitem__((key[0].name, *key[1:]), compiled)


class _Templates(BytecodeCache):
    """The compiled templates of all applications. Jinja asks with a checksum of the source."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


class _Rule(Rule):
    """A route that builds its addresses with the function of an equal one."""

    _builders: Final[dict[Hashable, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


_create_tables: Final = MetaData.create_all
_definitions: Final[dict[tuple[MetaData, str], list[str]]] = {}


def _create_all(tables: MetaData, connection: Any, *arguments: Any, **options: Any) -> None:
    """Create all tables in a new SQLite file as they were created in the first one."""
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


def share() -> None:
    """Let every engine and application of this process share what is compiled."""
    statements = _Statements()

    @event.listens_for(Engine, "engine_connect")
    def connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)

    MetaData.create_all = _create_all  # type: ignore[assignment]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    Flask.url_rule_class = _Rule
