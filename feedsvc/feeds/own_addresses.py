"""What exists at an address of ours. Pure: `Places` knows the articles, by a snapshot of the store or by files."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

from feedsvc import routes
from feedsvc.errors import RequestError
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Site
from feedsvc.routes import Route
from feedsvc.slices.grammar import AFTER, parse
from feedsvc.slices.period import period_named
from feedsvc.slices.slice import ALL
from feedsvc.urls import address_of

# The pages and documents that have one address each.
_FIXED: Final = frozenset(
    each.path()
    for each in (
        routes.HOME,
        routes.FEED_LIST,
        routes.OPML,
        routes.SEARCH,
        routes.SUBSCRIBE,
        routes.DOCS,
        routes.OPENAPI,
        routes.ROBOTS,
        routes.SITEMAP,
        routes.SITEMAP_NEWS,
        routes.EMBED_SCRIPT,
        routes.API_CATALOG,
    )
)
_FEED: Final = re.compile(rf"{routes.FEED.prefix}([^/]+)(?:/([^/]+))?\.([^/.]+)")
_MONTH: Final = re.compile(r"[1-9]\d{3}-(?:0[1-9]|1[0-2])")
# What begins so, or is so, only this publication can fill: nothing that is missing there was in another system.
OUR_FOLDERS: Final = (routes.WELL_KNOWN, *(each.prefix for each in routes.ROUTES if each.prefix != each.rule))
OUR_PLACES: Final = frozenset(each.rule for each in routes.ROUTES)


class Places(Protocol):
    """What exists in a publication."""

    def has_address(self, address: str) -> bool:
        """Return whether a slug, or an old address (`urls.address_of`), leads to an article."""

    def owner(self, address: str) -> str | None:
        """Return the article whose file has a slug or an old address now, for a message.

        None if only the store knows it from an earlier file.
        """

    def has_facet(self, facet: str, value: str) -> bool:
        """Return whether an article has or had this tag, author or language."""

    def has_media(self, name: str) -> bool:
        """Return whether a file of an article has this name."""


def is_ours(path: str) -> bool:
    """Return whether a path (`urls.address_of`) is an address of this publication, or below one."""
    return path in OUR_PLACES or path.startswith(OUR_FOLDERS)


def exists(address: str, site: Site, places: Places, *, written: bool = False) -> bool:
    """Return whether there is something at one of our addresses, without redirects of site.toml.

    With `written`, an old address counts only while the file of an article names it.
    """
    before, _, query = address.partition("#")[0].partition("?")
    path = unquote(before).rstrip("/") or "/"
    has_article = (lambda each: places.owner(each) is not None) if written else places.has_address
    if path in _FIXED:
        return True
    if feed := _FEED.fullmatch(path):
        return _is_feed(feed[1], feed[2], feed[3], query, site)
    checks: Mapping[Route, Callable[[str], bool]] = {
        routes.TOPIC: lambda name: _is_topic(name, site),
        routes.EMBED: lambda name: _is_topic(name, site),
        routes.ARTICLE: has_article,
        routes.TAG: partial(places.has_facet, "tag"),
        routes.AUTHOR: partial(places.has_facet, "author"),
        routes.MONTH: lambda name: _MONTH.fullmatch(name) is not None,
        routes.MEDIA: places.has_media,
    }
    for route, check in checks.items():
        name = path.removeprefix(route.prefix)
        if name not in ("", path) and check(name):
            return True
    return any(map(has_article, keys_of(address)))


def keys_of(address: str) -> list[str]:
    """Return the keys to look up in turn: the address with its query, then without."""
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
