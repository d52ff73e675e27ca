"""Feeds: /feeds/<slice>.<format>, its archives and its changes."""

from functools import partial

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.documents.feeds import FeedRequest, render_archive, render_changes, render_feed
from feedsvc.feeds.formats import check_has_changes
from feedsvc.slices.grammar import AFTER, parse, parse_after
from feedsvc.web.context import cache, render_context
from feedsvc.web.pages.feed.feed_page import feed_page, is_wanted
from feedsvc.web.query_params import PAGE_PARAMETERS, query_pairs
from feedsvc.web.render_limiter import cost_of
from feedsvc.web.responses import answer

blueprint = Blueprint("feeds", __name__)


@blueprint.get(routes.FEED.rule)
def feed(name: str, suffix: str) -> Response:
    """One slice in one format: what is new, and what of it was corrected or removed lately; a page in a browser."""
    pairs = query_pairs(request)
    slice_ = parse(name, pairs, beside=(AFTER, *PAGE_PARAMETERS))
    asked_for = FeedRequest(name=name, suffix=suffix, slice=slice_)
    written = [value for key, value in pairs if key == AFTER and value]
    after = parse_after(slice_, written) if written else None
    if after is not None:
        check_has_changes(suffix)
    if is_wanted(request):
        return feed_page(name, suffix, slice_, after)
    if after is None:
        render = partial(render_feed, asked_for=asked_for, context=render_context())
        return answer(cache().get(("feed", slice_, suffix), render, cost_of(slice_)), request)
    render = partial(render_changes, asked_for=asked_for, after=after, context=render_context())
    return answer(cache().get(("changes", slice_, after, suffix), render, cost_of(slice_, rare=True)), request)


@blueprint.get(routes.ARCHIVE.rule)
def archive(name: str, label: str, suffix: str) -> Response:
    """What one closed period has of a slice (RFC 5005 §4)."""
    slice_ = parse(name, query_pairs(request))
    asked_for = FeedRequest(name=name, suffix=suffix, slice=slice_)
    render = partial(render_archive, asked_for=asked_for, label=label, context=render_context())
    return answer(cache().get(("archive", slice_, label, suffix), render, cost_of(slice_, rare=True)), request)
