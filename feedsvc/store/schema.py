"""The tables. Times are RFC 3339 text in UTC to the second, so that they sort correctly.

A *facet* is a property such as ("topic", "chips") or ("all", ""). Feeds find everything by facets. `selection` queries
the three tables of facets in the same way: each has the date of its rows.

`migrations` adds new columns and indexes to older stores, so a new column is nullable or has a `server_default`.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    desc,
    literal_column,
)
from sqlalchemy.sql.base import ColumnCollection

VERSION: Final = 5
# The columns of a table, an alias of it or a subquery.
Columns = ColumnCollection[str, Any]
metadata = MetaData()

# Text that is compared and sorted, by its code points in every database. SQLite does so by itself.
STRING: Final = String().with_variant(String(collation="C"), "postgresql")
# SQLite's integers have 64 bits.
INTEGER: Final = Integer().with_variant(BigInteger(), "postgresql")
# The indexes of some rows only, with the condition for these.
PARTIAL_INDEXES: Final[list[tuple[Index, ColumnElement[bool]]]] = []


def _partial_index(name: str, column: Column[str], where: ColumnElement[bool]) -> None:
    # Not `postgresql_where`: it loads PostgreSQL's dialect, which takes as long as the rest of this package. The engine
    # for PostgreSQL sets it.
    PARTIAL_INDEXES.append((Index(name, column, sqlite_where=where), where))


# Values about the store itself: schema version, epoch, site, version of the renderer, count of commits.
meta = Table("meta", metadata, Column("key", STRING, primary_key=True), Column("value", Text, nullable=False))
# The key of a value that backups have, until something is written to the store that was made of one.
COPIED: Final = "copied"

# All valid articles of content/: published (live) and scheduled (not live yet).
articles = Table(
    "articles",
    metadata,
    Column("id", STRING, primary_key=True),
    Column("slug", STRING, nullable=False, unique=True),
    Column("live", Boolean, nullable=False),
    Column("published", STRING, nullable=False),
    Column("language", STRING, nullable=False),
    Column("translation_of", STRING),
    Column("data", Text, nullable=False),
    Column("content", Text, nullable=False),
    # When the article expires; null for most.
    Column("expires", STRING),
)
# Partial: with live articles in it, SQLite would scan it instead of looking up slugs.
_partial_index("articles_scheduled", articles.c.published, articles.c.live.is_(False))
Index("articles_translation", articles.c.translation_of)
_partial_index("articles_expires", articles.c.expires, articles.c.expires.is_not(None))

# The live articles of each facet, newest first, then by id.
article_facets = Table(
    "article_facets",
    metadata,
    Column("facet", STRING, primary_key=True),
    Column("value", STRING, primary_key=True),
    Column("published", STRING, primary_key=True),
    Column("id", STRING, primary_key=True),
)
Index(
    "article_facets_newest",
    article_facets.c.facet,
    article_facets.c.value,
    desc(article_facets.c.published),
    article_facets.c.id,
)
Index("article_facets_id", article_facets.c.id)

# Every slug and old address that ever led to an article.
addresses = Table(
    "addresses",
    metadata,
    Column("slug", STRING, primary_key=True),
    Column("id", STRING, nullable=False, index=True),
)

# The change log: what happened to an article or to the site. It is never truncated.
changes = Table(
    "changes",
    metadata,
    Column("seq", INTEGER, primary_key=True, autoincrement=True),
    Column("id", STRING, nullable=False, index=True),
    Column("kind", STRING, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("at", STRING, nullable=False),
    sqlite_autoincrement=True,
)
# A state of an article is twice its change's seq, plus one for the state after the change. Changes that concern no
# article (of the site, of a topic) have no `published`.
change_facets = Table(
    "change_facets",
    metadata,
    Column("facet", STRING, primary_key=True),
    Column("value", STRING, primary_key=True),
    Column("state", INTEGER, primary_key=True),
    Column("published", STRING, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    "change_facets_published",
    change_facets.c.facet,
    change_facets.c.value,
    change_facets.c.published,
    change_facets.c.state,
)
# The number of a state's change. The index is not of `state`: PostgreSQL would walk along it to the latest state of a
# facet, also where that is old, and read the states of all others before.
CHANGE_OF_STATE: Final = change_facets.c.state // literal_column("2", INTEGER)
Index("change_facets_change", CHANGE_OF_STATE)

# Every facet that an article ever had, and the number of live articles with it.
facet_values = Table(
    "facet_values",
    metadata,
    Column("facet", STRING, primary_key=True),
    Column("value", STRING, primary_key=True),
    Column("live", INTEGER, nullable=False),
    sqlite_with_rowid=False,
)

# Removed articles. Recent ones have a tombstone in Atom; all of them answer 410.
removed = Table(
    "removed",
    metadata,
    Column("id", STRING, primary_key=True),
    Column("at", STRING, nullable=False),
    Column("recent", Boolean, nullable=False),
    # The file that published it last, and what a copy of it would say: JSON of `file_records.CopyOf`, whose `head` is
    # repeated to be found by. Null for what 0.1 removed.
    Column("path", STRING),
    Column("head", STRING),
    Column("trace", Text),
)
Index("removed_recent", removed.c.recent, removed.c.at)
Index("removed_path", removed.c.path)
Index("removed_head", removed.c.head)
removed_facets = Table(
    "removed_facets",
    metadata,
    Column("facet", STRING, primary_key=True),
    Column("value", STRING, primary_key=True),
    Column("id", STRING, primary_key=True),
    Column("published", STRING, nullable=False),
)
Index("removed_facets_id", removed_facets.c.id)

# Media by content-addressed name. Files that only a removed article used are deleted with it. `filename` is the name of
# the first file in content/ with that content, "" if none is known. `sizes` is JSON: a list of [width in pixels, name]
# of the smaller sizes of a picture, the smallest first, or a text that says why it has none. It is null while nobody
# has looked at a picture. The smaller sizes have rows of their own, and belong to the same articles.
media = Table(
    "media",
    metadata,
    Column("name", STRING, primary_key=True),
    Column("type", STRING, nullable=False),
    Column("length", INTEGER, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("at", STRING, nullable=False),
    Column("filename", STRING, nullable=False, server_default=""),
    Column("sizes", Text),
)
_partial_index("media_unsized", media.c.name, media.c.sizes.is_(None))
article_media = Table(
    "article_media",
    metadata,
    Column("name", STRING, primary_key=True),
    Column("id", STRING, primary_key=True),
)
Index("article_media_id", article_media.c.id)

# The records of the sync: how each file looked when it was last read, and the result.
files = Table(
    "files",
    metadata,
    Column("path", STRING, primary_key=True),
    Column("size", INTEGER, nullable=False),
    Column("mtime_ns", INTEGER, nullable=False),
    Column("inode", INTEGER, nullable=False),
    Column("fingerprint", STRING, nullable=False),
    Column("id", STRING, index=True),
    Column("asked", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("retry", Boolean, nullable=False),
    # When its article expires or expired; null for most. An expired file has no `id`, like a draft.
    Column("expires", STRING),
    # JSON of `file_records.CopyOf`; null for what is no copy.
    Column("copy_of", Text),
)
_partial_index("files_retried", files.c.path, files.c.retry.is_(True))
_partial_index("files_wrong", files.c.path, files.c.problems != "[]")

# The files that use a file beside them, existing or not.
asks = Table(
    "asks",
    metadata,
    Column("asked", STRING, primary_key=True),
    Column("path", STRING, primary_key=True),
)
Index("asks_path", asks.c.path)

# Articles that were added to a closed period, or changed in one, lately. The current feed shows them again.
corrections = Table(
    "corrections",
    metadata,
    Column("id", STRING, primary_key=True),
    Column("at", STRING, nullable=False),
)
Index("corrections_latest", desc(corrections.c.at), corrections.c.id)
