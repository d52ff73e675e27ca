"""Render a page: the context of its publication and language, the values that all templates share, its headers."""

from collections.abc import Callable, Hashable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from flask import render_template

from feedsvc import languages, routes
from feedsvc.documents.cache_control import cache_control
from feedsvc.documents.document import Rendered
from feedsvc.feeds.feed import titles
from feedsvc.feeds.formats import DEFAULT_FORMAT, FORMATS
from feedsvc.feeds.own_addresses import is_ours
from feedsvc.feeds.static_links import static_url
from feedsvc.model import Article, Localized, Site
from feedsvc.slices.grammar import query, spelled
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import Facet
from feedsvc.text import first_sentences, shorten
from feedsvc.urls import Addresses, with_parameters
from feedsvc.web.context import context
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.line_breaks import size_class, unbroken
from feedsvc.web.static import style_name

T = TypeVar("T")
MAX_AGE: Final = 60
# The parts of pages that a context remembers. Those of a service are few. An export renders lists of the same days
# one after another.
_MAX_REMEMBERED: Final = 500
_MAX_REMEMBERED_OF_EXPORT: Final = 4000
# The most characters of a summary in the head of a page. Summaries that feedsvc makes itself are not longer.
SHORT: Final = 220
HTML: Final = "text/html; charset=utf-8"
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src http: https:; media-src http: https:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
REFERRER_POLICY: Final = "strict-origin-when-cross-origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLinks:
    """The links of a page to a feed: the title, and (name, media type, URL) of each format.

    `main` is the URL at which a browser shows how to subscribe.
    """

    title: str
    links: tuple[tuple[str, str, str], ...]
    main: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """The publication of a page, and the language `ui` of the interface. `own_ui` is that without `?ui=`.

    `base` builds absolute URLs below base_url. `is_of_site` says that `ui` is the language of the site.
    """

    site: Site
    ui: str
    own_ui: str
    base: Addresses = field(init=False)
    is_of_site: bool = field(init=False)
    _remembered: dict[Hashable, Any] = field(init=False, default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", self.site.addresses)
        object.__setattr__(self, "is_of_site", self.ui == ui_language.language_of(self.site))

    def once(self, *key: Hashable, caller: Callable[[], T]) -> T:
        """Return what `caller` returned for `key` before, not None, which depends on nothing else but this context.

        Templates write a part of a page that many pages have as the body of `{% call once(…) %}`.
        """
        # One look: another thread may clear all at any time.
        found: T | None = self._remembered.get(key)
        if found is None:
            found = caller()
            if len(self._remembered) >= (_MAX_REMEMBERED_OF_EXPORT if self.base.is_static else _MAX_REMEMBERED):
                self._remembered.clear()
            self._remembered[key] = found
        return found

    @property
    def clock(self) -> ui_language.Clock:
        """The formatter of dates in the site's time zone and the language of the interface."""
        return ui_language.Clock(self.site.timezone, self.ui)

    def to(self, url: str) -> str:
        """Return the URL of a list in this page's language. It has no `?ui=` for the site's own."""
        return url if self.is_of_site else self.base.in_language(url, self.ui)

    def to_named(self, url: str) -> str | None:
        """Return the URL of the list of a tag or an author in this page's language.

        In an export, it is that of the service for a name that no file can have, None without a service.
        """
        found = static_url(url, self.site)
        return self.to(url) if found == url else found and with_parameters(found, ui=self.ui)

    def to_article(self, article: Article) -> str:
        """Return the URL of an article's page: in its own language, or in the one that `?ui=` chose for this page."""
        url = self.base.article(article.slug)
        if self.ui in (self.own_ui, ui_language.language_of_article(article, self.site)):
            return url
        return self.base.in_language(url, self.ui)

    def in_other(self, own: str, ui: str, translations: Sequence[Article] = ()) -> str:
        """Return the URL of this page, which is at `own` without `?ui=`, in another language of the interface.

        It is that of a translation, if there is one: other labels around the same text help nobody who cannot read it.
        """
        if ui == self.own_ui:
            return own
        fitting = [each for each in translations if ui_language.catalogue_for(each.language) == ui]
        # zh-Hant before zh-Hans, where the interface has only one of them.
        translation = min(fitting, key=lambda each: each.language != ui, default=None)
        return self.base.article(translation.slug) if translation else self.base.in_language(own, ui)

    def to_feed(self, url: str) -> str:
        """Return the URL of a feed for a browser, which the service answers with a page in `ui`.

        People copy it into readers, so it has `?ui=` only where somebody chose a language.
        """
        return url if self.base.is_static or self.ui == self.own_ui else self.to(url)

    @property
    def search(self) -> str | None:
        """The URL of the page that searches; None for an export without a service."""
        service = self.base.service
        if service is None or service is self.base:
            return self.to(self.base.search) if service else None
        return with_parameters(service.search, ui=self.ui)

    @property
    def footer(self) -> list[tuple[Localized, str]]:
        """The title and URL of each link at the end of a page; a page of this publication is in the page's language.

        An export has no link to what only a service has, unless it knows one.
        """
        found = []
        for link in self.site.footer:
            url = link.url.in_(self.ui)
            if url.startswith("/"):
                is_page = url.count("/") == 1 and not {"?", "#"}.intersection(url) and not is_ours(unquote(url))
                target = self.base.absolute(url)
                url = self.to(target) if is_page else static_url(target, self.site) or ""
            if url:
                found.append((link.title, url))
        return found

    def root(self, path: str) -> str:
        """Return `path`, which is below base_url, as a path from the root of the host."""
        return self.base.from_root(self.base.absolute(path))

    def feed_url(self, slice_: Slice, suffix: str) -> str:
        """Return the canonical URL of a slice's feed."""
        return self.base.feed(slice_.name, suffix, query(slice_))

    def feed_page_url(self, slice_: Slice, suffix: str) -> str:
        """Return the URL at which a browser shows a slice's feed."""
        return self.base.feed_page(slice_.name, suffix, query(slice_))

    def has_feed(self, slice_: Slice) -> bool:
        """Return whether there is a feed of a slice: the service has each, an export those that it was told of."""
        return self.site.exported is None or spelled(slice_) in self.site.exported

    def described_in(self, slice_: Slice) -> str:
        """Return the language of a slice's description, which may exist only in another language than `ui`."""
        topic = self.site.topic(slice_.topic) if slice_.topic else None
        return (topic.description if topic else self.site.subtitle).language_for(self.ui)

    def feed(self, slice_: Slice) -> FeedLinks:
        """Return the links to a slice's feed in every format; to that of all articles where an export lacks it."""
        slice_ = slice_ if self.has_feed(slice_) else Slice()
        return self.once("feed", slice_, caller=partial(self._feed, slice_))

    def _feed(self, slice_: Slice) -> FeedLinks:
        title, _ = titles(self.site, slice_, self.ui)
        links = ((each.name, each.media_type, self.feed_url(slice_, each.suffix)) for each in FORMATS.values())
        return FeedLinks(title=title, links=tuple(links), main=self.feed_page_url(slice_, DEFAULT_FORMAT.suffix))


# The last context of each pair of languages.
_contexts: dict[tuple[str, str], PageContext] = {}


def page_context(site: Site, ui: str, own_ui: str) -> PageContext:
    """Return a context (see there); the same one again as long as the site is the same.

    The site of a commit is one object (`rows.site_from`), and so is that of an export.
    """
    found = _contexts.get((ui, own_ui))
    if found is None or found.site is not site:
        found = _contexts[ui, own_ui] = PageContext(site=site, ui=ui, own_ui=own_ui)
    return found


# A function that renders a page from a snapshot.
PageRenderer = Callable[[Snapshot, PageContext], Rendered]


# A function that returns the language of a page without `?ui=`.
OwnLanguage = Callable[[Snapshot, Site], str]


def in_language(
    ui: str | None,
    render_page: PageRenderer,
    own_language: OwnLanguage = lambda _snapshot, site: ui_language.language_of(site),
) -> Callable[[Snapshot], Rendered]:
    """Return a function that renders a page in `ui`, or in its own language (that of the site) where `ui` is None."""

    def render_it(snapshot: Snapshot) -> Rendered:
        site = snapshot.site()
        context().last.site = site
        own = own_language(snapshot, site)
        page = page_context(site, ui or own, own)
        with ui_language.ui_locale(page.ui):
            return render_page(snapshot, page)

    return render_it


def render(
    page: PageContext,
    template: str,
    *,
    own: str,
    last_modified: datetime,
    made_of: Set[Facet] | None = None,
    is_provisional: bool = False,
    **values: Any,
) -> Rendered:
    """Return a page at the URL `own` (without `ui`). `values` are for its template, the others are as in Rendered."""
    body = render_template(template, **shared_values(page, own) | values)
    return Rendered(
        made_of=made_of,
        media_type=HTML,
        body=body.encode(),
        last_modified=last_modified,
        headers={
            "Cache-Control": cache_control(page.site.cache, MAX_AGE),
            "Content-Language": page.ui,
            "Content-Security-Policy": content_security_policy(page.site.embed_hosts),
            "Referrer-Policy": REFERRER_POLICY,
            "Vary": "Accept-Encoding",
        },
        is_provisional=is_provisional,
    )


def shared_values(page: PageContext, own: str) -> dict[str, Any]:
    """Return the values that every template has."""
    return {
        "site": page.site,
        "ui": page.ui,
        "_": ui_language.translator(page.ui),
        "once": page.once,
        "own": own,
        # A page with a feed of its own replaces this one.
        "main_feed": page.feed_page_url(Slice(), DEFAULT_FORMAT.suffix),
        "base": page.base,
        "to": page.to,
        # For the links of which a page has many (decision 0355).
        "near": page.base.from_root,
        "to_article": page.to_article,
        "to_named": page.to_named,
        "in_other": page.in_other,
        "to_feed": page.to_feed,
        "search_page": page.search,
        "clock": page.clock,
        "unbroken": unbroken,
        "size_class": size_class,
        "shorten": in_short,
        "first_sentences": first_sentences,
        "interfaces": ui_language.catalogues(),
        "footer_links": page.footer,
        "style": page.root(routes.STATIC.path(name=style_name(page.site.theme))),
        "search_action": page.root(routes.SEARCH.path()),
        "said_ui": None if page.is_of_site else page.ui,
    }


def in_short(text: str, limit: int = SHORT) -> str:
    """Return a summary or description, shortened for the head of a page, or to `limit` characters."""
    return shorten(text, limit)


def is_other(language: str, ui: str) -> bool:
    """Return whether a text in `language` has another language or script than the page."""
    return languages.language_and_script(language) != languages.language_and_script(ui)


def content_security_policy(frames: Sequence[str]) -> str:
    """Return the Content-Security-Policy of a page that may contain frames of the hosts `frames`."""
    hosts = "".join(f" https://{host}" for host in frames)
    return f"{CONTENT_SECURITY_POLICY}; frame-src{hosts}" if hosts else CONTENT_SECURITY_POLICY
