"""`feedsvc backup` and `feedsvc restore`: the store as one file, and back."""

from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import click

from feedsvc.cli.common import Command, places
from feedsvc.config import load_settings
from feedsvc.errors import StoreUnavailable
from feedsvc.store import Store
from feedsvc.sync.watch import is_written, only_writer
from feedsvc.terminal import echo

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command("backup", cls=Command)
@_FILE
@places
def backup_command(file: Path, **options: Any) -> None:
    """Copy the store to the new FILE, also while it is written and served."""
    settings = load_settings(**options)
    with closing(Store(settings.store)) as store:
        store.back_up(file)
    echo(f"{settings.store} is backed up in {file}")


@click.command("restore", cls=Command)
@_FILE
@places
def restore_command(file: Path, **options: Any) -> None:
    """Make FILE, which `backup` wrote, the store; stop `feedsvc serve` and `feedsvc watch` before."""
    settings = load_settings(**options)
    if is_written(settings.store):
        cure = "stop feedsvc serve and feedsvc watch, restore, and start them again"
        raise StoreUnavailable(f"{settings.store}: a writer runs ({cure})")
    with only_writer(settings.store, Event()), closing(Store(settings.store)) as store:
        kept = store.restore(file)
    echo(f"{settings.store} is what {file} holds")
    if kept is not None:
        echo(f"the store that was there is kept as {kept} (delete it when all is well)")
