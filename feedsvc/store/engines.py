"""What the store needs of a database beyond the SQL that all of them share: the protocol of an engine.

`opening.engine_at` chooses the engine. Everything else in `store/` uses this protocol, and portable SQL through
SQLAlchemy. Each docstring says what every engine promises; docs/decisions/0221 says how PostgreSQL would keep it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, Table

from feedsvc.model import Article
from feedsvc.slices.search_terms import Terms
from feedsvc.store.schema import Columns

# Returns articles by id, with the terms they are found by.
Entries = Callable[[], Iterable[tuple[str, Terms]]]
# Reads seconds. Only differences mean something.
Clock = Callable[[], float]
Row = Mapping[str, Any]


class SearchResults(Protocol):
    """The articles that have all terms of a search, in one transaction."""

    @property
    def are_few(self) -> bool:
        """Return whether the results are few enough to be sorted by date at each use."""

    def ids(self) -> Select[tuple[str]]:
        """Select the ids of the articles."""

    def is_found(self, row: Columns) -> ColumnElement[bool]:
        """Return a condition: the article `row.id` is among the results."""


class SearchIndex(Protocol):
    """The full-text index of the live articles, by the terms of `slices.search_terms`."""

    @property
    def version(self) -> int:
        """The version of the terms. Where the store has another one, its writer drops the index and makes it anew."""

    def create(self, connection: Connection) -> None:
        """Create the empty index, with tables of its own. Those that exist stay."""

    def drop(self, connection: Connection) -> None:
        """Delete the index with its content; `create` follows in the same transaction."""

    def put(self, connection: Connection, found_by: Mapping[str, Terms]) -> None:
        """Add articles that are not in the index, by id, with the terms they are found by."""

    def build(self, connection: Connection, entries: Entries) -> AbstractContextManager[None]:
        """Fill the empty index with very many articles, while the block runs.

        The index may be used after the block. `entries` may be called twice, and in a process that was forked from this
        one at the beginning of the block.
        """

    def take(self, connection: Connection, article: Article) -> None:
        """Remove an article. It is the one that was added: an index may need its terms."""

    def find(self, connection: Connection, terms: Sequence[str]) -> SearchResults:
        """Return the articles with all `terms` of `search_terms.parsed`: the same ones with every engine."""

    def rank(self, connection: Connection, terms: Sequence[str], ids: Sequence[str]) -> Mapping[str, float]:
        """Return how well articles that have all `terms` match them, more is better; each engine has its formula."""


class CommitSignal(Protocol):
    """Tells one thread that something was committed, by any process, without a snapshot of the store."""

    @property
    def is_other_store(self) -> bool:
        """Return whether commits may be lost or the store was replaced, as of the last `has_changed` that was True."""

    @property
    def is_connected(self) -> bool:
        """Return whether the last `has_changed` could see the store, or did not look again yet."""

    @property
    def problem(self) -> str:
        """Return why the last `has_changed` could not see a database on another machine, and what to do; else ""."""

    def has_changed(self) -> bool:
        """Return whether there was a commit since the last call; True at the first one.

        False while the store cannot be read. It returns within milliseconds, and never raises for a store in trouble:
        the next reader reports the error.
        """

    def reset(self) -> None:
        """Let the next `has_changed` find a commit."""

    def close(self) -> None:
        """Close the connection; the next `has_changed` opens another."""


class StoreEngine(Protocol):
    """A database with one store. Making one opens nothing; each method may be called by any thread.

    Methods that reach the database raise StoreUnavailable with a remedy if it cannot be used.
    """

    @property
    def name(self) -> str:
        """What messages call the store: a path, or a URL without a password."""

    @property
    def search(self) -> SearchIndex:
        """The full-text index."""

    # Transactions.

    def read(self) -> AbstractContextManager[Connection]:
        """Yield one snapshot: a later commit does not change what it reads. No writer waits for it, nor it for one.

        Raises StoreUnavailable also where there is no store yet, and then creates nothing.
        """

    def write(self) -> AbstractContextManager[Connection]:
        """Yield the one transaction that writes; others wait for it. Create the database if it can be created.

        It commits at the end of the block, and rolls back if the block raises. It may change tables, too.
        """

    def has_store(self, connection: Connection) -> bool:
        """Return whether there was a store when the transaction of `connection` began."""

    def translated(self) -> AbstractContextManager[None]:
        """Raise StoreUnavailable for an error of the database in the block.

        `read` and `write` do so at their end; this is for a part of their block that handles its errors itself.
        """

    def beside(self, file: Path) -> AbstractContextManager[Connection]:
        """Yield a transaction for tables beside the store, which no commit signal counts and no sync makes wait.

        Its commit is on the disk at the end of the block. `file` has them where a database is a file. Rows that an
        UPDATE finds are locked until the end; a SELECT sees what is committed.
        """

    def is_beside(self, file: Path) -> bool:
        """Return whether tables beside the store can be there. Only `beside` makes the file of a database."""

    def close(self) -> None:
        """Close the idle connections. The engine can be used on."""

    # The writer.

    def writer_lock(self, stop: Event, answered: Callable[[], None] = lambda: None) -> AbstractContextManager[bool]:
        """Hold the lock of the writer. Yield True once it is held, or False if `stop` is set before that.

        `answered` is called each time when a database on another machine has answered whether the lock is free.
        Raises StoreUnavailable if it does not answer, also after it has answered before.
        It ends with the process and with the machine that has it. Where it can be lost while its process runs, `write`
        inside the block raises WriterLockLost instead of committing.
        """

    def check_lock(self) -> None:
        """Raise WriterLockLost inside the block of `writer_lock` if the lock was lost. May be called very often."""

    def is_written(self) -> bool:
        """Return whether a process holds the lock of the writer. Raises StoreUnavailable if nobody can tell."""

    def read_writer_state(self) -> bytes | None:
        """Return what `write_writer_state` last wrote; None if nothing was written or it cannot be read."""

    def write_writer_state(self, data: bytes, *, create: bool = False) -> None:
        """Save the state of the writer, whole or not at all; no commit signal counts it.

        Nothing is saved while another process is known to hold the lock of the writer. With `create`, make what it is
        kept in, where that is missing: the writer may have ended before its first commit. It does not wait for a
        transaction that runs. Raises StoreUnavailable if it cannot be saved.
        """

    # Statements with many rows, each of which has the same columns. Databases write or execute them differently.

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows."""

    def put(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, or write them over those with the same primary key."""

    def put_new(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert the rows whose primary key is not there; leave those that are as they are."""

    def add(self, connection: Connection, table: Table, column: str, rows: Sequence[Row]) -> None:
        """Insert rows, or add their `column` to that of the row with the same primary key."""

    # Limits of queries.

    def clock(self) -> Clock:
        """Return what measures the queries of the calling thread, in seconds: CPU time, or wall-clock time."""

    def limited(
        self, connection: Connection, left: float, seconds: float, clock: Clock
    ) -> AbstractContextManager[None]:
        """End the queries of the block when `left` seconds have passed on `clock`, one that `self.clock` returned.

        `seconds` is the whole budget, which the message names. Raises SearchTooSlow, without a query if `left` is not
        positive. Later statements in the same transaction are not affected.
        """

    # Commits, seen from outside.

    def commit_signal(self) -> CommitSignal:
        """Return a new signal, for one thread."""

    def copy_lag(self) -> float | None:
        """Return the seconds by which this database may be behind the one that it copies; None if it copies none."""

    def identity(self) -> tuple[object, ...]:
        """Return what distinguishes this store from another one in its place; empty if there is none."""

    def trim(self) -> int:
        """Shorten what a large commit left behind. Return the bytes that wait for readers; 0 if nothing grows so."""

    # Copies.

    def copy_before_migration(self, schema: int) -> str:
        """Keep a copy of the store, which has that schema, and return its name; the writer's transaction is open.

        A copy of the same state is used again, one of another state never overwritten.
        """

    def copies(self) -> list[str]:
        """Return the names of the copies that migrations, restores and new publications made, sorted."""

    def private_copy(self) -> AbstractContextManager[Connection]:
        """Yield a copy that only this connection sees and may migrate; it is gone after the block."""

    def empty(self) -> AbstractContextManager[Connection]:
        """Yield a database without tables that only this connection sees; it is gone after the block."""

    def back_up(self, copy: Path, *, overwrite: bool = False) -> None:
        """Write the committed state to the file `copy`, readable by its owner only, and mark it as a copy (COPIED).

        Raises StoreUnavailable if `copy` cannot be written, or exists and is not to be overwritten. An engine whose
        database has its own tools for this raises it with their command.
        """

    def restore(self, copy: Path, check: Callable[[Mapping[str, str]], None]) -> str | None:
        """Make the store what `copy` of `back_up` holds. Return the name of a backup of the former store, if any.

        `check` is called before, with the values of the copy's table `meta`; what it raises ends the restore.
        The caller holds the writer's lock. Readers see one commit. An engine whose database has its own tools for this
        raises StoreUnavailable with their command.
        """

    def back_up_beside(self, file: Path, copy: Path, tables: Sequence[str]) -> None:
        """Add tables of `beside(file)` to the file `copy`, which `back_up` wrote.

        Raises StoreUnavailable if that is not possible, and then changes nothing.
        """

    def rows_in_copy(self, copy: Path, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table that `back_up_beside` added to `copy`; none if it is not there."""

    def erase_deleted(self) -> None:
        """Overwrite deleted rows where the database keeps their bytes. Readers and the writer continue."""
