"""`feedsvc doctor`: check a deployed publication from outside, as its readers see it, and its machine."""

import json
import os
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from feedsvc.cli.common import Command, at_known_url, places
from feedsvc.config import load_settings
from feedsvc.errors import ConfigError, printable
from feedsvc.site.site_toml import load_site, read_table
from feedsvc.terminal import echo, styled
from feedsvc.urls import FETCH_SCHEMES, resolve

if TYPE_CHECKING:
    # A run alone needs it, and it takes long to import.
    from feedsvc.doctor.visit import Visit

COLOURS: Final = {"ok": "green", "warning": "yellow", "error": "red", "skipped": "cyan"}


@click.command("doctor", cls=Command)
@places
@click.argument("url", required=False)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")
def doctor_command(url: str | None, is_json: bool, **options: Any) -> None:
    """Check a deployed publication from outside, as its readers see it.

    It is at URL, or else at base_url of site.toml. On its machine, the store, the writer and limits are checked too.

    Ends with 1 if a check finds an error, with 2 if nothing can be checked. It changes nothing.
    """
    from feedsvc.doctor.checks import as_json, examine

    visit = _visit(url, **options)
    found = []
    group = ""
    for check, result in examine(visit):
        found.append((check, result))
        if is_json:
            continue
        if check.group != group:
            group = check.group
            echo(styled(group, bold=True))
        cure = f" ({result.remedy}; see {result.page})" if result.remedy else ""
        status = styled(f"{result.status:<7}", fg=COLOURS[result.status])
        echo(f"  {status}  {check.name}: {printable(result.seen)}{cure}")
    if is_json:
        echo(json.dumps(as_json(found, visit.base_url), ensure_ascii=True))
    else:
        counts = Counter[str](result.status for _, result in found)
        echo(f"{visit.base_url}: {', '.join(f'{counts[each]} {each}' for each in COLOURS)}")
    sys.exit(1 if any(result.status == "error" for _, result in found) else 0)


def _visit(url: str | None, **options: Any) -> "Visit":
    """Return what is to be checked. Raises ConfigError if URL is none, or without a URL and a publication."""
    from feedsvc.doctor.visit import Visit
    from feedsvc.serve import at_own_url

    settings = at_known_url(at_own_url(load_settings(**options)))
    asked = _normal(url) if url is not None else None
    site = None
    if asked is None:
        site = load_site(settings.content, settings.base_url, settings.own_url)
    else:
        with suppress(ConfigError):
            site = load_site(settings.content, settings.base_url, settings.own_url)
    if site is None:
        where = f"there is no publication in {settings.content} on this machine (--content names another folder)"
        return Visit(asked or "", why_elsewhere=where)
    own = _normal(site.base_url)
    is_unset = settings.base_url is None and "base_url" not in read_table(settings.content)
    if asked not in (None, own) and not is_unset:
        return Visit(asked or "", why_elsewhere=f"base_url of {settings.content} is {own}, another address")
    note = f"base_url is not set in site.toml, so {own} is checked" if is_unset and asked is None else ""
    # False also in a folder that this user may not read.
    if isinstance(settings.store, Path) and not os.path.exists(settings.store):
        why = f"there is no store at {settings.store}, or only another user may read it (--store names another one)"
        return Visit(asked or own, site=site, why_elsewhere=why, note=note)
    return Visit(asked or own, settings=settings, site=site, note=note)


def _normal(url: str) -> str:
    """Return a URL in its normal form, without a slash at the end. Raises ConfigError for one that is not HTTP."""
    found = resolve(url, url, FETCH_SCHEMES)
    parts = urlsplit(found or "")
    if found is None or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ConfigError(f"{url}: not the address of a publication (write https://example.org)")
    return found.rstrip("/")
