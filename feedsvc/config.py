"""FEEDSVC_* variables → frozen `Settings`. The only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from feedsvc.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process needs to know beside site.toml; each field is a FEEDSVC_* variable of the same name.

    `base_url` overrides the one in site.toml; `own_url` stands in for it while neither names one. `workers` 0 means one
    a core.
    """

    content: Path = Path("content")
    store: Path = Path(".feedsvc/store.sqlite3")
    media: Path = Path(".feedsvc/media")
    base_url: str | None = None
    own_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0
    threads: int = 4
    cache_bytes: int = 64 * 1024 * 1024
    rescan_seconds: int = 3600
    search_seconds: int = 2

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ConfigError(f"FEEDSVC_PORT: {self.port} is not a port (1 to 65535)")
        for name in ("workers", "threads", "cache_bytes", "rescan_seconds", "search_seconds"):
            if getattr(self, name) < 0:
                raise ConfigError(f"FEEDSVC_{name.upper()}: must not be negative")


def load_settings(environ: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Settings from FEEDSVC_* variables; `overrides` (from the command line) that are not None win.

    The store and the media stand in `.feedsvc/<its name>/` beside the content folder unless they are named.
    Raises ConfigError.
    """
    given: dict[str, Any] = {}
    for field in fields(Settings):
        written = environ.get(f"FEEDSVC_{field.name.upper()}")
        if written:
            given[field.name] = _typed(field.name, written)
    given.update({name: value for name, value in overrides.items() if value is not None})
    content = given.setdefault("content", Path("content"))
    whole = Path(os.path.abspath(content))
    home = whole.parent / ".feedsvc" / whole.name
    given.setdefault("store", home / "store.sqlite3")
    given.setdefault("media", Path(given["store"]).parent / "media")
    return Settings(**given)


def _typed(name: str, written: str) -> Any:
    if name in ("content", "store", "media"):
        return Path(written)
    if name in ("host", "base_url", "own_url"):
        return written
    try:
        return int(written)
    except ValueError as error:
        raise ConfigError(f"FEEDSVC_{name.upper()}: {written!r} is not a whole number") from error


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make another process load the same settings."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    return {f"FEEDSVC_{name.upper()}": str(value) for name, value in values.items() if value is not None}
