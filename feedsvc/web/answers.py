"""From a document to a response: coding, validators, conditions, methods. The one place that writes ETag and 304."""

from collections.abc import Mapping
from typing import Final

from flask import Request, Response
from werkzeug.exceptions import NotAcceptable

from feedsvc.errors import BadParameter, nearest
from feedsvc.model import CachePolicy
from feedsvc.web.document import Document
from feedsvc.web.negotiation import choose_coding

# HTTP.md rule 13: feeds may be read by pages of other sites, never with credentials.
CORS: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
}
PREFLIGHT: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since, Cache-Control",
    "Access-Control-Max-Age": "86400",
}
# Cache-busters and campaign marks must not break a subscription.
_IGNORED: Final = frozenset({"_", "fbclid", "gclid"})
_IGNORED_PREFIX: Final = "utm_"
IMMUTABLE: Final = "public, max-age=31536000, immutable"


def answer(document: Document, request: Request, vary: tuple[str, ...] = ()) -> Response:
    """The response to `request`: 200, 304, 406 or 412 (RFC 9110 §13)."""
    coding = choose_coding(request.headers.get("Accept-Encoding"), document.bodies)
    if coding is None:
        raise NotAcceptable("no acceptable content coding (accept identity, gzip or br)")
    response = Response(document.bodies[coding], content_type=document.media_type)
    response.headers.update(document.headers)
    response.headers["Vary"] = ", ".join(("Accept-Encoding", *vary))
    if len(document.bodies) > 1 and coding != "identity":
        response.content_encoding = coding
    response.set_etag(document.etag(coding))
    response.last_modified = document.last_modified
    response.make_conditional(request)
    return response


def cache_control(policy: CachePolicy, max_age: int | None = None) -> str:
    """Cache-Control of a document (RFC 9111 §5.2.2, RFC 5861)."""
    age = policy.max_age if max_age is None else max_age
    return (
        f"public, max-age={age}, stale-while-revalidate={policy.stale_while_revalidate}, "
        f"stale-if-error={policy.stale_if_error}"
    )


def check_parameters(request: Request, known: tuple[str, ...] = ()) -> None:
    """Raises BadParameter for a query parameter nobody knows, or one given twice."""
    for name in request.args:
        if name in _IGNORED or name.startswith(_IGNORED_PREFIX):
            continue
        if name not in known:
            raise BadParameter(f"unknown parameter {name[:80]!r} ({nearest(name, known)})")
        if len(request.args.getlist(name)) > 1:
            raise BadParameter(f"parameter {name!r} is given twice (keep one)")
