"""`feedsvc check`: everything that is wrong in content/."""

import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

import click

from feedsvc.cli.common import Command, places
from feedsvc.config import Settings, load_settings
from feedsvc.errors import ConfigError, Finding, Problem, StoreError
from feedsvc.model import Site
from feedsvc.site.site_toml import read_site, read_table
from feedsvc.store import Store
from feedsvc.sync import check
from feedsvc.sync.report import count_line, problem_lines, problems_json
from feedsvc.terminal import echo, echo_file


@click.command("check", cls=Command)
@places
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print problems.")
def check_command(format_: str, **options: Any) -> None:
    """Say everything that is wrong in content/ without writing anything; ends with 1 if a file would be set aside."""
    from feedsvc.importing.settings import settings_problems

    settings = load_settings(**options)
    said: Sequence[Finding] = ()
    try:
        with closing(Store(settings.store)) as store:
            published: Site | None = None
            with suppress(StoreError), store.read() as snapshot:
                published = snapshot.site()
            site, said = read_site(settings.content, settings.base_url, settings.own_url, published)
            checked = check(settings.content, site, store, datetime.now(UTC))
    except ConfigError as error:
        # Nothing can be said of the articles.
        found = [Problem(path="site.toml", finding=each) for each in (*said, *error.findings)]
        whole = Problem(path="site.toml", finding=Finding(message=str(error)))
        if format_ == "json":
            echo_file(problems_json(found if error.findings else [*found, whole]))
        elif said:
            _print(found)
        raise
    others: list[Problem] = []
    with suppress(ConfigError):
        # It is no TOML where this fails, which is among what was said.
        others = [*_address_problem(settings), *settings_problems(settings.content)]
    problems = [*(Problem(path="site.toml", finding=each) for each in said), *others, *checked.problems]
    if format_ == "json":
        echo_file(problems_json(problems))
    else:
        _print(problems)
        echo(count_line(problems, checked.files))
    if said:
        sys.exit(2)
    sys.exit(1 if any(each.finding.severity == "error" for each in problems) else 0)


def _print(problems: Sequence[Problem]) -> None:
    for line in problem_lines(problems):
        echo(line)


def _address_problem(settings: Settings) -> list[Problem]:
    if settings.base_url or "base_url" in read_table(settings.content):
        return []
    finding = Finding(
        field="base_url",
        severity="warning",
        message='is not set, so feeds name the server\'s own address (write base_url = "https://…" before you publish)',
    )
    return [Problem(path="site.toml", finding=finding)]
