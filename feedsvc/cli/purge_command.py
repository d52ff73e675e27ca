"""`feedsvc purge`: remove responses from the CDN by hand."""

from contextlib import closing
from typing import Any

import click

from feedsvc.cli.common import Command, places
from feedsvc.config import load_settings
from feedsvc.errors import BadParameter, ConfigError
from feedsvc.slices.cursor import parse_cursor
from feedsvc.store import Store
from feedsvc.store.snapshot.surrogate_keys import ALL, SITE
from feedsvc.sync.purging.purger import purge_since
from feedsvc.sync.purging.targets import purge_of
from feedsvc.terminal import echo


@click.command("purge", cls=Command)
@click.argument("keys", nargs=-1, metavar="[KEY]…")
@click.option("--all", "is_all", is_flag=True, help="Purge every response of this publication.")
@click.option("--since", metavar="CURSOR", help="Purge what changed after a cursor, as JSON feeds and scripts have it.")
@places
def purge_command(keys: tuple[str, ...], is_all: bool, since: str | None, **options: Any) -> None:
    """Remove from the CDN what commits changed since the last purge.

    A writer does so by itself after each commit. Ends with 2 if the CDN does not purge.
    """
    settings = load_settings(**options)
    purge = purge_of(settings)
    if purge is None:
        raise ConfigError("nothing purges responses (set FEEDSVC_PURGE_URL or FEEDSVC_PURGE_COMMAND)")
    if sum((bool(keys), is_all, since is not None)) > 1:
        raise ConfigError("--all, --since and KEY contradict each other (write one of them)")
    if keys:
        purge(keys)
        echo(f"purged {len(keys)} keys")
        return
    with closing(Store(settings.store)) as store:
        with store.read() as snapshot:
            version = None if is_all else snapshot.purged_version()
            if since is not None:
                try:
                    cursor = parse_cursor(since)
                except BadParameter as error:
                    raise ConfigError(f"--since: {since[:80]!r} is not a cursor (copy one from a JSON feed)") from error
                if not snapshot.changes.is_known(cursor):
                    raise ConfigError(f"--since: this store never gave {since!r} (write --all)")
                version = snapshot.version()._replace(seq=cursor.seq, commit=-1)
        count = purge_since(store, purge, version)
    everything = f" ({ALL} and {SITE}: every response)" if version is None else ""
    echo(f"purged {count} keys{everything}" if count else "everything is purged")
