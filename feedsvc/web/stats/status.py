"""/status: what an editor wants to know, as a page. It needs a token."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from flask_babel import gettext

from feedsvc import routes
from feedsvc.config import Settings
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Site
from feedsvc.slices.grammar import slices
from feedsvc.store.overview import MOST, overview
from feedsvc.store.writer_state import lines_of, read_state
from feedsvc.web.auth import require_token, vary
from feedsvc.web.context import context
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.feed_filters import slice_name
from feedsvc.web.pages.feed_page import PRIVATE
from feedsvc.web.pages.page import HTML, PageContext, page_context, render
from feedsvc.web.stats.feed_metrics import Figures
from feedsvc.web.stats.poll_buffer import OTHER, FeedKey

blueprint = Blueprint("status", __name__)
blueprint.after_request(vary)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed's line: `unchanged` is the share of 304 in percent, None while nobody asked."""

    title: str
    format: str
    url: str
    figures: Figures
    unchanged: int | None


@blueprint.get(routes.STATUS.rule)
def status() -> Response:
    """Everything at a glance, as it is now."""
    require_token(request)
    ui, polls = ui_language.wanted(request), context().polls
    figures = polls.figures()
    with context().store.read() as snapshot:
        face, seen = page_context(snapshot, ui), overview(snapshot)
        rendered = render(
            face,
            "status.html",
            own=face.base.status,
            last_modified=face.site.established,
            title=gettext("Status"),
            overview=seen,
            languages=sorted({language for _, language in seen.articles}),
            rows=list(_rows(face, figures)),
            others=figures.get(OTHER, Figures()),
            began=polls.began,
            said=polls.audience.said()[:MOST],
            titles={each.name: slice_name(face, each) for each in slices(face.site)},
            formats=FORMATS,
            writer=list(lines_of(read_state(context().settings.store), datetime.now(UTC), detailed=True)),
            without_address=_is_without_address(face.site, context().settings),
        )
    headers = {**rendered.headers, "Cache-Control": PRIVATE, "Vary": "Accept-Encoding"}
    return Response(rendered.body, headers=headers, content_type=HTML)


def _is_without_address(site: Site, settings: Settings) -> bool:
    """Whether links name this server itself, since nobody set a base_url."""
    return settings.base_url is None and site.base_url == settings.own_url.rstrip("/")


def _rows(face: PageContext, figures: Mapping[FeedKey, Figures]) -> Iterator[FeedRow]:
    """Every feed there is, whether anybody asked for it or not."""
    for slice_ in slices(face.site):
        for format_ in FORMATS.values():
            found = figures.get((slice_.name, format_.suffix), Figures())
            yield FeedRow(
                title=slice_name(face, slice_),
                format=format_.name,
                url=face.base.feed(slice_.name, format_.suffix),
                figures=found,
                unchanged=round(100 * found.unchanged / found.polls) if found.polls else None,
            )
