"""The feeds of other systems, at their addresses there (redirect_presets.toml). Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from feedsvc import languages, routes
from feedsvc.feeds import wordpress_queries
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.own_addresses import Places
from feedsvc.model import Site
from feedsvc.site.redirects import PRESETS, SECTIONS
from feedsvc.slices.slice import ALL

# What `feed_at` returns for the address of a feed that nothing here takes the place of.
NO_FEED: Final = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """An address of a feed in another system, and its format there."""

    pattern: re.Pattern[str]
    suffix: str


@lru_cache(maxsize=8)
def _rules(names: tuple[str, ...]) -> tuple[_Rule, ...]:
    """Return the rules of these systems, in the order of the file."""
    rules = []
    for name, suffix in product(names, FORMATS):
        for written in PRESETS[name].get(suffix, ()):
            first, *rest = re.split(r"\{(\w+)\}", written)
            pattern = re.escape(first)
            for placeholder, literal in zip(rest[::2], rest[1::2], strict=True):
                # Categories may be nested.
                pattern += f"(?P<{placeholder}>{'.+' if placeholder == 'category' else '[^/&]+'}){re.escape(literal)}"
            rules.append(_Rule(re.compile(pattern), suffix))
    return tuple(rules)


def feed_at(keys: Sequence[str], site: Site, places: Places) -> str | None:
    """Return our feed in place of another system's, as path and query.

    None if the address was not that of a feed in a system of `redirect_presets`, or something in it does not exist
    here. NO_FEED if the query asks for a narrower feed than this publication has: then the path alone, which means
    everything, must not be the answer.
    """
    if wordpress_queries.PRESET in site.redirect_presets:
        for key in keys:
            if "?" in key and (feed := _feed_of_query(key, site, places)) is not None:
                return feed
    for rule in _rules(site.redirect_presets):
        for key in keys:
            match = rule.pattern.fullmatch(key)
            found = _feed(rule.suffix, match.groupdict().items(), site, places) if match else None
            if found is not None:
                return found
    return None


def _feed_of_query(key: str, site: Site, places: Places) -> str | None:
    """Return our feed in place of a WordPress feed; None if the key, with a query, is not that of a feed."""
    wanted = wordpress_queries.split(key)
    for rule in _rules((wordpress_queries.PRESET,)):
        if match := rule.pattern.fullmatch(wanted.path):
            named = [*match.groupdict().items(), *wanted.narrowing]
            return (_feed(rule.suffix, named, site, places) if wanted.has_place else None) or NO_FEED
    return NO_FEED if wanted.asks_for_feed else None


# A topic and the pairs of a query that a placeholder adds to a feed's address.
_Part = tuple[str | None, list[tuple[str, str]]]
_Reader = Callable[[str, Site, Places], Iterator[_Part]]


def _feed(suffix: str, found: Iterable[tuple[str, str]], site: Site, places: Places) -> str | None:
    """Return the feed of everything that the placeholders name; None if one names nothing here."""
    topic: str | None = None
    query: list[tuple[str, str]] = []
    for placeholder, written in found:
        part = next(_READERS[placeholder](unquote(written), site, places), None)
        if part is None or (topic and part[0] and part[0] != topic):
            return None
        topic, query = part[0] or topic, query + part[1]
    path = routes.FEED.path(name=topic or ALL, suffix=suffix)
    return f"{path}{'?' if query else ''}{urlencode(query, quote_via=quote)}"


def _topic(name: str, site: Site, _places: Places) -> Iterator[_Part]:
    name = name.rpartition("/")[2]
    for each in (name, name.replace("-", " ")):
        if topic := site.topic_called(each):
            yield topic.name, []


def _facet(facet: str) -> _Reader:
    def find(name: str, _site: Site, places: Places) -> Iterator[_Part]:
        # Other systems write names in lower case and with hyphens in their addresses.
        name = name.rpartition("/")[2]
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


def _search(words: str, _site: Site, _places: Places) -> Iterator[_Part]:
    if words.strip():
        yield None, [("q", words.strip())]


_OWN_FEED: Final = re.compile(rf"{routes.FEED.prefix}([^/?#]+)\.\w+(?:\?([^#]*))?")


def _number(parameter: str) -> _Reader:
    """Return the meaning of a number by a redirect of site.toml: `"/?cat=3" = "/topics/chips"`."""

    def find(number: str, site: Site, _places: Places) -> Iterator[_Part]:
        target = next((target for source, target in site.redirects if source == f"/?{parameter}={number}"), "")
        path = unquote(target.partition("?")[0])
        if feed := _OWN_FEED.fullmatch(target):
            name = unquote(feed[1])
            yield (None if name == ALL else name), parse_qsl(feed[2] or "")
        elif path.startswith(routes.TOPIC.prefix):
            yield path.removeprefix(routes.TOPIC.prefix), []
        elif path.startswith(routes.TAG.prefix):
            yield None, [("tag", path.removeprefix(routes.TAG.prefix))]
        elif path.startswith(routes.AUTHOR.prefix):
            yield None, [("author", path.removeprefix(routes.AUTHOR.prefix))]

    return find


_READERS: Final[Mapping[str, _Reader]] = {
    "category": _either(_topic, _tag),
    "tag": _either(_tag, _topic),
    "author": _author,
    "language": _language,
    "section": _section,
    "search": _search,
    **{placeholder: _number(parameter) for placeholder, parameter in wordpress_queries.NUMBERS.items()},
}
