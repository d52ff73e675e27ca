"""Read content/site.toml into a frozen `Site`. Reads one file; every error names it and the key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from feedsvc import languages, toml
from feedsvc.errors import ConfigError, nearest
from feedsvc.files import NotRegular, open_regular
from feedsvc.model import CachePolicy, Localized, Person, Site, Topic
from feedsvc.site import values
from feedsvc.site.redirects import KeyFault, old_source, presets, redirects
from feedsvc.site.values import KEYS

T = TypeVar("T")
MAX_BYTES: Final = 1_000_000


# Settings that are independent of others: the reader and the default of each.
_PLAIN: Final[Mapping[str, tuple[Callable[[Any], Any], Any]]] = {
    "redirect_presets": (presets, ()),
    "embed_hosts": (values.hosts, ()),
    "wikilinks": (values.flag, False),
    "feed_size": (values.whole, 50),
    "feed_bytes": (values.whole, 2_000_000),
    "tombstone_days": (values.whole, 30),
    "archives": (values.archives, "month"),
    "cache": (values.cache, CachePolicy()),
}


def read_table(content: Path) -> dict[str, Any]:
    """Return the table of site.toml as it is written. Raises ConfigError."""
    return _read_both(content)[0]


def _read_both(content: Path) -> tuple[dict[str, Any], str]:
    """Return site.toml as a table and as text. Raises ConfigError."""
    path = content / "site.toml"
    try:
        text = _read(path)
        return toml.loads(text), text
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: not found (create it, or name another folder with --content)") from error
    except NotRegular as error:
        raise ConfigError(f"{path}: not a regular file (put the file itself there)") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (save the file as UTF-8)") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error} (correct the file; the last good state is served)") from error


def _read(path: Path) -> str:
    with open_regular(path) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES:,} bytes (remove what no setting needs)")
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def redirect_lines(content: Path, base_url: str) -> dict[str, int]:
    """Return the line of each redirect in a valid site.toml. Raises ConfigError."""
    table, text = _read_both(content)
    written = table.get("redirects", {})
    return {old_source(each, base_url): toml.line_of(text, ("redirects", each)) for each in written}


def load_site(content: Path, base_url: str | None, own_url: str) -> Site:
    """Return the publication that `content`/site.toml describes.

    `base_url` overrides the one in the file; `own_url` is used if neither exists. Raises ConfigError with the file and
    the key.
    """
    return _SiteTable(content / "site.toml", *_read_both(content)).site(base_url, own_url)


class _SiteTable:
    """The table of site.toml, read key by key. Every error names the file and the key."""

    def __init__(self, path: Path, table: Mapping[str, Any], text: str) -> None:
        self.path, self.table, self.text = path, table, text

    def site(self, base_url: str | None, own_url: str) -> Site:
        for key in self.table:
            if key not in KEYS:
                raise self._error(key, f"unknown key ({nearest(key, KEYS)})")
        language = self._get("language", self._language, "en")
        base = self._base_url(base_url, own_url)
        zone = self._get("timezone", values.plain_text, "UTC")
        self._check("timezone", values.zone, zone)
        title = self._required("title", lambda value: values.title(value, language))
        topics = self._required("topics", lambda value: self._topics(value, language))
        gone_topics: tuple[str, ...] = self._get("gone_topics", values.former_names, ())
        try:
            values.check_former_names(topics, gone_topics)
        except KeyFault as error:
            raise self._error(error.key, str(error)) from error
        try:
            return Site(
                title=title,
                subtitle=self._get(
                    "subtitle", lambda value: values.localized(value, language), Localized({language: ""})
                ),
                base_url=base,
                tag_authority=self._required("tag_authority", values.authority),
                language=language,
                timezone=zone,
                # RFC 4287 §4.1.1: every entry has an author, its own or the feed's.
                authors=self._get("authors", values.authors, ()) or (Person(name=title.in_(language)),),
                topics=topics,
                gone_topics=gone_topics,
                redirects=self._get("redirects", lambda value: redirects(value, base), ()),
                established=self._get(
                    "established",
                    lambda value: values.moment(value, values.zone(zone)),
                    datetime(2000, 1, 1, tzinfo=UTC),
                ),
                rights=self._get("rights", lambda value: values.localized(value, language), None),
                icon=self._get("icon", lambda value: values.web_url(value, f"{base}/"), None),
                logo=self._get("logo", lambda value: values.web_url(value, f"{base}/"), None),
                **{key: self._get(key, reader, default) for key, (reader, default) in _PLAIN.items()},
            )
        except ValueError as error:
            raise ConfigError(f"{self.path}: {error}") from error

    def _base_url(self, given: str | None, own_url: str) -> str:
        if given:
            return _given_url("FEEDSVC_BASE_URL or --base-url", given)
        return self._get("base_url", values.base_url, "") or _given_url("FEEDSVC_OWN_URL", own_url)

    def _topics(self, tables: Any, language: str) -> tuple[Topic, ...]:
        if not isinstance(tables, dict) or not tables:
            raise ValueError("at least one [topics.NAME] table is needed")
        return tuple(
            self._check(f"topics.{name}", partial(values.topic, name, language=language), table)
            for name, table in tables.items()
        )

    def _language(self, value: Any) -> str:
        return languages.canonical(values.plain_text(value))

    def _required(self, key: str, reader: Callable[[Any], T]) -> T:
        if key not in self.table:
            raise self._error(key, "is missing (add it; README.md has an example)")
        return self._check(key, reader, self.table[key])

    def _get(self, key: str, reader: Callable[[Any], T], default: T) -> T:
        return self._check(key, reader, self.table[key]) if key in self.table else default

    def _check(self, key: str, reader: Callable[[Any], T], value: Any) -> T:
        try:
            return reader(value)
        except ValueError as error:
            raise self._error(error.key if isinstance(error, KeyFault) else key, str(error)) from error

    def _error(self, key: str | Sequence[str], message: str) -> ConfigError:
        parts = key.split(".") if isinstance(key, str) else key
        line, name = toml.line_of(self.text, parts), ".".join(parts)
        return ConfigError(f"{self.path}:{f'{line}:' if line else ''} {name}: {message}", line)


def _given_url(origin: str, value: str) -> str:
    try:
        return values.base_url(value)
    except ValueError as error:
        raise ConfigError(f"{origin}: {error}") from error
