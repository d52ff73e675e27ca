"""/static/…: the files of the interface itself, under names that are their content."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.documents.document import Document, Rendered, finish
from feedsvc.errors import UnknownResource
from feedsvc.media.storage import IMMUTABLE
from feedsvc.web.responses import answer

blueprint = Blueprint("static", __name__)

_FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
# A name says what the content is, so its date never matters; it is the same on every worker.
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _public_name(file: Path) -> str:
    return f"{file.stem}-{hashlib.sha256(file.read_bytes()).hexdigest()[:12]}{file.suffix}"


def _document(file: Path) -> Document:
    headers = {"Cache-Control": IMMUTABLE}
    return finish(Rendered(media_type=TYPES[file.suffix], body=file.read_bytes(), headers=headers, last_modified=_MADE))


STYLE_NAME: Final = _public_name(_FOLDER / "site.css")
DOCS_STYLE_NAME: Final = _public_name(_FOLDER / "docs.css")
SCRIPT_NAME: Final = _public_name(_FOLDER / "copy.js")
_DOCUMENTS: Final[Mapping[str, Document]] = {
    STYLE_NAME: _document(_FOLDER / "site.css"),
    DOCS_STYLE_NAME: _document(_FOLDER / "docs.css"),
    SCRIPT_NAME: _document(_FOLDER / "copy.js"),
}

# The names of all files.
NAMES: Final = tuple(_DOCUMENTS)


@blueprint.get(routes.STATIC.rule)
def static(name: str) -> Response:
    """The style sheets, and the script of the copy button."""
    if name not in _DOCUMENTS:
        raise UnknownResource(f"no file {name[:80]!r}")
    return answer(_DOCUMENTS[name], request)
