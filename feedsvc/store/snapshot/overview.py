"""The overview for editors: how many articles there are, what is scheduled or set aside, and the last sync."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, func, select

from feedsvc.errors import Finding
from feedsvc.store.facets import EVERYTHING
from feedsvc.store.file_records import FileRecords
from feedsvc.store.rows import loads, to_time
from feedsvc.store.schema import article_facets, articles, files
from feedsvc.store.session import Session

# More than people read; the counts include all.
MAX_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """An article that is released or expires at `due` (UTC). `path` is that of its file below the content folder."""

    title: str
    slug: str
    path: str
    language: str
    topics: tuple[str, ...]
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWithFindings:
    """A file with findings. `title` is that of its last good version, None if there is none.

    `is_published` says that this version is published, `is_draft` that the file is an unpublished draft without errors.
    """

    path: str
    findings: tuple[Finding, ...]
    title: str | None
    is_published: bool
    is_draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The overview of a store.

    `articles` counts live articles by (topic, language); `total` counts each once. `set_aside` (with its errors),
    `warned` (files with warnings only), `drafts_with_findings` (drafts with warnings), `scheduled` and `expiring` have
    the first `MAX_SHOWN`; their counts have all. `expired` counts files whose articles have expired. `synced` is the
    end of the last sync in UTC; None if there was none.
    """

    total: int
    articles: Mapping[tuple[str, str], int]
    scheduled: tuple[Scheduled, ...]
    scheduled_count: int
    set_aside: tuple[FileWithFindings, ...]
    set_aside_count: int
    warned: tuple[FileWithFindings, ...]
    warned_count: int
    drafts: int
    drafts_with_findings: tuple[FileWithFindings, ...]
    synced: datetime | None
    expiring: tuple[Scheduled, ...]
    expired: int


def overview(session: Session, records: FileRecords) -> Overview:
    """Return the overview of a snapshot."""
    noted = _noted(session)
    set_aside = [each for each in noted if each.findings[0].severity == "error"]
    warned = [each for each in noted if each.findings[0].severity == "warning" and not each.is_draft]
    synced = session.meta("synced")
    drafts, expired = records.count_unpublished()
    waiting = articles.c.live.is_(False)
    count = session.connection.scalar(select(func.count()).select_from(articles).where(waiting))
    by_topic = session.connection.execute(
        select(article_facets.c.value, articles.c.language, func.count())
        .join(articles, articles.c.id == article_facets.c.id)
        .where(article_facets.c.facet == "topic")
        .group_by(article_facets.c.value, articles.c.language)
        .order_by(article_facets.c.value, articles.c.language)
    )
    total = select(func.count()).where(article_facets.c.facet == EVERYTHING[0], article_facets.c.value == EVERYTHING[1])
    return Overview(
        total=session.connection.scalar(total) or 0,
        articles={(topic, language): number for topic, language, number in by_topic},
        scheduled=_dated(session, articles.c.published, articles.c.live.is_(False)),
        expiring=_dated(session, articles.c.expires, articles.c.expires.is_not(None)),
        expired=expired,
        scheduled_count=count or 0,
        set_aside=tuple(set_aside[:MAX_SHOWN]),
        set_aside_count=len(set_aside),
        warned=tuple(warned[:MAX_SHOWN]),
        warned_count=len(warned),
        drafts=drafts,
        drafts_with_findings=tuple(each for each in noted if each.is_draft)[:MAX_SHOWN],
        synced=to_time(synced) if synced else None,
    )


def _dated(session: Session, date: Column[str], where: ColumnElement[bool]) -> tuple[Scheduled, ...]:
    """Return the articles with an event at their `date`, the nearest first."""
    rows = session.connection.execute(
        select(articles.c.slug, date.label("due"), articles.c.language, articles.c.data, files.c.path)
        .join(files, files.c.id == articles.c.id)
        .where(where)
        .order_by(date, articles.c.id)
        .limit(MAX_SHOWN)
    )
    return tuple(
        Scheduled(
            title=data["title"],
            slug=row.slug,
            path=row.path,
            language=row.language,
            topics=tuple(data["topics"]),
            due=to_time(row.due),
        )
        for row, data in ((row, loads(row.data)) for row in rows)
    )


def _noted(session: Session) -> list[FileWithFindings]:
    """Return, by path, the errors of each file, or its warnings if it has no errors."""
    rows = session.connection.execute(
        select(files.c.path, files.c.problems, files.c.id, articles.c.data, articles.c.live)
        .outerjoin(articles, articles.c.id == files.c.id)
        .where(files.c.problems != "[]")
        .order_by(files.c.path)
    )
    found = []
    for row in rows:
        findings = [Finding(**each) for each in loads(row.problems)]
        errors = [each for each in findings if each.severity == "error"]
        title = loads(row.data)["title"] if row.data else None
        is_draft = row.id is None and not errors
        noted = FileWithFindings(
            path=row.path,
            findings=tuple(errors or findings),
            title=title,
            is_published=bool(row.live),
            is_draft=is_draft,
        )
        found.append(noted)
    return found
