"""`feedsvc list`: the articles, and what each file publishes at the last sync."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

import click

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.dates import read_date
from feedsvc.articles.metadata.frontmatter import FrontMatter, parse
from feedsvc.articles.partial_article import front_matter_by_lines
from feedsvc.cli.common import Command, places, settings_of_store, topic_names
from feedsvc.errors import ArticleError, Problem, printable
from feedsvc.files import open_regular
from feedsvc.model import Site
from feedsvc.store import Snapshot, Store
from feedsvc.store.snapshot.file_list import ListedFile, State
from feedsvc.terminal import echo, echo_file, styled

_COLOURS: Final = {"live": "green", "scheduled": "cyan", "draft": "blue", "set-aside": "red", "expired": "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One file as it is listed. `published` is in the time zone of the site; None where it cannot be read."""

    file: ListedFile
    title: str
    topics: tuple[str, ...]
    published: datetime | None


@click.command("list", cls=Command)
@places
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(get_args(State)),
    help="List files in this state only; may be repeated.",
)
@click.option("--topic", "topics", multiple=True, help="List articles of this topic only; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(states: tuple[str, ...], topics: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """List the articles with date, state, path, topics and title.

    The newest come first. The states are those of the last sync: live, scheduled, draft, set-aside (the file has an
    error; its last good version stays published) and expired.
    """
    settings = settings_of_store(**options)
    with closing(Store(settings.store)) as store, store.read() as snapshot:
        site = snapshot.site()
        topics = topic_names(topics, site)
        rows = list(_rows(settings.content, snapshot, site, states, topics))
    rows.sort(key=lambda row: (-row.published.timestamp() if row.published else 0.0, row.file.path))
    if as_json:
        echo_file(json.dumps([_as_json(row, site) for row in rows], ensure_ascii=False, indent=2))
        return
    for row in rows:
        date = f"{row.published:%Y-%m-%d %H:%M}" if row.published else ""
        state = styled(f"{row.file.state:<9}", fg=_COLOURS[row.file.state])
        echo(f"{date:<16}  {state}  {printable(row.file.path)}  [{', '.join(row.topics)}]  {printable(row.title)}")
    counts = Counter(row.file.state for row in rows)
    echo(", ".join(f"{counts[state]} {state}" for state in get_args(State) if counts[state]) or "none")


def _rows(
    content: Path, snapshot: Snapshot, site: Site, states: Collection[str], topics: Collection[str]
) -> Iterator[_Row]:
    zone = ZoneInfo(site.timezone)
    for each in snapshot.file_list():
        if states and each.state not in states:
            continue
        if article := each.article:
            row = _Row(
                file=each,
                title=article.title,
                topics=article.topics,
                published=article.published.astimezone(zone),
            )
        else:
            row = _read(each, content, zone)
        # A file of which the store has no article has its topics as they are written.
        if not topics or any(topic.name in topics for written in row.topics for topic in site.topics_called(written)):
            yield row


def _read(file: ListedFile, content: Path, zone: ZoneInfo) -> _Row:
    """Return the row of a file of which the store has no article, with what its front matter says."""
    try:
        with open_regular(content / file.path) as stream:
            data = stream.read(MAX_BYTES)
    except OSError:
        data = b""
    try:
        front = parse(data)
    except ArticleError:
        front = front_matter_by_lines(data)
    try:
        published = read_date(fields.text(front.fields.get("published", "")), zone).astimezone(zone)
    except ValueError:
        published = None
    return _Row(file=file, title=" ".join(_texts(front, "title")), topics=_texts(front, "topics"), published=published)


def _texts(front: FrontMatter, name: str) -> tuple[str, ...]:
    """Return the texts in a field, without regard to errors in it."""
    try:
        written = front.fields.get(name, "")
        return (fields.text(written),) if name == "title" else fields.texts(written)
    except ValueError:
        return ()


def _as_json(row: _Row, site: Site) -> dict[str, object]:
    article = row.file.article
    is_live = article is not None and article.is_live
    return {
        "path": row.file.path,
        "state": row.file.state,
        "title": row.title,
        "topics": row.topics,
        "published": row.published.isoformat() if row.published else None,
        "slug": article.slug if article else None,
        "language": article.language if article else None,
        "url": site.addresses.article(article.slug) if article and is_live else None,
        "errors": [str(Problem(path=row.file.path, finding=each)) for each in row.file.errors],
    }
