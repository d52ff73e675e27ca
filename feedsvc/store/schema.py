"""The tables. Times are RFC 3339 text in UTC to the second, which sorts as it should.

A *facet* is what a slice can be made of: ("topic", "chips"), ("all", ""). Everything a feed asks for is found by facet,
and the three tables of facets are asked in the same way, by `selection`: each says when its things were published.

A column or an index that is added here is added to older stores by `migrations`: the column is nullable or has a
`server_default`.
"""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, desc

VERSION: Final = 3
metadata = MetaData()

# What is known once: schema version, epoch, site, renderer version, count of commits.
meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

# Everything readable from content/: published (live), and scheduled (not yet live).
articles = Table(
    "articles",
    metadata,
    Column("id", String, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("live", Boolean, nullable=False),
    Column("published", String, nullable=False),
    Column("language", String, nullable=False),
    Column("translation_of", String),
    Column("data", Text, nullable=False),
    Column("content", Text, nullable=False),
    # When it is taken down; null for most.
    Column("expires", String),
)
# Partial: were live ones in it too, SQLite would walk through them all instead of looking up slugs.
_SCHEDULED = articles.c.live.is_(False)
Index("articles_scheduled", articles.c.published, sqlite_where=_SCHEDULED, postgresql_where=_SCHEDULED)
Index("articles_translation", articles.c.translation_of)
_EXPIRES = articles.c.expires.is_not(None)
Index("articles_expires", articles.c.expires, sqlite_where=_EXPIRES, postgresql_where=_EXPIRES)

# Which live articles a facet has, newest first, then by id.
article_facets = Table(
    "article_facets",
    metadata,
    Column("facet", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("published", String, primary_key=True),
    Column("id", String, primary_key=True),
)
Index(
    "article_facets_newest",
    article_facets.c.facet,
    article_facets.c.value,
    desc(article_facets.c.published),
    article_facets.c.id,
)
Index("article_facets_id", article_facets.c.id)

# Every slug that ever led to an article: its own, its aliases, those it had before.
addresses = Table(
    "addresses",
    metadata,
    Column("slug", String, primary_key=True),
    Column("id", String, nullable=False, index=True),
)

# The change log: what happened to which article (or to the site), kept for ever.
changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("at", String, nullable=False),
    sqlite_autoincrement=True,
)
# An article's state is its change's seq doubled, plus one for what it was afterwards: it was in a slice or it was not.
# What is no article's (a change of the site, of a topic) has no `published`.
change_facets = Table(
    "change_facets",
    metadata,
    Column("facet", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("state", Integer, primary_key=True),
    Column("published", String, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    "change_facets_published",
    change_facets.c.facet,
    change_facets.c.value,
    change_facets.c.published,
    change_facets.c.state,
)

Index("change_facets_latest", change_facets.c.state)

# Every facet that any article ever had, and how many live ones have it.
facet_values = Table(
    "facet_values",
    metadata,
    Column("facet", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("live", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Removed articles: `recent` ones have a tombstone in Atom, all of them answer 410.
removed = Table(
    "removed",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("recent", Boolean, nullable=False),
)
Index("removed_recent", removed.c.recent, removed.c.at)
removed_facets = Table(
    "removed_facets",
    metadata,
    Column("facet", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("published", String, nullable=False),
)
Index("removed_facets_id", removed_facets.c.id)

# Media by content-addressed name; a removed article takes along what no other one uses.
media = Table(
    "media",
    metadata,
    Column("name", String, primary_key=True),
    Column("type", String, nullable=False),
    Column("length", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("at", String, nullable=False),
)
article_media = Table(
    "article_media",
    metadata,
    Column("name", String, primary_key=True),
    Column("id", String, primary_key=True),
)
Index("article_media_id", article_media.c.id)

# The sync's own notebook: how each file looked when it was last read, and what came of it.
files = Table(
    "files",
    metadata,
    Column("path", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("inode", Integer, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("id", String, index=True),
    Column("asked", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("retry", Boolean, nullable=False),
    # When the article in it is or was taken down; null for most. An expired file has no `id`, as a draft has none.
    Column("expires", String),
    # JSON of `file_records.CopyOf`; null for what is no copy.
    Column("copy_of", Text),
)
_RETRIED = files.c.retry.is_(True)
_WRONG = files.c.problems != "[]"
Index("files_retried", files.c.path, sqlite_where=_RETRIED, postgresql_where=_RETRIED)
Index("files_wrong", files.c.path, sqlite_where=_WRONG, postgresql_where=_WRONG)

# Which files asked for a file beside them, whether it is there or not.
asks = Table(
    "asks",
    metadata,
    Column("asked", String, primary_key=True),
    Column("path", String, primary_key=True),
)
Index("asks_path", asks.c.path)

# What was added to a period that was closed, or changed in it, lately: the current feed says so again.
corrections = Table(
    "corrections",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", String, nullable=False, index=True),
)

# The rows of the full-text index (see `search`), which are numbered.
search_rows = Table(
    "search_rows",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
)
