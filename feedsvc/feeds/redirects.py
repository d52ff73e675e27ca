"""Where an address leads that is not served: to the target of a redirect, or nowhere. Pure.

`Places` says what exists: a snapshot of the store does, and so do the files of a content folder.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, Protocol
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlencode

from feedsvc import languages, routes
from feedsvc.errors import RequestError
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Site
from feedsvc.routes import Route
from feedsvc.site.redirects import PRESETS, SECTIONS
from feedsvc.slices.grammar import AFTER, parse
from feedsvc.slices.period import period_named
from feedsvc.slices.slice import ALL
from feedsvc.urls import address_of

# The pages and documents that have one address each.
_FIXED: Final = frozenset(
    each.path()
    for each in (
        routes.HOME,
        routes.OPML,
        routes.SEARCH,
        routes.SUBSCRIBE,
        routes.DOCS,
        routes.OPENAPI,
        routes.ROBOTS,
        routes.SITEMAP,
        routes.EMBED_SCRIPT,
        routes.API_CATALOG,
    )
)
_FEED: Final = re.compile(rf"{routes.FEED.prefix}([^/]+)(?:/([^/]+))?\.([^/.]+)")
_MONTH: Final = re.compile(r"[1-9]\d{3}-(?:0[1-9]|1[0-2])")
# How many redirects may follow one another.
MAX_STEPS: Final = 10


class Places(Protocol):
    """What exists in a publication."""

    def has_address(self, address: str) -> bool:
        """Return whether a slug, or an old address (`urls.address_of`), leads to an article."""

    def has_facet(self, facet: str, value: str) -> bool:
        """Return whether an article has or had this tag, author or language."""

    def has_media(self, name: str) -> bool:
        """Return whether a file of an article has this name."""


def leads(address: str, site: Site, places: Places) -> bool:
    """Return whether one of our addresses (path and query below base_url) leads anywhere, by a redirect if need be."""
    return exists(address, site, places) or resolve(keys_of(address), site, places) is not None


def exists(address: str, site: Site, places: Places) -> bool:
    """Return whether there is something at one of our addresses, redirects of site.toml left aside."""
    written, _, query = address.partition("#")[0].partition("?")
    path = unquote(written).rstrip("/") or "/"
    if path in _FIXED:
        return True
    if feed := _FEED.fullmatch(path):
        return _is_feed(feed[1], feed[2], feed[3], query, site)
    checks: Mapping[Route, Callable[[str], bool]] = {
        routes.TOPIC: lambda name: _is_topic(name, site),
        routes.EMBED: lambda name: _is_topic(name, site),
        routes.ARTICLE: places.has_address,
        routes.TAG: partial(places.has_facet, "tag"),
        routes.AUTHOR: partial(places.has_facet, "author"),
        routes.MONTH: lambda name: _MONTH.fullmatch(name) is not None,
        routes.MEDIA: places.has_media,
    }
    for route, check in checks.items():
        name = path.removeprefix(route.prefix)
        if name not in ("", path) and check(name):
            return True
    return any(places.has_address(key) for key in keys_of(address))


def keys_of(address: str) -> list[str]:
    """Return what to look for in turn: the address with its query, then without."""
    written, _, query = address.partition("#")[0].partition("?")
    path = unquote_to_bytes(written)
    pairs = parse_qsl(query, keep_blank_values=True)
    return [address_of(path, pairs), address_of(path)] if pairs else [address_of(path)]


def _is_topic(name: str, site: Site) -> bool:
    return name == ALL or site.topic(name) is not None or site.renamed_topic(name) is not None


def _is_feed(name: str, label: str | None, suffix: str, query: str, site: Site) -> bool:
    if suffix not in FORMATS or not _is_topic(name, site):
        return False
    try:
        parse(name, parse_qsl(query, keep_blank_values=True), beside=() if label else (AFTER, "ui", "view"))
        return label is None or bool(period_named(label, site))
    except RequestError:
        return False


def resolve(keys: Sequence[str], site: Site, places: Places, *, exact: bool = False) -> str | None:
    """Return the path of ours that an old address leads to in the end, as ASCII; None where it leads nowhere.

    `keys` are the address's own (`keys_of`). Exact redirects come first, then presets, then the longest path with a
    `*`, unless only `exact` ones are wanted. A redirect that ends at nothing, or in a circle, counts as none.
    """
    for _ in range(MAX_STEPS):
        target = _target(keys, site, places, exact=exact)
        if target is None or exists(target, site, places):
            return target
        keys = keys_of(target)
    return None


def is_circle(target: str, site: Site, places: Places) -> bool:
    """Return whether the redirects that begin at one of our paths come back to one of them."""
    seen: set[str] = set()
    found: str | None = target
    while found is not None and not exists(found, site, places):
        if found in seen:
            return True
        seen.add(found)
        found = _target(keys_of(found), site, places, exact=False)
    return False


def _target(keys: Sequence[str], site: Site, places: Places, *, exact: bool) -> str | None:
    table = _table(site.redirects)
    for key in keys:
        if key in table.exact:
            return table.exact[key]
    if exact:
        return None
    for rule in _rules(site.redirect_presets):
        for key in keys:
            match = rule.pattern.fullmatch(key)
            target = _feed_of(rule, match.groupdict(), site, places) if match else None
            if target is not None:
                return target
    path = keys[-1]
    return next((target for prefix, target in table.prefixes if f"{path}/".startswith(prefix)), None)


@dataclass(frozen=True, slots=True)
class _Table:
    """Redirects by old address, and by the beginning of paths, the longest first."""

    exact: Mapping[str, str]
    prefixes: Sequence[tuple[str, str]]


@lru_cache(maxsize=8)
def _table(redirects: tuple[tuple[str, str], ...]) -> _Table:
    prefixes = [(source[:-1], target) for source, target in redirects if source.endswith("*")]
    return _Table(dict(redirects), sorted(prefixes, key=lambda each: -len(each[0])))


@dataclass(frozen=True, slots=True)
class _Rule:
    """An address of a feed in another system, and the format it had."""

    pattern: re.Pattern[str]
    suffix: str


@lru_cache(maxsize=8)
def _rules(names: tuple[str, ...]) -> tuple[_Rule, ...]:
    """Return the rules of some systems, in the order of the file."""
    return tuple(
        _Rule(_pattern(written), suffix)
        for name in names
        for suffix in FORMATS
        for written in PRESETS[name].get(suffix, ())
    )


def _pattern(written: str) -> re.Pattern[str]:
    """Return what the keys of such addresses match. Categories may stand below one another."""
    literal = re.split(r"\{(\w+)\}", written)
    named = (f"(?P<{part}>{'.+' if part == 'category' else '[^/&]+'})" for part in literal[1::2])
    parts = [re.escape(literal[0])]
    for name, rest in zip(named, literal[2::2], strict=True):
        parts += [name, re.escape(rest)]
    return re.compile("".join(parts))


# A topic and a query's pairs: what a placeholder adds to a feed's address.
_Part = tuple[str | None, list[tuple[str, str]]]
_Reader = Callable[[str, Site, Places], Iterator[_Part]]


def _feed_of(rule: _Rule, found: Mapping[str, str], site: Site, places: Places) -> str | None:
    topic: str | None = None
    query: list[tuple[str, str]] = []
    for placeholder, written in found.items():
        name = unquote(written).rpartition("/")[2]
        part = next(_READERS[placeholder](name, site, places), None)
        if part is None:
            return None
        topic, query = part[0] or topic, query + part[1]
    path = routes.FEED.path(name=topic or ALL, suffix=rule.suffix)
    return f"{path}{'?' if query else ''}{urlencode(query, quote_via=quote)}"


def _topic(name: str, site: Site, _places: Places) -> Iterator[_Part]:
    for each in (name, name.replace("-", " ")):
        if topic := site.topic_called(each):
            yield topic.name, []


def _facet(facet: str) -> _Reader:
    def find(name: str, _site: Site, places: Places) -> Iterator[_Part]:
        # Other systems write names in lower case and with hyphens in their addresses.
        spaced = name.replace("-", " ")
        for each in dict.fromkeys((name, spaced, name.upper(), spaced.title(), spaced.capitalize())):
            if places.has_facet(facet, each):
                yield None, [(facet, each)]

    return find


def _section(name: str, site: Site, places: Places) -> Iterator[_Part]:
    yield from _topic(name, site, places)
    yield from _language(name, site, places)
    if name.lower() in SECTIONS:
        yield None, []


def _either(*readers: _Reader) -> _Reader:
    def find(name: str, site: Site, places: Places) -> Iterator[_Part]:
        for reader in readers:
            yield from reader(name, site, places)

    return find


_tag, _author = _facet("tag"), _facet("author")


def _language(name: str, _site: Site, places: Places) -> Iterator[_Part]:
    try:
        wanted = languages.range_of(name)
    except ValueError:
        return
    if places.has_facet("lang", wanted):
        yield None, [("lang", wanted)]


_READERS: Final[Mapping[str, _Reader]] = {
    "category": _either(_topic, _tag),
    "tag": _either(_tag, _topic),
    "author": _author,
    "language": _language,
    "section": _section,
}
