"""/status: the state of the publication and its polls, as a page for editors. It needs a token."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, request
from flask_babel import gettext

from feedsvc import routes
from feedsvc.documents.document import Rendered
from feedsvc.errors import StoreError, UnknownResource
from feedsvc.feeds.formats import FORMATS
from feedsvc.hub.status import hub_lines, hub_numbers
from feedsvc.model import Hub
from feedsvc.slices.grammar import slices
from feedsvc.store import Snapshot
from feedsvc.store.snapshot.overview import MAX_SHOWN
from feedsvc.store.writer_problems import WriterProblem, lines_of, media_problems, warnings_of
from feedsvc.text import Message, message
from feedsvc.urls import with_parameters
from feedsvc.web.auth import require_token, vary
from feedsvc.web.context import context
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.feed.feed_filters import slice_name
from feedsvc.web.pages.feed.feed_page import PRIVATE
from feedsvc.web.pages.page import HTML, PageContext, in_language, render
from feedsvc.web.query_params import check_known, page_number
from feedsvc.web.stats.poll_buffer import OTHER
from feedsvc.web.stats.poll_counters import Figures

blueprint = Blueprint("status", __name__)
blueprint.after_request(vary)


# The lists of the page, and how many entries of each it shows. A list that is longer has pages of its own.
LISTS: Final[Mapping[str, int]] = {
    "aside": 6,
    "warnings": 6,
    "drafts": 6,
    "scheduled": 6,
    "expiring": 6,
    "topics": 15,
    "feeds": 18,
    "readers": 12,
}
# Entries on a page of one list.
PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a page shows of a list. `more` is the URL of the page with all of it, "" if this is all."""

    entries: Sequence[Any]
    total: int
    more: str = ""


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
    if only := request.args.get("list"):
        check_known("list", only, tuple(LISTS))
    render_page = partial(_render, only=only, number=page_number(request))
    with context().store.read() as snapshot:
        rendered = in_language(ui_language.wanted(request), render_page)(snapshot)
    headers = {**rendered.headers, "Cache-Control": PRIVATE, "Vary": "Accept-Encoding"}
    return Response(rendered.body, headers=headers, content_type=HTML)


def _media_problems(snapshot: Snapshot) -> tuple[WriterProblem, ...]:
    """Return the problem of files that the media storage lacks, while other requests have the thread if it is away."""
    storage = context().media
    with context().limiter.idle() if storage.is_remote else nullcontext():
        return media_problems(snapshot.media, storage)


def _hub_lines(hub: Hub) -> list[Message]:
    """Return the state of the hub. A node that reads a copy of the store has none while the primary is away."""
    try:
        return list(hub_lines(hub, hub_numbers(hub, context().subscriptions, time.time())))
    except StoreError as error:
        return [message("warning: hub: %(detail)s", detail=error)]


def _rows(page: PageContext, figures: Mapping[tuple[str, str], Figures]) -> list[FeedRow]:
    """Return a row for each feed, also for one without polls: the slices with the most polls first."""
    rows: list[tuple[int, list[FeedRow]]] = []
    for slice_ in slices(page.site):
        own = []
        for format_ in FORMATS.values():
            found = figures.get((slice_.name, format_.suffix), Figures())
            row = FeedRow(
                title=slice_name(page, slice_),
                format=format_.name,
                url=page.base.feed(slice_.name, format_.suffix),
                figures=found,
                unchanged=round(100 * found.unchanged / found.polls) if found.polls else None,
            )
            own.append(row)
        rows.append((sum(each.figures.polls for each in own), own))
    return [row for _, own in sorted(rows, key=lambda each: -each[0]) for row in own]


def _listed(page: PageContext, lists: Mapping[str, Sequence[Any]], only: str | None, number: int) -> dict[str, Listed]:
    """Return the parts of lists that are shown: the beginning of each, or a page of one. Raises UnknownResource."""
    if only:
        entries, start = lists[only], (number - 1) * PAGE_SIZE
        if number > 1 and start >= len(entries):
            raise UnknownResource(f"no page {number} (see {page.base.status})")
        return {only: Listed(entries=entries[start : start + PAGE_SIZE], total=len(entries))}
    found = {}
    for name, entries in lists.items():
        shown = LISTS[name]
        more = page.to(with_parameters(page.base.status, list=name)) if len(entries) > shown else ""
        found[name] = Listed(entries=entries[:shown], total=len(entries), more=more)
    return found


def _render(snapshot: Snapshot, page: PageContext, only: str | None, number: int) -> Rendered:
    polls, settings, seen = context().polls, context().settings, snapshot.overview()
    figures = polls.figures()
    used: Counter[str] = Counter()
    for (_, language), count in seen.articles.items():
        used[language] += count
    lists: dict[str, Sequence[Any]] = {
        "aside": seen.set_aside,
        "warnings": seen.warned,
        "drafts": seen.drafts_with_findings,
        "scheduled": seen.scheduled,
        "expiring": seen.expiring,
        "topics": page.site.topics,
        "feeds": _rows(page, figures),
        "readers": polls.subscriber_totals.reports()[:MAX_SHOWN],
    }
    own = page.base.status if not only else with_parameters(page.base.status, list=only)
    return render(
        page,
        "status.html",
        own=own,
        last_modified=page.site.established,
        title=gettext("Status"),
        is_wide=True,
        overview=seen,
        only=only,
        number=number,
        pages=-(-len(lists[only]) // PAGE_SIZE) if only else 1,
        page_url=lambda each: page.to(page.base.numbered(own, each) if each > 1 else own),
        lists=_listed(page, lists, only, number),
        # The most used ones are in view on a phone.
        languages=sorted(used, key=lambda each: (-used[each], each)),
        others=figures.get(OTHER, Figures()),
        began=polls.began,
        titles={each.name: slice_name(page, each) for each in slices(page.site)},
        formats=FORMATS,
        translated=ui_language.translated,
        writer=[
            *lines_of(context().store.writer_state(), datetime.now(UTC), detailed=True),
            *warnings_of(_media_problems(snapshot), detailed=True),
        ],
        hub=_hub_lines(page.site.hub),
        # Without a base_url, links have the server's own address.
        without_address=settings.base_url is None and page.site.base_url == settings.own_url.rstrip("/"),
    )
