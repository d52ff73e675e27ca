"""The store: what is published and when it changed. One writer and any number of readers, each with a snapshot."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from feedsvc.errors import StoreUnavailable
from feedsvc.store.change_log import Touched, Version
from feedsvc.store.commit import Commit
from feedsvc.store.engines import CommitSignal, StoreEngine
from feedsvc.store.migrations import StoreOutdated, check_version, empty, migrated_copy, prepare
from feedsvc.store.opening import engine_at
from feedsvc.store.session import Session
from feedsvc.store.snapshot import Snapshot
from feedsvc.store.snapshot.articles import Gone, Moved
from feedsvc.store.snapshot.media import MediaFile

__all__ = ["Commit", "CommitSignal", "Gone", "MediaFile", "Moved", "Snapshot", "Store", "Touched", "Version"]


class Store:
    """The store at `place`: a path, a URL (`opening.engine_at`) or an engine. Its first `write` creates it.

    All searches of one snapshot together may use `search_seconds` on the engine's clock: CPU time with SQLite.
    Making one opens nothing. Any thread may call each method.
    """

    def __init__(self, place: Path | str | StoreEngine, search_seconds: float = 2) -> None:
        self._engine = engine_at(place) if isinstance(place, Path | str) else place
        self._search_seconds = search_seconds

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Yield a snapshot. Raises StoreUnavailable if there is no store or it cannot be read, and StoreTooNew."""
        with self._reading() as session:
            yield Snapshot(session, self._search_seconds)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._engine.read() as connection:
            check_version(connection)
            yield Session(connection, self._engine)

    @contextmanager
    def write(self, now: datetime) -> Iterator[Commit]:
        """Yield one commit at `now` (UTC); no other one runs at the same time. Raises StoreUnavailable, StoreTooNew."""
        with self._engine.write() as connection:
            session = Session(connection, self._engine)
            prepare(session)
            commit = Commit(session, now)
            yield commit
            commit.finish()
        self.trim()

    @contextmanager
    def known(self) -> Iterator[Snapshot]:
        """Yield a snapshot of what a sync would find; an empty store if there is none that can be read.

        For a store with an older schema it is a migrated copy, since the next sync migrates the store. The copy is
        deleted at the end. Raises StoreTooNew, as a sync does.
        """
        with ExitStack() as stack:
            try:
                session = stack.enter_context(self._reading())
            except StoreOutdated:
                session = stack.enter_context(migrated_copy(self._engine))
            except StoreUnavailable:
                session = stack.enter_context(empty(self._engine))
            yield Snapshot(session, self._search_seconds)

    def close(self) -> None:
        """Close the pooled connections."""
        self._engine.close()

    def commit_signal(self) -> CommitSignal:
        """Return a signal of commits, for one thread, which closes it."""
        return self._engine.commit_signal()

    def identity(self) -> tuple[object, ...]:
        """Return what distinguishes this store from another one in its place; empty if there is no store."""
        return self._engine.identity()

    def trim(self) -> int:
        """Shorten what a large commit left behind. Return the bytes of it that readers still need."""
        return self._engine.trim()

    def back_up(self, copy: Path) -> None:
        """Write the committed state to the new file `copy`. Raises StoreUnavailable if that is not possible."""
        self._engine.back_up(copy)

    def restore(self, copy: Path) -> str | None:
        """Make the store what `copy` holds. Return the name of a backup of the former store, None if there was none.

        The caller holds the writer's lock. Raises StoreUnavailable if the copy is damaged or no store, or the store
        cannot be read or written; the store is then unchanged.
        """
        return self._engine.restore(copy)

    def copies(self) -> list[str]:
        """Return the names of the copies from before migrations, sorted."""
        return self._engine.copies()

    def erase_deleted(self) -> None:
        """Overwrite the bytes of deleted rows. Raises StoreUnavailable if that is not possible now."""
        self._engine.erase_deleted()
