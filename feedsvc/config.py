"""Read FEEDSVC_* variables into frozen `Settings`. Every setting of an operator is read here.

`server`, `serve`, `sync.revision` and `web.stats.poll_counters` use the environment too, to hand values to child
processes, and `terminal` reads NO_COLOR and JOURNAL_STREAM.
"""

import os
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedsvc import languages
from feedsvc.errors import ConfigError
from feedsvc.processes.log_format import FORMATS
from feedsvc.storage.object_storage import split_url

# A path of nginx without characters that need encoding.
_LOCATION: Final = re.compile(r"/(?:[A-Za-z0-9._~-]+/)+")
# Characters that a header field may contain unencoded; long enough that it cannot be guessed.
_TOKEN: Final = re.compile(r"[!-~]{16,}")
_HEADER_VALUE: Final = re.compile(r"[!-~]+")


# The folder in the state folder of a publication that has the store and the media of its preview.
PREVIEW_FOLDER: Final = "drafts"
# The settings that are texts.
_TEXTS: Final = frozenset(
    "host base_url own_url status_token accel surrogate_keys purge_command purge_url purge_token watch log".split()
)
# The header fields that CDNs read surrogate keys from, and what separates the keys: Fastly's and Cloudflare's.
SURROGATE_FIELDS: Final[Mapping[str, str]] = {"Surrogate-Key": " ", "Cache-Tag": ","}
# Where the name of a user ends in a URL: at a password, or where the URL itself is damaged.
_AFTER_USER: Final = re.compile(r"[:/?#]")
# Stands for the default of `Settings.state`, which depends on other settings. It is compared by identity.
_BY_OTHERS: Final = Path()


