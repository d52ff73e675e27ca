"""What is published and when it changed. One writer, any number of readers, each of a snapshot."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from feedsvc.errors import StoreTooNew, StoreUnavailable
from feedsvc.store.changes import Touched, Version
from feedsvc.store.engine import open_engine, transaction
from feedsvc.store.pulse import Pulse
from feedsvc.store.reading import Gone, MediaFile, Moved, Snapshot
from feedsvc.store.schema import VERSION, meta, metadata
from feedsvc.store.writing import Writer

__all__ = ["Gone", "MediaFile", "Moved", "Pulse", "Snapshot", "Store", "Touched", "Version", "Writer"]


class Store:
    """The store in the SQLite file at `path`. It is made by its first `write`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = open_engine(path)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """A snapshot. Raises StoreUnavailable when there is no store or it cannot be read."""
        if not self.path.exists():
            raise StoreUnavailable(f"{self.path}: there is no store yet (run feedsvc sync)")
        with transaction(self._engine, "BEGIN") as connection:
            _check_version(connection)
            yield Snapshot(connection)

    @contextmanager
    def write(self, now: datetime) -> Iterator[tuple[Writer, Connection]]:
        """One commit at `now` (UTC), alone. Raises StoreUnavailable, StoreTooNew."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"{self.path.parent}: {error.strerror} (make it, or name another --store)"
            ) from error
        with transaction(self._engine, "BEGIN IMMEDIATE") as connection:
            _create(connection)
            writer = Writer(connection, now)
            yield writer, connection
            writer.finish()

    def close(self) -> None:
        """Close the pooled connections."""
        self._engine.dispose()


def _create(connection: Connection) -> None:
    if inspect(connection).has_table("meta"):
        _check_version(connection)
        return
    metadata.create_all(connection)
    first = {"schema": str(VERSION), "epoch": secrets.token_hex(4), "commit": "0"}
    connection.execute(meta.insert(), [{"key": key, "value": value} for key, value in first.items()])


def _check_version(connection: Connection) -> None:
    found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
    if found is not None and int(found) > VERSION:
        raise StoreTooNew(f"the store has schema {found}, this feedsvc knows {VERSION} (upgrade feedsvc)")
