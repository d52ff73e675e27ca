"""What all commands share: options, the site, errors in one line, a progress bar."""

import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from feedsvc.articles.metadata import fields
from feedsvc.config import Settings, default_store, load_settings, store_place
from feedsvc.errors import ConfigError, FeedsvcError, StoreUnavailable
from feedsvc.model import Site
from feedsvc.site.site_toml import load_site, no_publication
from feedsvc.store import Store
from feedsvc.terminal import print_error

# Below this a bar is gone before it is seen.
WORTH_A_BAR = 100


class Command(click.Command):
    """A command that prints its errors in one line each and exits with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs it."""
        try:
            return super().invoke(ctx)
        except FeedsvcError as error:
            called = called_as()
            names = getattr(ctx.find_root().command, "commands", {})
            # Messages tell what to run as `feedsvc sync`, which a shell in a clone does not find.
            is_named = called != "feedsvc" and any(f"feedsvc {name}" in str(error) for name in names)
            print_error(f"{error} (here the command is {called})" if is_named else error)
            ctx.exit(2)


class StorePlace(click.ParamType[Path | str]):
    """The value of --store: the path of a file, or a URL."""

    name = "path"

    def convert(self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None) -> Path | str:
        return store_place(value) if isinstance(value, str) else value

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(incomplete, type="file")]


def places(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command shares."""
    for option in (
        click.option("--base-url", help="The public address; overrides site.toml.  [env: FEEDSVC_BASE_URL]"),
        click.option("--store", type=StorePlace(), help="The store's file or URL.  [env: FEEDSVC_STORE]"),
        click.option("--content", type=click.Path(path_type=Path), help="The content folder.  [env: FEEDSVC_CONTENT]"),
    ):
        command = option(command)
    return command


def site_of(settings: Settings) -> Site:
    """Return the publication that site.toml describes. Raises ConfigError."""
    return load_site(settings.content, settings.base_url, settings.own_url)


def settings_of_store(**options: Any) -> Settings:
    """Return the settings for a command that reads or replaces the store. Raises ConfigError for wrong ones.

    Also if no store is named and the folder is not one of a publication: it has neither a store nor site.toml.
    """
    settings = load_settings(**options)
    site, store = settings.content / "site.toml", default_store(settings.content)
    if settings.store == store and not store.exists() and not site.exists():
        raise no_publication(site)
    return settings


def at_known_url(settings: Settings) -> Settings:
    """Return the settings with the address that the store was last made for as `own_url`, if there is a store.

    `own_url` is used while base_url is not set. The store has the address of the last `serve`, whose port may have been
    an option of that command.
    """
    try:
        with closing(Store(settings.store)) as store, store.read() as snapshot:
            return replace(settings, own_url=snapshot.site().base_url)
    except StoreUnavailable:
        return settings


def topic_names(written: Iterable[str], site: Site) -> tuple[str, ...]:
    """Return the names of the topics that values of the option --topic name (`fields.topic`). Raises ConfigError."""
    try:
        return tuple(dict.fromkeys(fields.topic(each, site).name for each in written))
    except ValueError as error:
        raise ConfigError(f"--topic: {error}") from error


def called_as(*, elsewhere: bool = False) -> str:
    """Return how this command was called, for a shell in the same folder, or in another one (`elsewhere`)."""
    called = sys.argv[0]
    on_path = shutil.which("feedsvc")
    if Path(called).name != "feedsvc" or (on_path is not None and on_path == shutil.which(called)):
        return "feedsvc"
    return str(Path(called).absolute()) if elsewhere else called


class Bar:
    """A progress bar with count, time left and rate on a terminal, nothing in a pipe."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done."""
        if total < WORTH_A_BAR or not sys.stderr.isatty():
            return
        if self._bar is None:
            made = click.progressbar(
                length=total, label=self._label, file=sys.stderr, show_percent=True, item_show_func=self._rate
            )
            self._bar = made.__enter__()
        self._bar.update(done - self._bar.pos)
        if done == total:
            self._bar.__exit__(None, None, None)

    def _rate(self, _item: object) -> str | None:
        """Return the count and the rate, which follow the percentage and the time left."""
        if self._bar is None:
            return None
        seconds = self._bar.time_per_iteration
        return f"{self._bar.pos}/{self._bar.length}" + (f", {1 / seconds:,.0f}/s" if seconds else "")
