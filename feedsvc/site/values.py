"""Read the values of site.toml. Each reader raises ValueError with the remedy."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from ipaddress import ip_address
from typing import Any, Final, TypeVar, cast, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedsvc import languages
from feedsvc.model import (
    MAX_FEED_SIZE,
    MAX_TOMBSTONE_DAYS,
    MIN_FEED_BYTES,
    Archives,
    CachePolicy,
    Export,
    FooterLink,
    Hub,
    Localized,
    Person,
    Site,
    Theme,
    Typeface,
)
from feedsvc.offsets import YEARS
from feedsvc.site.colours import LEAST, LIGHT_GROUND, contrast, darker_until_readable
from feedsvc.site.faults import KeyFault, KeyFaults, each_of
from feedsvc.slices.grammar import slice_of_site, spelled
from feedsvc.suggestions import nearest
from feedsvc.text import checked_name, plain
from feedsvc.urls import FETCH_SCHEMES, LINK_SCHEMES, own_path, resolve

T = TypeVar("T")
# In characters.
MAX_TEXT: Final = 2000
MAX_AUTHORS: Final = 100
MAX_HUBS: Final = 10
MAX_SLICES: Final = 1000
MAX_FOOTER_LINKS: Final = 20
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
    "theme",
    "embed_hosts",
    "wikilinks",
    "keep_location",
    "picture_sizes",
    "feed_size",
    "feed_bytes",
    "tombstone_days",
    "archives",
    "authors",
    "cache",
    "sample",
    "footer",
    "topics",
    "gone_topics",
    "hub",
    "export",
    "redirects",
    "redirect_presets",
    "names",
    "import",
)
_AUTHOR_KEYS: Final = ("name", "uri", "email")
_AUTHORITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-@_]*,\d{4}(-\d\d(-\d\d)?)?")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9\-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9\-]*[a-z0-9])?)+")
_ZONE = re.compile(r"[\w+\-]{1,40}(/[\w+\-]{1,40}){0,2}", re.ASCII)


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Return what is wrong with an unknown key. In TOML, a key below a [table] belongs to that table."""
    if key in KEYS and key not in known:
        return f"unknown key {key!r} (it belongs to the whole file: put it above the first [table])"
    return f"unknown key {key!r} ({nearest(key, known)})"


def plain_text(value: Any) -> str:
    """Return a text as one line."""
    if not isinstance(value, str) or not plain(value):
        raise ValueError(f"{value!r} is not a text (put it in quotes)")
    text = plain(value)
    if len(text) > MAX_TEXT:
        raise ValueError(f"longer than {MAX_TEXT} characters (shorten it)")
    return text


def title(value: Any, language: str) -> Localized:
    """Return a title. It is in every document, and the publication's own may be the name of an author."""
    title = localized(value, language, required=True)
    for text in title.texts.values():
        checked_name(text)
    return title


def whole(value: Any) -> int:
    """Return a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a whole number")
    return value


def feed_size(value: Any) -> int:
    """Return the number of entries of a feed."""
    if not 1 <= whole(value) <= MAX_FEED_SIZE:
        raise ValueError(f"must be from 1 to {MAX_FEED_SIZE} (write feed_size = 50)")
    return whole(value)


def feed_bytes(value: Any) -> int:
    """Return the largest size of a feed in bytes; 0 for no limit."""
    if whole(value) and whole(value) < MIN_FEED_BYTES:
        raise ValueError(f"must be at least {MIN_FEED_BYTES:,}, or 0 for any size (write feed_bytes = 2000000)")
    return whole(value)


def tombstone_days(value: Any) -> int:
    """Return the number of days for which feeds have tombstones."""
    if not 0 <= whole(value) <= MAX_TOMBSTONE_DAYS:
        raise ValueError(f"must be from 0 to {MAX_TOMBSTONE_DAYS} (write tombstone_days = 30)")
    return whole(value)


def flag(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false (write true or false without quotes)")
    return value


def localized(value: Any, language: str, *, required: bool = False) -> Localized:
    """Return a text, or a table of texts by language with the site's language first."""
    if isinstance(value, str) and (plain(value) or not required):
        return Localized({language: plain_text(value) if plain(value) else ""})
    if not isinstance(value, dict) or not value:
        raise ValueError('must be a text or a table per language (write { en = "…", zh-Hant = "…" })')
    for tag in value:
        if tag in KEYS:
            raise ValueError(unknown_key(tag, ()))
    texts = {languages.canonical(tag): plain_text(text) for tag, text in value.items()}
    return Localized({tag: texts[tag] for tag in sorted(texts, key=lambda tag: tag != language)})


def zone(name: str) -> ZoneInfo:
    """Return a time zone of the IANA database."""
    try:
        # tzdata is looked up as a package: the import of a name with a thousand parts would not end.
        return ZoneInfo(name if _ZONE.fullmatch(name) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name[:80]!r} is not a time zone (write Asia/Taipei, UTC, …)") from error


