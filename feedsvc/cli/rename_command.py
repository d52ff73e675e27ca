"""`feedsvc rename`: another name for the file of an article, whose id and old address stay."""

from contextlib import closing
from typing import Any

import click

from feedsvc.cli.common import Command, places, site_of
from feedsvc.config import load_settings
from feedsvc.errors import printable
from feedsvc.store import Store
from feedsvc.sync.renaming import Renamer
from feedsvc.terminal import echo


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
