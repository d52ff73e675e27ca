"""Copies of a store before it is migrated, so that an older feedsvc can go on with one."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from feedsvc.errors import StoreUnavailable


def copy_before_migration(path: Path, schema: int) -> Path:
    """Copy the store at `path`, which has that schema, beside itself; return the copy.

    The caller holds the lock of the writer. What is committed in the WAL is in the copy. Where a copy
    of the same state is there already, from a migration that failed later, it is returned. An earlier copy of another
    state is never overwritten. Raises StoreUnavailable where the copy cannot be written.
    """
    base = path.with_name(f"{path.name}.schema-{schema}")
    temporary = None
    try:
        with closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True)) as source:
            number = 1
            copy = base
            while copy.exists():
                if _meta_of_file(copy) == _meta(source):
                    return copy
                number += 1
                copy = base.with_name(f"{base.name}.{number}")
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{base.name}-")
            os.close(handle)
            temporary = Path(name)
            with closing(sqlite3.connect(temporary)) as target:
                source.backup(target)
                # A file alone, without a WAL beside it: it can be copied and moved as it is.
                target.execute("PRAGMA journal_mode=DELETE")
        _sync_to_disk(temporary)
        temporary.chmod(path.stat().st_mode & 0o777)
        os.link(temporary, copy)  # Fails where there is such a file by now.
        return copy
    except (OSError, sqlite3.Error) as error:
        cure = f"make room for {path.stat().st_size:,} bytes there, and make the folder writable"
        raise StoreUnavailable(f"{base}: cannot copy the store before it is migrated: {error} ({cure})") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def copies_of(path: Path) -> list[Path]:
    """The copies that were made of the store at `path` before migrations, by name."""
    return sorted(each for each in path.parent.glob(f"{path.name}.schema-*") if each.is_file())


def _meta_of_file(copy: Path) -> list[tuple[str, str]] | None:
    try:
        with closing(sqlite3.connect(f"file:{_quoted(copy)}?mode=ro", uri=True)) as connection:
            return _meta(connection)
    except sqlite3.Error:
        return None


def _meta(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """What every sync changes: the count of commits, the pages of the notebook, the time of the last sync."""
    return connection.execute("SELECT key, value FROM meta ORDER BY key").fetchall()


def _quoted(path: Path) -> str:
    return path.as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _sync_to_disk(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