def store_place(text: str) -> Path | str:
    """Return where a setting says that a store is: a path for SQLite (also as a URL `sqlite:///path`), else a URL.

    Raises ConfigError for a URL of SQLite without a path.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Path(text)
    if scheme != "sqlite":
        return text
    if not rest.startswith("/") or not rest[1:]:
        raise ConfigError("no path follows sqlite:// (write sqlite:///relative/path or sqlite:////absolute/path)")
    return Path(rest[1:])


def place_name(place: Path | str) -> str:
    """Return what messages call a store: its path, or its URL without password and options."""
    if isinstance(place, Path):
        return str(place)
    scheme, _, rest = place.partition("://")
    # The last "@" of all, and options go last: a password may contain what would end it in a proper URL.
    before, separator, after = rest.rpartition("@")
    user = _AFTER_USER.split(before, maxsplit=1)[0]
    return f"{scheme}://{user}{separator}{after.partition('?')[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process. Each field is a FEEDSVC_* variable of the same name.

    `base_url` overrides the one in site.toml; `own_url` is used if neither is set. `workers` 0 means one per core.
    `watch` is how changes of the content are detected: "events", "poll" (a scan every `poll_seconds`), or "auto", which
    uses events unless the file system does not report changes by other machines. `store` is the path of a SQLite file,
    or a URL, which may have a password: messages use `store_name`. `read_store` names a copy that web nodes read in its
    place, such as a standby of PostgreSQL. `state` is the folder for what the processes of this machine keep beside the
    store: counters of polls, temporary files, the store of a preview, the cache of `media` where that is the URL of
    object storage and no folder. Names that end in `_seconds` are in seconds, those that end in `_bytes` in bytes.
    `log` is the format of log lines, "text" or "json"; `access_log` is 1 for a line for each request. `drafts` is 1 for
    a preview, whose store has drafts in it (see `preview_settings`). The hub takes subscriptions of `hub_feeds`
    different slices, each delivery worker has up to `hub_connections` connections at a time, and with
    `hub_allow_loopback` 1 also to this machine, for tests. Raises ConfigError for a value that is out of range.
    """

    content: Path = Path("content")
    store: Path | str = field(default=Path(".feedsvc/store.sqlite3"), repr=False)
    read_store: Path | str | None = field(default=None, repr=False)
    state: Path = _BY_OTHERS
    media: Path | str = Path(".feedsvc/media")
    base_url: str | None = None
    own_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0
    threads: int = 4
    cache_bytes: int = 64 * 1024 * 1024
    media_cache_bytes: int = 1024 * 1024 * 1024
    rescan_seconds: int = 3600
    watch: str = "auto"
    poll_seconds: int = 5
    search_seconds: int = 2
    downloads: int = 32
    write_seconds: int = 30
    accel: str | None = None
    surrogate_keys: str | None = None
    purge_command: str | None = field(default=None, repr=False)
    purge_url: str | None = field(default=None, repr=False)
    purge_token: str | None = field(default=None, repr=False)
    purge_seconds: int = 2
    # Excluded from repr(), so that a log of the settings does not contain it.
    status_token: str | None = field(default=None, repr=False)
    drafts: int = 0
    log: str = "text"
    access_log: int = 0
    hub_feeds: int = 1000
    hub_connections: int = 64
    hub_allow_loopback: int = 0

    @property
    def store_name(self) -> str:
        """What messages call the store: its path, or its URL without a password."""
        return place_name(self.store)

    @property
    def media_folder(self) -> Path:
        """The folder of media files. Raises ConfigError if they are in object storage."""
        if not isinstance(self.media, Path):
            raise ConfigError(f"{self.media}: not a folder (name a folder by FEEDSVC_MEDIA)")
        return self.media

    @property
    def store_file(self) -> Path:
        """The path of a store in SQLite. Raises ConfigError for another one."""
        if not isinstance(self.store, Path):
            raise ConfigError(f"{self.store_name}: not a file (name a SQLite store with --store)")
        return self.store

    def __post_init__(self) -> None:
        if self.state is _BY_OTHERS:
            beside = self.store.parent if isinstance(self.store, Path) else _home(self.content)
            object.__setattr__(self, "state", beside)
        for name in ("drafts", "access_log", "hub_allow_loopback"):
            if (value := getattr(self, name)) not in (0, 1):
                raise ConfigError(f"FEEDSVC_{name.upper()}: {value} is neither 0 nor 1")
        if self.drafts and not (isinstance(self.store, Path) and self.store.parent.name == PREVIEW_FOLDER):
            raise ConfigError(
                f"FEEDSVC_DRAFTS: {self.store_name} is not the store of a preview "
                "(unset it; feedsvc serve --drafts sets it, with a store of its own)"
            )
        if self.log not in FORMATS:
            raise ConfigError(f"FEEDSVC_LOG: {self.log!r} is not a format of logs (write text or json)")
        if not 0 < self.port < 65536:
            raise ConfigError(f"FEEDSVC_PORT: {self.port} is not a port (1 to 65535)")
        for name, value in ((each.name, getattr(self, each.name)) for each in fields(self)):
            if isinstance(value, int) and value < 0:
                raise ConfigError(f"FEEDSVC_{name.upper()}: must not be negative")
        if self.watch not in ("auto", "events", "poll"):
            raise ConfigError(f"FEEDSVC_WATCH: {self.watch!r} is not a way to watch (write auto, events or poll)")
        if not self.poll_seconds:
            raise ConfigError("FEEDSVC_POLL_SECONDS: 0 would scan without a pause (write 1 or more)")
        if self.accel is not None:
            _check_accel(self.accel, self.media)
        if self.status_token is not None and not _TOKEN.fullmatch(self.status_token):
            raise ConfigError(
                "FEEDSVC_STATUS_TOKEN: write 16 or more letters and digits (openssl rand -hex 16 makes some)"
            )
        self._check_hub_and_cdn()

    def _check_hub_and_cdn(self) -> None:
        if not 1 <= self.hub_connections <= 1000:
            raise ConfigError(f"FEEDSVC_HUB_CONNECTIONS: {self.hub_connections} is not from 1 to 1000")
        if self.surrogate_keys is not None and self.surrogate_keys not in SURROGATE_FIELDS:
            names = " or ".join(SURROGATE_FIELDS)
            raise ConfigError(
                f"FEEDSVC_SURROGATE_KEYS: {self.surrogate_keys!r} is no field that a CDN reads (write {names})"
            )
        if self.purge_command is None and self.purge_url is None:
            return
        if self.surrogate_keys is None:
            raise ConfigError("FEEDSVC_SURROGATE_KEYS is not set, so no response has keys to purge (set it, too)")
        if self.purge_command is not None and self.purge_url is not None:
            raise ConfigError("FEEDSVC_PURGE_COMMAND and FEEDSVC_PURGE_URL are both set (set one of them)")
        if self.purge_command is not None:
            try:
                if not shlex.split(self.purge_command):
                    raise ValueError("it names no program")
            except ValueError as error:
                raise ConfigError(f"FEEDSVC_PURGE_COMMAND: {error} (write it as in a shell)") from error
        if self.purge_token is not None and not _HEADER_VALUE.fullmatch(self.purge_token):
            raise ConfigError("FEEDSVC_PURGE_TOKEN: a token has printable ASCII characters only, without spaces")
        if self.purge_url is not None:
            self._check_purge_url(self.purge_url)

    def _check_purge_url(self, url: str) -> None:
        try:
            scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
        except ValueError:
            scheme, host = "", None
        if scheme not in ("http", "https") or not host:
            raise ConfigError("FEEDSVC_PURGE_URL: not a URL (write https://…)")
        if scheme == "http" and self.purge_token is not None and not is_loopback(host):
            raise ConfigError(f"FEEDSVC_PURGE_URL: {host} would get the token unencrypted (write https://…)")


