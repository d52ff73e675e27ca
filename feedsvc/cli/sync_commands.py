"""`feedsvc serve`, `feedsvc sync` and `feedsvc watch`: content/ is read into the store."""

import logging
import os
import signal
import sys
import threading
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from feedsvc.cli.common import Bar, Command, places, site_of
from feedsvc.config import Settings, load_settings
from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.processes.log_stream import use_log_streams
from feedsvc.store import Store
from feedsvc.sync import Options, sync
from feedsvc.sync.report import Report
from feedsvc.sync.watch import Watcher, is_written
from feedsvc.terminal import echo, log_to_stderr


@click.command("serve", cls=Command)
@places
@click.option("--host", help="Where to listen.  [env: FEEDSVC_HOST; default: 127.0.0.1]")
@click.option("--port", type=int, help="Where to listen.  [env: FEEDSVC_PORT; default: 8000]")
@click.option("--workers", type=int, help="Worker processes; 0 is one a core.  [env: FEEDSVC_WORKERS]")
def serve_command(**options: Any) -> None:
    """Sync, then serve and watch until Ctrl-C."""
    # Of all commands this one alone needs Flask and the server, which take half a second to load.
    from feedsvc.serve import at_own_url, hold_port, own_url, serve

    use_log_streams()
    settings = at_own_url(load_settings(**options))
    with hold_port(settings) or nullcontext():
        if is_written(settings.store):
            echo("another feedsvc writes to this store; what it writes is served")
        elif not _is_ready(settings):
            _print_report(_sync(settings, Options(progress=Bar("reading articles"))))
        echo(f"serving {own_url(settings)}/ (Ctrl-C ends it)")
        serve(settings)


def _is_ready(settings: Settings) -> bool:
    """Whether the store can be served as it stands: then the watcher brings it up to date while it is.

    Where it was made for another address, the documents and pages get the new one here, in one small commit. Only
    links inside articles wait for the watcher to read their files again, which takes minutes for very many.
    """
    try:
        with closing(Store(settings.store)) as store:
            with store.read() as snapshot:
                known = snapshot.site()
            try:
                wanted = site_of(settings).base_url
            except ConfigError as error:
                # As while serving: what is wrong keeps edits from readers, not the publication.
                echo(f"{error}: what was published last is served until this is mended")
                return True
            if known.base_url != wanted:
                with store.write(datetime.now(UTC)) as writer:
                    writer.site.put(replace(known, base_url=wanted))
                echo(
                    f"the address is {wanted} instead of {known.base_url}: feeds and pages have it now, "
                    "links inside articles follow when their files have been read again"
                )
        return True
    except StoreUnavailable:
        return False


@click.command("sync", cls=Command)
@places
@click.option("--full", is_flag=True, help="Read every file again, whatever its stamp says.")
@click.option("--allow-removals", is_flag=True, help="Remove articles even if it is over 20% of them.")
def sync_command(full: bool, allow_removals: bool, **options: Any) -> None:
    """Bring the store up to date with content/ and report; ends with 1 if anything was set aside."""
    settings = _at_known_url(load_settings(**options))
    report = _sync(settings, Options(whole=full, allow_removals=allow_removals, progress=Bar("reading articles")))
    _print_report(report)
    sys.exit(1 if report.failed else 0)


@click.command("watch", cls=Command)
@places
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def watch_command(with_parent: bool, **options: Any) -> None:
    """Keep the store up to date with content/ until stopped; `serve` runs one of these."""
    settings = load_settings(**options)
    if not with_parent:
        settings = _at_known_url(settings)
    use_log_streams()
    log_to_stderr()
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def stop_with_parent() -> None:
        while os.read(0, 4096):
            pass
        stop.set()

    if with_parent:
        threading.Thread(target=stop_with_parent, daemon=True).start()
    with closing(Store(settings.store)) as store:
        Watcher(settings, store).run(stop)


def _at_known_url(settings: Settings) -> Settings:
    """While base_url is unset, the address the store was last made for is kept."""
    try:
        with closing(Store(settings.store)) as store, store.read() as snapshot:
            return replace(settings, own_url=snapshot.site().base_url)
    except StoreUnavailable:
        return settings


def _sync(settings: Settings, options: Options) -> Report:
    with closing(Store(settings.store)) as store:
        return sync(settings, site_of(settings), store, datetime.now(UTC), options)


def _print_report(report: Report) -> None:
    for line in report.lines():
        echo(line)
