"""/subscribe: a page with the link that adds a feed to a self-hosted reader. It never redirects."""

from typing import Final
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.documents.document import Rendered, finish
from feedsvc.documents.feeds import check_slice
from feedsvc.errors import RenamedTopic, UnknownResource
from feedsvc.feeds.feed import titles
from feedsvc.feeds.formats import FORMATS
from feedsvc.slices.grammar import parse
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.suggestions import nearest
from feedsvc.tracking import is_ignored
from feedsvc.urls import with_parameters
from feedsvc.web.context import context
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.feed import subscribe_targets
from feedsvc.web.pages.feed.feed_page import subscribe_values, uncacheable
from feedsvc.web.pages.feed.subscribe_targets import SELF_HOSTED
from feedsvc.web.pages.page import PageContext, in_language, render
from feedsvc.web.query_params import check_known, corrected_name
from feedsvc.web.redirects import present_name, present_pairs
from feedsvc.web.responses import answer

blueprint = Blueprint("subscribe", __name__)

# The URL of the page contains the address of a user's own reader, which other hosts must not learn.
_REFERRER_POLICY: Final = "no-referrer"


@blueprint.get(routes.SUBSCRIBE.rule)
def subscribe() -> Response:
    """The page of `feed` (chips.atom?lang=en) and `reader` (miniflux) at the URL `at`; a form without `at`."""
    feed, at = request.args.get("feed", ""), request.args.get("at")
    key = request.args.get("reader") or next(iter(SELF_HOSTED))

    def render_page(snapshot: Snapshot, page: PageContext) -> Rendered:
        slice_, suffix = _feed(snapshot, page, feed)
        url = page.feed_url(slice_, suffix)
        check_known("reader", key, list(SELF_HOSTED))
        reader = SELF_HOSTED[key]
        address = subscribe_targets.own_address(at, reader) if at is not None else None
        written = {} if at is None else {"reader": key, "at": at}
        rendered = render(
            page,
            "subscribe.html",
            own=with_parameters(page.base.subscribe, feed=feed, **written),
            last_modified=snapshot.slices.last_change_of_lists(slice_),
            title=titles(page.site, slice_, page.ui)[0],
            description="",
            url=url,
            main_feed=url,
            link=reader.adding(url, address) if address else None,
            is_wrong=at is not None and address is None,
            chosen=key,
            at=at or "",
            reader=reader.name,
            **subscribe_values(page, slice_, suffix),
        )
        return uncacheable(rendered, {"Referrer-Policy": _REFERRER_POLICY})

    with context().store.read() as snapshot:
        return answer(finish(in_language(ui_language.wanted(request), render_page)(snapshot)), request)


def _feed(snapshot: Snapshot, page: PageContext, written: str) -> tuple[Slice, str]:
    """Return the slice and the suffix of a feed's address below /feeds/. Raises UnknownResource, BadParameter."""
    path, _, query = written.partition("?")
    name, _, suffix = path.rpartition(".")
    if suffix not in FORMATS:
        known = [f"all.{each}" for each in FORMATS]
        raise UnknownResource(f"parameter 'feed': no feed {written[:80]!r} ({nearest(path, known)})")
    pairs = [(corrected_name(key), value) for key, value in parse_qsl(query, keep_blank_values=True)]
    pairs = [pair for pair in pairs if not is_ignored(pair[0])]
    slice_ = parse(name, pairs)
    try:
        check_slice(snapshot, page.site, name, slice_)
    except RenamedTopic as error:
        name, pairs = present_name(name, error.names), present_pairs(pairs, error.names)
        slice_ = parse(name, pairs)
        check_slice(snapshot, page.site, name, slice_)
    return slice_, suffix
