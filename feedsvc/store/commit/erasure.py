"""Erasing a removed article from the change log, not only from the tables of what is published."""

from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from feedsvc.store.change_log import OF_ARTICLES
from feedsvc.store.facets import Facet
from feedsvc.store.schema import change_facets, changes, facet_values, removed_facets

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
