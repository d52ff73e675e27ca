"""Which article claims which slug and id. A sync needs this before it writes."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, func, null, select, union_all

from feedsvc.store.portions import portions
from feedsvc.store.rows import loads
from feedsvc.store.schema import addresses, articles, files


class Claims:
    """Which article claims which slug and id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """Return the number of articles, live and scheduled."""
        return self._connection.scalar(select(func.count()).select_from(articles)) or 0

    def existing(self, ids: Iterable[str]) -> set[str]:
        """Return those of `ids` that are articles, live or scheduled."""
        found: set[str] = set()
        for some in portions(ids):
            found.update(self._connection.scalars(select(articles.c.id).where(articles.c.id.in_(some))))
        return found

    def orphans(self) -> set[str]:
        """Return the ids of articles that no file publishes, live and scheduled."""
        published = select(files.c.id).where(files.c.id == articles.c.id).exists()
        return set(self._connection.scalars(select(articles.c.id).where(~published)))

    def of(self, slugs: Iterable[str]) -> dict[str, str]:
        """Return which article claims each of these slugs, as its own or as an alias that it declares."""
        found: dict[str, str] = {}
        scheduled = select(null().label("address"), *_CLAIMS).where(articles.c.live.is_(False))
        for some in portions(set(slugs)):
            at = select(addresses.c.slug.label("address"), *_CLAIMS)
            at = at.join(articles, articles.c.id == addresses.c.id).where(addresses.c.slug.in_(some))
            waiting: dict[str, str] = {}
            for row in self._connection.execute(union_all(scheduled, at)):
                if row.address is None:
                    waiting.update(dict.fromkeys(_declared(row).intersection(some), row.id))
                elif row.address in _declared(row):
                    found[row.address] = row.id
            found = waiting | found
        return found

    def by_slug(self) -> dict[str, str]:
        """Return the id of the article that claims each slug, as its own or as an alias it declares."""
        rows = self._connection.execute(select(*_CLAIMS))
        return {slug: row.id for row in rows for slug in _declared(row)}


_CLAIMS: Final = (articles.c.id, articles.c.slug, articles.c.data)


def _declared(row: object) -> set[str]:
    fields = row._mapping  # type: ignore[attr-defined]
    return {fields["slug"], *loads(fields["data"])["aliases"]}
