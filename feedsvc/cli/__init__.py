"""The `feedsvc` command: each subcommand a few lines over the rooms above."""

import json
import logging
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from feedsvc import __version__
from feedsvc.articles import fields
from feedsvc.cli.backup_commands import backup_command, restore_command
from feedsvc.cli.common import Bar, Command, places
from feedsvc.cli.identity_commands import forget_command, ids_command, reidentify_command
from feedsvc.cli.import_command import classify_command, import_command
from feedsvc.cli.status_command import status_command
from feedsvc.config import Settings, load_settings
from feedsvc.errors import ConfigError, Finding, Problem, StoreUnavailable, nearest
from feedsvc.model import Site
from feedsvc.site.site_toml import load_site, read_table
from feedsvc.store import Store
from feedsvc.sync import Options, check, sync
from feedsvc.sync.report import Report, count_line, problem_lines, problems_json
from feedsvc.sync.watch import Watcher, is_written
from feedsvc.terminal import echo, echo_file, escape_tracebacks, log_to_stderr


class _Group(click.Group):
    command_class = Command


@click.group(cls=_Group)
@click.version_option(__version__)
def main() -> None:
    """Articles kept as files, published as RSS, Atom and JSON Feed per topic."""
    escape_tracebacks()


@main.command("serve")
@places
@click.option("--host", help="Where to listen.  [env: FEEDSVC_HOST; default: 127.0.0.1]")
@click.option("--port", type=int, help="Where to listen.  [env: FEEDSVC_PORT; default: 8000]")
@click.option("--workers", type=int, help="Worker processes; 0 is one a core.  [env: FEEDSVC_WORKERS]")
def serve_command(**options: Any) -> None:
    """Sync, then serve and watch until Ctrl-C."""
    # Of all commands this one alone needs Flask and the server, which take half a second to load.
    from feedsvc.serve import at_own_url, check_port, own_url, serve

    settings = at_own_url(load_settings(**options))
    check_port(settings)
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
        wanted = load_site(settings.content, settings.base_url, settings.own_url).base_url
        with closing(Store(settings.store)) as store:
            with store.read() as snapshot:
                known = snapshot.site()
            if known.base_url != wanted:
                with store.write(datetime.now(UTC)) as writer:
                    writer.put_site(replace(known, base_url=wanted))
                echo(
                    f"the address is {wanted} instead of {known.base_url}: feeds and pages have it now, "
                    "links inside articles follow when their files have been read again"
                )
        return True
    except StoreUnavailable:
        return False


@main.command("sync")
@places
@click.option("--full", is_flag=True, help="Read every file again, whatever its stamp says.")
@click.option("--allow-removals", is_flag=True, help="Remove articles even if it is over 20% of them.")
def sync_command(full: bool, allow_removals: bool, **options: Any) -> None:
    """Bring the store up to date with content/ and report; ends with 1 if anything was set aside."""
    settings = _at_known_url(load_settings(**options))
    report = _sync(settings, Options(whole=full, allow_removals=allow_removals, progress=Bar("reading articles")))
    _print_report(report)
    sys.exit(1 if report.failed else 0)


def _at_known_url(settings: Settings) -> Settings:
    """While base_url is unset, the address the store was last made for is kept."""
    try:
        with closing(Store(settings.store)) as store, store.read() as snapshot:
            return replace(settings, own_url=snapshot.site().base_url)
    except StoreUnavailable:
        return settings


def _sync(settings: Settings, options: Options) -> Report:
    site = load_site(settings.content, settings.base_url, settings.own_url)
    with closing(Store(settings.store)) as store:
        return sync(settings, site, store, datetime.now(UTC), options)


def _print_report(report: Report) -> None:
    for line in report.lines():
        echo(line)


@main.command("check")
@places
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print problems.")
def check_command(format_: str, **options: Any) -> None:
    """Say everything that is wrong in content/ without writing anything; ends with 1 if a file would be set aside."""
    settings = load_settings(**options)
    try:
        site, address = _site(settings), _address_problem(settings)
    except ConfigError as error:
        if format_ == "json":
            echo_file(problems_json([Problem(path="site.toml", finding=Finding(line=error.line, message=str(error)))]))
        raise
    with closing(Store(settings.store)) as store:
        checked = check(settings.content, site, store, datetime.now(UTC))
    problems = [*address, *_import_problems(settings), *checked.problems]
    if format_ == "json":
        echo_file(problems_json(problems))
    else:
        for line in problem_lines(problems):
            echo(line)
        echo(count_line(problems, checked.files))
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


def _import_problems(settings: Settings) -> Iterable[Problem]:
    from feedsvc.importing.settings import settings_problems

    return settings_problems(settings.content)


def _site(settings: Settings) -> Site:
    return load_site(settings.content, settings.base_url, settings.own_url)


@main.command("watch")
@places
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
def watch_command(with_parent: bool, **options: Any) -> None:
    """Keep the store up to date with content/ until stopped; `serve` runs one of these."""
    settings = load_settings(**options)
    if not with_parent:
        settings = _at_known_url(settings)
    log_to_stderr()
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    with closing(Store(settings.store)) as store:
        Watcher(settings, store).run(stop)


def _stop_with_parent(stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stop.set()


@main.command("new")
@click.argument("title")
@places
@click.option("--topic", "topics", multiple=True, required=True, help="A topic from site.toml; may be repeated.")
@click.option("--language", help="The article's language, if not the site's.")
@click.option("--slug", help="The file's name, if not made of the title.")
def new_command(title: str, topics: tuple[str, ...], language: str | None, slug: str | None, **options: Any) -> None:
    """Write a draft with a fresh id, and say where."""
    settings = load_settings(**options)
    site = _site(settings)
    known = [topic.name for topic in site.topics]
    topics = tuple(renamed.name if (renamed := site.renamed_topic(name)) else name for name in topics)
    for name in topics:
        if name not in known:
            raise ConfigError(f"unknown topic {name!r} ({nearest(name, known)})")
    now = datetime.now(ZoneInfo(site.timezone))
    title = _asked("TITLE", fields.required_text, title)
    tongue = _asked("--language", fields.language, language or site.language)
    name = _asked("--slug" if slug else "TITLE", fields.slug_from, slug or title)
    path = settings.content / "articles" / f"{now:%Y}" / f"{now:%m}" / f"{name}.md"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_draft(title, topics, tongue, now))
    except FileExistsError as error:
        raise ConfigError(f"{path} exists already (name another with --slug)") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror} (make it writable)") from error
    echo(path)


def _asked(name: str, reader: Callable[[str], str], written: str) -> str:
    try:
        return reader(written)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error


def _draft(title: str, topics: tuple[str, ...], language: str, now: datetime) -> str:
    # A JSON string is a YAML string, whatever the title holds.
    return (
        f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\nid: {uuid.uuid4().urn}\n"
        f"published: {now:%Y-%m-%d %H:%M}\nlanguage: {language}\ntopics: [{', '.join(topics)}]\ntags: []\n"
        "# Remove this line to publish.\ndraft: true\n---\n\n"
    )


main.add_command(import_command)
main.add_command(classify_command)
main.add_command(ids_command)
main.add_command(reidentify_command)
main.add_command(forget_command)
main.add_command(status_command)
main.add_command(backup_command)
main.add_command(restore_command)
