"""`feedsvc serve`, `feedsvc sync` and `feedsvc watch`: content/ is read into the store."""

import logging
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from feedsvc.cli.common import Bar, Command, at_known_url, places, site_of
from feedsvc.cli.first_start import first_start_lines
from feedsvc.config import Settings, child_environment, load_settings, preview_settings
from feedsvc.errors import ConfigError, OtherStore, StoreError, StoreUnavailable
from feedsvc.media import media_storage
from feedsvc.processes.log_stream import use_log_streams
from feedsvc.processes.stopping import stop_event
from feedsvc.store import Store
from feedsvc.sync import Options, sync
from feedsvc.sync.picture_sizes import make_sizes
from feedsvc.sync.publication.new_publication import begin_publication
from feedsvc.sync.publication.other_publication import other_publication
from feedsvc.sync.publication.preview_store import refuse_other_kind
from feedsvc.sync.purging.purger import purge_after
from feedsvc.sync.report import MAX_TITLES, Report, report_json
from feedsvc.sync.watch import Watcher
from feedsvc.terminal import announce, echo, echo_file, log_to_stderr, styled

_COLOURS: Final = {"+": "green", "~": "yellow", "-": "red"}


@click.command("serve", cls=Command)
@places
@click.option("--host", help="Where to listen.  [env: FEEDSVC_HOST; default: 127.0.0.1]")
@click.option("--port", type=int, help="Where to listen.  [env: FEEDSVC_PORT; default: 8000]")
@click.option("--workers", type=int, help="Worker processes; 0 is one a core.  [env: FEEDSVC_WORKERS]")
@click.option("--drafts", is_flag=True, help="Preview drafts and scheduled articles, beside what is live.")
@click.option("--no-watch", is_flag=True, help="Serve alone: other processes write the store. Needs no content.")
def serve_command(drafts: bool, no_watch: bool, **options: Any) -> None:
    """Sync, then serve and watch until Ctrl-C."""
    # Of all commands this one alone needs Flask and the server, which take half a second to load.
    from feedsvc.serve import at_own_url, hold_port, hold_preview_port, own_url, serve

    use_log_streams()
    settings = load_settings(**options)
    log_to_stderr(settings.log, level=logging.WARNING)
    if no_watch:
        _serve_alone(settings, drafts=drafts)
        return
    with ExitStack() as stack:
        if drafts or settings.drafts:
            given = {name: options[name] for name in ("host", "port", "base_url", "workers")}
            settings, port = hold_preview_port(preview_settings(settings, **given), is_chosen=bool(options["port"]))
        else:
            settings = at_own_url(settings)
            port = hold_port(settings)
        stack.enter_context(port or nullcontext())
        _check_copy(settings)
        # A store with drafts is not served to readers, nor the store of readers as a preview.
        with closing(Store(settings.store)) as store:
            with suppress(StoreUnavailable), store.read() as snapshot:
                refuse_other_kind(snapshot, settings)
            is_written = store.is_written()
        if is_written:
            if settings.drafts:
                raise ConfigError(f"a preview of {settings.content} is served already (end it, or open its address)")
            announce("another feedsvc writes to this store; what it writes is served")
        elif not _is_ready(settings):
            with closing(Store(settings.store)) as store:
                if isinstance(settings.media, Path):
                    how = Options(progress=Bar("reading articles"))
                    _print_report(sync(settings, site_of(settings), store, datetime.now(UTC), how), say=announce)
                else:
                    _sync_in_process(settings)
                with store.read() as snapshot:
                    site, live = snapshot.site(), snapshot.overview().total
            # What a preview shows is not live.
            shown = () if settings.drafts else first_start_lines(site, live, own_url(settings), settings.content)
            for line in shown:
                announce(line)
        what = "serving a preview with drafts at" if settings.drafts else "serving"
        announce(f"{what} {own_url(settings)}/ (Ctrl-C ends it)")
        serve(settings)


def _check_copy(settings: Settings) -> None:
    """Raise OtherStore if there is a store to read, and it is no copy of the one that is written.

    One that is away comes back by itself, and a web node checks it then.
    """
    if settings.read_store is None:
        return
    with closing(Store(settings.read_store, copy_of=settings.store)) as store:
        try:
            with store.read():
                pass
        except OtherStore:
            raise
        except StoreError:
            pass


