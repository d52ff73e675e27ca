"""Connections and transactions of PostgreSQL.

Connections are in autocommit mode and every transaction is begun by a statement, so that its isolation is said in the
same round trip. A read is one snapshot; a write waits for the lock of the store and is alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Engine, Row, create_engine, event, exc

from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.store.postgresql.address import CONNECT_SECONDS, Address
from feedsvc.store.postgresql.errors import translated
from feedsvc.store.postgresql.responsiveness import Responsiveness, connector

# The oldest version that is tested.
MIN_VERSION: Final = 15
# The connections that a process keeps open while nothing uses them.
KEPT: Final = 3
# The seconds for which a request waits for a connection of its process.
POOL_SECONDS: Final = CONNECT_SECONDS
# The terms of an article are stored beside its row of the table `search`: reading them costs more than PostgreSQL
# assumes, which would rather scan the table than use its index. The queries of a store go by an index, so it scans no
# other table either. Where it must, it takes that for very expensive before version 18, and would compile it (`jit`).
# A plan for all values knows no LIMIT, and sorts what an index has in order: each execution has a plan of its own.
_BY_INDEX: Final = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_custom_plan"
# One round trip. The query fails where there is no store; else it makes the snapshot, which BEGIN alone does not.
READ: Final = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_BY_INDEX}; SELECT 1 FROM meta LIMIT 1"  # noqa: S608 (no value)
# Not REPEATABLE READ: its snapshot would be of before the lock was granted. The lock makes the writer alone.
WRITE: Final = (
    f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {_BY_INDEX}; SET LOCAL lock_timeout = '30s';"
    " SELECT pg_advisory_xact_lock(1717920100, hashtext(current_schema()))"
)
# For tables beside those of the store. An UPDATE waits for rows that another one locks, and then sees what that wrote.
BESIDE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
COMMIT: Final = "COMMIT"
# For private tables, which are dropped by the ROLLBACK at the end.
PRIVATE: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"


def open_engine(
    address: Address,
    pool_size: int | None = None,
    responsiveness: Responsiveness | None = None,
    *,
    tries_always: bool = False,
) -> Engine:
    """Return an engine for the database at `address`. Opens nothing yet. Raises ConfigError: there is no driver.

    With `responsiveness`, its connections do not wait for a server that does not answer. With `tries_always`, it opens
    connections also where the server is known not to answer.
    """
    size = pool_size or address.pool_size
    try:
        connect = connector(responsiveness, always=tries_always) if responsiveness is not None else None
        engine = create_engine(
            address.url,
            isolation_level="AUTOCOMMIT",
            pool_size=min(KEPT, size),
            max_overflow=size - min(KEPT, size),
            pool_timeout=POOL_SECONDS,
            pool_use_lifo=True,
        )
    except ImportError as error:
        cure = "pip install 'feedsvc[postgresql]'"
        raise ConfigError(f"a store in PostgreSQL needs the package psycopg ({cure})") from error

    def connected(raw: Any, _record: object) -> None:
        _check_server(address, raw)
        raw.adapters.register_dumper(str, _text_dumper())

    # First: SQLAlchemy's own questions to a new server fail with one that is too old.
    event.listen(engine, "connect", connected, insert=True)
    if connect is not None:
        event.listen(engine, "do_connect", lambda _dialect, _record, given, named: connect(*given, **named))
    return engine


def _check_server(address: Address, raw: Any) -> None:
    """Raise StoreUnavailable for a server that cannot have a store. Costs no round trip."""
    version, encoding = raw.info.server_version // 10000, raw.info.parameter_status("server_encoding")
    cure = ""
    if version < MIN_VERSION:
        cure = f"PostgreSQL {version} is too old (feedsvc needs {MIN_VERSION} or later)"
    elif encoding not in (None, "UTF8"):
        cure = f"the database has the encoding {encoding} (create one with ENCODING 'UTF8' TEMPLATE template0)"
    if cure:
        raw.close()
        raise StoreUnavailable(f"{address.name}: {cure}")


def _text_dumper() -> type:
    """Return a dumper of text for the driver that replaces what PostgreSQL refuses: NUL, and surrogates alone.

    No stored text has them, so a query with one finds nothing; the driver would raise another error for each.
    """
    from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415

    class TextDumper(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            if "\0" in obj:
                obj = obj.replace("\0", "\ufffd")
            try:
                return obj.encode()
            except UnicodeEncodeError:
                return obj.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()

    return TextDumper


@contextmanager
def transaction(engine: Engine, address: Address, begin: str, end: str = COMMIT) -> Iterator[Connection]:
    """Yield a connection inside one transaction, which one of the statements of this module begins.

    `end` commits at the end of the block; it is rolled back if it raises. Raises StoreUnavailable if the database
    cannot be used.
    """
    with translated(address), begun(engine, begin) as connection, _whole(connection, end):
        yield connection


@contextmanager
def transaction_on(connection: Connection, address: Address, begin: str, end: str) -> Iterator[Connection]:
    """Yield a connection that is kept, inside one transaction."""
    with translated(address):
        connection.exec_driver_sql(begin)
        with _whole(connection, end):
            yield connection


@contextmanager
def _whole(connection: Connection, end: str) -> Iterator[None]:
    """Commit at the end of the block, or roll back."""
    try:
        yield
        connection.exec_driver_sql(end)
    except BaseException:
        roll_back(connection)
        raise


def begun(engine: Engine, begin: str) -> Connection:
    """Return a connection of the pool in a new transaction. The caller closes it."""
    return _executed(engine, begin, ())[0]


def first_row(engine: Engine, address: Address, statement: str, values: tuple[object, ...] = ()) -> Row[Any] | None:
    """Return the first row of a statement that is a transaction of its own, in one round trip; None without a row.

    Raises StoreUnavailable if the database cannot be used.
    """
    with translated(address):
        connection, result = _executed(engine, statement, values)
        with connection:
            return result.first()


def _executed(engine: Engine, statement: str, values: tuple[object, ...]) -> tuple[Connection, CursorResult[Any]]:
    """Execute the first statement on a connection of the pool, and return both. The caller closes the connection.

    Connections that died in the pool, as all do when the server is restarted, are noticed here: the first failure
    makes the pool forget them, and nothing was read or written yet.
    """
    connection = engine.connect()
    try:
        return connection, connection.exec_driver_sql(statement, values)
    except exc.DBAPIError as error:
        connection.close()
        if not error.connection_invalidated:
            raise
    except BaseException:
        connection.close()
        raise
    connection = engine.connect()
    try:
        return connection, connection.exec_driver_sql(statement, values)
    except BaseException:
        connection.close()
        raise


def roll_back(connection: Connection) -> None:
    """Roll back, also where the connection is lost or the transaction has failed."""
    with suppress(exc.DBAPIError, exc.InvalidRequestError):
        if not connection.invalidated:
            connection.exec_driver_sql("ROLLBACK")
