"""Pages for people: /, /topics/<topic>, /articles/<slug>. The store and the interface language decide them."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, NoReturn

from flask import Blueprint, Response, abort, g, render_template, request
from markupsafe import Markup

from feedsvc import languages
from feedsvc.articles.read import first_paragraph
from feedsvc.errors import BadParameter, UnknownResource
from feedsvc.feeds.feed import titles
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.slices import slice_named, slices
from feedsvc.model import ALL, Article, SafeHTML, Site, Slice
from feedsvc.store import Gone, Moved, Snapshot
from feedsvc.text import xml_legal
from feedsvc.urls import Addresses
from feedsvc.web import interface
from feedsvc.web.answers import answer, cache_control
from feedsvc.web.context import cache
from feedsvc.web.document import Rendered
from feedsvc.web.media import STYLE_NAME

blueprint = Blueprint("pages", __name__)

PAGE_SIZE: Final = 30
MAX_AGE: Final = 60
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src http: https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_TAG: Final = re.compile(r'<(?:[^"<>]|"[^"]*")*>')
REFERRER_POLICY: Final = "strict-origin-when-cross-origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as a page shows it: its title and its address per format."""

    title: str
    links: list[tuple[str, str, str]]


@blueprint.get("/")
def home() -> Response:
    """The site: its topics, its feeds, its latest articles."""
    return _list_page(ALL)


@blueprint.get("/topics/<topic>")
def topic(topic: str) -> Response:
    """One topic: its feeds and its articles."""
    return _list_page(topic)


def _list_page(name: str) -> Response:
    number, ui = _page_number(), interface.wanted(request)
    render = partial(_render_list, name=name, number=number, ui=ui)
    return answer(cache().get(("list", name, number, ui), render), request)


def _page_number() -> int:
    written = request.args.get("page", "1")
    if not (written.isascii() and written.isdigit() and len(written) <= 7 and int(written)):
        raise BadParameter(f"parameter 'page': {written[:80]!r} is not a page number (write 1, 2, …)")
    return int(written)


def _render_list(snapshot: Snapshot, name: str, number: int, ui: str | None) -> Rendered:
    site = _site(snapshot, ui)
    slice_ = slice_named(name, site)
    articles = snapshot.articles(slice_, PAGE_SIZE + 1, (number - 1) * PAGE_SIZE)
    if number > 1 and not articles:
        raise UnknownResource(f"no page {number} (the last one is {-(-snapshot.count(slice_) // PAGE_SIZE) or 1})")
    title, description = titles(site, slice_, g.ui)
    base = Addresses(site.base_url)
    own = base.topic(slice_.topic) if slice_.topic else base.home
    body = render_template(
        "list.html",
        **_shared(site),
        title=title,
        description=description,
        own=own,
        number=number,
        heading=_heading(site, slice_),
        articles=articles[:PAGE_SIZE],
        older=len(articles) > PAGE_SIZE,
        feeds=[_feed(site, slice_)],
        every_feed=[_feed(site, each) for each in slices(site)] if not slice_.topic else [],
        topic=slice_.topic,
    )
    return _html(site, body, snapshot.last_change_of_lists(slice_))


def _heading(site: Site, slice_: Slice) -> str:
    topic_ = site.topic(slice_.topic) if slice_.topic else None
    return (topic_.title if topic_ else site.title).in_(g.ui)


@blueprint.get("/articles/<slug>")
def article(slug: str) -> Response:
    """One article; 301 when it was renamed, 410 when it was removed."""
    slug, ui = xml_legal(slug), interface.wanted(request)
    return answer(cache().get(("article", slug, ui), partial(_render_article, slug=slug, ui=ui)), request)


def _render_article(snapshot: Snapshot, slug: str, ui: str | None) -> Rendered:
    site = _site(snapshot, ui)
    base = Addresses(site.base_url)
    found = snapshot.article(slug)
    if not isinstance(found, Article):
        _elsewhere(found, slug, base)
    # A topic may be gone from site.toml while the last good version of its articles stays up.
    topics = [each for each in site.topics if each.name in found.topics]
    body = render_template(
        "article.html",
        **_shared(site),
        article=found,
        content=lazily_loaded(found.content),
        own=base.article(found.slug),
        canonical=found.canonical or base.article(found.slug),
        title=found.title,
        description=found.summary,
        translations=snapshot.translations([found]).get(found.id, []),
        topics=topics,
        standfirst=None if found.summary == first_paragraph(found.content) else found.summary,
        lead=None if found.image is None or found.image.url.replace("&", "&amp;") in found.content else found.image,
        feeds=[_feed(site, Slice(each.name)) for each in topics],
    )
    return _html(site, body, snapshot.last_change_of(found))


def _elsewhere(found: Moved | Gone | None, slug: str, base: Addresses) -> NoReturn:
    """Answers for an address without an article: 301, 410, 404."""
    if isinstance(found, Gone):
        abort(410, f"this article was removed (see {base.home})")
    if found is None:
        raise UnknownResource(f"no article {slug[:80]!r} (see {base.home})")
    url = base.article(found.slug)
    moved = Response(f"moved to {url}\n", 301, content_type="text/plain; charset=utf-8")
    moved.headers.update({"Location": url, "Cache-Control": "public, max-age=3600"})
    abort(moved)


def _site(snapshot: Snapshot, ui: str | None) -> Site:
    """The site; from here on the page speaks `ui`, or the site's language."""
    site = snapshot.site()
    g.ui = ui or interface.language_of(site)
    return site


def _shared(site: Site) -> dict[str, Any]:
    """What every template knows."""
    ui = g.ui
    prefix = site.base_url.partition("://")[2].partition("/")[2]
    return {
        "site": site,
        "ui": ui,
        "base": Addresses(site.base_url),
        "direction": languages.direction,
        "long_date": partial(interface.long_date, site=site, ui=ui),
        "exact_time": partial(interface.exact_time, site=site, ui=ui),
        "language_name": interface.language_name,
        "interfaces": interface.catalogues(),
        "style": f"{'/' if prefix else ''}{prefix}/static/{STYLE_NAME}",
    }


def _feed(site: Site, slice_: Slice) -> Feed:
    base = Addresses(site.base_url)
    title, _ = titles(site, slice_, g.ui)
    return Feed(
        title=title,
        links=[(each.name, each.media_type, base.feed(slice_.name, each.suffix)) for each in FORMATS.values()],
    )


def _content_security_policy(site: Site) -> str:
    frames = "".join(f" https://{host}" for host in site.embed_hosts)
    return f"{CONTENT_SECURITY_POLICY}; frame-src{frames}" if frames else CONTENT_SECURITY_POLICY


def lazily_loaded(content: SafeHTML) -> Markup:
    """An article's content for a page: its pictures and frames load when they come into view.

    SafeHTML writes every attribute in double quotes, so a tag ends where it seems to.
    """
    return Markup(_TAG.sub(_lazy, content))  # noqa: S704


def _lazy(tag: re.Match[str]) -> str:
    name, space, rest = tag[0].partition(" ")
    return f'{name} loading="lazy" {rest}' if space and name in ("<img", "<iframe") else tag[0]


def _html(site: Site, body: str, last_modified: datetime) -> Rendered:
    return Rendered(
        media_type="text/html; charset=utf-8",
        body=body.encode(),
        last_modified=last_modified,
        headers={
            "Cache-Control": cache_control(site.cache, MAX_AGE),
            "Content-Language": g.ui,
            "Content-Security-Policy": _content_security_policy(site),
            "Referrer-Policy": REFERRER_POLICY,
            "Vary": "Accept-Encoding, Accept-Language",
        },
    )
