"""The facets of articles and slices. They have the names of the parameters in feed addresses."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, select

from feedsvc import languages
from feedsvc.errors import UnknownFacet
from feedsvc.model import Article
from feedsvc.slices.slice import Slice
from feedsvc.store.rows import to_text
from feedsvc.store.schema import facet_values
from feedsvc.store.session import Session
from feedsvc.suggestions import nearest

Facet = tuple[str, str]
EVERYTHING: Facet = ("all", "")
# The facet of pages of the publication, the only one that they have: no feed and no list is made of it.
PAGE: Facet = ("page", "")
# Smaller sizes of pictures touch what shows pictures of several articles. No feed and no slice is made of this facet.
PICTURES: Facet = ("pictures", "")
# Changes of the site or the renderer touch every slice. They are logged under this facet.
SITE: Facet = ("site", "")
# The number of known values on each side that are compared with an unknown one.
_AROUND: Final = 200


def facets_of(article: Article) -> frozenset[Facet]:
    """Return every facet of an article."""
    return _facets(article.topics, article.tags, tuple(each.name for each in article.authors), article.language)


def article_facet(id_: str) -> Facet:
    """Return the facet of what shows one article only. No slice is made of it, and no table has it."""
    return ("id", id_)


def facets_of_state(state: dict[str, Any]) -> frozenset[Facet]:
    """Return the facets of an article in the change log."""
    return _facets(tuple(state["topics"]), tuple(state["tags"]), tuple(state["authors"]), state["language"])


# A commit asks several times for those of each article.
@lru_cache(1024)
def _facets(
    topics: tuple[str, ...], tags: tuple[str, ...], authors: tuple[str, ...], language: str
) -> frozenset[Facet]:
    if not topics:
        return frozenset({PAGE})
    named = {"topic": topics, "tag": tags, "author": authors, "lang": languages.ranges(language)}
    return frozenset({EVERYTHING, *((facet, value) for facet, values in named.items() for value in values)})


def groups_of(slice_: Slice) -> list[list[Facet]]:
    """Return the groups of facets of a slice; an article must have one facet of each group."""
    groups = [
        [("topic", slice_.topic)] if slice_.topic else [],
        [("topic", each) for each in slice_.topics],
        [("tag", each) for each in slice_.tags],
        [("author", each) for each in slice_.authors],
        [("lang", each) for each in slice_.languages],
    ]
    return [group for group in groups if group] or [[EVERYTHING]]


def made_of(slice_: Slice) -> set[Facet]:
    """Return facets of which every change that touches the slice has at least one."""
    return set(groups_of(slice_)[0])


def check_known(connection: Connection, slice_: Slice) -> None:
    """Raise UnknownFacet with the nearest one for a tag, author or language that no article ever had."""
    asked = [(facet, value, False) for group in groups_of(slice_) for facet, value in group]
    asked += [(facet, value, True) for facet, value in slice_.without]
    for facet, value, excluded in asked:
        if facet in ("tag", "author", "lang") and not is_known(connection, facet, value):
            known = nearest(value, _nearby_values(connection, facet, value))
            message = f"no article has the {_NOUNS[facet]} {value[:80]!r} ({known})"
            raise UnknownFacet(message, facet, excluded=excluded)


_NOUNS: Final = {"tag": "tag", "author": "author", "lang": "language"}


def is_known(connection: Connection, facet: str, value: str) -> bool:
    """Return whether an article has or had that facet."""
    where = (facet_values.c.facet == facet, facet_values.c.value == value)
    return connection.scalar(select(facet_values.c.value).where(*where)) is not None


def _nearby_values(connection: Connection, facet: str, value: str) -> list[str]:
    """Return the known values next to `value` in the alphabet; all of them if they are few."""
    column = facet_values.c.value
    named = select(column).where(facet_values.c.facet == facet)
    before = named.where(column < value).order_by(column.desc()).limit(_AROUND)
    after = named.where(column > value).order_by(column).limit(_AROUND)
    return [*reversed(connection.scalars(before).all()), *connection.scalars(after)]


def live_counts(connection: Connection, facets: Iterable[Facet]) -> dict[Facet, int]:
    """Return the number of live articles with each of these facets."""
    found = {}
    for facet, value in facets:
        where = (facet_values.c.facet == facet, facet_values.c.value == value)
        found[facet, value] = connection.scalar(select(facet_values.c.live).where(*where)) or 0
    return found


def add_counts(session: Session, deltas: dict[Facet, int]) -> None:
    """Add to the counts of live articles, or add facets with a count of 0."""
    rows = [{"facet": facet, "value": value, "live": delta} for (facet, value), delta in sorted(deltas.items())]
    session.engine.add(session.connection, facet_values, "live", rows)


def facet_rows(article: Article) -> list[dict[str, str]]:
    """Return an article's rows for a table of facets."""
    published = to_text(article.published)
    return [
        {"facet": facet, "value": value, "published": published, "id": article.id}
        for facet, value in sorted(facets_of(article))
    ]
