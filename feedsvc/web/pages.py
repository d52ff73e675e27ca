"""Pages for people: /, /topics/<topic>, /articles/<slug>. The store and the interface language decide them."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, g, redirect, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import Gone as GoneError

from feedsvc import languages
from feedsvc.articles.read import first_paragraph
from feedsvc.errors import BadParameter, UnknownResource
from feedsvc.feeds.feed import titles
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.slices import slice_named, slices
from feedsvc.model import Article, Site, Slice
from feedsvc.store import Gone, Moved, Snapshot
from feedsvc.text import xml_legal
from feedsvc.urls import Addresses
from feedsvc.web import interface
from feedsvc.web.answers import answer, cache_control
from feedsvc.web.context import cache, context
from feedsvc.web.document import Rendered
from feedsvc.web.media import STYLE_NAME

blueprint = Blueprint("pages", __name__)

PAGE_SIZE: Final = 30
MAX_AGE: Final = 60
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src http: https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as a page shows it: its title and its address per format."""

    title: str
    links: list[tuple[str, str, str]]


@blueprint.get("/")
def home() -> Response:
    """The site: its topics, its feeds, its latest articles."""
    return _list_page(Slice())


@blueprint.get("/topics/<topic>")
def topic(topic: str) -> Response:
    """One topic: its feeds and its articles."""
    with context().store.read() as snapshot:
        return _list_page(slice_named(topic, snapshot.site()))


def _list_page(slice_: Slice) -> Response:
    number = _page_number()
    return _page(("list", slice_.name, number), partial(_render_list, slice_=slice_, number=number))


def _page_number() -> int:
    written = request.args.get("page", "1")
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= 1_000_000):
        raise BadParameter(f"parameter 'page': {written[:80]!r} is not a page number (write 1, 2, …)")
    return int(written)


def _render_list(snapshot: Snapshot, slice_: Slice, number: int) -> Rendered:
    site = snapshot.site()
    articles = snapshot.articles(slice_, PAGE_SIZE + 1, (number - 1) * PAGE_SIZE)
    if not articles and number > 1:
        raise UnknownResource(f"there is no page {number}")
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
    return _html(site, body, snapshot, slice_)


def _heading(site: Site, slice_: Slice) -> str:
    topic_ = site.topic(slice_.topic) if slice_.topic else None
    return (topic_.title if topic_ else site.title).in_(g.ui)


@blueprint.get("/articles/<slug>")
def article(slug: str) -> Response:
    """One article; 301 when it was renamed, 410 when it was removed."""
    slug = xml_legal(slug)
    with context().store.read() as snapshot:
        found = snapshot.article(slug)
        base = Addresses(snapshot.site().base_url)
    if isinstance(found, Moved):
        moved = redirect(base.article(found.slug), 301)
        moved.headers["Cache-Control"] = "public, max-age=3600"
        return Response(
            f"moved to {base.article(found.slug)}\n", 301, moved.headers, content_type="text/plain; charset=utf-8"
        )
    if isinstance(found, Gone):
        raise GoneError(gettext("This article was removed."))
    if found is None:
        raise UnknownResource(f"there is no article {slug[:80]!r} (see {base.home})")
    return _page(("article", slug), partial(_render_article, slug=slug))


def _render_article(snapshot: Snapshot, slug: str) -> Rendered:
    site = snapshot.site()
    found = snapshot.article(slug)
    if not isinstance(found, Article):
        raise UnknownResource(f"there is no article {slug[:80]!r}")
    base = Addresses(site.base_url)
    body = render_template(
        "article.html",
        **_shared(site),
        article=found,
        own=base.article(found.slug),
        canonical=found.canonical or base.article(found.slug),
        title=found.title,
        description=found.summary,
        translations=snapshot.translations([found]).get(found.id, []),
        topics=[each for name in found.topics if (each := site.topic(name))],
        standfirst=None if found.summary == first_paragraph(found.content) else found.summary,
        lead=found.image if found.image and found.image.url not in found.content else None,
        feeds=[_feed(site, Slice(name)) for name in found.topics],
    )
    rendered = _html(site, body, snapshot, Slice())
    return Rendered(
        media_type=rendered.media_type,
        body=rendered.body,
        headers=rendered.headers,
        last_modified=snapshot.last_change_of(found),
    )


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
        "ui_asked": "ui" in request.args,
    }


def _feed(site: Site, slice_: Slice) -> Feed:
    base = Addresses(site.base_url)
    title, _ = titles(site, slice_, g.ui)
    return Feed(
        title=title,
        links=[(each.name, each.media_type, base.feed(slice_.name, each.suffix)) for each in FORMATS.values()],
    )


def _page(key: tuple[object, ...], render: Any) -> Response:
    with context().store.read() as snapshot:
        g.ui = interface.language_of(request, snapshot.site().language)
    asked = "ui" in request.args
    return answer(cache().get((*key, g.ui, asked), render), request, vary=("Accept-Language",))


def _html(site: Site, body: str, snapshot: Snapshot, slice_: Slice) -> Rendered:
    return Rendered(
        media_type="text/html; charset=utf-8",
        body=body.encode(),
        last_modified=snapshot.last_change(slice_),
        headers={
            "Cache-Control": cache_control(site.cache, MAX_AGE),
            "Content-Language": g.ui,
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "strict-origin-when-cross-origin",
        },
    )
