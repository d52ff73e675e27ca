"""What all commands share: options, the site, errors in one line, a progress bar."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.model import Site
from feedsvc.site.site_toml import load_site
from feedsvc.terminal import echo

# Below this a bar is gone before it is seen.
WORTH_A_BAR = 100


class Command(click.Command):
    """A command that prints its errors in one line each and exits with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs it."""
        try:
            return super().invoke(ctx)
        except FeedsvcError as error:
            echo(f"feedsvc: {error}", err=True)
            ctx.exit(2)


def places(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command shares."""
    for option in (
        click.option("--base-url", help="The public address; overrides site.toml.  [env: FEEDSVC_BASE_URL]"),
        click.option("--store", type=click.Path(path_type=Path), help="The store's file.  [env: FEEDSVC_STORE]"),
        click.option("--content", type=click.Path(path_type=Path), help="The content folder.  [env: FEEDSVC_CONTENT]"),
    ):
        command = option(command)
    return command


def site_of(settings: Settings) -> Site:
    """Return the publication that site.toml describes. Raises ConfigError."""
    return load_site(settings.content, settings.base_url, settings.own_url)


class Bar:
    """A progress bar on a terminal, nothing in a pipe."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done."""
        if total < WORTH_A_BAR or not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr).__enter__()
        self._bar.update(done - self._bar.pos)
        if done == total:
            self._bar.__exit__(None, None, None)
