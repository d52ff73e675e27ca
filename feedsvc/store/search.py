"""Full-text search: an FTS5 index of what `terms` makes of an article, contentless, beside a table of its rows.

SQLite's own tokenizers know no Chinese, so terms are made in Python and FTS5 only splits them at spaces. A row is taken
out by the very terms it was put in with: raise INDEX_VERSION when `terms` or `_texts` make others, and it is made anew.
"""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Final

from sqlalchemy import ColumnElement, Connection, column, delete, exists, func, insert, select, table, text

from feedsvc import terms
from feedsvc.model import Article
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
    return terms.indexed(*_texts(article))


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
    content = unescape(_TAG.sub(lambda tag: "" if tag[0].startswith(_INLINE) else " ", article.content))
    return (article.title, article.summary, *article.tags, content)


# What does not end a word: <b>AI</b>PC is AIPC.
_INLINE: Final = ("<b>", "</b>", "<i>", "</i>", "<em", "</em", "<strong", "</strong", "<a ", "</a", "<span", "</span")


def finds(connection: Connection, wanted: Sequence[str]) -> list[str] | None:
    """The ids of the articles with all those terms; None where they are more than FEW."""
    matching = (
        select(search_rows.c.id)
        .join(_INDEX, _INDEX.c.rowid == search_rows.c.number)
        .where(_INDEX.c.search.op("MATCH")(terms.expression(tuple(wanted))))
        .limit(FEW + 1)
    )
    found = connection.scalars(matching).all()
    return None if len(found) > FEW else list(found)


def is_found(row: Columns, wanted: Sequence[str]) -> ColumnElement[bool]:
    """Whether the article `row.id` has all those terms."""
    return exists(
        select(search_rows.c.number)
        .join(_INDEX, _INDEX.c.rowid == search_rows.c.number)
        .where(search_rows.c.id == row.id, _INDEX.c.search.op("MATCH")(terms.expression(tuple(wanted))))
    )
