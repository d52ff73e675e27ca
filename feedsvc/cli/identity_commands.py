"""`feedsvc ids`, `feedsvc reidentify` and `feedsvc forget`: commands about the ids of articles."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from feedsvc.articles.metadata import fields
from feedsvc.cli.common import Command, places, site_of
from feedsvc.config import load_settings
from feedsvc.errors import ConfigError, UnknownId, printable
from feedsvc.store import Store
from feedsvc.sync import delete_media, unwritten
from feedsvc.sync.recognition.ids import write_id
from feedsvc.sync.recognition.remains import remains
from feedsvc.terminal import echo


@click.command("ids", cls=Command)
@places
@click.option("--write", "is_writing", is_flag=True, help="Write each id into the front matter of its file.")
def ids_command(is_writing: bool, **options: Any) -> None:
    """List the files whose published id a new store would not give them; ends with 1 if one cannot be written."""
    settings = load_settings(**options)
    site = site_of(settings)
    with closing(Store(settings.store)) as store:
        found = unwritten(settings.content, site, store)
    problems = []
    for each in found:
        problem = write_id(settings.content, each) if is_writing else None
        if problem is not None:
            problems.append(problem)
            echo(str(problem))
        else:
            echo(f"{printable(each.path)}:{each.line}: {each.field}")
    if is_writing:
        echo(f"{len(found) - len(problems)} written, {len(problems)} left as they are")
    sys.exit(1 if problems else 0)


@click.command("reidentify", cls=Command)
@click.argument("old")
@click.argument("new")
@places
def reidentify_command(old: str, new: str, **options: Any) -> None:
    """Publish the article OLD under the id NEW: subscribers see it as removed, and as a new article.

    A watcher may run meanwhile: the store takes one commit at a time.
    """
    settings = load_settings(**options)
    try:
        wanted = fields.identifier(new)
    except ValueError as error:
        raise ConfigError(f"NEW: {error}") from error
    with closing(Store(settings.store)) as store:
        with store.read():
            pass  # says that there is no store, or that it has yet to be migrated, instead of making one
        with store.write(datetime.now(UTC)) as writer:
            writer.reidentify(old, wanted)
    echo(f"{printable(old)} is {printable(wanted)} from now on")
    echo("feeds: a tombstone for the old id, and a new entry that every subscriber sees as unread")
    echo("addresses: unchanged, former ones included")
    echo("a new store needs the id in the file: feedsvc ids --write writes it where it is not there")


@click.command("forget", cls=Command)
@click.argument("id_", metavar="ID")
@places
def forget_command(id_: str, **options: Any) -> None:
    """Remove the title, summary and text of a removed article from the store; its tombstone and 410 stay.

    For a legal takedown: delete the file first. A watcher and a server may run meanwhile.
    """
    settings = load_settings(**options)
    with closing(Store(settings.store)) as store:
        with store.read():
            pass  # says that there is no store, or that it has yet to be migrated, instead of making one
        try:
            with store.write(datetime.now(UTC)) as writer:
                unused = writer.forget(id_)
                known, slugs = writer.files.load(), writer.snapshot.identities.slugs_of(id_)
        except UnknownId:
            # What was only ever scheduled is in no log, but its deleted rows stay in the file until it is written anew.
            store.erase_deleted()
            raise
        delete_media(settings.media, unused)
        store.erase_deleted()
        copies = store.copies()
    echo(f"{printable(id_)}: title, summary and text are removed; the tombstone and 410 stay")
    for path in remains(settings.content, id_, slugs, known):
        echo(f"{printable(path)} still stands in the content folder and may hold the text (delete it, or rename it)")
    for copy in copies:
        echo(f"{printable(copy)} may still hold them (delete it if you do not want to go back)")
    echo("not in reach: backups, version control of content/, caches, and the copies that readers keep")
