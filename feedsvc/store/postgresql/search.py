"""Full-text search: the terms of `search_terms` as `tsvector` with a GIN index. No extension and no dictionary.

An article has one row in `search`; one that is too long for a tsvector has rows in `search_parts` instead. There each
term of a search may be found in another part.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    cast,
    delete,
    func,
    insert,
    intersect,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from feedsvc.model import Article
from feedsvc.slices.search_terms import Terms, contains, terms_of
from feedsvc.store.engines import Entries
from feedsvc.store.portions import portions
from feedsvc.store.postgresql.vectors import sequence_of, tsquery, vectors
from feedsvc.store.rows import article_from
from feedsvc.store.schema import Columns, articles
from feedsvc.store.selection import is_there

INDEX_VERSION: Final = 1
# Up to this number of results, they are sorted by date; above it, the newest articles are looked up in the index.
MAX_SORTED: Final = 2000
# How ts_rank takes the length of a text into account: it divides by 1 + its logarithm.
_BY_LENGTH: Final = 1
_ID: Final = String(collation="C")
_TABLES: Final = MetaData()
search: Final = Table("search", _TABLES, Column("id", _ID, primary_key=True), Column("terms", TSVECTOR, nullable=False))
search_parts: Final = Table(
    "search_parts",
    _TABLES,
    Column("id", _ID, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("terms", TSVECTOR, nullable=False),
)
_INDEXES: Final = (
    "CREATE INDEX IF NOT EXISTS search_terms ON search USING gin (terms)",
    "CREATE INDEX IF NOT EXISTS search_parts_terms ON search_parts USING gin (terms)",
)


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The results of a search: their ids if they are few, else None and the tsquery of each term."""

    few: Sequence[str] | None
    queries: Sequence[str]

    @property
    def are_few(self) -> bool:
        """Return whether the results are few enough to be sorted."""
        return self.few is not None and len(self.few) <= MAX_SORTED

    def ids(self) -> Select[tuple[str]]:
        """Select the ids of the results."""
        if self.few is not None:
            return select(func.unnest(cast(literal(list(self.few), ARRAY(String)), ARRAY(String))).label("id"))
        return _ids(self.queries)

    def is_found(self, row: Columns) -> ColumnElement[bool]:
        """Return a condition: the article `row.id` is among the results."""
        if self.few is not None:
            # IS TRUE makes PostgreSQL hash the ids. It would join IN alone, perhaps by comparing all pairs of rows.
            found: ColumnElement[bool] = row.id.in_(self.ids()).is_(true())
            return found
        whole = is_there(
            select(search.c.id).where(search.c.id == row.id, search.c.terms.bool_op("@@")(_all(self.queries)))
        )
        part = select(search_parts.c.id).where(search_parts.c.id == row.id)
        parts = (is_there(part.where(_has(search_parts, each))) for each in self.queries)
        return or_(whole, and_(*parts))


def _all(queries: Sequence[str]) -> ColumnElement[Any]:
    return cast(literal(" & ".join(f"({each})" for each in queries), String), TSQUERY)


def _has(table: Table, query: str) -> ColumnElement[bool]:
    return table.c.terms.bool_op("@@")(cast(literal(query, String), TSQUERY))


def _ids(queries: Sequence[str]) -> Select[tuple[str]]:
    whole = select(search.c.id).where(search.c.terms.bool_op("@@")(_all(queries)))
    # Several parts of an article may have a term: a search for one has no INTERSECT, which returns each id once.
    parts = intersect(*(select(search_parts.c.id).where(_has(search_parts, each)) for each in queries)).subquery()
    found: Select[tuple[str]] = select(union_all(whole, select(parts.c.id).distinct()).subquery().c.id)
    return found


class SearchIndex:
    """The tables `search` and `search_parts`."""

    @property
    def version(self) -> int:
        """The version of the terms in an index that is made now. SQLite's have other numbers."""
        return INDEX_VERSION

    def create(self, connection: Connection) -> None:
        """Create the empty index."""
        _TABLES.create_all(connection)
        for definition in _INDEXES:
            connection.exec_driver_sql(definition)

    def drop(self, connection: Connection) -> None:
        """Delete the index."""
        _TABLES.drop_all(connection)

    @contextmanager
    def build(self, connection: Connection, entries: Entries) -> Iterator[None]:
        """Fill the empty index, after the block."""
        yield
        for some in portions(entries()):
            self.put(connection, dict(some))

    def put(self, connection: Connection, found_by: Mapping[str, Terms]) -> None:
        """Add articles to the index, by id."""
        whole: list[dict[str, object]] = []
        in_parts: list[dict[str, object]] = []
        for id_, terms in found_by.items():
            parts = vectors(sequence_of(terms))
            if len(parts) == 1:
                whole.append({"id": id_, "terms": parts[0]})
            else:
                in_parts += [{"id": id_, "part": number, "terms": part} for number, part in enumerate(parts)]
        for table, rows in ((search, whole), (search_parts, in_parts)):
            if rows:
                connection.execute(insert(table), rows)

    def take(self, connection: Connection, article: Article) -> None:
        """Remove an article."""
        for table in (search, search_parts):
            connection.execute(delete(table).where(table.c.id == article.id))

    def find(self, connection: Connection, terms: Sequence[str]) -> SearchResults:
        """Return the articles with all those terms."""
        looked_up = [tsquery(each) for each in terms]
        queries = [query for query, _ in looked_up]
        long = [term for term, (_, is_cut) in zip(terms, looked_up, strict=True) if is_cut]
        if long:
            return SearchResults(_compared(connection, list(connection.scalars(_ids(queries))), long), queries)
        found: list[str] = list(connection.scalars(_ids(queries).limit(MAX_SORTED + 1)))
        return SearchResults(found if len(found) <= MAX_SORTED else None, queries)

    def rank(self, connection: Connection, terms: Sequence[str], ids: Sequence[str]) -> dict[str, float]:
        """Return the `ts_rank` of articles, of a long one that of its best part, divided by 1 + log(length)."""
        query = cast(literal(" | ".join(f"({tsquery(each)[0]})" for each in terms), String), TSQUERY)
        found: dict[str, float] = {}
        for table in (search, search_parts):
            score = func.max(func.ts_rank(table.c.terms, query, _BY_LENGTH))
            ranked = select(table.c.id, score.label("score")).group_by(table.c.id)
            for some in portions(ids):
                rows = connection.execute(ranked.where(table.c.id.in_(some)))
                found |= {row.id: row.score for row in rows}
        return found


def _compared(connection: Connection, ids: Sequence[str], terms: Sequence[str]) -> list[str]:
    """Return those of `ids` whose articles have all `terms`. Few articles have the beginning of a long phrase."""
    found: list[str] = []
    for some in portions(ids):
        for row in connection.execute(select(articles).where(articles.c.id.in_(some))):
            found_by = terms_of(article_from(row))
            if all(contains(found_by, each) for each in terms):
                found.append(row.id)
    return found
