"""The lock and the state of the writer, kept by the server.

The lock is one of a session: the server frees it when the connection ends, and the connection that has it is the one
that writes. So nobody writes who has lost it. It cannot be held through a pooler that shares sessions.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from typing import Final

from sqlalchemy import Connection, Engine, exc

from feedsvc.errors import StoreUnavailable, WriterLockLost
from feedsvc.store.postgresql.address import SILENT_MS, Address
from feedsvc.store.postgresql.connections import first_row, open_engine
from feedsvc.store.postgresql.errors import NO_TABLE, sqlstate, translated
from feedsvc.terminal import logger

log = logger("feedsvc.watch")

# How often a writer that stands by asks for the lock.
ASK_SECONDS: Final = 0.5
# How often a writer asks whether its connection with the lock is there.
CHECK_SECONDS: Final = 1.0
_CLASS: Final = 1717920101
_LOCK: Final = f"SELECT pg_try_advisory_lock({_CLASS}, hashtext(current_schema()))"
_HOLDERS: Final = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    " AND classid = %s AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# Let the server notice within seconds that the machine of the writer is gone. Local sockets ignore it.
_NOTICE: Final = (
    "SET application_name = 'feedsvc writer'; SET tcp_keepalives_idle = 1; SET tcp_keepalives_interval = 1;"
    f" SET tcp_keepalives_count = 2; SET tcp_user_timeout = {SILENT_MS};"
    # In the middle of a long statement, too.
    " SET client_connection_check_interval = 1000"
)
CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS writer_state (single boolean PRIMARY KEY CHECK (single), data bytea NOT NULL)"
)
# Not while another session holds the lock: a former writer must not write over what its successor says.
_WRITE: Final = (
    f"INSERT INTO writer_state SELECT true, %s WHERE NOT EXISTS ({_HOLDERS} AND pid <> %s)"
    " ON CONFLICT (single) DO UPDATE SET data = excluded.data"
)


@contextmanager
def lock_connection(address: Address, stop: Event, answered: Callable[[], None]) -> Iterator[Connection | None]:
    """Yield a connection that holds the lock of the writer; None if `stop` is set before that.

    `answered` is called after each answer of the server. Raises StoreUnavailable if it cannot be reached.
    """
    engine = open_engine(address, pool_size=1)
    connection: Connection | None = None
    stands_by = False
    try:
        while not stop.is_set():
            with translated(address):
                if connection is None:
                    connection = engine.connect()
                    connection.exec_driver_sql(_NOTICE)
                is_mine = connection.exec_driver_sql(_LOCK).scalar()
            answered()
            if is_mine:
                break
            if not stands_by:
                log.info("another watcher writes to %s; this one stands by", address.name)
                stands_by = True
            stop.wait(ASK_SECONDS)
        yield None if stop.is_set() else connection
    finally:
        if connection is not None:
            # The end of the session frees the lock, too, but some time after this process has gone on.
            with suppress(exc.DBAPIError, exc.InvalidRequestError):
                if not connection.invalidated:
                    connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
            connection.invalidate()
            connection.close()
        engine.dispose()


def is_locked(engine: Engine, address: Address) -> bool:
    """Return whether a session holds the lock of the writer of this store."""
    return first_row(engine, address, _HOLDERS, (_CLASS,)) is not None


def read_state(engine: Engine) -> bytes | None:
    """Return the state of the writer; None where there is none, or it cannot be read."""
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT data FROM writer_state").scalar()
            return bytes(found) if found is not None else None
    except (exc.DBAPIError, exc.TimeoutError, StoreUnavailable):
        return None


def session_of(connection: Connection | None) -> int:
    """Return the process id of the server for a connection; 0 for none, and for one that was lost."""
    raw = connection.connection.driver_connection if connection is not None and not connection.invalidated else None
    return int(raw.info.backend_pid) if raw is not None and not raw.closed else 0


@contextmanager
def unless_lost(connection: Connection, address: Address) -> Iterator[None]:
    """Raise WriterLockLost if the connection with the lock is lost, before the block or in it."""
    lost = "the connection with the lock of the writer is lost, and nothing more was committed"
    if connection.closed or connection.invalidated:
        raise WriterLockLost(f"{address.name}: {lost}")
    try:
        yield
    except StoreUnavailable as error:
        if connection.closed or connection.invalidated:
            raise WriterLockLost(f"{error}; {lost}") from error
        raise


def write_state(engine: Engine, address: Address, data: bytes, session: int) -> None:
    """Save the state of the writer, in a transaction of its own, which the commit signal does not count.

    Nothing is saved while another session than `session` of the server holds the lock.
    """
    with translated(address), engine.connect() as connection:
        try:
            connection.exec_driver_sql(_WRITE, (data, _CLASS, session))
        except exc.ProgrammingError as error:
            if sqlstate(error) != NO_TABLE:
                raise
            connection.exec_driver_sql(CREATE)
            connection.exec_driver_sql(_WRITE, (data, _CLASS, session))
