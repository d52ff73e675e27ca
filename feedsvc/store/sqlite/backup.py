"""Back up a store while it is used, and restore it while nothing writes.

A store in use is more than one file: the last commits are in its WAL. Copying over the file alone has no effect, or
mixes two stores. SQLite's backup API treats them as one, and its result is one transaction.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from feedsvc.errors import StoreUnavailable
from feedsvc.store.schema import COPIED
from feedsvc.store.sqlite.copying import left_copies, open_to_copy, open_to_read, sync_to_disk, temporary_copy
from feedsvc.store.sqlite.disk_space import needs_shm_space, space_cure
from feedsvc.store.sqlite.modes import keep_private
from feedsvc.store.sqlite.side_tables import drop_tables
from feedsvc.store.sqlite.writer_file import FILE as STATE

# Is given the values of a copy about itself, by key.
Check = Callable[[Mapping[str, str]], None]
_FREE_SPACE: Final = "free disk space there for the whole store, or name another disk"


def back_up(store: Path, copy: Path, *, overwrite: bool = False) -> None:
    """Write the committed state of `store` to the file `copy`. It has no WAL, and only its owner can read it.

    Raises StoreUnavailable if there is no store, it is damaged, or `copy` cannot be written, or exists and is not to be
    overwritten. It is then as it was.
    """
    if not store.exists():
        raise StoreUnavailable(f"{store}: there is no store to back up (name it with --store)")
    if overwrite:
        # A symlink stays, and the file that it leads to is overwritten.
        copy = copy.resolve()
        if copy.exists() and not copy.is_file():
            raise StoreUnavailable(f"{copy}: is no regular file, so it is not overwritten (name another file)")
    is_beside = copy.parent.resolve() == store.parent.resolve()
    if copy.exists() and (copy.samefile(store) or (is_beside and _is_part(store.name, copy.name))):
        raise StoreUnavailable(f"{copy}: is the store itself, or a part of it (name another file)")
    with _checked_copy(store, copy) as temporary:
        if overwrite:
            os.replace(temporary, copy)
        else:
            _put_new(temporary, copy)
        sync_to_disk(copy.parent)


def _is_part(store: str, name: str) -> bool:
    """Return whether the file `name` beside the store belongs to it: its WAL, locks, state, or a copy of a migration.

    What a restore replaced is a backup like any other.
    """
    rest = name.removeprefix(store) if name.startswith(store) else ""
    return (
        rest in ("-wal", "-shm", "-journal") or rest.startswith(".schema-") or name.endswith(".lock") or name == STATE
    )


def _put_new(temporary: Path, copy: Path) -> None:
    taken = StoreUnavailable(f"{copy}: exists already (name a new file, or add --force to overwrite it)")
    if os.path.lexists(copy):
        raise taken
    try:
        os.link(temporary, copy)
    except FileExistsError as error:
        raise taken from error
    except OSError:  # a file system without hard links, such as that of most USB sticks
        os.rename(temporary, copy)


def restore(copy: Path, store: Path, check: Check) -> Path | None:
    """Replace the store by `copy`. Return the backup of the former store, None if there was none.

    `check` is called with the values of the copy about itself; what it raises ends the restore. The caller holds the
    writer's lock, so that nothing writes meanwhile. Readers see one commit. Raises StoreUnavailable if the copy is not
    a store or damaged, or the store cannot be read or written; the store is then unchanged.
    """
    if not copy.exists():
        raise StoreUnavailable(f"{copy}: there is no such file (name one that feedsvc backup wrote)")
    for left in left_copies(store):  # by a restore that was killed
        if not left.samefile(copy):
            left.unlink(missing_ok=True)
    with _checked_copy(copy, store) as temporary:
        with closing(open_to_read(temporary)) as source:
            about = dict(source.execute("SELECT key, value FROM meta"))
            if not about.keys() >= {"schema", "epoch", "site"} or _lacks_table(source):
                raise _no_store(copy)
            check(about)
        kept = _back_up_replaced(store)
        try:
            keep_private(store)
            with closing(sqlite3.connect(temporary)) as source, closing(sqlite3.connect(store)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            cure = space_cure(error, store.parent) or "stop every process that has it open, and restore again"
            cure = _FREE_SPACE if "full" in str(error) else cure
            raise StoreUnavailable(f"{store}: {error} ({cure})") from error
        return kept


def _lacks_table(connection: sqlite3.Connection) -> bool:
    """Return whether tables are missing that the store has in every version; `meta` is there."""
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return not found >= {"addresses", "articles", "changes", "change_facets", "files", "media", "removed"}


def _no_store(file: Path) -> StoreUnavailable:
    return StoreUnavailable(f"{file}: it is no store of feedsvc (name a file that feedsvc backup wrote)")


def _back_up_replaced(store: Path) -> Path | None:
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
        with closing(open_to_copy(source)) as opened, temporary_copy(opened, target) as temporary:
            with closing(open_to_read(temporary)) as written:
                (found,) = written.execute("PRAGMA integrity_check(1)").fetchone()
                if found != "ok":
                    raise StoreUnavailable(f"{source}: it is damaged: {found} (use another backup)")
                if not written.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    raise _no_store(source)
            with closing(sqlite3.connect(temporary)) as written, written:
                drop_tables(written)
                written.execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (COPIED,))
            sync_to_disk(temporary)
            yield temporary
    except sqlite3.Error as error:
        if "full" in str(error):
            raise StoreUnavailable(f"{target}: {error} ({_FREE_SPACE})") from error
        # The source alone has a -shm, and the target alone is written.
        place = source if needs_shm_space(error) else target
        if cure := space_cure(error, place.parent):
            raise StoreUnavailable(f"{place}: {error} ({cure})") from error
        raise StoreUnavailable(f"{source}: {error} (it is no whole store: use another backup)") from error
    except OSError as error:
        raise StoreUnavailable(f"{target}: {error.strerror} (make its folder writable, with room for it)") from error
