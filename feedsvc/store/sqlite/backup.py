"""Back up a store while it is used, and restore it while nothing writes.

A store in use is more than one file: the last commits are in its WAL. Copying over the file alone has no effect, or
mixes two stores. SQLite's backup API treats them as one, and its result is one transaction.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from feedsvc.errors import StoreUnavailable
from feedsvc.store.sqlite.copying import open_to_read, sync_to_disk, temporary_copy
from feedsvc.store.sqlite.modes import keep_private


def back_up(store: Path, copy: Path) -> None:
    """Write the committed state of `store` to the new file `copy`. It has no WAL, and only its owner can read it.

    Raises StoreUnavailable if there is no store, it is damaged, or `copy` exists or cannot be written.
    """
    if not store.exists():
        raise StoreUnavailable(f"{store}: there is no store to back up (name it with --store)")
    with _checked_copy(store, copy) as temporary:
        try:
            os.link(temporary, copy)
        except FileExistsError as error:
            raise StoreUnavailable(f"{copy}: exists already (name a new file)") from error
        sync_to_disk(copy.parent)


def restore(copy: Path, store: Path) -> Path | None:
    """Replace the store by `copy`. Return the backup of the former store, None if there was none.

    The caller holds the writer's lock, so that nothing writes meanwhile. Readers see one commit. Raises
    StoreUnavailable if the copy is not a store or damaged, or the store cannot be read or written; the store is then
    unchanged.
    """
    if not copy.exists():
        raise StoreUnavailable(f"{copy}: there is no such file (name one that feedsvc backup wrote)")
    with _checked_copy(copy, store) as temporary:
        kept = _keep(store)
        try:
            keep_private(store)
            with closing(sqlite3.connect(temporary)) as source, closing(sqlite3.connect(store)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            raise StoreUnavailable(
                f"{store}: {error} (stop every process that has it open, and restore again)"
            ) from error
        return kept


def _keep(store: Path) -> Path | None:
    if not store.exists():
        return None
    number = 1
    while (kept := store.with_name(f"{store.name}.replaced-{number}")).exists():
        number += 1
    try:
        back_up(store, kept)
    except StoreUnavailable as error:
        cure = f"stop all of feedsvc, move {store.name}, {store.name}-wal and {store.name}-shm away, and restore again"
        raise StoreUnavailable(f"{store}: cannot keep what is there: {error} ({cure})") from error
    return kept


@contextmanager
def _checked_copy(source: Path, target: Path) -> Iterator[Path]:
    """Yield a checked copy of the store `source` beside `target`, with mode 0600; delete it at the end."""
    try:
        with closing(open_to_read(source)) as opened, temporary_copy(opened, target) as temporary:
            with closing(open_to_read(temporary)) as written:
                (found,) = written.execute("PRAGMA integrity_check(1)").fetchone()
                if found != "ok":
                    raise StoreUnavailable(f"{source}: it is damaged: {found} (use another backup)")
                if not written.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    cure = "name a file that feedsvc backup wrote"
                    raise StoreUnavailable(f"{source}: it is no store of feedsvc ({cure})")
            yield temporary
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{source}: {error} (it is no whole store: use another backup)") from error
    except OSError as error:
        raise StoreUnavailable(f"{target}: {error.strerror} (make its folder writable, with room for it)") from error
