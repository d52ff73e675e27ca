"""The lists of articles: the home page, topics, tags, authors, months."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Final

from flask_babel import gettext

from feedsvc.errors import UnknownResource
from feedsvc.feeds.feed import titles
from feedsvc.model import Article, Site, Topic
from feedsvc.offsets import YEARS
from feedsvc.slices.grammar import slice_named
from feedsvc.slices.period import midnight
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.web.pages.list_page import PAGE_SIZE, ArticleList, FrontPage, Link, Year, titled
from feedsvc.web.pages.page import PageContext
from feedsvc.web.redirects import FormerAddress

# The years whose months are on the front page. The page of a month links to the months before and after it.
YEARS_OF_MONTHS: Final = 5
# The front page of a publication with more articles has sections: so many topics, with so many articles each.
MANY: Final = 2 * PAGE_SIZE
SECTIONS: Final = 6
IN_SECTION: Final = 3


def home(snapshot: Snapshot, page: PageContext) -> ArticleList:
    """Return the list of every article."""
    title, description = titles(page.site, Slice(), page.ui)
    return ArticleList(
        kind="home",
        heading=title,
        heading_in=page.site.title.language_for(page.ui),
        title=title,
        description="" if description == title else description,
        description_in=page.described_in(Slice()),
        own=page.base.home,
        slice=Slice(),
        total=snapshot.slices.count(Slice()),
        front=partial(_front_page, snapshot, page),
        empty=gettext("Nothing is published here yet."),
    )


def _front_page(snapshot: Snapshot, page: PageContext) -> FrontPage:
    years, older = _years(snapshot, page)
    return FrontPage(sections=sections(snapshot, page.site), years=years, older=older)


def sections(snapshot: Snapshot, site: Site) -> tuple[tuple[Topic, Sequence[Article]], ...]:
    """Return topics with their newest articles that are not on the first page of the front page; none for few."""
    if snapshot.slices.count(Slice()) <= MANY:
        return ()
    shown = {each.id for each in snapshot.slices.articles(Slice(), PAGE_SIZE)}
    found = snapshot.lists.newest_of_topics([each.name for each in site.topics[:SECTIONS]], IN_SECTION, shown)
    return tuple((each, articles) for each in site.topics if (articles := found.get(each.name)))


def _years(snapshot: Snapshot, page: PageContext) -> tuple[tuple[Year, ...], Link | None]:
    """Return the last YEARS_OF_MONTHS years with their months that have articles, and the last month before them."""
    latest = snapshot.lists.last_before(None)
    if latest is None:
        return (), None
    last = page.clock.here(latest).year
    firsts = [
        date(year, month, 1)
        for year in range(max(last - YEARS_OF_MONTHS + 1, YEARS[0]), last + 1)
        for month in range(1, 13)
    ]
    starts = [midnight(each, page.site) for each in firsts]
    # No article is later than the last one, so the last month may end with it.
    found = snapshot.lists.dated_between([*(each for each in starts if each <= latest), latest + timedelta(seconds=1)])
    months = [each for each, has_articles in zip(starts, found, strict=False) if has_articles]
    years = [
        Year(page.clock.year(some[0]), tuple((page.clock.month_of_year(each), _month_url(page, each)) for each in some))
        for _, each in groupby(reversed(months), lambda start: page.clock.here(start).year)
        if (some := list(each))
    ]
    before = snapshot.lists.last_before(starts[0])
    return tuple(years), _link(page, before) if before else None


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
        title=titled(page, heading),
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
        title=titled(page, heading),
        description=gettext("Articles of this month"),
        own=page.base.month(written),
        slice=slice_,
        total=total,
        before=_link(page, earlier) if earlier else None,
        after=_link(page, later) if later else None,
    )


def _link(page: PageContext, moment: datetime) -> Link:
    """Return the link to the month of a moment, in the site's time zone."""
    return page.clock.month(moment), _month_url(page, moment)


def _month_url(page: PageContext, moment: datetime) -> str:
    return page.base.month(f"{page.clock.here(moment):%Y-%m}")
