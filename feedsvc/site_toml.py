"""content/site.toml → frozen `Site`. Reads one file; every complaint names it and the key."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedsvc import languages, toml
from feedsvc.errors import ConfigError, nearest
from feedsvc.files import NotRegular, open_regular
from feedsvc.model import ALL, Archives, CachePolicy, Localized, Person, Site, Topic
from feedsvc.text import checked_name, plain
from feedsvc.urls import FETCH_SCHEMES, resolve

T = TypeVar("T")
MAX_BYTES: Final = 1_000_000
# In characters.
MAX_TEXT: Final = 2000
MAX_AUTHORS: Final = 100
KEYS: Final = (
    "title",
    "subtitle",
    "base_url",
    "tag_authority",
    "language",
    "timezone",
    "established",
    "rights",
    "icon",
    "logo",
    "embed_hosts",
    "feed_size",
    "tombstone_days",
    "archives",
    "authors",
    "cache",
    "topics",
    "names",
    "import",
)
# Read by the importing room, which says what is wrong with them.
_TOPIC_KEYS: Final = ("title", "description", "keywords")
_AUTHOR_KEYS: Final = ("name", "uri", "email")
_AUTHORITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-@_]*,\d{4}(-\d\d(-\d\d)?)?")
_HOST = re.compile(r"[a-z0-9]([a-z0-9\-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9\-]*[a-z0-9])?)+")
_ZONE = re.compile(r"[\w+\-]{1,40}(/[\w+\-]{1,40}){0,2}", re.ASCII)
_TOPIC = re.compile(r"[a-z0-9][a-z0-9\-]{0,63}")


def unknown_key(key: str, known: Sequence[str]) -> str:
    """What is wrong with a key that a table does not know; in TOML what stands below a [table] is part of it."""
    if key in KEYS and key not in known:
        return f"unknown key {key!r} (it belongs to the whole file: put it above the first [table])"
    return f"unknown key {key!r} ({nearest(key, known)})"


def read_table(content: Path) -> dict[str, Any]:
    """site.toml as it is written. Raises ConfigError."""
    path = content / "site.toml"
    try:
        return toml.loads(_read(path))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: not found (create it, or name another folder with --content)") from error
    except NotRegular as error:
        raise ConfigError(f"{path}: not a regular file (put the file itself there)") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (save the file as UTF-8)") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error} (mend the file; the last good state is kept)") from error


def _read(path: Path) -> str:
    with open_regular(path) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES:,} bytes, which no publication needs")
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def load_site(content: Path, base_url: str | None, own_url: str) -> Site:
    """The publication described by `content`/site.toml. `base_url` overrides the file's, `own_url` stands in for none.

    Raises ConfigError naming the file and the key.
    """
    return _SiteTable(content / "site.toml", read_table(content)).site(base_url, own_url)


class _SiteTable:
    """site.toml's table, read key by key; every complaint names the file and the key."""

    def __init__(self, path: Path, table: Mapping[str, Any]) -> None:
        self.path, self.table = path, table

    def site(self, base_url: str | None, own_url: str) -> Site:
        for key in self.table:
            if key not in KEYS:
                raise self._error(key, f"unknown key ({nearest(key, KEYS)})")
        language = self._get("language", self._language, "en")
        base = self._base_url(base_url, own_url)
        zone = self._get("timezone", _text, "UTC")
        self._check("timezone", _zone, zone)
        title = self._required("title", lambda value: _title(value, language))
        try:
            return Site(
                title=title,
                subtitle=self._get("subtitle", lambda value: _localized(value, language), Localized({language: ""})),
                base_url=base,
                tag_authority=self._required("tag_authority", _authority),
                language=language,
                timezone=zone,
                # RFC 4287 §4.1.1: every entry has an author, its own or the feed's.
                authors=self._get("authors", _authors, ()) or (Person(name=title.in_(language)),),
                topics=self._required("topics", lambda value: self._topics(value, language)),
                established=self._get(
                    "established", lambda value: _moment(value, _zone(zone)), datetime(2000, 1, 1, tzinfo=UTC)
                ),
                rights=self._get("rights", lambda value: _localized(value, language), None),
                icon=self._get("icon", lambda value: _web_url(value, f"{base}/"), None),
                logo=self._get("logo", lambda value: _web_url(value, f"{base}/"), None),
                embed_hosts=self._get("embed_hosts", _hosts, ()),
                feed_size=self._get("feed_size", _whole, 50),
                tombstone_days=self._get("tombstone_days", _whole, 30),
                archives=self._get("archives", _archives, "month"),
                cache=self._get("cache", _cache, CachePolicy()),
            )
        except ValueError as error:
            raise ConfigError(f"{self.path}: {error}") from error

    def _base_url(self, given: str | None, own_url: str) -> str:
        if given:
            return _given_url("FEEDSVC_BASE_URL or --base-url", given)
        return self._get("base_url", _base_url, "") or _given_url("FEEDSVC_OWN_URL", own_url)

    def _topics(self, tables: Any, language: str) -> tuple[Topic, ...]:
        if not isinstance(tables, dict) or not tables:
            raise ValueError("at least one [topics.NAME] table is needed")
        return tuple(
            self._check(f"topics.{name}", partial(_topic, name, language=language), table)
            for name, table in tables.items()
        )

    def _language(self, value: Any) -> str:
        return languages.canonical(_text(value))

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
            raise self._error(key, str(error)) from error

    def _error(self, key: str, message: str) -> ConfigError:
        return ConfigError(f"{self.path}: {key}: {message}")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not plain(value):
        raise ValueError(f"{value!r} is not a text (put it in quotes)")
    text = plain(value)
    if len(text) > MAX_TEXT:
        raise ValueError(f"longer than {MAX_TEXT} characters (shorten it)")
    return text


