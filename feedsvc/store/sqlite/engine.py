"""The engine of a store in a SQLite file (see `store.engines` for what each method promises)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import Any

from sqlalchemy import Connection, Engine, Table, inspect

from feedsvc.errors import NO_STORE, StoreUnavailable
from feedsvc.store import writer_lock
from feedsvc.store.engines import Clock, Row
from feedsvc.store.sqlite import backup, bulk, copying, deadline, erasure, side_tables, writer_file
from feedsvc.store.sqlite.commit_signal import CommitSignal
from feedsvc.store.sqlite.connections import large_cache, open_engine, transaction, translated, trim_wal
from feedsvc.store.sqlite.modes import keep_private
from feedsvc.store.sqlite.open_files import identity
from feedsvc.store.sqlite.overwriting import close_unused, was_overwritten
from feedsvc.store.sqlite.search import SearchIndex


class SqliteEngine:
    """The store in the SQLite file at `path`, in WAL mode."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = open_engine(path)
        self._search = SearchIndex(path.parent)
        self._lock = Lock()
        self._beside: dict[Path, Engine] = {}

    @property
    def name(self) -> str:
        """The path of the file."""
        return str(self._path)

    @property
    def search(self) -> SearchIndex:
        """The FTS5 index."""
        return self._search

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield one snapshot (BEGIN)."""
        if not self._path.exists():
            raise StoreUnavailable(f"{self._path}: {NO_STORE}", NO_STORE)
        try:
            with transaction(self._engine, "BEGIN") as connection:
                yield connection
        except StoreUnavailable as error:
            if was_overwritten(self._path):
                raise self._overwritten() from error
            raise

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield the transaction that writes (BEGIN IMMEDIATE). Create the file and its folder if need be."""
        make_file(self._path)
        if was_overwritten(self._path):
            raise self._overwritten()
        with transaction(self._engine, "BEGIN IMMEDIATE") as connection, large_cache(connection):
            yield connection

    def _overwritten(self) -> StoreUnavailable:
        name = self._path.name
        return StoreUnavailable(
            f"{self._path}: another file was copied over the store while it was in use; nothing is written, since that "
            f"would damage it (stop all of feedsvc, move {name}, {name}-wal and {name}-shm away, run feedsvc restore "
            "with the backup, and start again)"
        )

    def has_store(self, connection: Connection) -> bool:
        """Return whether the table `meta` is there."""
        return inspect(connection).has_table("meta")

    def translated(self) -> AbstractContextManager[None]:
        """Raise StoreUnavailable for an error of SQLite in the block."""
        return translated(self._path)

    @contextmanager
    def beside(self, file: Path) -> Iterator[Connection]:
        """Yield a transaction of the SQLite file `file` (BEGIN IMMEDIATE), which is made if need be."""
        make_file(file)
        with self._lock:
            engine = self._beside.get(file) or self._beside.setdefault(file, open_engine(file, "FULL"))
        with transaction(engine, "BEGIN IMMEDIATE") as connection:
            yield connection

    def is_beside(self, file: Path) -> bool:
        """Return whether the file is there."""
        return file.exists()

    def close(self) -> None:
        """Close the pooled connections."""
        for engine in (self._engine, *self._beside.values()):
            engine.dispose()
        close_unused()

    def writer_lock(
        self,
        stop: Event,
        answered: Callable[[], None] = lambda: None,  # noqa: ARG002
    ) -> AbstractContextManager[bool]:
        """Lock the file `writer.lock` beside the store (flock), which the end of the process unlocks."""
        return writer_lock.only_writer(self._path, stop)

    def check_lock(self) -> None:
        """Do nothing: the lock is held as long as the process runs."""

    def is_written(self) -> bool:
        """Return whether a process holds the lock of that file."""
        return writer_lock.is_written(self._path)

    def read_writer_state(self) -> bytes | None:
        """Read the file `writer.json` beside the store."""
        return writer_file.read(self._path)

    def write_writer_state(self, data: bytes, *, create: bool = False) -> None:
        """Replace that file; `create` its folder."""
        writer_file.write(self._path, data, create=create)

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows."""
        bulk.execute(connection, bulk.insert_all(table), rows)

    def put(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, or write them over those with the same primary key."""
        bulk.execute(connection, bulk.put(table), rows)

    def put_new(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert the rows whose primary key is not there."""
        bulk.execute(connection, bulk.put_new(table), rows)

    def add(self, connection: Connection, table: Table, column: str, rows: Sequence[Row]) -> None:
        """Insert rows, or add their `column` to that of the row with the same primary key."""
        bulk.execute(connection, bulk.add(table, column), rows)

    def clock(self) -> Clock:
        """Return the clock of the CPU time of the calling thread, in which SQLite runs the queries."""
        return deadline.thread_cpu_clock()

    def limited(
        self, connection: Connection, left: float, seconds: float, clock: Clock
    ) -> AbstractContextManager[None]:
        """Interrupt the block's queries when `left` seconds have passed on `clock`."""
        return deadline.limited(connection, left, seconds, cpu=clock)

    def commit_signal(self) -> CommitSignal:
        """Return a signal with a connection of its own (`data_version`)."""
        return CommitSignal(self._path)

    def copy_lag(self) -> None:
        """Return None: a file is no copy that follows another one."""

    def identity(self) -> tuple[object, ...]:
        """Return device and inode of the file, its WAL and the index of that, and whether the file was overwritten."""
        found = identity(self._path)
        return (*found, was_overwritten(self._path)) if found else ()

    def trim(self) -> int:
        """Shorten the WAL, unless the file was overwritten. Return the bytes of it that readers still need."""
        return 0 if was_overwritten(self._path) else trim_wal(self._engine, self._path)

    def copy_before_migration(self, schema: int) -> str:
        """Copy the store beside itself. Return the path of the copy."""
        return str(copying.copy_before_migration(self._path, schema))

    def copies(self) -> list[str]:
        """Return the paths of the copies that migrations, restores and new publications made, sorted."""
        return [str(each) for each in copying.copies_of(self._path)]

    def private_copy(self) -> AbstractContextManager[Connection]:
        """Yield a copy in the system's temporary folder."""
        return copying.private_copy(self._path)

    def empty(self) -> AbstractContextManager[Connection]:
        """Yield a database in memory."""
        return copying.empty()

    def back_up(self, copy: Path, *, overwrite: bool = False) -> None:
        """Write the committed state to the file `copy`, which has no WAL."""
        backup.back_up(self._path, copy, overwrite=overwrite)

    def restore(self, copy: Path, check: Callable[[Mapping[str, str]], None]) -> str | None:
        """Write the pages of `copy` into the store as one commit. Return the path of the backup of the former store."""
        kept = backup.restore(copy, self._path, check)
        return str(kept) if kept else None

    def back_up_beside(self, file: Path, copy: Path, tables: Sequence[str]) -> None:
        """Add tables of the SQLite file `file` to the backup `copy`."""
        side_tables.add_tables(file, copy, tables)

    def rows_in_copy(self, copy: Path, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table that was added to the backup `copy`."""
        return side_tables.rows_in(copy, table)

    def erase_deleted(self) -> None:
        """Write the file anew (VACUUM), and empty its WAL."""
        erasure.erase_deleted(self._path)


def make_file(path: Path) -> None:
    """Make an empty database at `path`, and its folder, if there is none. Raises StoreUnavailable."""
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        keep_private(path)
    except OSError as error:
        raise StoreUnavailable(f"{path.parent}: {error.strerror} (make it, or name another --store)") from error
