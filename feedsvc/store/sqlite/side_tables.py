"""Tables of a file beside the store, in backups of the store: so that a backup is one file."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from feedsvc.errors import StoreUnavailable
from feedsvc.store.sqlite.copying import open_to_read

# What their names begin with. No table of the store has such a name.
PREFIX = "hub_"


def add_tables(side: Path, copy: Path, names: Sequence[str]) -> None:
    """Add the tables of the file `side` to the backup `copy` of a store; none if there is no such file.

    Raises StoreUnavailable if that is not possible; the backup is then without them.
    """
    if not side.exists():
        return
    try:
        with closing(sqlite3.connect(copy, uri=True)) as connection:
            connection.execute("ATTACH ? AS side", (f"{side.absolute().as_uri()}?mode=ro",))
            with connection:
                connection.execute("BEGIN")
                for name in _present(connection, names, "side"):
                    connection.execute(f"CREATE TABLE main.{name} AS SELECT * FROM side.{name}")  # noqa: S608
    except sqlite3.Error as error:
        cure = "free disk space there, or move the file of subscriptions away if it is damaged"
        raise StoreUnavailable(f"{copy}: has the store, but not the tables of {side}: {error} ({cure})") from error


def rows_in(copy: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table in a backup; none if it is not there. Raises StoreUnavailable."""
    try:
        with closing(open_to_read(copy)) as connection:
            connection.row_factory = sqlite3.Row
            if not _present(connection, [name], "main"):
                return []
            return [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{copy}: {error} (its subscriptions cannot be read)") from error


def drop_tables(connection: sqlite3.Connection) -> None:
    """Drop the added tables of a backup, and overwrite their bytes: they are no part of the store made of it."""
    connection.execute("PRAGMA secure_delete=ON")
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in found:
        if name.startswith(PREFIX):
            connection.execute(f"DROP TABLE {name}")


def _present(connection: sqlite3.Connection, names: Sequence[str], schema: str) -> list[str]:
    found = {name for (name,) in connection.execute(f"SELECT name FROM {schema}.sqlite_master")}  # noqa: S608
    return [name for name in names if name in found]
