"""Stores to measure in: a SQLite file, or a database of a PostgreSQL server that is started for the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from feedsvc.store import Store
from tests.postgresql_server import Server, free_port, initialized, started, stop
from tests.unprivileged import open_folder

# As PostgreSQL has them by default: the options of tests lose commits in a crash.
DURABLE: Final = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "autovacuum": "on",
    "shared_buffers": "128MB",
}
_BYTES: Final = (
    "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


@contextmanager
def postgresql() -> Iterator[Server]:
    """Start a PostgreSQL server with its default settings, and yield it. It ends with the block."""
    with open_folder() as folder:
        port = free_port()
        process = started(initialized(folder), folder, port, **DURABLE)
        try:
            server = Server(folder, port)
            server.run("CREATE ROLE feedsvc LOGIN")
            yield server
        finally:
            stop(process)


def bytes_of(place: Path | str, server: Server | None) -> int:
    """Return the bytes of a store that nothing uses: tables and indexes, without what PostgreSQL keeps for itself."""
    if isinstance(place, Path):
        Store(place).trim()
        return sum(each.stat().st_size for each in place.parent.glob(f"{place.name}*"))
    assert server is not None
    database = place.rpartition("/")[2].partition("?")[0]
    server.run("VACUUM ANALYZE", database=database)
    return int(server.run(_BYTES, database=database)[0][0])
