"""Make a response of a document: content coding, validators, conditions.

`web.cache.prepared` makes the responses that are answered without Flask, and `web.media` those of files.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from flask import Request, Response
from werkzeug.exceptions import NotAcceptable, PreconditionFailed
from werkzeug.http import parse_date

from feedsvc import routes
from feedsvc.documents.compression import IDENTITY
from feedsvc.documents.document import Document
from feedsvc.tracking import is_ignored
from feedsvc.web.negotiation import PREFERRED, choose_coding

ALLOWED: Final = "GET, HEAD, OPTIONS"
# What `POST` is sent to: the hub, and the callback of its self-test.
_POSTED: Final = routes.HUB.rule
# docs/http.md, rule 14: pages of other sites may read what is below these, never with credentials.
SHARED: Final = (
    routes.FEED.prefix,
    routes.OPML.rule,
    routes.MEDIA.prefix,
    routes.EMBED_SCRIPT.rule,
    routes.OPENAPI.rule,
    routes.WELL_KNOWN,
)
CORS: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
}
# Every answer carries these; it may have a Vary of its own.
_ALWAYS: Final[Mapping[str, str]] = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": ALLOWED,
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since, Cache-Control, Range",
    "Access-Control-Max-Age": "86400",
}
# Where in its environ an answered request says how many bytes its document has without a coding.
WHOLE: Final = "feedsvc.whole"
# A browser that navigates to a feed is answered with a page.
FEED_VARY: Final = "Accept-Encoding, Sec-Fetch-Dest"

# Where a response cache finds the document that was the answer.
ANSWERED: Final = "feedsvc.answered"
# What may decide, beside its address, what a cached answer is.
_KNOWN_TO_CACHE: Final = {"accept-encoding", "sec-fetch-dest"}
_DATED: Final = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE")


def answer(document: Document, request: Request) -> Response:
    """Return the response to `request`: 200 or 304 (RFC 9110 §13). Raises NotAcceptable, PreconditionFailed."""
    coding = choose_coding(request.headers.get("Accept-Encoding"), PREFERRED)
    if coding is None:
        raise NotAcceptable("no acceptable content coding (accept identity, gzip or br)")
    # For the meter, which sees neither the document nor, in a 304, its length.
    request.environ[WHOLE] = document.length
    response = Response(document.bodies[coding], content_type=document.media_type)
    response.headers.update(document.headers)
    if coding != IDENTITY:
        response.content_encoding = coding
    # What nobody may keep has no validators: a cache that does not tell a page from the document at its address would
    # freshen the one with the fields of the other (RFC 9111 §4.3.4).
    if response.cache_control.no_store:
        return response
    response.set_etag(document.etag(coding))
    response.last_modified = not_later_than_now(document.last_modified)
    response.make_conditional(request)
    if response.status_code == PreconditionFailed.code:
        raise PreconditionFailed("it has changed since (fetch it again without If-Match or If-Unmodified-Since)")
    # The response cache does not remember addresses with parameters that mean nothing: there is no end to them.
    if (
        document.key is not None
        and {name.lower() for name in response.vary} <= _KNOWN_TO_CACHE
        and not any(map(is_ignored, request.args))
    ):
        request.environ[ANSWERED] = document
    return response


def allowed(path: str) -> str:
    """Return the methods of the resource at `path` (RFC 9110 §10.2.1)."""
    return f"{ALLOWED}, POST" if path == _POSTED or path.startswith(f"{_POSTED}/") else ALLOWED


def always(path: str) -> Mapping[str, str]:
    """Return the header fields of every response at `path`. A response may have a Vary of its own instead."""
    path = f"/{path.lstrip('/')}"  # as werkzeug reads it
    fields = {**_ALWAYS, "Vary": FEED_VARY} if path.startswith(routes.FEED.prefix) else _ALWAYS
    return {**fields, **CORS} if path.startswith(SHARED) else fields


def not_later_than_now(moment: datetime) -> datetime:
    """Last-Modified must not be later than Date, even where a clock was put back (RFC 9110 §8.8.2.1)."""
    return min(moment, datetime.now(UTC))


def drop_impossible_dates(request: Request) -> None:
    """Take conditions out of `request` whose date cannot be (RFC 9110 §13.1.3): werkzeug fails on huge years."""
    for name in _DATED:
        try:
            parse_date(request.environ.get(name))
        except OverflowError:
            del request.environ[name]