def _check_accel(location: str, media: Path | str) -> None:
    if not _LOCATION.fullmatch(location):
        raise ConfigError(f"FEEDSVC_ACCEL: {location!r} is not a location of nginx (write /media-files/, for example)")
    if not isinstance(media, Path):
        raise ConfigError(
            f"FEEDSVC_ACCEL: nginx sends files of a folder, and FEEDSVC_MEDIA is {media} "
            "(unset FEEDSVC_ACCEL: workers send the files, from a cache on this machine)"
        )


def load_settings(environ: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Return the settings of FEEDSVC_* variables. `overrides` (of the command line) that are not None replace them.

    The default location of the store and the media is `.feedsvc/<name of the content folder>/` beside the content
    folder; that of the media and the state is the folder of the store, if that is a file. Raises ConfigError for a
    value that is invalid or out of range.
    """
    given: dict[str, Any] = {}
    for each in fields(Settings):
        variable = f"FEEDSVC_{each.name.upper()}"
        written = environ.get(variable)
        if not written:
            continue
        if each.name in ("content", "state"):
            given[each.name] = Path(written)
        elif each.name == "media":
            given[each.name] = media_place(written)
        elif each.name in ("store", "read_store"):
            given[each.name] = store_place(written)
        elif each.name in _TEXTS:
            given[each.name] = written
        else:
            try:
                given[each.name] = int(written)
            except ValueError as error:
                raise ConfigError(f"{variable}: {written!r} is not a whole number") from error
    given.update({name: value for name, value in overrides.items() if value is not None})
    home = _home(given.setdefault("content", Path("content")))
    store = given.setdefault("store", default_store(given["content"]))
    given.setdefault("media", (store.parent if isinstance(store, Path) else given.get("state", home)) / "media")
    return Settings(**given)


def media_place(written: str) -> Path | str:
    """Return the folder or the URL that FEEDSVC_MEDIA names. Raises ConfigError for a URL that cannot be used."""
    if "://" not in written:
        return Path(written)
    try:
        split_url(written)
    except ValueError as error:
        raise ConfigError(f"FEEDSVC_MEDIA: {error}") from error
    return written


def default_store(content: Path) -> Path:
    """Return the path of the store of a content folder if nothing names another one."""
    return _home(content) / "store.sqlite3"


def _home(content: Path) -> Path:
    whole = Path(os.path.abspath(content))
    return whole.parent / ".feedsvc" / whole.name


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables with which another process loads the same settings; an empty one counts as not set."""
    values = {each.name: getattr(settings, each.name) for each in fields(Settings)}
    return {f"FEEDSVC_{name.upper()}": "" if value is None else str(value) for name, value in values.items()}


def child_environment(settings: Settings) -> dict[str, str]:
    """Return all variables of a child process that loads the same settings."""
    return os.environ | environment(settings)


def preview_settings(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    base_url: str | None = None,
    workers: int | None = None,
) -> Settings:
    """Return the settings of a preview beside the publication of `settings`; the others are of the command line.

    Nothing is shared with the publication but the content folder: store and media folder are in the folder `drafts`
    of its state folder, also where its own store is in PostgreSQL, and neither its address, host and port nor the
    location that nginx sends its media from is used.
    Without `port`, it is the one after that of the publication. Raises ConfigError for a host that other machines reach
    while no FEEDSVC_STATUS_TOKEN is set.
    """
    host = host or "127.0.0.1"
    if settings.status_token is None and not is_loopback(host):
        raise ConfigError(
            f"--drafts: {host} is no loopback address, so others could read the drafts (do not name a --host, or set "
            "FEEDSVC_STATUS_TOKEN: then every request needs the token)"
        )
    home = settings.state / PREVIEW_FOLDER
    return replace(
        settings,
        drafts=1,
        store=home / "store.sqlite3",
        read_store=None,
        state=home,
        media=home / "media",
        base_url=base_url,
        host=host,
        port=port or settings.port + 1,
        workers=workers or 1,
        accel=None,
        surrogate_keys=None,
        purge_command=None,
        purge_url=None,
        purge_token=None,
    )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server that listens on `host`: localhost, 127.0.0.1, ::1."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def language_here() -> str:
    """Return the language of this terminal by LC_ALL, LC_MESSAGES or LANG; "en" where it is not known."""
    name = next((value for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(key))), "en")
    try:
        tag = languages.canonical(name.partition(".")[0].partition("@")[0])
    except ValueError:  # "C", "POSIX"
        return "en"
    language, script = languages.language_and_script(tag)
    return f"{language}-{script}" if language == "zh" else language


def timezone_here() -> str:
    """Return the IANA name of the time zone of this machine by TZ or /etc/localtime; "UTC" where it is not known."""
    link = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").lstrip(":"), link):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(name).key
    return "UTC"
