"""The page of a feed at the feed's own URL, for a person who opens the URL in a browser.

Only browsers send `Sec-Fetch-Dest: document`, and only when they navigate. Other clients get the document.
"""

from dataclasses import replace
from typing import Any, Final

from babel.lists import format_list
from flask import Request, Response, request
from flask_babel import get_locale

from feedsvc import routes
from feedsvc.documents.document import Rendered
from feedsvc.documents.feeds import check_slice
from feedsvc.feeds.feed import titles
from feedsvc.feeds.formats import format_named
from feedsvc.slices.cursor import Cursor
from feedsvc.slices.grammar import query
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import PICTURES, made_of
from feedsvc.urls import with_parameters
from feedsvc.web.context import cache
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.feed import feed_filters, subscribe_targets
from feedsvc.web.pages.feed.frequency import frequency
from feedsvc.web.pages.feed.qr_code import qr_code
from feedsvc.web.pages.line_breaks import breakable_url
from feedsvc.web.pages.page import PageContext, content_security_policy, in_language, render
from feedsvc.web.pages.picture_sizes import sizes_of_urls
from feedsvc.web.query_params import check_known
from feedsvc.web.render_limiter import cost_of
from feedsvc.web.responses import FEED_VARY, answer
from feedsvc.web.static import SCRIPT_NAME

# No cache may store the page: some CDNs ignore Vary, and a feed reader must never get HTML.
PRIVATE: Final = "private, no-store"
LATEST: Final = 10


def is_wanted(request: Request) -> bool:
    """Return whether a browser opens a feed to show it. Raises BadParameter for an unknown `view`."""
    view = request.args.get("view")
    if view is not None:
        check_known("view", view, ("source",))
    return view is None and request.headers.get("Sec-Fetch-Dest") == "document"


def feed_page(name: str, suffix: str, slice_: Slice, after: Cursor | None = None) -> Response:
    """Return the page of one slice in one format. `name` is the name in its path, `after` the cursor of its query."""

    def render_page(snapshot: Snapshot, page: PageContext) -> Rendered:
        check_slice(snapshot, page.site, name, slice_)
        url = page.feed_url(slice_, suffix)
        title, description = titles(page.site, slice_, page.ui)
        # The articles come first, with all of the time that a search may take: a page can do without its controls only.
        articles = snapshot.slices.articles(slice_, min(LATEST, slice_.limit or LATEST))
        shown, picture = feed_filters.widest(slice_), [each.image.url for each in articles[:1] if each.image]
        rendered = render(
            page,
            "feed.html",
            own=page.feed_page_url(slice_, suffix),
            url=url,
            breakable_url=breakable_url,
            last_modified=max(snapshot.slices.last_change_of_lists(shown), snapshot.slices.last_change_of_pictures()),
            made_of=made_of(shown) | {PICTURES},
            srcset_of=sizes_of_urls(snapshot, page.site, picture).srcset,
            title=title,
            description="" if description == title else description,
            description_in=page.described_in(slice_),
            format=format_named(suffix),
            words=feed_filters.in_words(snapshot, page, slice_),
            controls=feed_filters.controls(snapshot, feed_filters.Opened(page=page, slice=slice_, suffix=suffix)),
            articles=articles,
            frequency=frequency([article.published for article in articles]),
            qr_code=qr_code(url),
            updated=snapshot.slices.last_change(slice_),
            minutes=-(-page.site.cache.max_age // 60),
            page_of_slice=feed_filters.page_of(page, slice_),
            topic=slice_.topic,
            source=url if page.base.is_static else with_parameters(url, view="source"),
            main_feed=page.feed_page_url(slice_, suffix),
            after=after,
            changes=with_parameters(url, after=str(after), view="source"),
            feeds=[page.feed(slice_)],
            script=page.root(routes.STATIC.path(name=SCRIPT_NAME)),
            **subscribe_values(page, slice_, suffix),
        )
        policy = f"{content_security_policy(())}; script-src 'self'"
        return uncacheable(rendered, {"Content-Security-Policy": policy, "Vary": FEED_VARY})

    key = ("feed page", slice_, suffix, ui := ui_language.wanted(request), after)
    return answer(cache().get(key, in_language(ui, render_page), cost_of(slice_, rare=after is not None)), request)


def subscribe_values(page: PageContext, slice_: Slice, suffix: str) -> dict[str, Any]:
    """Return the template's values for the name and the subscribe links of a feed. Needs `ui_locale`."""
    url, service, feeds = page.feed_url(slice_, suffix), page.base.service, routes.FEED.prefix
    subscribe_page = None
    if service is not None and service is not page.base:
        # An export links to the form for readers of one's own, and names the feed as the service does.
        asked = service.feed(slice_.name, suffix, query(slice_)).removeprefix(service.absolute(feeds))
        subscribe_page = with_parameters(service.subscribe, feed=asked, ui=page.ui)
    topic = page.site.topic(slice_.topic) if slice_.topic else None
    return {
        "heading": topic.title if topic else page.site.title,
        "is_of_topic": topic is not None,
        "conditions": feed_filters.conditions(page, slice_),
        "feed_name": url.removeprefix(page.base.absolute(feeds)),
        "hosted": [(each.name, each.adding(url)) for each in subscribe_targets.HOSTED],
        "self_hosted": {key: each.name for key, each in subscribe_targets.SELF_HOSTED.items()},
        "desktop": subscribe_targets.desktop(url),
        "programs": format_list(subscribe_targets.PROGRAMS, "or", get_locale()),
        "by_hand": format_list(subscribe_targets.BY_HAND, locale=get_locale()),
        "subscribe_action": None if page.base.is_static else page.root(routes.SUBSCRIBE.path()),
        "subscribe_page": subscribe_page,
    }


def uncacheable(rendered: Rendered, headers: dict[str, str]) -> Rendered:
    """Return the page with the fields `headers`, and with a Cache-Control that lets no cache store it."""
    return replace(rendered, headers={**rendered.headers, "Cache-Control": PRIVATE, **headers})
