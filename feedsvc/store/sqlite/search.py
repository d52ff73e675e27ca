"""Full-text search: an FTS5 index of what `search_terms` makes of an article, contentless, beside a table of its rows.

SQLite's own tokenizers know no Chinese, so terms are made in Python and FTS5 only splits them at spaces. A row is taken
out by the very terms it was put in with: raise INDEX_VERSION when `search_terms` makes others, and it is made anew.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    column,
    delete,
    exc,
    exists,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.sqlite import insert

from feedsvc.model import Article
from feedsvc.slices.search_terms import Terms, index_lookup, terms_of
from feedsvc.store.engines import Entries
from feedsvc.store.portions import portions
from feedsvc.store.schema import Columns
from feedsvc.store.sqlite import bulk
from feedsvc.store.sqlite.index_process import CREATE_TABLE, HASH_SIZE, PUT, IndexProcess, can_be_forked
from feedsvc.terminal import logger

log = logger("feedsvc.store")

INDEX_VERSION: Final = 2
# From this number of articles on, `put` lets FTS5 collect more terms in memory before it writes them to the index: the
# option "hashsize" (docs/decisions/0306), in bytes, whose default is HASH_BYTES.
MANY: Final = 100
BULK_HASH_BYTES: Final = 16 * 1024 * 1024
HASH_BYTES: Final = 1024 * 1024
# Up to this number of results, they are sorted by date; above it, the newest articles are looked up in them.
MAX_SORTED: Final = 2000
# The numbered rows of the index.
search_rows: Final = Table(
    "search_rows",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
)
_INDEX: Final = table("search", column("rowid"), column("search"), column("words"), column("pairs"))
_PUT_ROWS: Final = insert(search_rows)
_DELETE: Final = text("INSERT INTO search (search, rowid, words, pairs) VALUES ('delete', :number, :words, :pairs)")


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The results of a search: the JSON of their numbers in the index, and their count.

    A look-up costs as much as it finds; for the beginning of a word, as much as all words that begin so have. So there
    is one look-up for all questions about the results, and none of its steps needs Python.
    """

    numbers: str
    count: int

    @property
    def are_few(self) -> bool:
        """Return whether the results are few enough to be sorted."""
        return self.count <= MAX_SORTED

    def ids(self) -> Select[tuple[str]]:
        """Select the ids of the results."""
        numbers = select(func.json_each(self.numbers).table_valued("value", name="finds").c.value)
        return select(search_rows.c.id).where(search_rows.c.number.in_(numbers))

    def is_found(self, row: Columns) -> ColumnElement[bool]:
        """Return a condition: the article `row.id` is among the results."""
        return exists(self.ids().where(search_rows.c.id == row.id))


class SearchIndex:
    """The FTS5 table `search` and the table of its rows. `folder` is that of the store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def version(self) -> int:
        """The version of the terms in an index that is made now."""
        return INDEX_VERSION

    def create(self, connection: Connection) -> None:
        """Create the empty index."""
        search_rows.create(connection, checkfirst=True)
        connection.exec_driver_sql(CREATE_TABLE)

    def drop(self, connection: Connection) -> None:
        """Delete the index and its rows."""
        connection.exec_driver_sql("DROP TABLE search")
        connection.execute(delete(search_rows))

    def put(self, connection: Connection, found_by: Mapping[str, Terms]) -> None:
        """Add articles to the index, by id. The store is locked meanwhile, so numbers are unique."""
        if not found_by:
            return
        last = connection.scalar(select(func.max(search_rows.c.number))) or 0
        numbered = list(enumerate(found_by.items(), last + 1))
        bulk.execute(connection, _PUT_ROWS, [{"number": number, "id": id_} for number, (id_, _) in numbered])
        rows = [(number, words, pairs) for number, (_, (words, pairs)) in numbered]
        if len(rows) < MANY:
            connection.exec_driver_sql(PUT, rows)
            return
        _limit_hash(connection, BULK_HASH_BYTES)
        connection.exec_driver_sql(PUT, rows)
        _limit_hash(connection, HASH_BYTES)

    @contextmanager
    def build(self, connection: Connection, entries: Entries) -> Iterator[None]:
        """Fill the empty index, in another process if a core is free for it."""
        with IndexProcess(self._folder, entries) if can_be_forked() else nullcontext() as process:
            yield
            if process is not None and process.copy_to(connection):
                return
        for some in portions(entries()):
            self.put(connection, dict(some))

    def take(self, connection: Connection, article: Article) -> None:
        """Remove an article, with the terms that it was added with."""
        number = connection.scalar(select(search_rows.c.number).where(search_rows.c.id == article.id))
        words, pairs = terms_of(article)
        connection.execute(_DELETE, {"number": number, "words": words, "pairs": pairs})
        connection.execute(delete(search_rows).where(search_rows.c.id == article.id))

    def find(self, connection: Connection, terms: Sequence[str]) -> SearchResults:
        """Return the articles with all those terms."""
        matches = _INDEX.c.search.op("MATCH")(expression(terms))
        found = select(func.json_group_array(_INDEX.c.rowid), func.count()).where(matches)
        return SearchResults(*connection.execute(found).one())

    def rank(self, connection: Connection, terms: Sequence[str], ids: Sequence[str]) -> dict[str, float]:
        """Return the BM25 of articles. The index has no lengths of texts, so a long text counts like a short one."""
        wanted = select(func.json_each(json.dumps(list(ids))).table_valued("value", name="finds").c.value)
        numbered = select(search_rows.c.number, search_rows.c.id).where(search_rows.c.id.in_(wanted))
        id_of = {row.number: row.id for row in connection.execute(numbered)}
        matches = _INDEX.c.search.op("MATCH")(expression(terms))
        numbers = select(func.json_each(json.dumps(list(id_of))).table_valued("value", name="finds").c.value)
        # "+" keeps SQLite from asking the index anew for each number. bm25 is the smaller, the better.
        score = (-func.bm25(literal_column("search"))).label("score")
        ranked = select(_INDEX.c.rowid, score).where(matches, literal_column("+search.rowid").in_(numbers))
        return {id_of[row.rowid]: row.score for row in connection.execute(ranked)}


def _limit_hash(connection: Connection, size: int) -> None:
    """Set the bytes of terms that FTS5 collects in memory. It only saves time, so a SQLite without it may refuse it."""
    try:
        connection.exec_driver_sql(HASH_SIZE, (size,))
    except exc.OperationalError as error:
        log.debug("FTS5 has no option hashsize: %s", error)


def expression(terms: Sequence[str]) -> str:
    """Return the terms of `search_terms.parsed` in the language of FTS5."""
    found = []
    for term in terms:
        part, sequence, is_beginning = index_lookup(term)
        found.append(f'{part} : "{" ".join(sequence)}"{" *" if is_beginning else ""}')
    return " AND ".join(found)
