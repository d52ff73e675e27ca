"""`feedsvc new`: a draft to write an article in."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from feedsvc.articles.metadata import fields
from feedsvc.cli.common import Command, places, site_of
from feedsvc.config import load_settings
from feedsvc.errors import ConfigError, nearest
from feedsvc.terminal import echo


@click.command("new", cls=Command)
@click.argument("title")
@places
@click.option("--topic", "topics", multiple=True, required=True, help="A topic from site.toml; may be repeated.")
@click.option("--language", help="The article's language, if not the site's.")
@click.option("--slug", help="The file's name, if not made of the title.")
def new_command(title: str, topics: tuple[str, ...], language: str | None, slug: str | None, **options: Any) -> None:
    """Write a draft with a fresh id, and say where."""
    settings = load_settings(**options)
    site = site_of(settings)
    known = [topic.name for topic in site.topics]
    topics = tuple(renamed.name if (renamed := site.renamed_topic(name)) else name for name in topics)
    for name in topics:
        if name not in known:
            raise ConfigError(f"unknown topic {name!r} ({nearest(name, known)})")
    now = datetime.now(ZoneInfo(site.timezone))
    title = _asked("TITLE", fields.required_text, title)
    tongue = _asked("--language", fields.language, language or site.language)
    name = _asked("--slug" if slug else "TITLE", fields.slug_from, slug or title)
    # Every JSON string is a YAML string.
    draft = (
        f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\nid: {uuid.uuid4().urn}\n"
        f"published: {now:%Y-%m-%d %H:%M}\nlanguage: {tongue}\ntopics: [{', '.join(topics)}]\ntags: []\n"
        "# Remove this line to publish.\ndraft: true\n---\n\n"
    )
    path = settings.content / "articles" / f"{now:%Y}" / f"{now:%m}" / f"{name}.md"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(draft)
    except FileExistsError as error:
        raise ConfigError(f"{path} exists already (name another with --slug)") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror} (make it writable)") from error
    echo(path)


def _asked(name: str, reader: Callable[[str], str], written: str) -> str:
    try:
        return reader(written)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error
