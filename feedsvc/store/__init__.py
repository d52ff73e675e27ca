"""The store: what is published and when it changed. One writer and any number of readers, each with a snapshot."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from feedsvc.errors import StoreUnavailable
from feedsvc.store.change_log import Touched, Version
from feedsvc.store.commit import Commit
from feedsvc.store.migrations import StoreOutdated, check_version, empty, migrated_copy, prepare
from feedsvc.store.session import Session
from feedsvc.store.snapshot import Snapshot
from feedsvc.store.snapshot.articles import Gone, Moved
from feedsvc.store.snapshot.media import MediaFile
from feedsvc.store.sqlite.commit_signal import CommitSignal
from feedsvc.store.sqlite.engine import open_engine, transaction, trim_wal
from feedsvc.store.sqlite.modes import keep_private
from feedsvc.store.sqlite.open_files import identity

__all__ = ["Commit", "CommitSignal", "Gone", "MediaFile", "Moved", "Snapshot", "Store", "Touched", "Version"]


class Store:
    """The store in the SQLite file at `path`. Its first `write` creates it.

    All searches of one snapshot together may use `search_seconds` of CPU time.
    """

    def __init__(self, path: Path, search_seconds: float = 2) -> None:
        self.path, self._search_seconds = path, search_seconds
        self._engine = open_engine(path)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Yield a snapshot. Raises StoreUnavailable if there is no store or it cannot be read."""
        with self._reading() as connection:
            yield Snapshot(Session(connection), self._search_seconds)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if not self.path.exists():
            raise StoreUnavailable(f"{self.path}: there is no store yet (run feedsvc sync)")
        with transaction(self._engine, "BEGIN") as connection:
            check_version(connection)
            yield connection

    @contextmanager
    def write(self, now: datetime) -> Iterator[Commit]:
        """Yield one commit at `now` (UTC); no other one runs at the same time. Raises StoreUnavailable, StoreTooNew."""
        try:
            self.path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            keep_private(self.path)
        except OSError as error:
            raise StoreUnavailable(
                f"{self.path.parent}: {error.strerror} (make it, or name another --store)"
            ) from error
        with transaction(self._engine, "BEGIN IMMEDIATE") as connection:
            prepare(connection)
            commit = Commit(connection, now)
            yield commit
            commit.finish()
        self.trim()

    def trim(self) -> int:
        """Shorten the WAL after a large commit. Return the bytes of it that readers still need."""
        return trim_wal(self._engine, self.path)

    def files(self) -> tuple[object, ...]:
        """Return what distinguishes the files of this store from others in their place; empty if there is no store."""
        return identity(self.path)

    @contextmanager
    def known(self) -> Iterator[Snapshot]:
        """Yield a snapshot of what a sync would find; an empty store if there is none that can be read.

        For a store with an older schema it is a migrated copy, since the next sync migrates the store. The copy is
        deleted at the end. Raises StoreTooNew, as a sync does.
        """
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(self._reading())
            except StoreOutdated:
                connection = stack.enter_context(migrated_copy(self.path))
            except StoreUnavailable:
                connection = stack.enter_context(empty())
            yield Snapshot(Session(connection), self._search_seconds)

    def close(self) -> None:
        """Close the pooled connections."""
        self._engine.dispose()
