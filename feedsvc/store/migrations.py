"""Create a store, or migrate it to the schema of this version. No data is lost."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Table, column, delete, insert, inspect, select, table, text, update
from sqlalchemy.schema import CreateColumn, CreateIndex

from feedsvc.errors import StoreTooNew, StoreUnavailable
from feedsvc.pictures import SHRUNK_TYPES
from feedsvc.slices.search_terms import terms_of
from feedsvc.store.change_log import insert_states, last_seq
from feedsvc.store.engines import StoreEngine
from feedsvc.store.facets import Facet, add_counts, facet_rows, facets_of, facets_of_state
from feedsvc.store.portions import PORTION
from feedsvc.store.rows import article_from
from feedsvc.store.schema import (
    COPIED,
    VERSION,
    article_facets,
    articles,
    asks,
    change_facets,
    changes,
    corrections,
    files,
    media,
    metadata,
    removed,
    removed_facets,
)
from feedsvc.store.selection import UNDATED
from feedsvc.store.session import Session
from feedsvc.terminal import logger

log = logger("feedsvc.store")


def prepare(session: Session) -> None:
    """Create the tables, or migrate them for the writer. The engine copies the store before it is migrated.

    Raises StoreTooNew, and StoreUnavailable if there is no space for the copy.
    """
    connection, engine = session.connection, session.engine
    if not engine.has_store(connection):
        metadata.create_all(connection)
        engine.search.create(connection)
        first = {"schema": str(VERSION), "epoch": secrets.token_hex(4), "commit": "0"}
        first["search"] = str(engine.search.version)
        for key, value in first.items():
            session.put_meta(key, value)
        return
    found = _known(session)
    if found < VERSION:
        copy = engine.copy_before_migration(found)
        log.warning("%s: schema %d becomes %d; the store as it was is kept in %s", engine.name, found, VERSION, copy)
    _migrate(session, found)
    if session.meta(COPIED) is not None:
        # The store that this is a copy of may have given cursors for entries that are not here. New entries must not be
        # taken for those.
        session.begin_epoch(last_seq(connection))
        session.delete_meta(COPIED)
    if session.meta("search") != str(engine.search.version):
        _rebuild_search_index(session)


def _migrate(session: Session, found: int) -> None:
    """Migrate a store from schema `found` to this one, except its search index."""
    if found >= VERSION:
        # An update of the same value would be a commit of its own, for which each node refreshes its documents.
        return
    # First, since a migration uses the present tables.
    _add_columns(session.connection)
    for migrate in _MIGRATIONS[found - 1 :]:
        migrate(session)
    session.put_meta("schema", str(VERSION))


class StoreOutdated(StoreUnavailable):
    """The store has the schema of an earlier version. The next sync migrates it."""


@contextmanager
def migrated_copy(engine: StoreEngine) -> Iterator[Session]:
    """Yield a copy of the store with the schema of this version. The store is unchanged, the copy deleted at the end.

    Raises StoreUnavailable if there is no space for the copy, and StoreTooNew.
    """
    with engine.private_copy() as connection:
        session = Session(connection, engine)
        _migrate(session, _known(session))
        yield session


@contextmanager
def empty(engine: StoreEngine) -> Iterator[Session]:
    """Yield an empty store with the schema of this version, deleted at the end."""
    with engine.empty() as connection:
        session = Session(connection, engine)
        prepare(session)
        yield session


def check_version(session: Session) -> None:
    """Raise StoreTooNew, or StoreOutdated if the next sync must migrate the store first."""
    found = _known(session)
    if found < VERSION:
        raise StoreOutdated(f"the store has schema {found}, this feedsvc reads {VERSION} (run feedsvc sync)")


def _known(session: Session) -> int:
    found = int(session.meta("schema") or VERSION)
    if found > VERSION:
        raise StoreTooNew(f"the store has schema {found}, this feedsvc knows {VERSION} (upgrade feedsvc)")
    return found


def _add_columns(connection: Connection) -> None:
    """Add every column that the tables of an older schema do not have."""
    inspector = inspect(connection)
    for known in metadata.tables.keys() - _RECREATED:
        # Tables are asked for one by one: lists of names do not have temporary ones.
        if not inspector.has_table(known):
            continue
        present = {each["name"] for each in inspector.get_columns(known)}
        for added in metadata.tables[known].columns:
            if added.name not in present:
                definition = CreateColumn(added).compile(dialect=connection.dialect)
                connection.execute(text(f"ALTER TABLE {known} ADD COLUMN {definition}"))


def _add_indexes(connection: Connection, *tables: Table) -> None:
    """Add the indexes that these tables do not have. SQLAlchemy itself cannot look for indexes of expressions."""
    for each in tables:
        for added in each.indexes:
            connection.execute(CreateIndex(added, if_not_exists=True))


# Tables that `_to_slices` replaces by tables with other columns.
_RECREATED: Final = {"change_facets", "removed_facets"}


def _to_slices(session: Session) -> None:
    """Migrate to 2: index articles by tag, author and language, changes by states, texts by words."""
    connection = session.connection
    for name in ("change_facets", "removed_facets"):
        connection.execute(text(f"ALTER TABLE {name} RENAME TO old_{name}"))
        for index in inspect(connection).get_indexes(f"old_{name}"):
            connection.execute(text(f"DROP INDEX {index['name']}"))
    metadata.create_all(connection)
    session.engine.search.create(connection)
    _add_indexes(connection, files)
    _fill_asks(connection)
    _add_past_states(session)
    _rebuild_search_terms(session)
    connection.execute(text("DROP TABLE old_change_facets"))
    connection.execute(text("DROP TABLE old_removed_facets"))
    session.put_meta("search", str(session.engine.search.version))


def _fill_asks(connection: Connection) -> None:
    for row in _in_portions(connection, files.c.path):
        rows = [{"asked": asked, "path": row.path} for asked in json.loads(row.asked)]
        if rows:
            connection.execute(insert(asks), rows)


def _in_portions(connection: Connection, key: Any) -> Iterator[Any]:
    """Yield all rows of a table by its key, some at a time, while they are written to."""
    last: Any = None
    while True:
        rows = select(key.table).order_by(key).limit(PORTION)
        found = connection.execute(rows if last is None else rows.where(key > last)).all()
        yield from found
        if len(found) < PORTION:
            return
        last = getattr(found[-1], key.name)


def _add_past_states(session: Session) -> None:
    connection = session.connection
    old = table("old_change_facets", column("facet"), column("value"), column("seq"))
    for change in _in_portions(connection, changes.c.seq):
        states: dict[int, dict[Facet, str]] = {}
        for side, kept in enumerate((change.before, change.after)):
            if kept:
                states[2 * change.seq + side] = dict.fromkeys(
                    facets_of_state(json.loads(kept)), _date(connection, change.id)
                )
        if not states:
            touched = connection.execute(select(old.c.facet, old.c.value).where(old.c.seq == change.seq))
            states[2 * change.seq + 1] = {(row.facet, row.value): UNDATED for row in touched}
        insert_states(session, states)
        if change.kind == "removed":
            _add_tombstone(connection, change)


def _date(connection: Connection, id_: str) -> str:
    return connection.scalar(select(articles.c.published).where(articles.c.id == id_)) or UNDATED


def _add_tombstone(connection: Connection, change: Any) -> None:
    """Give an article that was removed lately its tombstone in every slice in which it was."""
    recent = select(removed.c.id).where(removed.c.id == change.id, removed.c.recent)
    if connection.scalar(recent) is None:
        return
    connection.execute(delete(removed_facets).where(removed_facets.c.id == change.id))
    rows = [
        {"facet": facet, "value": value, "published": UNDATED, "id": change.id}
        for facet, value in sorted(facets_of_state(json.loads(change.before)))
    ]
    connection.execute(insert(removed_facets), rows)


def _rebuild_search_terms(session: Session) -> None:
    session.connection.execute(delete(article_facets))
    for row in _in_portions(session.connection, articles.c.id):
        if row.live:
            article = article_from(row)
            session.connection.execute(insert(article_facets), facet_rows(article))
            add_counts(session, dict.fromkeys(facets_of(article), 1))
            session.engine.search.put(session.connection, {article.id: terms_of(article)})


def _rebuild_search_index(session: Session) -> None:
    """Rebuild the search index, because another version made other terms of the same texts."""
    connection, search = session.connection, session.engine.search
    search.drop(connection)
    search.create(connection)
    for row in _in_portions(connection, articles.c.id):
        if row.live:
            search.put(connection, {row.id: terms_of(article_from(row))})
    session.put_meta("search", str(search.version))


def _to_expiry(session: Session) -> None:
    """Migrate to 3: articles may expire. The columns exist already; add tables and indexes."""
    connection = session.connection
    metadata.create_all(connection)
    _add_indexes(connection, *metadata.tables.values())


def _to_walks(session: Session) -> None:
    """Migrate to 4: corrections have an index in the order of feeds, and states one by which nothing is sorted."""
    connection = session.connection
    _add_indexes(connection, corrections, change_facets)
    for former in ("ix_corrections_at", "change_facets_latest"):
        connection.execute(text(f"DROP INDEX IF EXISTS {former}"))


def _to_sizes(session: Session) -> None:
    """Migrate to 5: pictures have smaller sizes. The next sync makes those of the pictures that are here."""
    _add_indexes(session.connection, media)
    session.connection.execute(update(media).where(media.c.type.not_in(SHRUNK_TYPES)).values(sizes="[]"))


# The migrations from schema 1 to 2, from 2 to 3, …
_MIGRATIONS: Final[tuple[Callable[[Session], None], ...]] = (_to_slices, _to_expiry, _to_walks, _to_sizes)
