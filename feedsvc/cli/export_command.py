"""`feedsvc export`: the whole publication as files."""

import gc
import time
from collections.abc import Callable, Collection
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from feedsvc.cli.common import Bar, Command, places, settings_of_store
from feedsvc.config import is_loopback
from feedsvc.errors import ConfigError, StoreError
from feedsvc.processes.stopping import stop_event
from feedsvc.store import Store
from feedsvc.terminal import echo, logger, print_error

if TYPE_CHECKING:
    from feedsvc.export.run import ExportReport
    from feedsvc.export.target import Target

log = logger("feedsvc.export")

# How long --watch waits until it looks again after an export that failed.
_RETRY_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.02


@click.command("export", cls=Command)
@click.argument("target", metavar="TARGET")
@click.option("--slice", "slices", multiple=True, metavar="FEED", help="Another feed, such as 'chips?tag=hbm'.")
@click.option("--compress", type=click.Choice(["gzip", "none"]), help="How object storage has texts.")
@click.option("--watch", is_flag=True, help="Export each further commit until it is stopped.")
@places
def export_command(target: str, slices: tuple[str, ...], compress: str | None, *, watch: bool, **options: Any) -> None:
    """Write everything as files, for any web server or CDN.

    Feeds, archives, pages and media. TARGET is an empty folder, or s3://bucket/prefix, gs://… or az://… The store is
    read, so run feedsvc sync before, or have a writer running. Only what changed since the last export is written. Ends
    with 1 if a document cannot be a file.
    """
    # Other commands start without Flask, in less time and memory.
    from feedsvc.export.rendering import Renderer
    from feedsvc.export.run import check_address, export, open_export
    from feedsvc.export.target import target_at
    from feedsvc.site.site_toml import given_url

    settings = settings_of_store(**options)
    place = target_at(target, settings)
    store = Store(settings.read_store or settings.store, refuses_previews=True)
    with closing(store), open_export(place, settings) as manifest:
        if settings.base_url is not None:
            check_address(store, given_url("FEEDSVC_BASE_URL or --base-url", settings.base_url))
        renderer = Renderer(settings)
        export_once = partial(export, store, place, manifest, settings, renderer, more=slices, compress=compress)
        report = export_once(progress=Bar("exporting"))
        echo(_said(place, report))
        for line in report.left_out:
            print_error(line)
        for line in report.notes:
            print_error(line)
        if is_loopback(urlsplit(report.base_url).hostname or ""):
            cure = "set base_url in site.toml, run feedsvc sync, and export again"
            print_error(f"the links lead to {report.base_url}, which other machines do not reach ({cure})")
        if watch:
            _follow(export_once, manifest.pending, store, place)
    if report.left_out:
        click.get_current_context().exit(1)


def _said(place: "Target", report: "ExportReport") -> str:
    return f"{place}: {report.total:,} files, {report.written:,} written, {report.deleted:,} deleted"


def _follow(
    export_once: Callable[..., "ExportReport"], pending: Callable[[], Collection[object]], store: Store, place: "Target"
) -> None:
    """Export each commit until the process is told to end. A failure is logged; the next export looks at all files.

    A commit that cannot be exported, because of a wrong slice, is logged once and changes nothing in the target. The
    pages of lists that a commit only shifted are written while there is no other commit: they are `pending`.
    """
    stop, has_commit, is_known, refused = stop_event(with_parent=False), False, True, ""
    # What was imported stays: the collector would look at it again while somebody waits for an edit.
    gc.collect()
    gc.freeze()
    with closing(store.commit_signal()) as signal:

        def is_cut() -> bool:
            nonlocal has_commit
            has_commit = has_commit or signal.has_changed()
            return has_commit or stop.is_set()

        while not stop.wait(_LOOK_SECONDS):
            try:
                if not is_cut() and (refused or not pending()):
                    continue
                is_prompt, has_commit, begun = has_commit, False, time.monotonic()
                if is_prompt or not is_known:
                    # After a failure, files may show more than the manifest says.
                    report = export_once(is_checked=not is_known, is_prompt=is_known)
                else:
                    report = export_once(is_checked=False, is_cut=is_cut)
                is_known, refused = True, ""
                if report.written or report.deleted:
                    log.info("%s in %.2f s", _said(place, report), time.monotonic() - begun)
            except ConfigError as error:
                # The same fault stays until site.toml or the articles have changed.
                if str(error) != refused:
                    log.warning("%s; the target stays as it is, and the next commit is tried", error)
                refused = str(error)
            except StoreError as error:
                log.warning("%s (it is tried again)", error)
                is_known = False
                signal.reset()
                stop.wait(_RETRY_SECONDS)
