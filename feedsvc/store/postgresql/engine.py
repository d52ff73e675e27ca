"""The engine of a store in PostgreSQL (see `store.engines` for what each method promises)."""

import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any, Final

from sqlalchemy import Connection, Table, exc

from feedsvc.errors import StoreUnavailable
from feedsvc.store.engines import Clock, Row
from feedsvc.store.postgresql import copying, deadline, upserts, writer
from feedsvc.store.postgresql.address import address_of
from feedsvc.store.postgresql.commit_signal import CREATE, CommitSignal, noted_commit
from feedsvc.store.postgresql.connections import (
    BESIDE,
    READ,
    WRITE,
    first_row,
    open_engine,
    transaction,
    transaction_on,
)
from feedsvc.store.postgresql.errors import NO_TABLE, sqlstate, translated
from feedsvc.store.postgresql.responsiveness import Responsiveness
from feedsvc.store.postgresql.search import SearchIndex
from feedsvc.store.schema import COPIED, PARTIAL_INDEXES, meta

# The database, the table and the timeline. A dump that was restored has other tables; a restored base backup and a
# standby that became the primary have another timeline, and perhaps lack the last commits.
_PRESENT: Final = (
    "concat_ws('.', (SELECT oid FROM pg_database WHERE datname = current_database()), to_regclass('commits')::oid,"
    " CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END)"
)
_HAS_STORE: Final = "to_regclass('meta') IS NOT NULL"
_PLACE: Final = f"SELECT place, {_PRESENT} AS present, {_HAS_STORE} AS has_store FROM commits"  # noqa: S608 (no value)
_IDENTITY: Final = f"SELECT CASE WHEN {_HAS_STORE} THEN {_PRESENT} END"
# Two heartbeats of the writer may be missing before the age of the last transaction counts.
_COPY_LAG: Final = (
    "SELECT CASE WHEN NOT pg_is_in_recovery() THEN NULL"
    " WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver)"
    " AND clock_timestamp() - pg_last_xact_replay_timestamp() < '12 s' THEN 0"
    " ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0) END"
)
for _index, _where in PARTIAL_INDEXES:
    _index.dialect_options["postgresql"]["where"] = _where
_TEXTS: Final = ("articles", "changes", "change_facets", "removed", "removed_facets", "facet_values", "meta", "files")


