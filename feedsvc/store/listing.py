"""What pages list beside slices: articles by tag, author, month and words, and what stands beside an article.

Tags, authors and words are looked for in the newest `BOUND` articles; everything else goes by an index.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import unescape
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, true

from feedsvc.model import Article, SafeHTML, Slice
from feedsvc.store.facets import EVERYTHING, Facet
from feedsvc.store.reading import Snapshot
from feedsvc.store.rows import article_from, to_text, to_time
from feedsvc.store.schema import article_facets, articles
from feedsvc.text import nfc

BOUND: Final = 2_000
PORTION: Final = 200
# SafeHTML writes every attribute in double quotes, so a tag ends where it seems to.
_TAG: Final = re.compile(r'<(?:[^"<>]|"[^"]*")*>')


def by_tag(snapshot: Snapshot, tag: str, limit: int, offset: int = 0) -> list[Article]:
    """The articles with a tag, newest first."""
    return _newest(snapshot, _holds("$.tags", "value", tag), limit, offset)


def by_author(snapshot: Snapshot, name: str, limit: int, offset: int = 0) -> list[Article]:
    """The articles that a person of that name signed, newest first."""
    return _newest(snapshot, _holds("$.authors", "json_extract(value, '$.name')", name), limit, offset)


def _holds(path: str, value: str, wanted: str) -> ColumnElement[bool]:
    """Whether a list in an article's data holds `wanted`."""
    rows = func.json_each(articles.c.data, path).table_valued("value", name="held")
    return exists(select(1).select_from(rows).where(literal_column(value) == wanted))


def _newest(snapshot: Snapshot, condition: ColumnElement[bool], limit: int, offset: int) -> list[Article]:
    newest = _ids(EVERYTHING).order_by(*_NEWEST_FIRST).limit(BOUND).subquery("newest")
    found = snapshot._connection.execute(
        select(articles)
        .join(newest, newest.c.id == articles.c.id)
        .where(condition)
        .order_by(newest.c.published.desc(), newest.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [article_from(row) for row in found]


_NEWEST_FIRST: Final = (article_facets.c.published.desc(), article_facets.c.id)


def _ids(facet: Facet) -> Select[tuple[str, str]]:
    """(id, published) of a facet's articles."""
    return select(article_facets.c.id, article_facets.c.published).where(
        article_facets.c.facet == facet[0], article_facets.c.value == facet[1]
    )


def between(snapshot: Snapshot, since: datetime, until: datetime, limit: int, offset: int = 0) -> list[Article]:
    """The articles published from `since` to before `until`, newest first."""
    found = snapshot._connection.execute(
        select(articles)
        .join(article_facets, article_facets.c.id == articles.c.id)
        .where(
            article_facets.c.facet == EVERYTHING[0],
            article_facets.c.value == EVERYTHING[1],
            article_facets.c.published >= to_text(since),
            article_facets.c.published < to_text(until),
        )
        .order_by(*_NEWEST_FIRST)
        .limit(limit)
        .offset(offset)
    )
    return [article_from(row) for row in found]


def last_before(snapshot: Snapshot, moment: datetime | None) -> datetime | None:
    """When the newest article that is older than `moment` was published; None where there is none."""
    published = article_facets.c.published
    older = published < to_text(moment) if moment else true()
    text = snapshot._connection.scalar(_dates().where(older).order_by(published.desc()).limit(1))
    return to_time(text) if text else None


def first_from(snapshot: Snapshot, moment: datetime) -> datetime | None:
    """When the oldest article of `moment` or later was published; None where there is none."""
    published = article_facets.c.published
    text = snapshot._connection.scalar(_dates().where(published >= to_text(moment)).order_by(published).limit(1))
    return to_time(text) if text else None


def _dates() -> Select[Any]:
    return _ids(EVERYTHING).with_only_columns(article_facets.c.published)


def matching(snapshot: Snapshot, words: Sequence[str], limit: int, offset: int = 0) -> list[Article]:
    """The articles whose title, summary, text, tags or authors hold every one of `words`, newest first.

    Case does not count; a word may begin and end anywhere, since Chinese marks no words.
    """
    said = (article for article in _portions(snapshot) if _says(article, words))
    return list(islice(said, offset, offset + limit))


def _portions(snapshot: Snapshot) -> Iterator[Article]:
    for start in range(0, BOUND, PORTION):
        yield from snapshot.articles(Slice(), PORTION, start)


def _says(article: Article, words: Sequence[str]) -> bool:
    names = (each.name for each in article.authors)
    text = nfc("\n".join((article.title, article.summary, *article.tags, *names, _text(article.content)))).casefold()
    return all(nfc(word).casefold() in text for word in words)


def _text(content: SafeHTML) -> str:
    return unescape(_TAG.sub("", content))


def neighbours(snapshot: Snapshot, article: Article, topic: str) -> tuple[Article | None, Article | None]:
    """The articles of a topic that stand before (older) and after (newer) one of them."""
    published, id_ = article_facets.c.published, article_facets.c.id
    at = to_text(article.published)
    older = or_(published < at, and_(published == at, id_ > article.id))
    newer = or_(published > at, and_(published == at, id_ < article.id))
    return (
        _first(snapshot, topic, and_(published <= at, older), _NEWEST_FIRST),
        _first(snapshot, topic, and_(published >= at, newer), (published, id_.desc())),
    )


def _first(
    snapshot: Snapshot, topic: str, where: ColumnElement[bool], order: Sequence[ColumnElement[str]]
) -> Article | None:
    nearest = _ids(("topic", topic)).where(where).order_by(*order).limit(1).subquery("nearest")
    row = snapshot._connection.execute(select(articles).join(nearest, nearest.c.id == articles.c.id)).first()
    return article_from(row) if row is not None else None
