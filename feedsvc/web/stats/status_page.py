"""/status: the state of the publication and its polls, as a page for editors. It needs a token."""

import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from flask_babel import gettext

from feedsvc import routes
from feedsvc.documents.document import Rendered
from feedsvc.errors import StoreError
from feedsvc.feeds.formats import FORMATS
from feedsvc.hub.status import hub_lines, hub_numbers
from feedsvc.model import Hub
from feedsvc.slices.grammar import slices
from feedsvc.store import Snapshot
from feedsvc.store.snapshot.overview import MAX_SHOWN
from feedsvc.store.writer_problems import WriterProblem, lines_of, media_problems, warnings_of
from feedsvc.web.auth import require_token, vary
from feedsvc.web.context import context
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.feed.feed_filters import slice_name
from feedsvc.web.pages.feed.feed_page import PRIVATE
from feedsvc.web.pages.page import HTML, PageContext, in_language, render
from feedsvc.web.stats.poll_buffer import OTHER
from feedsvc.web.stats.poll_counters import Figures

blueprint = Blueprint("status", __name__)
blueprint.after_request(vary)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed's row: `unchanged` is the share of 304 in percent, None for a feed without polls."""

    title: str
    format: str
    url: str
    figures: Figures
    unchanged: int | None


@blueprint.get(routes.STATUS.rule)
def status() -> Response:
    """The current state on one page."""
    require_token(request)
    with context().store.read() as snapshot:
        rendered = in_language(ui_language.wanted(request), _render)(snapshot)
    headers = {**rendered.headers, "Cache-Control": PRIVATE, "Vary": "Accept-Encoding"}
    return Response(rendered.body, headers=headers, content_type=HTML)


def _media_problems(snapshot: Snapshot) -> tuple[WriterProblem, ...]:
    """Return the problem of files that the media storage lacks, while other requests have the thread if it is away."""
    storage = context().media
    with context().limiter.idle() if storage.is_remote else nullcontext():
        return media_problems(snapshot.media, storage)


def _hub_lines(hub: Hub) -> list[str]:
    """Return the state of the hub. A node that reads a copy of the store has none while the primary is away."""
    try:
        return list(hub_lines(hub, hub_numbers(hub, context().subscriptions, time.time())))
    except StoreError as error:
        return [f"warning: hub: {error}"]


def _render(snapshot: Snapshot, page: PageContext) -> Rendered:
    polls, settings, seen = context().polls, context().settings, snapshot.overview()
    figures = polls.figures()
    used: Counter[str] = Counter()
    for (_, language), number in seen.articles.items():
        used[language] += number
    rows = []
    # Each feed has a row, also one without polls.
    for slice_ in slices(page.site):
        for format_ in FORMATS.values():
            found = figures.get((slice_.name, format_.suffix), Figures())
            row = FeedRow(
                title=slice_name(page, slice_),
                format=format_.name,
                url=page.base.feed(slice_.name, format_.suffix),
                figures=found,
                unchanged=round(100 * found.unchanged / found.polls) if found.polls else None,
            )
            rows.append(row)
    return render(
        page,
        "status.html",
        own=page.base.status,
        last_modified=page.site.established,
        title=gettext("Status"),
        is_wide=True,
        overview=seen,
        # The most used ones are in view on a phone.
        languages=sorted(used, key=lambda each: (-used[each], each)),
        rows=rows,
        others=figures.get(OTHER, Figures()),
        began=polls.began,
        said=polls.subscriber_totals.reports()[:MAX_SHOWN],
        titles={each.name: slice_name(page, each) for each in slices(page.site)},
        formats=FORMATS,
        writer=[
            *lines_of(context().store.writer_state(), datetime.now(UTC), detailed=True),
            *warnings_of(_media_problems(snapshot), detailed=True),
        ],
        hub=_hub_lines(page.site.hub),
        # Without a base_url, links have the server's own address.
        without_address=settings.base_url is None and page.site.base_url == settings.own_url.rstrip("/"),
    )
