"""/status: what an editor wants to know, as a page. It needs a token."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from flask_babel import gettext

from feedsvc import routes
from feedsvc.documents.document import Rendered
from feedsvc.feeds.formats import FORMATS
from feedsvc.slices.grammar import slices
from feedsvc.store import Snapshot
from feedsvc.store.snapshot.overview import MOST
from feedsvc.store.writer_problems import lines_of
from feedsvc.store.writer_state import read_state
from feedsvc.web.auth import require_token, vary
from feedsvc.web.context import context
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.feed_filters import slice_name
from feedsvc.web.pages.feed_page import PRIVATE
from feedsvc.web.pages.page import HTML, PageContext, in_language, render
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
    with context().store.read() as snapshot:
        rendered = in_language(ui_language.wanted(request), _render)(snapshot)
    headers = {**rendered.headers, "Cache-Control": PRIVATE, "Vary": "Accept-Encoding"}
    return Response(rendered.body, headers=headers, content_type=HTML)


def _render(snapshot: Snapshot, page: PageContext) -> Rendered:
    polls, settings, seen = context().polls, context().settings, snapshot.overview()
    figures = polls.figures()
    return render(
        page,
        "status.html",
        own=page.base.status,
        last_modified=page.site.established,
        title=gettext("Status"),
        overview=seen,
        languages=sorted({language for _, language in seen.articles}),
        rows=list(_rows(page, figures)),
        others=figures.get(OTHER, Figures()),
        began=polls.began,
        said=polls.audience.said()[:MOST],
        titles={each.name: slice_name(page, each) for each in slices(page.site)},
        formats=FORMATS,
        writer=list(lines_of(read_state(settings.store), datetime.now(UTC), detailed=True)),
        # Links name this server itself, since nobody set a base_url.
        without_address=settings.base_url is None and page.site.base_url == settings.own_url.rstrip("/"),
    )


def _rows(page: PageContext, figures: Mapping[FeedKey, Figures]) -> Iterator[FeedRow]:
    """Every feed there is, whether anybody asked for it or not."""
    for slice_ in slices(page.site):
        for format_ in FORMATS.values():
            found = figures.get((slice_.name, format_.suffix), Figures())
            yield FeedRow(
                title=slice_name(page, slice_),
                format=format_.name,
                url=page.base.feed(slice_.name, format_.suffix),
                figures=found,
                unchanged=round(100 * found.unchanged / found.polls) if found.polls else None,
            )