class PostgresqlEngine:
    """The store in the database and schema that a URL names. Raises ConfigError for a URL that is none."""

    def __init__(self, place: str) -> None:
        self._address = address_of(place)
        self._responsiveness = Responsiveness()
        self._engine = open_engine(self._address, responsiveness=self._responsiveness)
        self._search = SearchIndex()
        self._identity: tuple[object, ...] = ()
        # The connection of the one transaction that writes, and whether it found a store.
        self._writing: Connection | None = None
        self._has_store = False
        # The connection that holds the lock of the writer.
        self._locked: Connection | None = None
        self._check_due = 0.0
        # The driver warns of connections that are not closed.
        weakref.finalize(self, self._engine.dispose)

    @property
    def name(self) -> str:
        """The URL without password and options."""
        return self._address.name

    @property
    def search(self) -> SearchIndex:
        """The index of `tsvector`s."""
        return self._search

    def read(self) -> AbstractContextManager[Connection]:
        """Yield one snapshot (REPEATABLE READ, READ ONLY)."""
        return transaction(self._engine, self._address, READ)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield the transaction that writes. It creates tables, but no database."""
        with self._write_transaction() as connection:
            self._note_place(connection)
            self._writing = connection
            try:
                yield connection
            finally:
                self._writing = None

    @contextmanager
    def _write_transaction(self) -> Iterator[Connection]:
        """Begin on the connection that holds the lock of the writer, if this engine has one."""
        end = noted_commit()
        if self._locked is None:
            with transaction(self._engine, self._address, WRITE, end) as connection:
                yield connection
            return
        with (
            writer.unless_lost(self._locked, self._address),
            transaction_on(self._locked, self._address, WRITE, end) as connection,
        ):
            yield connection

    def _note_place(self, connection: Connection) -> None:
        """Make the table of commits. Mark a store that was restored from a dump or another server as a copy."""
        try:
            found = connection.exec_driver_sql(_PLACE).one()
        except exc.ProgrammingError as error:
            if sqlstate(error) != NO_TABLE:
                raise
            # After an error, only another transaction can go on. This one has written nothing yet.
            for statement in ("ROLLBACK", WRITE, CREATE):
                connection.exec_driver_sql(statement)
            found = connection.exec_driver_sql(_PLACE).one()
        self._has_store = found.has_store
        if found.place != found.present:
            connection.exec_driver_sql("UPDATE commits SET place = %s", (found.present,))
            if found.place is not None and found.has_store:
                self.put(connection, meta, [{"key": COPIED, "value": "1"}])

    def has_store(self, connection: Connection) -> bool:
        """Return whether the table `meta` is there. The transaction that writes has asked already, as it began."""
        if connection is self._writing:
            return self._has_store
        return bool(connection.exec_driver_sql(f"SELECT {_HAS_STORE}").scalar())

    def translated(self) -> AbstractContextManager[None]:
        """Raise StoreUnavailable for an error of the driver or of the pool in the block."""
        return translated(self._address)

    def beside(self, file: Path) -> AbstractContextManager[Connection]:  # noqa: ARG002
        """Yield a transaction of the same database, without the lock of the store, that notes no commit."""
        return transaction(self._engine, self._address, BESIDE)

    def is_beside(self, file: Path) -> bool:  # noqa: ARG002
        """Return True: the tables are in the database."""
        return True

    def close(self) -> None:
        """Close the idle connections."""
        self._engine.dispose()

    @contextmanager
    def writer_lock(self, stop: Event, answered: Callable[[], None] = lambda: None) -> Iterator[bool]:
        """Hold a lock of the session (`pg_try_advisory_lock`) on the connection that `write` uses meanwhile."""
        with writer.lock_connection(self._address, stop, answered) as connection:
            self._locked = connection
            try:
                yield connection is not None
            finally:
                self._locked = None

    def check_lock(self) -> None:
        """Ask the connection that holds the lock, once a second, whether it is there."""
        now = time.monotonic()
        if self._locked is None or now < self._check_due:
            return
        self._check_due = now + writer.CHECK_SECONDS
        with writer.unless_lost(self._locked, self._address), translated(self._address):
            self._locked.exec_driver_sql("SELECT 1")

    def is_written(self) -> bool:
        """Return whether a session holds that lock."""
        return writer.is_locked(self._engine, self._address)

    def read_writer_state(self) -> bytes | None:
        """Read the table `writer_state`."""
        return writer.read_state(self._engine)

    def write_writer_state(self, data: bytes, *, create: bool = False) -> None:  # noqa: ARG002
        """Write the table `writer_state`, and make it where it is missing."""
        writer.write_state(self._engine, self._address, data, writer.session_of(self._locked))

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows."""
        if rows:
            connection.execute(table.insert(), rows)

    def put(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, or write them over those with the same primary key."""
        if rows:
            connection.execute(upserts.put(table), rows)

    def put_new(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert the rows whose primary key is not there."""
        if rows:
            connection.execute(upserts.put_new(table), rows)

    def add(self, connection: Connection, table: Table, column: str, rows: Sequence[Row]) -> None:
        """Insert rows, or add their `column` to that of the row with the same primary key."""
        if rows:
            connection.execute(upserts.add(table, column), rows)

    def clock(self) -> Clock:
        """Return a wall clock: the server runs the queries."""
        return time.monotonic

    def limited(
        self, connection: Connection, left: float, seconds: float, clock: Clock
    ) -> AbstractContextManager[None]:
        """Cancel the block's queries when `left` seconds have passed on `clock` (`statement_timeout`)."""
        return deadline.limited(connection, left, seconds, clock)

    def commit_signal(self) -> CommitSignal:
        """Return a signal with a connection of its own."""
        return CommitSignal(self._address, self._responsiveness)

    def copy_lag(self) -> float | None:
        """Return how old the last transaction is that a standby has replayed; None on the primary.

        It is 0 where the standby has replayed all that it received, is connected to the primary, and has seen one of
        the heartbeats that a writer commits.
        """
        found = first_row(self._engine, self._address, _COPY_LAG)
        return float(found[0]) if found is not None and found[0] is not None else None

    def identity(self) -> tuple[object, ...]:
        """Return what `_PRESENT` says. While the database cannot be reached, it is the last one that was seen."""
        with suppress(StoreUnavailable):
            found = first_row(self._engine, self._address, _IDENTITY)
            self._identity = tuple(found) if found is not None and found[0] is not None else ()
        return self._identity

    def trim(self) -> int:
        """Return 0: PostgreSQL shortens its own log."""
        return 0

    def copy_before_migration(self, schema: int) -> str:
        """Copy the tables into a schema of the database, in the writer's transaction. Return its name."""
        assert self._writing is not None
        return copying.copy_before_migration(self._writing, schema)

    def copies(self) -> list[str]:
        """Return the names of the schemas with copies that migrations made, sorted."""
        with transaction(self._engine, self._address, "BEGIN READ ONLY") as connection:
            return copying.copies_of(connection)

    def private_copy(self) -> AbstractContextManager[Connection]:
        """Yield a connection with a copy in temporary tables."""
        return copying.private_copy(self._engine, self._address)

    def empty(self) -> AbstractContextManager[Connection]:
        """Yield a connection that sees no tables of the store."""
        return copying.empty(self._engine, self._address)

    def back_up(self, copy: Path, *, overwrite: bool = False) -> None:  # noqa: ARG002
        """Raise StoreUnavailable: PostgreSQL has its own tool."""
        command = f"pg_dump --format=custom --file={copy} {self.name}"
        raise StoreUnavailable(f"{self.name}: PostgreSQL makes its own backups (run {command})")

    def restore(self, copy: Path, check: Callable[[Mapping[str, str]], None]) -> str | None:  # noqa: ARG002
        """Raise StoreUnavailable: PostgreSQL has its own tool."""
        command = f"pg_restore --clean --if-exists --single-transaction --dbname={self.name} {copy}"
        raise StoreUnavailable(f"{self.name}: PostgreSQL restores its own backups (stop the writer, run {command})")

    def back_up_beside(self, file: Path, copy: Path, tables: Sequence[str]) -> None:  # noqa: ARG002
        """Raise StoreUnavailable: pg_dump has all tables."""
        self.back_up(copy)

    def rows_in_copy(self, copy: Path, table: str) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return no row: pg_restore restores all tables."""
        return []

    def erase_deleted(self) -> None:
        """Let the server reuse the space of deleted rows (VACUUM), which makes them unreadable for SQL at once."""
        with translated(self._address), self._engine.connect() as connection:
            connection.exec_driver_sql(f"VACUUM {', '.join((*_TEXTS, 'search', 'search_parts'))}")
