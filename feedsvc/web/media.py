"""/media/…: the files of articles, under names that are their content. /static/…: our own."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request, send_file

from feedsvc.errors import StoreUnavailable, UnknownResource
from feedsvc.web.answers import CORS, IMMUTABLE, answer
from feedsvc.web.context import context
from feedsvc.web.document import Document, Rendered, finish

blueprint = Blueprint("media", __name__)

# An SVG or PDF opened by itself is a page of our origin: it may draw, and nothing else.
_SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_STYLE: Final = (Path(__file__).parent / "static" / "site.css").read_bytes()
STYLE_NAME: Final = f"site-{hashlib.sha256(_STYLE).hexdigest()[:12]}.css"


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
    response = send_file(
        path.resolve(), mimetype=found.type, conditional=True, etag=found.digest.hex(), last_modified=found.at
    )
    response.headers.update(
        {**CORS, "Cache-Control": IMMUTABLE, "Content-Security-Policy": _SANDBOX, "Vary": "Accept-Encoding"}
    )
    return response


def _style() -> Document:
    headers = {"Cache-Control": IMMUTABLE}
    return finish(
        Rendered(
            media_type="text/css; charset=utf-8",
            body=_STYLE,
            headers=headers,
            last_modified=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )


_STYLE_DOCUMENT: Final = _style()


@blueprint.get("/static/<name>")
def static(name: str) -> Response:
    """The style sheet, under a name that is its content."""
    if name != STYLE_NAME:
        raise UnknownResource(f"no file {name[:80]!r}")
    return answer(_STYLE_DOCUMENT, request)
