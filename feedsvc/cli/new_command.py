"""`feedsvc new`: a draft to write an article in."""

import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.front_matter_writer import new_file
from feedsvc.cli.common import Command, places, site_of, topic_names
from feedsvc.config import load_settings
from feedsvc.errors import ConfigError
from feedsvc.storage import atomic_write
from feedsvc.terminal import echo


@click.command("new", cls=Command)
@click.argument("title")
@places
@click.option("--topic", "topics", multiple=True, help="A topic from site.toml; may be repeated.")
@click.option("--language", help="The article's language, if not the site's.")
@click.option("--slug", help="The file's name, if not made of the title.")
@click.option("--edit", is_flag=True, help="Open the file in $VISUAL or $EDITOR.")
def new_command(
    title: str, *, topics: tuple[str, ...], language: str | None, slug: str | None, edit: bool, **options: Any
) -> None:
    """Write a draft with a fresh id, and say where."""
    settings = load_settings(**options)
    site = site_of(settings)
    known = [topic.name for topic in site.topics]
    if not topics and len(known) > 1:
        named = ", ".join(f"{topic.name} ({topic.title.in_(site.language)})" for topic in site.topics)
        raise ConfigError(f"no topic is named (add --topic NAME; there are {named})")
    topics = topic_names(topics or known, site)
    zone = ZoneInfo(site.timezone)
    now = datetime.now(zone).replace(second=0, microsecond=0)
    title = _asked("TITLE", fields.required_text, title)
    tongue = _asked("--language", fields.language, language or site.language)
    name = _asked("--slug", fields.slug, slug) if slug is not None else _asked("TITLE", fields.slug_from, title.lower())
    values = {
        "title": title,
        "published": now,
        "id": uuid.uuid4().urn,
        "language": tongue,
        "topics": topics,
        "draft": True,
    }
    path = settings.content / "articles" / f"{now:%Y}" / f"{now:%m}" / f"{name}.md"
    if not atomic_write.create(path, new_file(values, zone)):
        raise ConfigError(f"{path} exists already (name another with --slug)")
    echo(path)
    if edit:
        _open_editor(path)


def _open_editor(path: Path) -> None:
    """Open a file in the editor of the user, and wait until it is closed. Raises ConfigError."""
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        raise ConfigError(f"{path} is written, but not opened: {error.format_message()} (set EDITOR)") from error


def _asked(name: str, reader: Callable[[str], str], written: str) -> str:
    try:
        return reader(written)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error
