"""Read FEEDSVC_* variables into frozen `Settings`. Every setting of an operator is read here.

`server`, `serve` and `web.stats.feed_metrics` use the environment too, to hand values of their own to child processes.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from feedsvc.errors import ConfigError

# A path that needs no encoding.
_LOCATION: Final = re.compile(r"/(?:[A-Za-z0-9._~-]+/)+")
# Characters that a header field may have unencoded; long enough not to be guessed.
_TOKEN: Final = re.compile(r"[!-~]{16,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process. Each field is a FEEDSVC_* variable of the same name.

    `base_url` overrides the one in site.toml; `own_url` is used while neither is set. `workers` 0 means one for each
    core. `watch` is how changes of the content are noticed: "events", "poll" (a scan every `poll_seconds`), or "auto":
    by events, unless the file system does not report the changes of other machines.
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
    watch: str = "auto"
    poll_seconds: int = 5
    search_seconds: int = 2
    downloads: int = 32
    write_seconds: int = 30
    accel: str | None = None
    # Not shown when settings are printed.
    status_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ConfigError(f"FEEDSVC_PORT: {self.port} is not a port (1 to 65535)")
        for name, value in ((each.name, getattr(self, each.name)) for each in fields(self)):
            if isinstance(value, int) and value < 0:
                raise ConfigError(f"FEEDSVC_{name.upper()}: must not be negative")
        if self.watch not in ("auto", "events", "poll"):
            raise ConfigError(f"FEEDSVC_WATCH: {self.watch!r} is not a way to watch (write auto, events or poll)")
        if not self.poll_seconds:
            raise ConfigError("FEEDSVC_POLL_SECONDS: 0 would scan without a pause (write 1 or more)")
        if self.accel is not None and not _LOCATION.fullmatch(self.accel):
            raise ConfigError(
                f"FEEDSVC_ACCEL: {self.accel!r} is not a location of nginx (write /media-files/, for example)"
            )
        if self.status_token is not None and not _TOKEN.fullmatch(self.status_token):
            raise ConfigError(
                "FEEDSVC_STATUS_TOKEN: write 16 or more letters and digits (openssl rand -hex 16 makes some)"
            )


def load_settings(environ: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Return the settings of FEEDSVC_* variables; `overrides` (of the command line) that are not None replace them.

    The store and the media stand in `.feedsvc/<its name>/` beside the content folder unless they are named.
    Raises ConfigError.
    """
    given: dict[str, Any] = {}
    for each in fields(Settings):
        variable = f"FEEDSVC_{each.name.upper()}"
        written = environ.get(variable)
        if not written:
            continue
        if each.name in ("content", "store", "media"):
            given[each.name] = Path(written)
        elif each.name in ("host", "base_url", "own_url", "status_token", "accel", "watch"):
            given[each.name] = written
        else:
            try:
                given[each.name] = int(written)
            except ValueError as error:
                raise ConfigError(f"{variable}: {written!r} is not a whole number") from error
    given.update({name: value for name, value in overrides.items() if value is not None})
    content = given.setdefault("content", Path("content"))
    whole = Path(os.path.abspath(content))
    home = whole.parent / ".feedsvc" / whole.name
    given.setdefault("store", home / "store.sqlite3")
    given.setdefault("media", Path(given["store"]).parent / "media")
    return Settings(**given)


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables with which another process loads the same settings."""
    values = {each.name: getattr(settings, each.name) for each in fields(Settings)}
    return {f"FEEDSVC_{name.upper()}": str(value) for name, value in values.items() if value is not None}
