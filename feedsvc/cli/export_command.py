"""`feedsvc export`: the whole publication as files."""

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from feedsvc.cli.common import Bar, Command, places, settings_of_store
from feedsvc.config import is_loopback
from feedsvc.errors import StoreError
from feedsvc.processes.stopping import stop_event
from feedsvc.store import Store
from feedsvc.terminal import echo, logger, print_error

if TYPE_CHECKING:
    from feedsvc.export.run import ExportReport
    from feedsvc.export.target import Target

log = logger("feedsvc.export")

# How long --watch waits until it looks again after an export that failed.
_RETRY_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.05


@click.command("export", cls=Command)
@click.argument("target", metavar="TARGET")
@click.option("--slice", "slices", multiple=True, metavar="FEED", help="Another feed, such as 'chips?tag=hbm'.")
@click.option("--watch", is_flag=True, help="Export each further commit until it is stopped.")
@places
def export_command(target: str, slices: tuple[str, ...], *, watch: bool, **options: Any) -> None:
    """Write everything as files, for any web server or CDN.

    Feeds, archives, pages and media. TARGET is an empty folder, or s3://bucket/prefix, gs://… or az://… The store is
    read, so run feedsvc sync before, or have a writer running. Only what changed since the last export is written. Ends
    with 1 if a document cannot be a file.
    """
    # Other commands start without Flask, in less time and memory.
    from feedsvc.export.rendering import Renderer
    from feedsvc.export.run import export, open_export
    from feedsvc.export.target import target_at

    settings = settings_of_store(**options)
    place = target_at(target, settings)
    store = Store(settings.read_store or settings.store, refuses_previews=True)
    with closing(store), open_export(place, settings) as manifest:
        renderer = Renderer(settings)
        report = export(store, place, manifest, settings, renderer, more=slices, progress=Bar("exporting"))
        echo(_said(place, report))
        for line in report.left_out:
            print_error(line)
        for line in report.notes:
            print_error(f"_redirects: {line}")
        if is_loopback(urlsplit(report.base_url).hostname or ""):
            cure = "set base_url in site.toml, run feedsvc sync, and export again"
            print_error(f"the links lead to {report.base_url}, which other machines do not reach ({cure})")
        if watch:
            _follow(
                partial(export, store, place, manifest, settings, renderer, more=slices, is_checked=False), store, place
            )
    if report.left_out:
        click.get_current_context().exit(1)


def _said(place: "Target", report: "ExportReport") -> str:
    return f"{place}: {report.total:,} files, {report.written:,} written, {report.deleted:,} deleted"


def _follow(export_once: Callable[[], "ExportReport"], store: Store, place: "Target") -> None:
    """Export each commit until the process is told to end. A failure is logged and tried again."""
    stop = stop_event(with_parent=False)
    with closing(store.commit_signal()) as signal:
        while not stop.wait(_LOOK_SECONDS):
            try:
                if signal.has_changed():
                    begun = time.monotonic()
                    report = export_once()
                    if report.written or report.deleted:
                        log.info("%s in %.2f s", _said(place, report), time.monotonic() - begun)
            except StoreError as error:
                log.warning("%s (it is tried again)", error)
                signal.reset()
                stop.wait(_RETRY_SECONDS)
