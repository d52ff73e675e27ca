"""/static/…: the files of the interface itself, under names that are their content."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.documents.document import Document, Rendered, finish
from feedsvc.errors import StoreError, UnknownResource
from feedsvc.media.storage import IMMUTABLE
from feedsvc.model import Site, Theme
from feedsvc.site.colours import DARK_GROUND, lighter_until_readable, readable_on
from feedsvc.web.context import context
from feedsvc.web.responses import answer

blueprint = Blueprint("static", __name__)

_FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2"}
# A name says what the content is, so its date never matters; it is the same on every worker.
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _public_name(file: Path, body: bytes | None = None) -> str:
    """Return the name of a file, or of `body` in its place: it is made of the content."""
    digest = hashlib.sha256(file.read_bytes() if body is None else body).hexdigest()[:12]
    return f"{file.stem}-{digest}{file.suffix}"


def _document(file: Path, body: bytes | None = None) -> Document:
    headers, body = {"Cache-Control": IMMUTABLE}, file.read_bytes() if body is None else body
    return finish(Rendered(media_type=TYPES[file.suffix], body=body, headers=headers, last_modified=_MADE))


_FONTS: Final = {file.name: file for file in sorted((_FOLDER / "fonts").glob("*.woff2"))}
_SITE_CSS: Final = (_FOLDER / "site.css").read_text("utf-8")
_FONTS_CSS: Final = re.sub(
    r"url\(([^()]+)\)",
    lambda match: f"url({_public_name(_FONTS[match[1]])})",
    (_FOLDER / "fonts.css").read_text("utf-8"),
)


@lru_cache(maxsize=16)
def _style(theme: Theme) -> tuple[str, Document]:
    """Return the name and the document of the style sheet with the settings of a theme."""
    parts = [_SITE_CSS, _FONTS_CSS if theme.fonts else ""]
    if theme.typeface == "sans":
        parts.append(":root { --latin: var(--plain); }\n")
    if theme.accent:
        dark = lighter_until_readable(theme.accent, DARK_GROUND)
        light_rule, dark_rule = (
            f":root {{ --accent: {each}; --on-accent: {readable_on(each)}; }}" for each in (theme.accent, dark)
        )
        parts.append(f"{light_rule}\n@media (prefers-color-scheme: dark) {{ {dark_rule} }}\n")
        parts.append("@media print { :root { --accent: #000; } }\n")
    body = "".join(parts).encode()
    return _public_name(_FOLDER / "site.css", body), _document(_FOLDER / "site.css", body)


def style_name(theme: Theme) -> str:
    """Return the name of the style sheet with the settings of a theme."""
    return _style(theme)[0]


_STYLE: Final = re.compile(r"site-[0-9a-f]{12}\.css")
STYLE_NAME: Final = style_name(Theme())
DOCS_STYLE_NAME: Final = _public_name(_FOLDER / "docs.css")
SCRIPT_NAME: Final = _public_name(_FOLDER / "copy.js")
_DOCUMENTS: Final[Mapping[str, Document]] = {
    STYLE_NAME: _style(Theme())[1],
    DOCS_STYLE_NAME: _document(_FOLDER / "docs.css"),
    SCRIPT_NAME: _document(_FOLDER / "copy.js"),
    **{_public_name(file): _document(file) for file in _FONTS.values()},
}

# The names of all files, but for the style sheet of a theme of one's own.
NAMES: Final = tuple(_DOCUMENTS)


@blueprint.get(routes.STATIC.rule)
def static(name: str) -> Response:
    """The style sheets, the fonts, and the script of the copy button."""
    found = _DOCUMENTS.get(name)
    if found is None and _STYLE.fullmatch(name):
        try:
            with context().store.read() as snapshot:
                site: Site | None = snapshot.site()
        except StoreError:
            site = context().last.site
        own, document = _style(site.theme if site else Theme())
        if own != name:
            # A page from a cache may name the style sheet of an earlier theme or version. Its name is no longer true
            # of any content, so nothing is sent under it.
            return Response(status=302, headers={"Location": own, "Cache-Control": "no-store"})
        found = document
    if found is None:
        raise UnknownResource(f"no file {name[:80]!r}")
    return answer(found, request)
