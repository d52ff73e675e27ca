"""`feedsvc backup`, `restore` and `store copy`: the store as one file, and back; to another file or database."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import click

from feedsvc.cli.common import Bar, Command, StorePlace, places, settings_of_store, site_of
from feedsvc.config import Settings, place_name
from feedsvc.errors import ConfigError, OtherPublication, StoreError, StoreUnavailable
from feedsvc.model import Site
from feedsvc.processes.lock_holders import lock_holders
from feedsvc.store import Store, server_lock, writer_lock
from feedsvc.store.subscriptions import FILE, Subscriptions
from feedsvc.sync.purging.purger import purge_after
from feedsvc.terminal import echo

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command("backup", cls=Command)
@_FILE
@places
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def backup_command(file: Path, force: bool, **options: Any) -> None:
    """Copy the store to a new file, also while it is in use.

    The file has the subscriptions of the hub, too.
    """
    settings = settings_of_store(**options)
    with closing(Store(settings.store)) as store:
        store.back_up(file, overwrite=force)
    with closing(Subscriptions(settings.store, settings.state)) as subscriptions:
        number = subscriptions.back_up(file)
    beside = f", with {number} subscription{'s' if number > 1 else ''} of the hub" if number else ""
    echo(f"{settings.store_name} is backed up in {file}{beside}")


@click.command("restore", cls=Command)
@_FILE
@places
@click.option("--same-publication", is_flag=True, help="Accept a backup with another tag_authority.")
def restore_command(file: Path, same_publication: bool, **options: Any) -> None:
    """Replace the store by a file that `backup` wrote.

    Stop `feedsvc serve` and `feedsvc watch` before.
    """
    settings = settings_of_store(**options)
    if not isinstance(settings.store, Path):
        cure = "restore the database with pg_restore or psql, while nothing of feedsvc runs"
        raise StoreUnavailable(f"{settings.store_name}: feedsvc restore is for SQLite stores ({cure})")
    folder = settings.store.parent
    if writer_lock.is_written(settings.store):
        cure = "stop feedsvc serve and feedsvc watch, restore, and start them again"
        who = lock_holders(folder / writer_lock.FILE)
        raise StoreUnavailable(f"{settings.store}: a writer runs ({cure}){who}")
    if server_lock.is_served(settings.store):
        who = lock_holders(folder / server_lock.FILE)
        raise StoreUnavailable(f"{settings.store}: a server runs (stop it, restore, and start it again){who}")
    with writer_lock.only_writer(settings.store, Event()), closing(Store(settings.store)) as store:
        known = None if same_publication else _authority(settings, store)

        def accept(site: Site) -> None:
            if known is not None and site.tag_authority != known:
                cure = (
                    "name the content folder and the store of that one with --content and --store; if it is this one "
                    "before its tag_authority was changed: add --same-publication"
                )
                found = f"the backup has tag_authority {site.tag_authority!r}, this publication {known!r}"
                raise OtherPublication(f"{file}: it is of another publication: {found} ({cure})")

        kept = store.restore(file, accept)
        store.migrate(datetime.now(UTC))
    with closing(Store(settings.store)) as store:
        purge_after(settings, store)
    echo(f"{settings.store} is what {file} holds")
    with closing(Subscriptions(settings.store, settings.state)) as subscriptions:
        number = subscriptions.restore(file)
    if number:
        echo(f"{number} subscriptions of the hub were taken over")
    elif number is None:
        cure = f"to take those of {file}, move {FILE} away, and restore again"
        echo(f"the hub keeps the subscriptions that it has ({cure})")
    if kept is not None:
        echo(f"the store that was there is kept as {kept} (delete it when all is well)")


def _authority(settings: Settings, store: Store) -> str | None:
    """Return the tag_authority of site.toml, else that of the present store; None if neither can be read."""
    try:
        return site_of(settings).tag_authority
    except ConfigError:
        try:
            with store.read() as snapshot:
                return snapshot.site().tag_authority
        except StoreError:
            return None


@click.group("store")
def store_group() -> None:
    """Move the store to another file or database."""


@store_group.command("copy", cls=Command)
@click.argument("source", metavar="FROM", type=StorePlace())
@click.argument("target", metavar="TO", type=StorePlace())
def copy_command(source: Path | str, target: Path | str) -> None:
    """Copy a store, a file or a URL, with its whole history to where there is none yet.

    Stop `feedsvc serve` and `feedsvc watch` before. Cursors, ETags and ids stay as they are.
    """
    with closing(Store(source)) as old, closing(Store(target)) as new:
        counts = old.copy_to(new, Bar("copying"))
    numbers = ", ".join(f"{counts[table]:,} {table}" for table in ("articles", "changes", "files"))
    echo(f"{place_name(source)} is copied to {place_name(target)} and compared: {numbers}")
    echo("set FEEDSVC_STORE to the copy, and do not use the former store any more")
