"""/feeds.opml: every feed there is, to subscribe to."""

from functools import partial
from typing import Final

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.documents.opml import render_opml
from feedsvc.errors import BadParameter
from feedsvc.feeds.formats import DEFAULT_FORMAT, FORMATS
from feedsvc.slices.grammar import parse
from feedsvc.slices.slice import ALL
from feedsvc.web.context import cache
from feedsvc.web.query_params import check_known, query_pairs
from feedsvc.web.render_limiter import cost_of
from feedsvc.web.responses import answer

blueprint = Blueprint("opml", __name__)

FORMAT: Final = "format"


@blueprint.get(routes.OPML.rule)
def opml() -> Response:
    """Return the feed of all, then one of each topic, with a feed of each language below them.

    With parameters of a slice, only its part of each. Raises BadParameter, and what `render_opml` raises.
    """
    pairs = query_pairs(request)
    given = [value for key, value in pairs if key == FORMAT]
    if len(given) > 1:
        raise BadParameter(f"parameter {FORMAT!r} is given twice (keep one)")
    suffix = given[0] if given else DEFAULT_FORMAT.suffix
    check_known(FORMAT, suffix, list(FORMATS))
    slice_ = parse(ALL, pairs, beside=(FORMAT,))
    render = partial(render_opml, slice_=slice_, suffix=suffix)
    return answer(cache().get(("opml", slice_, suffix), render, cost_of(slice_)), request)
