"""The `feedsvc` command: each subcommand a few lines over the rooms above."""

import json
import logging
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from feedsvc import __version__
from feedsvc.articles.fields import slug_from
from feedsvc.config import Settings, load_settings
from feedsvc.errors import ConfigError, FeedsvcError, Finding, Problem, StoreUnavailable, nearest
from feedsvc.model import Site
from feedsvc.serve import at_own_url, check_port, own_url, serve
from feedsvc.site_toml import load_site, read_table
from feedsvc.store import Store
from feedsvc.sync import Options, check, sync
from feedsvc.sync.report import Report, problem_lines, problems_json
from feedsvc.sync.watch import Watcher

# Below this a bar is gone before it is seen.
WORTH_A_BAR = 100


class _Command(click.Command):
    """A command that says its own errors in one line and ends with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FeedsvcError as error:
            click.echo(f"feedsvc: {error}", err=True)
            ctx.exit(2)


class _Group(click.Group):
    command_class = _Command


@click.group(cls=_Group)
@click.version_option(__version__)
def main() -> None:
    """Articles kept as files, published as RSS, Atom and JSON Feed per topic."""


def _places(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command shares."""
    for option in (
        click.option("--base-url", help="The public address; overrides site.toml.  [env: FEEDSVC_BASE_URL]"),
        click.option("--store", type=click.Path(path_type=Path), help="The store's file.  [env: FEEDSVC_STORE]"),
        click.option("--content", type=click.Path(path_type=Path), help="The content folder.  [env: FEEDSVC_CONTENT]"),
    ):
        command = option(command)
    return command


@main.command("serve")
@_places
@click.option("--host", help="Where to listen.  [env: FEEDSVC_HOST; default: 127.0.0.1]")
@click.option("--port", type=int, help="Where to listen.  [env: FEEDSVC_PORT; default: 8000]")
@click.option("--workers", type=int, help="Worker processes; 0 is one a core.  [env: FEEDSVC_WORKERS]")
def serve_command(**options: Any) -> None:
    """Sync, then serve and watch until Ctrl-C."""
    settings = at_own_url(load_settings(**options))
    check_port(settings)
    if not _is_ready(settings):
        _print_report(_sync(settings, Options(progress=_Bar())))
    click.echo(f"serving {own_url(settings)}/ (Ctrl-C ends it)")
    serve(settings)


def _is_ready(settings: Settings) -> bool:
    """Whether the store can be served as it stands: then the watcher brings it up to date while it is."""
    try:
        wanted = load_site(settings.content, settings.base_url, settings.own_url).base_url
        with Store(settings.store).read() as snapshot:
            return snapshot.site().base_url == wanted
    except StoreUnavailable:
        return False


@main.command("sync")
@_places
@click.option("--full", is_flag=True, help="Read every file again, whatever its stamp says.")
@click.option("--allow-removals", is_flag=True, help="Remove articles even if it is over 20% of them.")
def sync_command(full: bool, allow_removals: bool, **options: Any) -> None:
    """Bring the store up to date with content/ and report; ends with 1 if anything was set aside."""
    settings = _at_known_url(load_settings(**options))
    report = _sync(settings, Options(whole=full, allow_removals=allow_removals, progress=_Bar()))
    _print_report(report)
    sys.exit(1 if report.failed else 0)


def _at_known_url(settings: Settings) -> Settings:
    """While base_url is unset, the address the store was last made for is kept."""
    try:
        with Store(settings.store).read() as snapshot:
            return replace(settings, own_url=snapshot.site().base_url)
    except StoreUnavailable:
        return settings


def _sync(settings: Settings, options: Options) -> Report:
    site = load_site(settings.content, settings.base_url, settings.own_url)
    return sync(settings, site, Store(settings.store), datetime.now(UTC), options)


def _print_report(report: Report) -> None:
    for line in report.lines():
        click.echo(line)


class _Bar:
    """A progress bar on a terminal, nothing in a pipe."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        if total < WORTH_A_BAR or not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label="reading articles", file=sys.stderr).__enter__()
        self._bar.update(1)
        if done == total:
            self._bar.__exit__(None, None, None)


@main.command("check")
@_places
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print problems.")
def check_command(format_: str, **options: Any) -> None:
    """Say everything that is wrong in content/ without writing anything; ends with 1 if a file would be set aside."""
    settings = load_settings(**options)
    problems = [*_address_problem(settings), *check(settings.content, _site(settings))]
    if format_ == "json":
        click.echo(problems_json(problems))
    else:
        for line in problem_lines(problems):
            click.echo(line)
    sys.exit(1 if any(each.finding.severity == "error" for each in problems) else 0)


def _address_problem(settings: Settings) -> list[Problem]:
    if settings.base_url or "base_url" in read_table(settings.content):
        return []
    finding = Finding(
        field="base_url",
        severity="warning",
        message='is not set, so feeds name the server\'s own address (write base_url = "https://…" before you publish)',
    )
    return [Problem(path="site.toml", finding=finding)]


def _site(settings: Settings) -> Site:
    return load_site(settings.content, settings.base_url, settings.own_url)


@main.command("watch")
@_places
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def watch_command(with_parent: bool, **options: Any) -> None:
    """Keep the store up to date with content/ until stopped; `serve` runs one of these."""
    settings = load_settings(**options)
    if not with_parent:
        settings = _at_known_url(settings)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    Watcher(settings, Store(settings.store)).run(stop)


def _stop_with_parent(stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stop.set()


@main.command("new")
@click.argument("title")
@_places
@click.option("--topic", "topics", multiple=True, required=True, help="A topic from site.toml; may be repeated.")
@click.option("--language", help="The article's language, if not the site's.")
@click.option("--slug", help="The file's name, if not made of the title.")
def new_command(title: str, topics: tuple[str, ...], language: str | None, slug: str | None, **options: Any) -> None:
    """Write a draft with a fresh id, and say where."""
    settings = load_settings(**options)
    site = _site(settings)
    known = [topic.name for topic in site.topics]
    for name in topics:
        if name not in known:
            raise ConfigError(f"unknown topic {name!r} ({nearest(name, known)})")
    now = datetime.now(ZoneInfo(site.timezone))
    try:
        path = settings.content / "articles" / f"{now:%Y}" / f"{now:%m}" / f"{slug_from(slug or title)}.md"
    except ValueError as error:
        raise ConfigError(f"{error} (or name it with --slug)") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_draft(title, topics, language or site.language, now))
    except FileExistsError as error:
        raise ConfigError(f"{path} exists already (name another with --slug)") from error
    click.echo(path)


def _draft(title: str, topics: tuple[str, ...], language: str, now: datetime) -> str:
    # A JSON string is a YAML string, whatever the title holds.
    return (
        f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\nid: {uuid.uuid4().urn}\n"
        f"published: {now:%Y-%m-%d %H:%M}\nlanguage: {language}\ntopics: [{', '.join(topics)}]\ntags: []\n"
        "# Remove this line to publish.\ndraft: true\n---\n\n"
    )