def authority(value: Any) -> str:
    """Return the beginning of tag URIs (RFC 4151): a domain and a date."""
    if not _AUTHORITY.fullmatch(plain_text(value)):
        raise ValueError(f"{value!r} is not a tag authority (write a domain of yours and a date: example.org,2026)")
    return plain_text(value)


def base_url(value: Any) -> str:
    """Return a web address to which paths can be appended."""
    url = web_url(value, "invalid:").rstrip("/")
    if "?" in url or "#" in url or "@" in url:
        raise ValueError(f"{value!r} must be a plain address (write https://example.org)")
    # Our pages link to paths, and a browser takes the text after two slashes for a host.
    if "//" in url.partition("://")[2]:
        raise ValueError(f"{value!r} has two slashes in its path (write https://example.org/path)")
    return url


def web_url(value: Any, base: str) -> str:
    """Return a web address, resolved against `base`."""
    url = resolve(plain_text(value), base, FETCH_SCHEMES)
    if url is None:
        raise ValueError(f"{value!r} is not a web address (write https://…)")
    return url


def moment(value: Any, zone: ZoneInfo) -> datetime:
    """Return a time, or the beginning of a date in `zone`; in UTC, to the second."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
    elif isinstance(value, date):
        moment = datetime.combine(value, time(), tzinfo=zone)
    else:
        raise ValueError(f"{value!r} is not a date (write 2026-01-01 without quotes)")
    if moment.year not in YEARS:
        raise ValueError(f"the year must be from {YEARS[0]} to {YEARS[-1]}")
    return moment.astimezone(UTC).replace(microsecond=0)


def archives(value: Any) -> Archives:
    """Return the length of the periods of archives."""
    known = get_args(Archives)
    if value not in known:
        raise ValueError(f"unknown {value!r} ({nearest(str(value), known)})")
    return cast(Archives, value)


def hosts(value: Any) -> tuple[str, ...]:
    """Return the hosts whose frames may stay."""
    if not isinstance(value, list):
        raise ValueError('must be a list of hosts (write embed_hosts = ["www.youtube-nocookie.com"])')
    return each_of("embed_hosts", _host, value)


def _host(value: Any) -> str:
    name = plain_text(value).lower()
    if not _HOST.fullmatch(name):
        raise ValueError(f"{value!r} is not a host (write www.youtube-nocookie.com)")
    return name


def authors(value: Any) -> tuple[Person, ...]:
    """Return authors: names, or tables with more fields."""
    if not isinstance(value, list):
        raise ValueError('must be a list (write authors = ["…"] or [[authors]] tables)')
    if len(value) > MAX_AUTHORS:
        raise ValueError(f"more than {MAX_AUTHORS} (name the publication instead)")
    return each_of("authors", _author, value)


def _author(value: Any) -> Person:
    table = {"name": value} if isinstance(value, str) else value
    for key in table if isinstance(table, dict) else ():
        if key not in _AUTHOR_KEYS:
            raise ValueError(unknown_key(key, _AUTHOR_KEYS))
    if not isinstance(table, dict) or "name" not in table:
        raise ValueError(f"{value!r} is not an author (write name, and uri or email where there is one)")
    uri = web_url(table["uri"], "invalid:") if "uri" in table else None
    return Person(
        name=checked_name(plain_text(table["name"])),
        uri=uri,
        email=plain_text(table["email"]) if "email" in table else None,
    )


def footer(value: Any, language: str) -> tuple[FooterLink, ...]:
    """Return the links at the end of every page."""
    if not isinstance(value, list) or len(value) > MAX_FOOTER_LINKS:
        raise ValueError(
            f'must be at most {MAX_FOOTER_LINKS} tables (write [[footer]], title = "…" and url = "/about")'
        )
    return each_of("footer", lambda each: _footer_link(each, language), value)


def _footer_link(value: Any, language: str) -> FooterLink:
    known = [field.name for field in fields(FooterLink)]
    for key in value if isinstance(value, dict) else ():
        if key not in known:
            raise ValueError(unknown_key(key, known))
    if not isinstance(value, dict) or len(value) < len(known):
        raise ValueError(f'{value!r} is not a link (write title = "About" and url = "/about")')
    urls = localized(value["url"], language, required=True).texts
    return FooterLink(
        title=localized(value["title"], language, required=True),
        url=Localized({tag: _footer_url(url) for tag, url in urls.items()}),
    )


def _footer_url(written: str) -> str:
    if written.startswith("/"):
        return own_path(written)
    url = resolve(written, "invalid:", LINK_SCHEMES)
    if url is None:
        raise ValueError(f"{written!r} is no address (write /about, https://… or mailto:…)")
    return url


def cache(value: Any) -> CachePolicy:
    """Return the times for Cache-Control."""
    known = [field.name for field in fields(CachePolicy)]
    if not isinstance(value, dict):
        raise ValueError(f"must be a table with {', '.join(known)}")
    faults = [KeyFault(("cache", key), unknown_key(key, known), shown="cache") for key in value if key not in known]
    policy = CachePolicy()
    for key in known:
        try:
            policy = replace(policy, **{key: whole(value.get(key, getattr(policy, key)))})
        except ValueError as error:
            faults.append(KeyFault(("cache", key), str(error), shown="cache"))
    if faults:
        raise KeyFaults(faults, policy)
    return policy


def hub(value: Any, base: str) -> Hub:
    """Return the hubs of a publication at `base`. Without `enabled`, a loopback address has none: nobody reaches it."""
    if not isinstance(value, dict):
        raise ValueError('must be a table (write [hub] and enabled = true, or also = ["https://…"])')
    known = [field.name for field in fields(Hub)]
    faults = [KeyFault(("hub", key), unknown_key(key, known), shown="hub") for key in value if key not in known]
    is_public = not _is_loopback(base)
    found = Hub(enabled=is_public)
    readers: Mapping[str, Callable[[Any], Any]] = {"enabled": flag, "also": _outside_hubs}
    for key in known:
        try:
            found = replace(found, **{key: readers[key](value[key])}) if key in value else found
        except ValueError as error:
            faults.append(KeyFault(("hub", key), str(error), shown="hub"))
    if faults:
        raise KeyFaults(faults, found)
    return found if is_public or found.enabled else Hub()


def export(value: Any, site: Site) -> Export:
    """Return what an export has beside the topics and languages of `site`, whose own `export` does not count."""
    if not isinstance(value, dict):
        raise ValueError('must be a table (write [export] and slices = ["chips?tag=hbm"])')
    known = [field.name for field in fields(Export)]
    faults = [KeyFault(("export", key), unknown_key(key, known), shown="export") for key in value if key not in known]
    found = Export()
    readers: Mapping[str, Callable[[Any], Any]] = {
        "slices": lambda value: _slices(value, site),
        "api_url": base_url,
        "compress": _coding,
    }
    for key in known:
        try:
            found = replace(found, **{key: readers[key](value[key])}) if key in value else found
        except ValueError as error:
            faults.append(KeyFault(("export", key), str(error), shown="export"))
    if faults:
        raise KeyFaults(faults, found)
    return found


def _coding(value: Any) -> str:
    if value != "gzip":
        raise ValueError('is no content coding of object storage (write compress = "gzip", or leave it out)')
    return "gzip"


def theme(value: Any) -> Theme:
    """Return the look of pages."""
    if not isinstance(value, dict):
        raise ValueError('must be a table (write [theme] and accent = "#9a3412", typeface = "sans" or fonts = false)')
    known = [field.name for field in fields(Theme)]
    faults = [KeyFault(("theme", key), unknown_key(key, known), shown="theme") for key in value if key not in known]
    found = Theme()
    readers: Mapping[str, Callable[[Any], Any]] = {"accent": _accent, "typeface": _typeface, "fonts": flag}
    for key in known:
        try:
            found = replace(found, **{key: readers[key](value[key])}) if key in value else found
        except ValueError as error:
            faults.append(KeyFault(("theme", key), str(error), shown="theme"))
    if faults:
        raise KeyFaults(faults, found)
    return found


def _accent(value: Any) -> str:
    colour = plain_text(value).lower()
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f'accent {value!r} is not a colour (write accent = "#9a3412")')
    if (found := contrast(colour, LIGHT_GROUND)) < LEAST:
        better = darker_until_readable(colour, LIGHT_GROUND)
        raise ValueError(
            f"accent {colour} is too light to read: its contrast is {found:.1f}:1, and text needs {LEAST}:1 "
            f'(write accent = "{better}", or a darker colour; dark pages get a lighter one by themselves)'
        )
    return colour


def _typeface(value: Any) -> Typeface:
    known = get_args(Typeface)
    if value not in known:
        raise ValueError(f"unknown typeface {value!r} ({nearest(str(value), known)})")
    return cast(Typeface, value)


def _slices(value: Any, site: Site) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_SLICES:
        raise ValueError(f'must be a list of at most {MAX_SLICES} feeds (write slices = ["chips?tag=hbm"])')
    return tuple(dict.fromkeys(spelled(slice_of_site(plain_text(each), site)) for each in value))


def _outside_hubs(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_HUBS:
        raise ValueError(f'must be a list of at most {MAX_HUBS} addresses (write also = ["https://hub.example.org/"])')
    return tuple(dict.fromkeys(web_url(each, "invalid:") for each in value))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False
