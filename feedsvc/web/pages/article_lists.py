"""The lists of articles: the home page, topics, tags, authors, months, search."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from flask_babel import gettext

from feedsvc.errors import UnknownResource
from feedsvc.feeds.feed import titles
from feedsvc.offsets import YEARS
from feedsvc.slices import search_terms
from feedsvc.slices.grammar import slice_named, slices
from feedsvc.slices.period import midnight
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.urls import with_parameters
from feedsvc.web.pages.list_page import ArticleList, Link
from feedsvc.web.pages.page import PageContext
from feedsvc.web.redirects import FormerAddress

# The most pages of a search. The store counts its results from the newest, so a late page costs as much as all before.
PAGES: Final = 50
# The most months on the home page; the page of a month links to the months before and after it.
MONTHS: Final = 12


def home(snapshot: Snapshot, page: PageContext) -> ArticleList:
    """Return the list of every article."""
    title, description = titles(page.site, Slice(), page.ui)
    months: list[Link] = []
    latest = snapshot.lists.last_before(None)
    while latest is not None and len(months) < MONTHS:
        months.append(_link(page, latest))
        latest = snapshot.lists.last_before(midnight(page.clock.here(latest).date().replace(day=1), page.site))
    return ArticleList(
        kind="home",
        heading=title,
        heading_in=page.site.title.language_for(page.ui),
        title=title,
        description="" if description == title else description,
        description_in=page.described_in(Slice()),
        own=page.base.home,
        slice=Slice(),
        every_feed=tuple(page.feed(each) for each in slices(page.site)),
        months=tuple(months),
        empty=gettext("Nothing is published here yet."),
    )


def topic(snapshot: Snapshot, page: PageContext, name: str) -> ArticleList:
    """Return the list of a topic, or of every article for `all`. Raises UnknownResource."""
    slice_ = slice_named(name, page.site)
    if slice_.topic is None:
        return home(snapshot, page)
    found = page.site.topic(slice_.topic)
    assert found is not None
    title, description = titles(page.site, slice_, page.ui)
    return ArticleList(
        kind="topic",
        heading=found.title.in_(page.ui),
        heading_in=found.title.language_for(page.ui),
        title=title,
        description="" if description == title else description,
        description_in=page.described_in(slice_),
        own=page.base.topic(name),
        slice=slice_,
        total=snapshot.slices.count(slice_),
        feed=slice_,
        empty=gettext("Nothing is published here yet."),
    )


def tag(snapshot: Snapshot, page: PageContext, tag: str) -> ArticleList:
    """Return the list of a tag. Raises UnknownResource where no article has it, and FormerAddress (see `_narrow`)."""
    return _narrow(
        snapshot,
        page,
        Slice(tags=(tag,)),
        kind="tag",
        heading=f"#{tag}",
        description=gettext("Articles with this tag"),
        own=page.base.tag(tag),
        missing=f"no article has the tag {tag[:80]!r}",
        without_slash=(Slice(tags=(tag.rstrip("/"),)), page.base.tag(tag.rstrip("/"))),
    )


def author(snapshot: Snapshot, page: PageContext, name: str) -> ArticleList:
    """Return the list of an author. Raises UnknownResource where no article is by that name, and FormerAddress."""
    return _narrow(
        snapshot,
        page,
        Slice(authors=(name,)),
        kind="author",
        heading=name,
        description=gettext("Articles by this author"),
        own=page.base.author(name),
        missing=f"no article is by {name[:80]!r}",
        without_slash=(Slice(authors=(name.rstrip("/"),)), page.base.author(name.rstrip("/"))),
    )


def _narrow(
    snapshot: Snapshot,
    page: PageContext,
    slice_: Slice,
    *,
    heading: str,
    missing: str,
    without_slash: tuple[Slice, str],
    **rest: Any,
) -> ArticleList:
    """Return the list of one tag or name with its feed. Raises UnknownResource with the message `missing`.

    A name may end in a slash, so an address with one is its own. Where there is no such name, it is a misspelling:
    raises FormerAddress with the address of `without_slash` where that slice has articles.
    """
    total = snapshot.slices.count(slice_)
    if not total:
        shorter, url = without_slash
        if shorter != slice_ and snapshot.slices.count(shorter):
            raise FormerAddress(url)
        raise UnknownResource(f"{missing} (see {page.base.home})")
    return ArticleList(
        heading=heading,
        title=_titled(page, heading),
        slice=slice_,
        total=total,
        feed=slice_,
        **rest,
    )


def month(snapshot: Snapshot, page: PageContext, written: str) -> ArticleList:
    """Return the list of a month, `written` 2026-07. Raises UnknownResource for a month without articles."""
    try:
        first = date.fromisoformat(f"{written}-01")
    except ValueError:
        first = date.min
    if len(written) != len("2026-07") or first.year not in YEARS:
        raise UnknownResource(f"no month {written[:80]!r} (write 2026-07)")
    following = (first + timedelta(days=31)).replace(day=1)
    slice_ = Slice(since=first, until=following - timedelta(days=1))
    total = snapshot.slices.count(slice_)
    if not total:
        raise UnknownResource(f"no article of {written[:80]!r} (months are written 2026-07; see {page.base.home})")
    since, until = midnight(first, page.site), midnight(following, page.site)
    heading = page.clock.month(since)
    earlier, later = snapshot.lists.last_before(since), snapshot.lists.first_from(until)
    return ArticleList(
        kind="month",
        heading=heading,
        title=_titled(page, heading),
        description=gettext("Articles of this month"),
        own=page.base.month(written),
        slice=slice_,
        total=total,
        before=_link(page, earlier) if earlier else None,
        after=_link(page, later) if later else None,
    )


def search(_snapshot: Snapshot, page: PageContext, query: str) -> ArticleList:
    """Return the articles that contain every word of `query`, as feeds find them; none for an empty query."""
    words = search_terms.parsed(query)
    slice_ = Slice(terms=words) if words else None
    return ArticleList(
        kind="search",
        heading=gettext("Search"),
        title=_titled(page, query or gettext("Search")),
        own=with_parameters(page.base.search, q=query) if query else page.base.search,
        slice=slice_,
        feed=slice_ or Slice(),
        query=query,
        last=PAGES,
        empty=gettext("No article holds all of these words.") if query else "",
    )


def _titled(page: PageContext, heading: str) -> str:
    return f"{heading} – {page.site.title.in_(page.ui)}"


def _link(page: PageContext, moment: datetime) -> Link:
    """Return the link to the month of a moment, in the site's time zone."""
    here = page.clock.here(moment)
    return page.clock.month(moment), page.base.month(f"{here:%Y-%m}")