def _title(value: Any, language: str) -> Localized:
    """What something is called: it stands in each document, and the publication's own may be an author's name."""
    title = _localized(value, language, required=True)
    for text in title.texts.values():
        checked_name(text)
    return title


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _localized(value: Any, language: str, *, required: bool = False) -> Localized:
    """A text, or a table of texts per language with the site's language first."""
    if isinstance(value, str) and (plain(value) or not required):
        return Localized({language: _text(value) if plain(value) else ""})
    if not isinstance(value, dict) or not value:
        raise ValueError('must be a text or a table per language (write { en = "…", zh-Hant = "…" })')
    for tag in value:
        if tag in KEYS:
            raise ValueError(unknown_key(tag, ()))
    texts = {languages.canonical(tag): _text(text) for tag, text in value.items()}
    return Localized({tag: texts[tag] for tag in sorted(texts, key=lambda tag: tag != language)})


def _topic(name: str, table: Any, language: str) -> Topic:
    if name == ALL or not _TOPIC.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a topic's name (use a-z, 0-9 and -; 'all' is taken)")
    if not isinstance(table, dict):
        raise ValueError(f"must be a table (write [topics.{name}])")
    for key in table:
        if key not in _TOPIC_KEYS:
            raise ValueError(unknown_key(key, _TOPIC_KEYS))
    title = _title(table.get("title", name), language)
    return Topic(name=name, title=title, description=_localized(table.get("description", ""), language))


def _zone(name: str) -> ZoneInfo:
    try:
        # tzdata is looked up as a package: a name of a thousand parts would import for ever.
        return ZoneInfo(name if _ZONE.fullmatch(name) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name[:80]!r} is not a time zone (write Asia/Taipei, UTC, …)") from error


def _authority(value: Any) -> str:
    if not _AUTHORITY.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is not a tag authority (write a domain of yours and a date: example.org,2026)")
    return _text(value)


def _base_url(value: Any) -> str:
    url = _web_url(value, "invalid:").rstrip("/")
    if "?" in url or "#" in url or "@" in url:
        raise ValueError(f"{value!r} must be a plain address (write https://example.org)")
    # Ours are linked by their paths, and a browser takes what follows two slashes for a host.
    if "//" in url.partition("://")[2]:
        raise ValueError(f"{value!r} has two slashes in its path (write https://example.org/path)")
    return url


def _given_url(origin: str, value: str) -> str:
    try:
        return _base_url(value)
    except ValueError as error:
        raise ConfigError(f"{origin}: {error}") from error


def _web_url(value: Any, base: str) -> str:
    url = resolve(_text(value), base, FETCH_SCHEMES)
    if url is None:
        raise ValueError(f"{value!r} is not a web address (write https://…)")
    return url


def _moment(value: Any, zone: ZoneInfo) -> datetime:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
    elif isinstance(value, date):
        moment = datetime.combine(value, time(), tzinfo=zone)
    else:
        raise ValueError(f"{value!r} is not a date (write 2026-01-01 without quotes)")
    if not 1000 <= moment.year <= 9998:
        raise ValueError("the year must be from 1000 to 9998")
    return moment.astimezone(UTC).replace(microsecond=0)


def _archives(value: Any) -> Archives:
    known = get_args(Archives)
    if value not in known:
        raise ValueError(f"unknown {value!r} ({nearest(str(value), known)})")
    return cast(Archives, value)


def _hosts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of hosts (write embed_hosts = ["www.youtube-nocookie.com"])')
    return tuple(_host(each) for each in value)


def _host(value: Any) -> str:
    name = _text(value).lower()
    if not _HOST.fullmatch(name):
        raise ValueError(f"{value!r} is not a host (write www.youtube-nocookie.com)")
    return name


def _authors(value: Any) -> tuple[Person, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list (write authors = ["…"] or [[authors]] tables)')
    if len(value) > MAX_AUTHORS:
        raise ValueError(f"more than {MAX_AUTHORS} (name the publication instead)")
    return tuple(_author(each) for each in value)


def _author(value: Any) -> Person:
    table = {"name": value} if isinstance(value, str) else value
    for key in table if isinstance(table, dict) else ():
        if key not in _AUTHOR_KEYS:
            raise ValueError(unknown_key(key, _AUTHOR_KEYS))
    if not isinstance(table, dict) or "name" not in table:
        raise ValueError(f"{value!r} is not an author (write name, and uri or email where there is one)")
    uri = _web_url(table["uri"], "invalid:") if "uri" in table else None
    return Person(
        name=checked_name(_text(table["name"])), uri=uri, email=_text(table["email"]) if "email" in table else None
    )


def _cache(value: Any) -> CachePolicy:
    known = [field.name for field in fields(CachePolicy)]
    if not isinstance(value, dict):
        raise ValueError(f"must be a table with {', '.join(known)}")
    for key in value:
        if key not in known:
            raise ValueError(unknown_key(key, known))
    return CachePolicy(**{key: _whole(each) for key, each in value.items()})