def _sync_in_process(settings: Settings) -> None:
    """Run `feedsvc sync`: workers are forked from this process, which must not have the threads of object storage.

    A worker that is forked after a request to it ends with SIGSEGV at its own first one.
    """
    command = (sys.executable, "-P", "-m", "feedsvc", "sync", "--no-sizes")
    done = subprocess.run(command, env=child_environment(settings), stdout=sys.stderr.fileno(), check=False)
    # 1 says that files were set aside.
    if done.returncode not in (0, 1):
        sys.exit(done.returncode if done.returncode > 0 else 2)


def _serve_alone(settings: Settings, *, drafts: bool) -> None:
    """Serve what other processes write into the store, also where there is none to be read just now."""
    from feedsvc.serve import at_own_url, hold_port, own_url, serve

    if drafts or settings.drafts:
        raise ConfigError("--no-watch: a preview needs the content folder (leave one of both out)")
    settings = at_own_url(settings)
    _check_copy(settings)
    with hold_port(settings) or nullcontext():
        announce(f"serving {settings.store_name} at {own_url(settings)}/ (Ctrl-C ends it)")
        serve(settings, watch=False)


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
                    site = site_of(settings)
                    wrong = other_publication(snapshot, site)
                except ConfigError as error:
                    wrong = str(error)
            if wrong:
                # As while serving: what is wrong keeps edits from readers, not the publication.
                announce(f"{wrong}: the last published state is served until this is corrected")
                return True
            wanted = site.base_url
            if known.base_url != wanted:
                with store.write(datetime.now(UTC)) as writer:
                    writer.site.put(replace(known, base_url=wanted, hub=site.hub))
                announce(
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
@click.option("--new-publication", is_flag=True, help="Begin a new store, without what is in this one; keep this one.")
@click.option("--same-publication", is_flag=True, help="Accept another tag_authority than the store has.")
@click.option("--all", "all_titles", is_flag=True, help=f"Print every title, not {MAX_TITLES} of them.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--no-sizes", is_flag=True, help="Leave smaller sizes of pictures to the next sync.")
def sync_command(
    *,
    full: bool,
    allow_removals: bool,
    new_publication: bool,
    same_publication: bool,
    all_titles: bool,
    as_json: bool,
    no_sizes: bool,
    **options: Any,
) -> None:
    """Bring the store up to date with content/, and report.

    Ends with 1 if a file was set aside or removals were refused.
    """
    settings = at_known_url(load_settings(**options))
    if new_publication and same_publication:
        raise ConfigError("--new-publication and --same-publication contradict each other (write one of them)")
    bar, kept = Bar("reading articles"), None
    how = Options(whole=full, allow_removals=allow_removals, same_publication=same_publication, progress=bar)
    with closing(Store(settings.store)) as store:
        if new_publication:
            report, kept = begin_publication(settings, site_of(settings), store, datetime.now(UTC), how)
        else:
            report = sync(settings, site_of(settings), store, datetime.now(UTC), how)
        if as_json:
            echo_file(report_json(report))
        else:
            _print_report(report, None if all_titles else MAX_TITLES)
        if not no_sizes:
            make_sizes(store, media_storage(settings), is_again=full)
        purge_after(settings, store)
    if kept is not None:
        echo(f"the former publication is kept as {kept} (delete it when all is well)", err=as_json)
    sys.exit(1 if report.failed else 0)


@click.command("watch", cls=Command)
@places
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def watch_command(with_parent: bool, **options: Any) -> None:
    """Keep the store up to date with content/ until stopped.

    `feedsvc serve` runs one of these.
    """
    settings = load_settings(**options)
    if not with_parent:
        settings = at_known_url(settings)
    use_log_streams()
    log_to_stderr(settings.log, is_piped=with_parent)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    stop = stop_event(with_parent=with_parent)
    with closing(Store(settings.store)) as store:
        Watcher(settings, store, "serve" if with_parent else "watch").run(stop)


def _print_report(report: Report, most: int | None = MAX_TITLES, say: Callable[[object], None] = echo) -> None:
    """Print a report, with at most that many titles; None prints all."""
    for sign, text in report.title_lines(most):
        say(styled(f"{sign} {text}", fg=_COLOURS[sign]))
    for line in report.other_lines():
        say(line)
