"""Copy a store into an empty one, perhaps of another database, with its whole history.

Everything is copied that cursors, ETags and identities depend on: the change log, epochs, file records. Only the search
index is made anew, since each database has its own. The state of the writer is not copied.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import zip_longest
from threading import Event
from typing import Any, Final

from sqlalchemy import Connection, Table, func, insert, select

from feedsvc.errors import StoreUnavailable
from feedsvc.slices.search_terms import terms_of
from feedsvc.store.engines import StoreEngine
from feedsvc.store.migrations import check_version
from feedsvc.store.rows import article_from
from feedsvc.store.schema import articles, meta, metadata
from feedsvc.store.session import Session

# Is given the number of rows that are copied and compared, and of all rows, which counts each twice.
Progress = Callable[[int, int], None]
# The number of rows in memory. An article may have 2 MB.
_ROWS: Final = 1000
_ARTICLES: Final = 50


def copy_store(source: StoreEngine, target: StoreEngine, progress: Progress) -> dict[str, int]:
    """Copy the store, and return the number of rows by table. `target` has all of it afterwards, or nothing.

    Raises StoreUnavailable if a writer runs on either, if `source` cannot be read or needs a migration, and if there is
    a store in `target`.
    """
    with ExitStack() as stack:
        for engine in (source, target):
            if engine.is_written():
                cure = "stop feedsvc serve and feedsvc watch, and copy again"
                raise StoreUnavailable(f"{engine.name}: a writer runs ({cure})")
        for engine in (source, target):
            stack.enter_context(engine.writer_lock(Event()))
        old, new = stack.enter_context(source.read()), stack.enter_context(target.write())
        check_version(Session(old, source))
        if target.has_store(new):
            cure = "name a new file or an empty database"
            raise StoreUnavailable(f"{target.name}: there is a store already ({cure})")
        counts = {
            name: old.scalar(select(func.count()).select_from(table)) or 0 for name, table in metadata.tables.items()
        }
        total, done = 2 * sum(counts.values()), 0
        metadata.create_all(new)
        target.search.create(new)
        for work in (_copied, _compared):
            for table in metadata.sorted_tables:
                for number in work(old, new, table, target):
                    done += number
                    progress(done, total)
        return counts


def _portions(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield all rows by primary key, some at a time."""
    rows = select(table).order_by(*table.primary_key.columns)
    size = _ARTICLES if table is articles else _ROWS
    found = connection.execute(rows.execution_options(yield_per=size))
    for portion in found.mappings().partitions():
        yield [dict(row) for row in portion]


def _copied(old: Connection, new: Connection, table: Table, target: StoreEngine) -> Iterator[int]:
    """Copy a table. Yield numbers of rows."""
    for rows in _portions(old, table):
        new.execute(insert(table), [_for_target(row, table, target) for row in rows])
        if table is articles:
            live = new.execute(select(articles).where(articles.c.id.in_([row["id"] for row in rows]), articles.c.live))
            target.search.put(new, {row.id: terms_of(article_from(row)) for row in live})
        yield len(rows)


def _for_target(row: dict[str, Any], table: Table, target: StoreEngine) -> dict[str, Any]:
    """Return a row as the target must have it: its search index has a version of its own."""
    is_version = table is meta and row["key"] == "search"
    return row | {"value": str(target.search.version)} if is_version else row


def _compared(old: Connection, new: Connection, table: Table, target: StoreEngine) -> Iterator[int]:
    """Compare each row with its copy. Yield numbers of rows. Raises StoreUnavailable for a difference."""
    none: list[dict[str, Any]] = []
    for rows, copies in zip_longest(_portions(old, table), _portions(new, table), fillvalue=none):
        for row, copy in zip_longest(rows, copies, fillvalue=dict[str, Any]()):
            if not row or _for_target(row, table, target) != copy:
                key = [(row or copy)[each.name] for each in table.primary_key.columns]
                said = f"the copy of {key} in the table {table.name} differs"
                raise StoreUnavailable(f"{target.name}: {said} (nothing was copied; please report it)")
        yield len(rows)
