"""What the last export wrote: a SQLite file in the state folder, one for each target.

It is not needed for the target to be right: without it, every document is rendered and compared with the target.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from feedsvc.errors import StoreUnavailable
from feedsvc.store import Version
from feedsvc.store.facets import Facet

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    key TEXT PRIMARY KEY, grp TEXT NOT NULL, digest TEXT NOT NULL, stamp TEXT NOT NULL, shows TEXT, facets TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_of_group ON files (grp);
CREATE TABLE IF NOT EXISTS shown (id TEXT NOT NULL, grp TEXT NOT NULL, PRIMARY KEY (id, grp)) WITHOUT ROWID;
"""


NEW: Final = "new"
LOST: Final = "lost"


class Written(NamedTuple):
    """A file of the last export: the SHA-256 of its content, what the target says of it, and what it shows.

    `digest` is NEW for a file that was about to be written for the first time or to be deleted, LOST for one that
    somebody else changed.
    """

    digest: str
    stamp: str
    shows: tuple[str, ...] | None
    facets: frozenset[Facet] | None


class Manifest:
    """The files that were written to one target, by key and by group."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def value(self, key: str) -> str | None:
        """Return a value about the export itself."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put_value(self, key: str, value: str) -> None:
        """Save a value about the export itself."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def version(self) -> Version | None:
        """Return the version of the store that the target shows; None if there is none, or an export was cut off."""
        text = self.value("version")
        if text is None:
            return None
        epoch, commit, seq = text.split(" ")
        return Version(epoch, int(commit), int(seq))

    def pending(self) -> frozenset[Facet]:
        """Return what commits touched of which only the documents that show their articles were exported."""
        return _facets(self.value("pending")) or frozenset()

    def put_pending(self, facets: Set[Facet]) -> None:
        """Note what is still to be exported of former commits."""
        self.put_value("pending", json.dumps(sorted(facets)))

    def files(self, group: str | None = None) -> dict[str, Written]:
        """Return the files of a group, or all."""
        where, values = ("", ()) if group is None else (" WHERE grp = ?", (group,))
        rows = self._connection.execute(f"SELECT key, digest, stamp, shows, facets FROM files{where}", values)  # noqa: S608
        return {key: _written(*rest) for key, *rest in rows}

    def file(self, key: str) -> Written | None:
        """Return a file; None if there is none."""
        asked = "SELECT digest, stamp, shows, facets FROM files WHERE key = ?"
        row = self._connection.execute(asked, (key,)).fetchone()
        return None if row is None else _written(*row)

    def count(self) -> int:
        """Return the number of all files."""
        return int(self._connection.execute("SELECT count(*) FROM files").fetchone()[0])

    def groups(self) -> set[str]:
        """Return the names of all groups."""
        return {row[0] for row in self._connection.execute("SELECT DISTINCT grp FROM files")}

    def keys_that_show(self, group: str, id_: str) -> list[str]:
        """Return the keys of a group whose files show an article."""
        found = "SELECT key FROM files WHERE grp = ? AND instr(shows, ?)"
        return [row[0] for row in self._connection.execute(found, (group, json.dumps(id_)))]

    def groups_that_show(self, ids: Iterable[str]) -> set[str]:
        """Return the groups of articles whose pages show one of these articles."""
        found = "SELECT grp FROM shown WHERE id = ?"
        return {row[0] for id_ in ids for row in self._connection.execute(found, (id_,))}

    def put(self, group: str, key: str, written: Written) -> None:
        """Note a file. It replaces what was noted for the key."""
        shows = None if written.shows is None else json.dumps(written.shows)
        facets = None if written.facets is None else json.dumps(sorted(written.facets))
        row = (key, group, written.digest, written.stamp, shows, facets)
        self._connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)

    def put_shown(self, group: str, ids: Set[str]) -> None:
        """Note which articles the pages of the group of an article show."""
        self._connection.execute("DELETE FROM shown WHERE grp = ?", (group,))
        self._connection.executemany("INSERT INTO shown VALUES (?, ?)", [(id_, group) for id_ in sorted(ids)])

    def mark(self, keys: Iterable[str], digest: str) -> None:
        """Note that files are LOST, or NEW. What was NEW stays so."""
        marked = "UPDATE files SET digest = ? WHERE key = ? AND digest <> ?"
        self._connection.executemany(marked, [(digest, key, NEW) for key in keys])

    def delete(self, keys: Iterable[str]) -> None:
        """Forget files."""
        self._connection.executemany("DELETE FROM files WHERE key = ?", [(key,) for key in keys])

    def save(self) -> None:
        """Commit what was noted."""
        self._connection.commit()


def _written(digest: str, stamp: str, shows: str | None, facets: str | None) -> Written:
    shown: Sequence[str] | None = None if shows is None else json.loads(shows)
    return Written(digest, stamp, None if shown is None else tuple(shown), _facets(facets))


def _facets(text: str | None) -> frozenset[Facet] | None:
    return None if text is None else frozenset((name, value) for name, value in json.loads(text))


class _Connection(sqlite3.Connection):
    """Raises StoreUnavailable with the path of the manifest: while an export reads the store, that would be named."""

    path: Path

    def execute(self, *given: Any) -> sqlite3.Cursor:
        with self._translated():
            return super().execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        with self._translated():
            return super().executemany(*given)

    def commit(self) -> None:
        with self._translated():
            super().commit()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            cure = "free disk space; if that does not help, delete it: the next export writes everything again"
            raise StoreUnavailable(f"{self.path}: {error} ({cure})") from error


def _opened(path: Path) -> _Connection | None:
    """Return a connection to a manifest; None if the file is damaged."""
    connection = sqlite3.connect(path, factory=_Connection)
    connection.path = path
    try:
        # A commit then waits once for the disk instead of three times.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        is_good = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except (sqlite3.DatabaseError, StoreUnavailable):
        is_good = False
    if is_good:
        return connection
    connection.close()
    return None


@contextmanager
def open_manifest(path: Path) -> Iterator[Manifest]:
    """Yield the manifest in a file, which is created. One that is damaged is begun again.

    Raises StoreUnavailable if it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        connection = _opened(path)
        if connection is None:
            for each in (path, *(path.with_name(f"{path.name}{end}") for end in ("-journal", "-wal", "-shm"))):
                each.unlink(missing_ok=True)
            connection = _opened(path)
        if connection is None:
            raise StoreUnavailable(f"{path}: it cannot be written (make it writable, or free disk space)")
        with closing(connection):
            yield Manifest(connection)
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error} (make it writable, or free disk space)") from error
