"""The change log: appending to it, and asking it when something last changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, func, insert, select

from feedsvc.model import Article
from feedsvc.store.facets import SITE, Facet
from feedsvc.store.rows import dumps, to_text, to_time
from feedsvc.store.schema import change_facets, changes

# related: a translation of it came, changed or went. expired: its tombstone did.
Kind = Literal["added", "changed", "removed", "related", "expired", "site", "topic", "renderer"]

LONG_AGO: Final = "1970-01-01T00:00:00Z"


def append(
    connection: Connection,
    kind: Kind,
    id_: str,
    facets: Iterable[Facet],
    at: datetime,
    *,
    before: Article | None = None,
    after: Article | None = None,
) -> None:
    """Log one change and the facets whose slices it touches."""
    seq = connection.execute(
        insert(changes).values(id=id_, kind=kind, before=_state(before), after=_state(after), at=to_text(at))
    ).inserted_primary_key
    assert seq is not None
    rows = [{"facet": facet, "value": value, "seq": seq[0]} for facet, value in sorted(set(facets))]
    connection.execute(insert(change_facets), rows)


def _state(article: Article | None) -> str | None:
    """What the log keeps of an article: enough to say which slices it was in."""
    if article is None:
        return None
    return dumps(
        {
            "topics": article.topics,
            "tags": article.tags,
            "authors": [each.name for each in article.authors],
            "language": article.language,
        }
    )


def monotonic(connection: Connection, now: datetime) -> datetime:
    """`now`, or the time of the last change if a clock went backwards: Last-Modified never decreases."""
    newest = select(func.max(changes.c.seq)).scalar_subquery()
    last = connection.scalar(select(changes.c.at).where(changes.c.seq == newest))
    return max(now.replace(microsecond=0), to_time(last)) if last else now.replace(microsecond=0)


def last_change_of_facet(connection: Connection, facet: Facet) -> datetime:
    """When a facet or the site last changed; the beginning of time when neither ever did."""
    return max(to_time(_last_of(connection, facet)), last_change_of_site(connection))


def _last_of(connection: Connection, facet: Facet) -> str:
    seq = select(func.max(change_facets.c.seq)).where(
        change_facets.c.facet == facet[0], change_facets.c.value == facet[1]
    )
    return connection.scalar(select(changes.c.at).where(changes.c.seq == seq.scalar_subquery())) or LONG_AGO


def last_change_of_article(connection: Connection, id_: str) -> datetime:
    """When this article or the site last changed."""
    last = connection.scalar(select(func.max(changes.c.at)).where(changes.c.id == id_))
    return max(to_time(last or LONG_AGO), last_change_of_site(connection))


def last_change_of_site(connection: Connection) -> datetime:
    """When the site or the renderer last changed; the beginning of time when neither ever did."""
    return to_time(_last_of(connection, SITE))
