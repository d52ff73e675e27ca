"""Erase a removed article from the change log, not only from the tables of published articles."""

from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from feedsvc.store.change_log import OF_ARTICLES
from feedsvc.store.facets import Facet
from feedsvc.store.schema import CHANGE_OF_STATE, change_facets, changes, facet_values, removed_facets

# Facets with free text. A name or a tag that only one article had may be what must be deleted.
_FREE: Final = ("tag", "author")


def erase_states(connection: Connection, id_: str) -> bool:
    """Delete what the change log says of a removed article, and tags and authors that no other article ever had.

    Its removal stays, with its id, topics and language, which the tombstone and cursors need. Return whether there was
    such a tag or author.
    """
    connection.execute(update(changes).where(changes.c.id == id_).values(before=None, after=None))
    alone = _facets_only_of(connection, id_)
    for facet, value in alone:
        for table in (change_facets, removed_facets, facet_values):
            connection.execute(delete(table).where(table.c.facet == facet, table.c.value == value))
    return bool(alone)


def _facets_only_of(connection: Connection, id_: str) -> list[Facet]:
    is_own = CHANGE_OF_STATE.in_(select(changes.c.seq).where(changes.c.id == id_))
    own = select(change_facets.c.facet, change_facets.c.value).where(change_facets.c.facet.in_(_FREE), is_own)
    found = []
    for facet, value in connection.execute(own.distinct()).all():
        # Entries for a closed period or a changed topic have the facets of articles too, but belong to no article.
        others = (
            select(func.count())
            .select_from(change_facets)
            .join(changes, changes.c.seq == CHANGE_OF_STATE)
            .where(change_facets.c.facet == facet, change_facets.c.value == value)
            .where(changes.c.kind.in_((*OF_ARTICLES, "rerendered")), changes.c.id != id_)
        )
        if not connection.scalar(others):
            found.append((facet, value))
    return found
