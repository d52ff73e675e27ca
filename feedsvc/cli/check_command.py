"""`feedsvc check`: everything that is wrong in content/."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from feedsvc.cli.common import Command, places, site_of
from feedsvc.config import Settings, load_settings
from feedsvc.errors import ConfigError, Finding, Problem
from feedsvc.site.site_toml import read_table
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
    try:
        site, address = site_of(settings), _address_problem(settings)
    except ConfigError as error:
        if format_ == "json":
            echo_file(problems_json([Problem(path="site.toml", finding=Finding(line=error.line, message=str(error)))]))
        raise
    with closing(Store(settings.store)) as store:
        checked = check(settings.content, site, store, datetime.now(UTC))
    problems = [*address, *settings_problems(settings.content), *checked.problems]
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
