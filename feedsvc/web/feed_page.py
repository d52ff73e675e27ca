"""The page of a feed, at the feed's own address: what a person sees who opens it in a browser.

Browsers, and only browsers, send `Sec-Fetch-Dest: document` when they navigate. Everything else gets the document.
"""

from dataclasses import replace
from functools import partial
from typing import Final

from flask import Request, Response, request

from feedsvc.errors import BadParameter, UnknownResource, nearest
from feedsvc.feeds.feed import titles
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.slices import check_topics, query, slice_named
from feedsvc.model import Slice
from feedsvc.store import Snapshot
from feedsvc.web import interface, readers
from feedsvc.web.answers import FEED_VARY, answer
from feedsvc.web.context import cache
from feedsvc.web.controls import controls, in_words
from feedsvc.web.document import Rendered
from feedsvc.web.page import Face, content_security_policy, face_of, render, with_parameters
from feedsvc.web.static import SCRIPT_NAME

# Some CDNs ignore Vary, and a reader must never be handed HTML: nobody keeps it.
PRIVATE: Final = "private, no-store"
LATEST: Final = 10


def is_wanted(request: Request) -> bool:
    """Whether a browser opens a feed to show it. Raises BadParameter for a `view` that is none."""
    view = request.args.get("view")
    if view not in (None, "source"):
        raise BadParameter(f"parameter 'view': unknown {view[:80]!r} (known: source)")
    return view is None and request.headers.get("Sec-Fetch-Dest") == "document"


def feed_page(name: str, suffix: str, slice_: Slice) -> Response:
    """The page of one slice in one format; `name` is the path's."""
    ui = interface.wanted(request)
    render_it = partial(_render, name=name, suffix=suffix, slice_=slice_, ui=ui)
    return answer(cache().get(("feed page", slice_, suffix, ui), render_it), request)


def _render(snapshot: Snapshot, name: str, suffix: str, slice_: Slice, ui: str | None) -> Rendered:
    face = face_of(snapshot, ui)
    slice_named(name, face.site)
    check_topics(slice_, face.site)
    snapshot.check(slice_)
    if suffix not in FORMATS:
        raise UnknownResource(f"unknown format {suffix[:80]!r} ({nearest(suffix, list(FORMATS))})")
    url = face.base.feed(slice_.name, suffix, query(slice_))
    title, description = titles(face.site, slice_, face.ui)
    rendered = render(
        face,
        "feed.html",
        own=url,
        last_modified=snapshot.last_change_of_lists(slice_),
        title=title,
        description="" if description == title else description,
        format=FORMATS[suffix],
        words=in_words(face, slice_),
        controls=controls(face, slice_, suffix),
        articles=snapshot.articles(slice_, LATEST),
        updated=snapshot.last_change(slice_),
        minutes=-(-face.site.cache.max_age // 60),
        page_of_slice=face.base.topic(slice_.topic) if slice_.topic else face.base.home,
        topic=slice_.topic,
        source=with_parameters(url, view="source"),
        feeds=[face.feed(slice_)],
        script=face.root(f"/static/{SCRIPT_NAME}"),
        **subscribing(face, url, f"{slice_.name}.{suffix}"),
    )
    policy = f"{content_security_policy(())}; script-src 'self'"
    return kept_by_nobody(rendered, {"Content-Security-Policy": policy, "Vary": FEED_VARY})


def subscribing(face: Face, url: str, name: str) -> dict[str, object]:
    """What the template's subscribe links are made of. `name` is the feed's address below /feeds/."""
    return {
        "feed_name": name,
        "hosted": [(each.name, each.adding(url)) for each in readers.HOSTED],
        "self_hosted": {key: each.name for key, each in readers.SELF_HOSTED.items()},
        "desktop": readers.desktop(url),
        "subscribe_action": face.root("/subscribe"),
    }


def kept_by_nobody(rendered: Rendered, headers: dict[str, str]) -> Rendered:
    """The same, with other headers, not to be stored by anybody."""
    return replace(rendered, headers={**rendered.headers, "Cache-Control": PRIVATE, **headers})
