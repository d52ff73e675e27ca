"""A slice on other sites: /embed/<slice> is a page for a frame, /embed.js an element that shows a JSON Feed."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.support import Translations
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from feedsvc import routes
from feedsvc.documents.cache_control import cache_control
from feedsvc.documents.document import Rendered, finish
from feedsvc.documents.feeds import check_slice
from feedsvc.feeds.feed import titles
from feedsvc.slices.grammar import parse
from feedsvc.slices.titles import language_of, narrowing, with_mark
from feedsvc.store import Snapshot
from feedsvc.store.facets import PICTURES, made_of
from feedsvc.web.context import cache
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.picture_sizes import sizes_of_urls
from feedsvc.web.query_params import check_known, query_pairs
from feedsvc.web.render_limiter import cost_of
from feedsvc.web.responses import answer

blueprint = Blueprint("embed", __name__)

NUMBER: Final = 10
# What changes how the list looks, beside what the slice says.
LOOK: Final = ("theme", "ui", "pictures")
THEMES: Final = ("auto", "light", "dark")
WITH_PICTURES: Final = ("no", "yes")
_STATIC: Final = Path(__file__).parent.parent / "static"


def _minified_style(text: str) -> str:
    """Return a style sheet without its lines of comments and the spaces that have no meaning."""
    written = " ".join(line.strip() for line in text.splitlines() if not line.startswith("/*"))
    for mark in (" {", "{ ", ": ", "; ", " }", "} "):
        written = written.replace(mark, mark.strip())
    return written.replace(";}", "}")


_INNER_COMMENT: Final = re.compile(" +//")


def _minified_script(text: str) -> str:
    """Return a script without its indentation and what comments are in it; how to use it stays above it.

    Line ends stay: some end a statement.
    """
    return "\n".join(line.strip() for line in text.splitlines() if line and not _INNER_COMMENT.match(line))


_CSS: Final = (_STATIC / "embed.css").read_text("utf-8")
_STYLE: Final = _minified_style(_CSS)
# An element is in the page of another site, whose body is not ours.
_STYLE_OF_ELEMENTS: Final = _minified_style(re.sub("^body.*$", "", _CSS, flags=re.MULTILINE))
# By the language of the interface.
_MORE_FROM: Final = {
    each: Translations.load(ui_language.TRANSLATIONS, [each.replace("-", "_")]).gettext("More from %(name)s")
    for each in ui_language.catalogues()
}
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# The page runs no script, may be in a frame of any site, and requests nothing but pictures where it is asked for them.
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)
_PICTURES: Final = "; img-src http: https:"
SCRIPT_CACHE_CONTROL: Final = "public, max-age=86400"
_SCRIPT: Final = finish(
    Rendered(
        media_type="text/javascript; charset=utf-8",
        body=_minified_script((_STATIC / "embed.js").read_text("utf-8"))
        .replace("EMBED_CSS", _STYLE_OF_ELEMENTS)
        .replace("MORE_FROM", json.dumps(_MORE_FROM, ensure_ascii=False))
        .encode(),
        headers={"Cache-Control": SCRIPT_CACHE_CONTROL},
        last_modified=datetime(2026, 11, 30, tzinfo=UTC),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The requested appearance of the page. Where `ui` is None, the page has the language of the slice."""

    theme: str
    ui: str | None
    pictures: bool


@blueprint.get(routes.EMBED_SCRIPT.rule)
def script() -> Response:
    """The custom element `<feed-list src=…>`."""
    return answer(_SCRIPT, request)


@blueprint.get(routes.EMBED.rule)
def embed(name: str) -> Response:
    """The newest articles of a slice, as a light page for a frame."""
    look = _Look(
        theme=_one_of("theme", THEMES, THEMES[0]),
        ui=_one_of("ui", ui_language.catalogues(), "") or None,
        pictures=_one_of("pictures", WITH_PICTURES, WITH_PICTURES[0]) == "yes",
    )
    slice_ = parse(name, query_pairs(request), beside=LOOK)

    def render(snapshot: Snapshot) -> Rendered:
        site = snapshot.site()
        check_slice(snapshot, site, name, slice_)
        ui = look.ui or ui_language.catalogue_for(language_of(site, slice_)) or ui_language.language_of(site)
        articles = list(map(with_mark, snapshot.slices.articles(slice_, slice_.limit or NUMBER)))
        shown = [each.image.url for each in articles if look.pictures and each.image]
        more = [snapshot.slices.last_change_of_pictures()] if look.pictures else []
        with ui_language.ui_locale(ui):
            body = render_template(
                "embed.html",
                ui=ui,
                look=look,
                style=Markup(_STYLE),  # noqa: S704
                title=titles(site, slice_, ui)[0],
                heading=narrowing(site, slice_, ui) or site.title.in_(ui),
                name=site.title.in_(ui),
                articles=articles,
                srcset_of=sizes_of_urls(snapshot, site, shown).srcset,
                home=site.addresses.topic(slice_.topic) if slice_.topic else site.addresses.home,
                base=site.addresses,
                clock=ui_language.Clock(site.timezone, ui),
            )
        return Rendered(
            made_of=made_of(slice_) | ({PICTURES} if look.pictures else set()),
            media_type="text/html; charset=utf-8",
            body=body.encode(),
            last_modified=max([snapshot.slices.last_change(slice_), *more]),
            headers={
                "Cache-Control": cache_control(site.cache),
                "Content-Language": ui,
                "Content-Security-Policy": POLICY + _PICTURES * look.pictures,
                "Referrer-Policy": "strict-origin-when-cross-origin",
            },
        )

    return answer(cache().get(("embed", slice_, look), render, cost_of(slice_)), request)


def _one_of(name: str, known: tuple[str, ...], default: str) -> str:
    found = request.args.get(name) or default
    if found != default:
        check_known(name, found, known)
    return found
