"""`feedsvc check`: everything that is wrong in content/."""

import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any, Final

import click

from feedsvc.cli.common import Command, places
from feedsvc.config import Settings, load_settings
from feedsvc.errors import ConfigError, Finding, Problem, StoreError
from feedsvc.media import media_storage
from feedsvc.model import Site
from feedsvc.site.site_toml import line_of_key, read_site, read_table
from feedsvc.store import Store
from feedsvc.sync import check
from feedsvc.sync.report import count_line, problems_json, sorted_problems
from feedsvc.terminal import echo, echo_file, styled

_COLOURS: Final = {"error": "red", "warning": "yellow"}


@click.command("check", cls=Command)
@places
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print problems.")
@click.option("--json", "format_", flag_value="json", help="Print a JSON array, as --format json does.")
def check_command(format_: str, **options: Any) -> None:
    """Print everything that is wrong in content/, and write nothing.

    Ends with 1 if a file would be set aside, with 2 if site.toml is wrong.
    """
    from feedsvc.importing.settings import settings_problems

    settings = load_settings(**options)
    said: Sequence[Finding] = ()
    try:
        with closing(Store(settings.store)) as store:
            published: Site | None = None
            with suppress(StoreError), store.read() as snapshot:
                published = snapshot.site()
            site, said = read_site(settings.content, settings.base_url, settings.own_url, published)
            checked = check(settings.content, site, store, datetime.now(UTC), media_storage(settings))
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
        others = [*_address_problems(settings), *settings_problems(settings.content)]
    problems = [*(Problem(path="site.toml", finding=each) for each in said), *others, *checked.problems]
    if format_ == "json":
        echo_file(problems_json(problems))
    else:
        _print(problems)
        echo(count_line(problems, checked.files))
    wrong = {each.path for each in problems if each.finding.severity == "error"}
    sys.exit(2 if "site.toml" in wrong else 1 if wrong else 0)


def _print(problems: Sequence[Problem]) -> None:
    for each in sorted_problems(problems):
        place = each.place
        echo(styled(place, fg=_COLOURS[each.finding.severity]) + str(each).removeprefix(place))


def _address_problems(settings: Settings) -> list[Problem]:
    """Return warnings of settings that are to be written before a publication has readers."""
    table = read_table(settings.content)
    found = []
    if not settings.base_url and "base_url" not in table:
        message = (
            'is not set, so feeds name the server\'s own address (write base_url = "https://…" before you publish)'
        )
        found.append(Finding(field="base_url", severity="warning", message=message))
    authority = str(table.get("tag_authority", ""))
    # RFC 2606 §3. A site.toml without `sample` was not made of that of the sample.
    if table.get("sample") is False and authority.startswith(("example.org,", "example.com,", "example.net,")):
        message = f"{authority!r} is an example, so ids may be those of another publication (write a domain of yours)"
        line = line_of_key(settings.content, "tag_authority")
        found.append(Finding(line=line, field="tag_authority", severity="warning", message=message))
    return [Problem(path="site.toml", finding=each) for each in found]
