"""What an editor asks of the store: how much there is, what waits, what is set aside, when it was last synced."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from feedsvc.errors import Finding, Problem
from feedsvc.store.facets import EVERYTHING
from feedsvc.store.reading import Snapshot
from feedsvc.store.rows import to_time
from feedsvc.store.schema import article_facets, articles, files, meta

# More than anybody reads; the numbers beside them count all.
MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """An article that waits for its time, which is in UTC."""

    title: str
    slug: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The store at a glance.

    `articles` counts live ones by (topic, language), `total` each of them once. `set_aside` and `scheduled` hold the
    first `MOST`, their counts all. `synced` is when the last sync ended, in UTC; None before there was one.
    """

    total: int
    articles: Mapping[tuple[str, str], int]
    scheduled: tuple[Scheduled, ...]
    scheduled_count: int
    set_aside: tuple[Problem, ...]
    set_aside_count: int
    synced: datetime | None


def overview(snapshot: Snapshot) -> Overview:
    """All of it, of one snapshot."""
    set_aside = _set_aside(snapshot)
    synced = snapshot._connection.scalar(select(meta.c.value).where(meta.c.key == "synced"))
    waiting = articles.c.live.is_(False)
    count = snapshot._connection.scalar(select(func.count()).select_from(articles).where(waiting))
    total = select(func.count()).where(article_facets.c.facet == EVERYTHING[0], article_facets.c.value == EVERYTHING[1])
    return Overview(
        total=snapshot._connection.scalar(total) or 0,
        articles=_by_topic_and_language(snapshot),
        scheduled=_scheduled(snapshot),
        scheduled_count=count or 0,
        set_aside=tuple(problem for problems in set_aside[:MOST] for problem in problems),
        set_aside_count=len(set_aside),
        synced=to_time(synced) if synced else None,
    )


def _by_topic_and_language(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    rows = snapshot._connection.execute(
        select(article_facets.c.value, articles.c.language, func.count())
        .join(articles, articles.c.id == article_facets.c.id)
        .where(article_facets.c.facet == "topic")
        .group_by(article_facets.c.value, articles.c.language)
        .order_by(article_facets.c.value, articles.c.language)
    )
    return {(topic, language): count for topic, language, count in rows}


def _scheduled(snapshot: Snapshot) -> tuple[Scheduled, ...]:
    rows = snapshot._connection.execute(
        select(articles.c.slug, articles.c.published, articles.c.data)
        .where(articles.c.live.is_(False))
        .order_by(articles.c.published)
        .limit(MOST)
    )
    return tuple(
        Scheduled(title=json.loads(row.data)["title"], slug=row.slug, published=to_time(row.published)) for row in rows
    )


def _set_aside(snapshot: Snapshot) -> list[list[Problem]]:
    """The errors of each file that has any, by path."""
    rows = snapshot._connection.execute(
        select(files.c.path, files.c.problems).where(files.c.problems != "[]").order_by(files.c.path)
    )
    found = [[Problem(path=row.path, finding=Finding(**each)) for each in json.loads(row.problems)] for row in rows]
    errors = ([each for each in problems if each.finding.severity == "error"] for problems in found)
    return [each for each in errors if each]
