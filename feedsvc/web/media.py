"""/media/…: the files of articles, under names that are their content."""

import re
from typing import Final

from flask import Blueprint, Request, Response, request, send_file

from feedsvc.errors import StoreUnavailable, UnknownResource
from feedsvc.web.answers import IMMUTABLE, not_later_than_now
from feedsvc.web.context import context

blueprint = Blueprint("media", __name__)

# An SVG or PDF opened by itself is a page of our origin: it may draw, and nothing else.
_SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_RANGE: Final = re.compile(r"bytes=(?:\d{1,18}-\d{0,18}|-(?P<last>\d{1,18}))")


@blueprint.get("/media/<name>")
def media(name: str) -> Response:
    """A file that an article uses, with ranges (RFC 9110 §14): players ask for them."""
    with context().store.read() as snapshot:
        found = snapshot.media(name)
    if found is None:
        raise UnknownResource(f"no file {name[:80]!r} (the article that used it may be gone)")
    path = context().settings.media / found.name
    if not path.is_file():
        raise StoreUnavailable(f"{found.name} is missing from the media folder (run feedsvc sync --full)")
    if not _wants_part(request, found.length):
        request.environ.pop("HTTP_RANGE", None)
    response = send_file(
        path.resolve(),
        mimetype=found.type,
        conditional=True,
        etag=found.digest.hex(),
        last_modified=not_later_than_now(found.at),
    )
    response.headers.update({"Cache-Control": IMMUTABLE, "Content-Security-Policy": _SANDBOX})
    return response


def _wants_part(request: Request, length: int) -> bool:
    """Whether Range is to be looked at: the one part of a player's GET.

    RFC 9110 §14.2 has other methods and units ignored, and the last n of fewer bytes is all; werkzeug would answer 416.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    return request.method == "GET" and match is not None and int(match["last"] or 0) < length
