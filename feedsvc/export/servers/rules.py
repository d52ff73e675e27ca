"""What servers have to know of an export, for the writers of their files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from feedsvc import routes
from feedsvc.documents.cache_control import cache_control
from feedsvc.export.plan import Plan
from feedsvc.export.servers.old_feeds import narrowing, old_feeds
from feedsvc.feeds.formats import FORMATS
from feedsvc.media.storage import IMMUTABLE
from feedsvc.slices.grammar import query
from feedsvc.urls import segment
from feedsvc.web.media import SANDBOX
from feedsvc.web.pages.embed import POLICY as EMBED_POLICY
from feedsvc.web.pages.page import MAX_AGE, REFERRER_POLICY, content_security_policy
from feedsvc.web.responses import CORS
from feedsvc.web.static import TYPES as STATIC_TYPES

_PAGE_TYPE: Final = "text/html; charset=utf-8"
# Of the normal form of an address, what stands in a path as it is.
SAFE: Final = "/:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the export with the same header fields: paths that match `pattern`, and its glob for `_headers`."""

    pattern: str
    glob: str
    fields: Mapping[str, str]
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What servers have to know. `prefix` is the path of the publication on its host, "" or "/news".

    `asked` are pairs of a regular expression for a path with its query and the path of the file, with its groups as
    $1, $2; `moved` are pairs of an old address and a URL, `gone` old addresses of removed articles. `old_feeds` are
    pairs of a path in another system and the URL of a feed, which count unless `narrowing`, a regular expression, finds
    something in the query.
    """

    prefix: str
    places: tuple[Place, ...]
    asked: tuple[tuple[str, str], ...]
    moved: tuple[tuple[str, str], ...]
    old_feeds: tuple[tuple[str, str], ...]
    narrowing: str
    below: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]
    media_types: Mapping[str, str]

    @property
    def root(self) -> str:
        """The folder that a server has as its root, in words."""
        return "the folder of the export" + (f", or for {self.prefix} the folder above" if self.prefix else "")


def rules_of(plan: Plan) -> Rules:
    """Return what servers have to know of the export that this plan makes."""
    site = plan.site
    base = site.addresses
    moved: dict[str, str] = {}
    below: dict[str, str] = {}
    gone = []
    for address, slug in plan.snapshot.catalogue.old_addresses():
        path = address if address.startswith("/") else routes.ARTICLE.path(slug=quote(address, safe=SAFE))
        if slug is None:
            gone.append(path)
        else:
            moved[path] = base.article(slug)
    for source, target in site.redirects:
        if source.endswith("*"):
            below[source.removesuffix("*")] = base.absolute(target)
        else:
            moved[source] = base.absolute(target)
    for topic in site.topics:
        for name in topic.aliases:
            moved[routes.TOPIC.path(topic=name)] = base.topic(topic.name)
            moved |= {routes.FEED.path(name=name, suffix=suffix): base.feed(topic.name, suffix) for suffix in FORMATS}
    known = set(map(unquote, moved))
    feeds = {address: url for address, url in old_feeds(plan).items() if unquote(address) not in known}
    moved |= {address: url for address, url in feeds.items() if "?" in address}
    types = {f".{each.name.rpartition('.')[2]}": each.type for each in plan.snapshot.catalogue.public_media()}
    return Rules(
        prefix=urlsplit(site.base_url).path.rstrip("/"),
        places=tuple(places(plan)),
        asked=tuple(asked_of(plan)),
        moved=tuple(moved.items()),
        old_feeds=tuple((address, url) for address, url in feeds.items() if "?" not in address),
        narrowing=narrowing(site),
        below=tuple(sorted(below.items(), key=lambda pair: -len(pair[0]))),
        gone=tuple(gone),
        media_types=types,
    )


def places(plan: Plan) -> Iterator[Place]:
    """Yield the parts, the special ones first."""
    site = plan.site
    documents = {"X-Content-Type-Options": "nosniff", "Cache-Control": cache_control(site.cache)}
    for suffix, each in FORMATS.items():
        fields = {**documents, **CORS}
        media_type = f"{each.media_type}; charset=utf-8"
        yield Place(rf"{routes.FEED.prefix}.*\.{suffix}$", f"{routes.FEED.prefix}*.{suffix}", fields, media_type)
    opml = "text/x-opml; charset=utf-8"
    yield Place(rf"{re.escape(routes.OPML.path())}$", routes.OPML.path(), {**documents, **CORS}, opml)
    constant = {"X-Content-Type-Options": "nosniff", "Cache-Control": IMMUTABLE}
    for suffix, media_type in STATIC_TYPES.items():
        static = routes.STATIC.prefix
        yield Place(rf"{static}.*\{suffix}$", f"{static}*{suffix}", constant, media_type)
    script = {**documents, **CORS}
    yield Place(rf"{re.escape(routes.EMBED_SCRIPT.path())}$", routes.EMBED_SCRIPT.path(), script, STATIC_TYPES[".js"])
    media, embed = routes.MEDIA.prefix, routes.EMBED.prefix
    yield Place(media, f"{media}*", {**constant, **CORS, "Content-Security-Policy": SANDBOX})
    pages = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": cache_control(site.cache, MAX_AGE),
        "Referrer-Policy": REFERRER_POLICY,
    }
    yield Place(embed, f"{embed}*", {**pages, "Content-Security-Policy": EMBED_POLICY}, _PAGE_TYPE)
    # The page of a feed has a button that copies its URL.
    policy = f"{content_security_policy(site.embed_hosts)}; script-src 'self'"
    yield Place("/", "/*", {**pages, "Content-Security-Policy": policy})


def asked_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the addresses with a query of the service, and the paths of the export that show the same."""
    suffixes = "|".join(FORMATS)
    prefix = urlsplit(plan.site.base_url).path.rstrip("/")
    for slice_ in plan.slices:
        if asked := query(slice_):
            page = plan.site.addresses.feed_page(slice_.name, "html", asked).removeprefix(plan.site.base_url)
            path = unquote(page.removesuffix(".html"))
            name = re.escape(unquote(segment(slice_.name)))
            pattern = rf"^{prefix}{routes.FEED.prefix}{name}(/[0-9-]+)?\.({suffixes})\?{re.escape(asked)}$"
            yield pattern, f"{prefix}{path}$1.$2"
    number = "([2-9]|[1-9][0-9]+)"
    page = rf"^{prefix}(/.*?)?/?\?"
    yield f"{page}page={number}$", f"{prefix}$1/page/$2"
    own, *others = plan.uis
    yield f"{page}page={number}&ui={own}$", f"{prefix}$1/page/$2"
    yield f"{page}ui={own}&page={number}$", f"{prefix}$1/page/$2"
    for ui in others:
        yield f"{page}ui={ui}$", f"{prefix}/{ui}$1"
        yield f"{page}page={number}&ui={ui}$", f"{prefix}/{ui}$1/page/$2"
        yield f"{page}ui={ui}&page={number}$", f"{prefix}/{ui}$1/page/$2"


def groups(path: str, opening: str) -> str:
    """Return a path whose groups are written as a server writes them: `opening`, the number, a closing brace."""
    return re.sub("[$]([12])", lambda match: f"{opening}{match[1]}}}", path)
