"""The list of the files of a publication with their states, as of the last sync."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from feedsvc.errors import Finding
from feedsvc.store.rows import loads, to_time
from feedsvc.store.schema import articles, files
from feedsvc.store.session import Session

State = Literal["live", "scheduled", "draft", "set-aside", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArticle:
    """The article of a file, as the store has it. `published` is in UTC."""

    title: str
    slug: str
    language: str
    topics: tuple[str, ...]
    published: datetime
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """A file at `path` below the content folder.

    `article` is the last good version of a file that is set aside; None if there is none, and for drafts and expired
    articles, of which the store keeps nothing. `errors` are those that set the file aside.
    """

    path: str
    state: State
    article: ListedArticle | None
    errors: tuple[Finding, ...]


def file_list(session: Session) -> Iterator[ListedFile]:
    """Yield every file that was read, by path."""
    columns = (articles.c.slug, articles.c.language, articles.c.published, articles.c.live, articles.c.data)
    rows = session.connection.execute(
        select(files.c.path, files.c.problems, files.c.id, files.c.expires, *columns)
        .outerjoin(articles, articles.c.id == files.c.id)
        .order_by(files.c.path)
    )
    for row in rows:
        errors = tuple(found for each in loads(row.problems) if (found := Finding(**each)).severity == "error")
        article = None
        if row.data:
            data = loads(row.data)
            article = ListedArticle(
                title=data["title"],
                slug=row.slug,
                language=row.language,
                topics=tuple(data["topics"]),
                published=to_time(row.published),
                is_live=row.live,
            )
        state: State = "expired" if row.expires else "draft"
        if errors:
            state = "set-aside"
        elif article:
            state = "live" if article.is_live else "scheduled"
        yield ListedFile(path=row.path, state=state, article=article, errors=errors)
