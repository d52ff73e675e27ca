"""Full-text search: an FTS5 index of what `terms` makes of an article, contentless, beside a table of its rows.

SQLite's own tokenizers know no Chinese, so terms are made in Python and FTS5 only splits them at spaces. A row is taken
out by the very terms it was put in with: raise INDEX_VERSION when `terms` or `_texts` make others, and it is made anew.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, column, delete, exists, func, insert, select, table, text

from feedsvc.model import Article
from feedsvc.slices import search_terms
from feedsvc.store.schema import search_rows
from feedsvc.store.selection import Columns

Terms = tuple[str, str]
INDEX_VERSION: Final = 2
# Up to so many finds, the index drives and the articles are sorted; beyond, the newest articles are looked up in it.
FEW: Final = 2000
_TAG: Final = re.compile(r'<(?:[^"<>]|"[^"]*")*>')
_INDEX: Final = table("search", column("rowid"), column("search"), column("words"), column("pairs"))
_PUT: Final = text("INSERT INTO search (rowid, words, pairs) VALUES (:number, :words, :pairs)")
_TAKE: Final = text("INSERT INTO search (search, rowid, words, pairs) VALUES ('delete', :number, :words, :pairs)")


def create(connection: Connection) -> None:
    """The index, empty."""
    connection.exec_driver_sql(
        "CREATE VIRTUAL TABLE search USING fts5 (words, pairs, content='', columnsize=0, tokenize='ascii')"
    )


def drop(connection: Connection) -> None:
    """Take the index away, with its rows."""
    connection.exec_driver_sql("DROP TABLE search")
    connection.execute(delete(search_rows))


def terms_of(article: Article) -> Terms:
    """(words, pairs): what an article is found by. Much of what an article costs, and done without the store."""
    return search_terms.indexed(*_texts(article))


def put(connection: Connection, found_by: Mapping[str, Terms]) -> None:
    """Add articles that are not in the index, by id. The store is locked meanwhile: nobody takes the same numbers."""
    if not found_by:
        return
    last = connection.scalar(select(func.max(search_rows.c.number))) or 0
    numbered = list(enumerate(found_by.items(), last + 1))
    connection.execute(insert(search_rows), [{"number": number, "id": id_} for number, (id_, _) in numbered])
    connection.execute(_PUT, [_row(number, found) for number, (_, found) in numbered])


def is_same(before: Article, after: Article) -> bool:
    """Whether both are found by the same terms."""
    return _texts(before) == _texts(after)


def take(connection: Connection, article: Article) -> None:
    """Remove an article as it was put in."""
    number = connection.scalar(select(search_rows.c.number).where(search_rows.c.id == article.id))
    connection.execute(_TAKE, _row(number, terms_of(article)))
    connection.execute(delete(search_rows).where(search_rows.c.id == article.id))


def _row(number: int | None, found_by: Terms) -> dict[str, object]:
    return {"number": number, "words": found_by[0], "pairs": found_by[1]}


def _texts(article: Article) -> tuple[str, ...]:
    return (article.title, article.summary, *article.tags, body_text(article.content))


def body_text(content: str) -> str:
    """The text of an article's HTML, without its tags."""
    return unescape(_TAG.sub(lambda tag: "" if tag[0].startswith(_INLINE) else " ", content))


# What does not end a word: <b>AI</b>PC is AIPC.
_INLINE: Final = ("<b>", "</b>", "<i>", "</i>", "<em", "</em", "<strong", "</strong", "<a ", "</a", "<span", "</span")


@dataclass(frozen=True, slots=True)
class Finds:
    """The articles that a search finds: the JSON of their numbers in the index, and how many they are.

    A look into the index costs what stands there, for the beginning of a word what stands below every word that begins
    so. So there is one look, whatever is asked about its finds, and no step of it needs Python.
    """

    numbers: str
    count: int

    @property
    def are_few(self) -> bool:
        """Whether they are found faster than whatever else is wanted of them."""
        return self.count <= FEW


def finds(connection: Connection, wanted: Sequence[str]) -> Finds:
    """What has all those terms."""
    row = connection.execute(
        select(func.json_group_array(_INDEX.c.rowid), func.count()).where(
            _INDEX.c.search.op("MATCH")(search_terms.expression(tuple(wanted)))
        )
    ).one()
    return Finds(*row)


def ids(found: Finds) -> Select[tuple[str]]:
    """The ids of the articles found."""
    return select(search_rows.c.id).where(search_rows.c.number.in_(_numbers(found)))


def is_found(row: Columns, found: Finds) -> ColumnElement[bool]:
    """Whether the article `row.id` is among those found."""
    return exists(ids(found).where(search_rows.c.id == row.id))


def _numbers(found: Finds) -> Select[tuple[int]]:
    return select(func.json_each(found.numbers).table_valued("value", name="finds").c.value)
