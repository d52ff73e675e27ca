"""`feedsvc ids`, `reidentify`, `rename` and `forget`: commands about the ids of articles."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from feedsvc.articles.metadata import fields
from feedsvc.cli.common import Command, places, settings_of_store, site_of
from feedsvc.config import load_settings, preview_settings
from feedsvc.errors import ConfigError, UnknownId, printable
from feedsvc.media import media_storage
from feedsvc.store import Store
from feedsvc.sync import unwritten
from feedsvc.sync.publication.new_publication import left_behind
from feedsvc.sync.purging.purger import purge_after
from feedsvc.sync.recognition.ids import write_id
from feedsvc.sync.recognition.remaining_files import remaining_files
from feedsvc.sync.renaming import Renamer
from feedsvc.terminal import echo


@click.command("ids", cls=Command)
@places
@click.option("--write", "is_writing", is_flag=True, help="Write each id into the front matter of its file.")
def ids_command(is_writing: bool, **options: Any) -> None:
    """List the ids that only the store has, or write them into files.

    Ends with 1 if one cannot be written.
    """
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
    """Publish the article with the id OLD under the id NEW.

    Subscribers see it as removed, and as a new article. A watcher may run meanwhile: the store takes one
    commit at a time.
    """
    settings = settings_of_store(**options)
    try:
        wanted = fields.identifier(new)
    except ValueError as error:
        raise ConfigError(f"NEW: {error}") from error
    with closing(Store(settings.store)) as store:
        with store.read():
            pass  # says that there is no store, or that it has yet to be migrated, instead of making one
        with store.write(datetime.now(UTC)) as writer:
            writer.reidentify(old, wanted)
        purge_after(settings, store)
    echo(f"{printable(old)} is {printable(wanted)} from now on")
    echo("feeds: a tombstone for the old id, and a new entry that every subscriber sees as unread")
    echo("addresses: unchanged, former ones included")
    echo("a new store needs the id in the file: feedsvc ids --write writes it where it is not there")


@click.command("forget", cls=Command)
@click.argument("id_", metavar="ID")
@places
def forget_command(id_: str, **options: Any) -> None:
    """Erase the text of a removed article from the store (takedown).

    Its title and summary are erased too; its tombstone and 410 stay. Delete the file first. A watcher and
    a server may run meanwhile.
    """
    settings = settings_of_store(**options)
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
        media_storage(settings).delete(unused)
        purge_after(settings, store)
        store.erase_deleted()
        previews = [preview_settings(settings).store_file]
        if isinstance(settings.store, Path):
            previews += left_behind(settings.store.parent)
        copies = [*store.copies(), *(str(each) for each in previews if each.exists())]
    echo(f"{printable(id_)}: title, summary and text are removed; the tombstone and 410 stay")
    for path in remaining_files(settings.content, id_, slugs, known):
        echo(f"{printable(path)} still stands in the content folder and may hold the text (delete it, or rename it)")
    for copy in copies:
        echo(f"{printable(copy)} may still hold them (delete it if you do not want to go back)")
    echo("not in reach: backups, version control of content/, caches, and the copies that readers keep")


@click.command("rename", cls=Command)
@click.argument("old")
@click.argument("new")
@places
def rename_command(old: str, new: str, **options: Any) -> None:
    """Rename an article's file; the old address leads to the new one.

    OLD is a slug or a path, NEW a name. The old slug is added to aliases in the front matter. A watcher may run
    meanwhile; without one, sync afterwards.
    """
    settings = load_settings(**options)
    site = site_of(settings)
    with closing(Store(settings.store)) as store, store.known() as snapshot:
        done = Renamer(settings.content, site, snapshot).rename(old, new)
    echo(f"{printable(done.before)} is {printable(done.path)} now")
    if done.alias is not None:
        echo(f"aliases: {printable(done.alias)} leads to it")
    for line in done.links:
        echo(line)
