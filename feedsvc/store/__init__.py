"""The store: what is published and when it changed. One writer and any number of readers, each with a snapshot."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event

from feedsvc.errors import StoreTooNew, StoreUnavailable
from feedsvc.model import Site
from feedsvc.store.change_log import Touched, Version
from feedsvc.store.commit import Commit
from feedsvc.store.engines import CommitSignal, StoreEngine
from feedsvc.store.migrations import StoreOutdated, check_version, empty, migrated_copy, prepare
from feedsvc.store.opening import engine_at
from feedsvc.store.rows import site_from
from feedsvc.store.schema import VERSION
from feedsvc.store.session import Session
from feedsvc.store.snapshot import Snapshot
from feedsvc.store.snapshot.copy_check import CopyCheck
from feedsvc.store.snapshot.media import MediaFile
from feedsvc.store.snapshot.slugs_and_aliases import Gone, Moved
from feedsvc.store.transfer import Progress, copy_store
from feedsvc.store.writer_state import WriterState, WriterStateRecord, note_crash, note_standby, read_state

__all__ = ["Commit", "CommitSignal", "Gone", "MediaFile", "Moved", "Snapshot", "Store", "Touched", "Version"]


class Store:
    """The store at `place`: a path, a URL (`opening.engine_at`) or an engine. Its first `write` creates it.

    All searches of one snapshot together may use `search_seconds` on the engine's clock: CPU time with SQLite.
    Making one opens nothing. Any thread may call each method. With `refuses_previews`, a store with drafts in it counts
    as one that cannot be read; with `copy_of`, so does a store that is no copy of the one there.
    """

    def __init__(
        self,
        place: Path | str | StoreEngine,
        search_seconds: float = 2,
        *,
        refuses_previews: bool = False,
        copy_of: Path | str | None = None,
    ) -> None:
        self._engine = engine_at(place) if isinstance(place, Path | str) else place
        self._search_seconds, self._refuses_previews = search_seconds, refuses_previews
        self._copy_check = CopyCheck(engine_at(copy_of)) if copy_of is not None else None

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Yield a snapshot. Raises StoreUnavailable if there is no store or it cannot be read, and StoreTooNew.

        Raises OtherStore where it is not a copy as it should be.
        """
        with self._engine.read() as connection:
            session = Session(connection, self._engine)
            check_version(session)
            if self._copy_check is not None:
                self._copy_check.check(session)
            snapshot = Snapshot(session, self._search_seconds)
            if self._refuses_previews and snapshot.is_preview():
                raise StoreUnavailable("the store is of a preview, with drafts in it (name another --store)")
            yield snapshot

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
                snapshot = stack.enter_context(self.read())
            except StoreOutdated:
                copy = stack.enter_context(migrated_copy(self._engine))
                snapshot = Snapshot(copy, self._search_seconds)
            except StoreUnavailable:
                snapshot = Snapshot(stack.enter_context(empty(self._engine)), self._search_seconds)
            yield snapshot

    def translated(self) -> AbstractContextManager[None]:
        """Raise StoreUnavailable for an error of the database in a part of a block of `read` or `write`."""
        return self._engine.translated()

    def close(self) -> None:
        """Close the pooled connections."""
        self._engine.close()
        if self._copy_check is not None:
            self._copy_check.close()

    def commit_signal(self) -> CommitSignal:
        """Return a signal of commits, for one thread, which closes it."""
        return self._engine.commit_signal()

    def copy_lag(self) -> float | None:
        """Return the seconds by which this store may be behind the one that it copies; None if it copies none."""
        return self._engine.copy_lag()

    def identity(self) -> tuple[object, ...]:
        """Return what distinguishes this store from another one in its place; empty if there is no store."""
        return self._engine.identity()

    def trim(self) -> int:
        """Shorten what a large commit left behind. Return the bytes of it that readers still need."""
        return self._engine.trim()

    def back_up(self, copy: Path, *, overwrite: bool = False) -> None:
        """Write the committed state to the file `copy`. Raises StoreUnavailable if that is not possible.

        An existing file is refused, unless `overwrite` is set.
        """
        self._engine.back_up(copy, overwrite=overwrite)

    def restore(self, copy: Path, accept: Callable[[Site], None] = lambda _site: None) -> str | None:
        """Make the store what `copy` holds. Return the name of a backup of the former store, None if there was none.

        `accept` is called with the publication of the copy, and raises what is against it. The caller holds the
        writer's lock. Raises StoreTooNew, and StoreUnavailable if the copy is damaged or no store, or the store cannot
        be read or written. The store is unchanged after each of them.
        """

        def check(about: Mapping[str, str]) -> None:
            try:
                found = int(about["schema"])
                if found > VERSION:
                    said = f"it has schema {found}, this feedsvc knows {VERSION}"
                    raise StoreTooNew(f"{copy}: {said} (upgrade feedsvc, then restore it)")
                site = site_from(about["site"])
            except (StoreUnavailable, ValueError, LookupError, TypeError, AttributeError) as error:
                raise StoreUnavailable(f"{copy}: it is damaged (use another backup)") from error
            if "preview" in about:
                cure = "name a backup of the publication; feedsvc serve --drafts makes the store of a preview again"
                raise StoreUnavailable(f"{copy}: it is of a preview, with drafts in it ({cure})")
            accept(site)

        return self._engine.restore(copy, check)

    def migrate(self, now: datetime) -> None:
        """Migrate the store at `now` (UTC) if it has an older schema."""
        try:
            with self.read():
                return
        except StoreOutdated:
            with self.write(now):
                return

    def writer_lock(self, stop: Event, answered: Callable[[], None] = lambda: None) -> AbstractContextManager[bool]:
        """Hold the lock of the writer. Yield True once it is held, or False if `stop` is set before that.

        `answered` is called when a database on another machine answers. Raises StoreUnavailable if it does not, or if
        there can be no lock.
        """
        return self._engine.writer_lock(stop, answered)

    def check_lock(self) -> None:
        """Raise WriterLockLost inside the block of `writer_lock` if the lock was lost."""
        self._engine.check_lock()

    def is_written(self) -> bool:
        """Return whether a process holds the lock of the writer. Raises StoreUnavailable if nobody can tell."""
        return self._engine.is_written()

    def writer_state(self) -> WriterState | None:
        """Return what the writer last said; None where none ever ran, or its state cannot be read."""
        return read_state(self._engine)

    def writer_record(self, now: datetime | None = None, command: str = "") -> WriterStateRecord:
        """Return a new state of this process as the writer that `command` ("serve" or "watch") starts `now` (UTC).

        It keeps what the former writer's says of starts and crashes.
        """
        return WriterStateRecord(self._engine, now, command)

    def note_writer_crash(self, pid: int, started_at: datetime, why: str) -> None:
        """Note that the writer with that process id of this machine ended, and not in good order. Never fails."""
        note_crash(self._engine, pid, started_at, why)

    def note_standby(self, why: str) -> None:
        """Note why this process, which holds the lock of the writer just now, does not take over. Never fails."""
        note_standby(self._engine, why)

    def copy_to(self, target: "Store", progress: Progress = lambda _done, _all: None) -> dict[str, int]:
        """Copy everything into `target`, where there is no store yet. Return the numbers of rows by table.

        Raises StoreUnavailable if that is not possible, also while a writer runs on either; `target` is then unchanged.
        """
        return copy_store(self._engine, target._engine, progress)

    def copies(self) -> list[str]:
        """Return the names of the copies that migrations, restores and new publications made, sorted."""
        return self._engine.copies()

    def erase_deleted(self) -> None:
        """Overwrite the bytes of deleted rows. Raises StoreUnavailable if that is not possible now."""
        self._engine.erase_deleted()
