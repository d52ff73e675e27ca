"""Erasing a removed article: from the change log, and from the bytes of the SQLite file, not only from its tables."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from feedsvc.errors import StoreUnavailable
from feedsvc.store.changes import OF_ARTICLES
from feedsvc.store.facets import Facet
from feedsvc.store.schema import change_facets, changes, facet_values, removed_facets
from feedsvc.store.sqlite.engine import BUSY_SECONDS

# What an editor writes freely. A name or a tag that one article alone had may be what has to go.
_FREE: Final = ("tag", "author")


def erase_states(connection: Connection, id_: str) -> bool:
    """Delete what the change log says of a removed article, and the tags and authors that no other article ever had.

    That it was removed stays, with its id, its topics and its language: the tombstone and cursors need them. Return
    whether there was such a tag or author.
    """
    connection.execute(update(changes).where(changes.c.id == id_).values(before=None, after=None))
    alone = _facets_of_it_alone(connection, id_)
    for facet, value in alone:
        for table in (change_facets, removed_facets, facet_values):
            connection.execute(delete(table).where(table.c.facet == facet, table.c.value == value))
    return bool(alone)


def _facets_of_it_alone(connection: Connection, id_: str) -> list[Facet]:
    # A state is its change's seq doubled, plus one for what was afterwards.
    seq = change_facets.c.state.op(">>")(1)
    is_own = seq.in_(select(changes.c.seq).where(changes.c.id == id_))
    own = select(change_facets.c.facet, change_facets.c.value).where(change_facets.c.facet.in_(_FREE), is_own)
    found = []
    for facet, value in connection.execute(own.distinct()).all():
        # The log of a period that closes, or of a topic that changes, has the facets of articles too. It is no owner.
        others = (
            select(func.count())
            .select_from(change_facets)
            .join(changes, changes.c.seq == seq)
            .where(change_facets.c.facet == facet, change_facets.c.value == value)
            .where(changes.c.kind.in_((*OF_ARTICLES, "rerendered")), changes.c.id != id_)
        )
        if not connection.scalar(others):
            found.append((facet, value))
    return found


def erase_deleted(path: Path) -> None:
    """Write the store at `path` anew without the pages of deleted rows, and empty its WAL.

    A deleted row stays readable in free pages of the file, in the segments of the full-text index and in the WAL until
    something overwrites it. Readers and the writer go on meanwhile. Raises StoreUnavailable where there is no room for
    a second copy, or where readers keep the WAL for longer than BUSY_SECONDS.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
            connection.execute("INSERT INTO search (search) VALUES ('optimize')")
            connection.execute("VACUUM")
            (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        cure = "make room for a second copy of it, and run the command again"
        raise StoreUnavailable(f"{path}: the text was removed, but not yet from the file: {error} ({cure})") from error
    if is_busy:
        raise StoreUnavailable(
            f"{path}-wal: the text was removed, but a reader keeps the old state (run the command again)"
        )
