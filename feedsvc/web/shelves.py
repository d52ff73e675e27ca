"""Which lists of articles there are: the home page, topics, tags, authors, months, search."""

from datetime import UTC, datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import gettext

from feedsvc.errors import UnknownResource
from feedsvc.feeds.feed import titles
from feedsvc.feeds.slices import slice_named, slices
from feedsvc.model import Slice
from feedsvc.store import Snapshot, listing
from feedsvc.web.list_page import Link, Shelf, Take
from feedsvc.web.page import Face, with_parameters

# On the home page; each month leads to the ones beside it.
MONTHS: Final = 12


def home(snapshot: Snapshot, face: Face) -> Shelf:
    """Every article."""
    title, description = titles(face.site, Slice(), face.ui)
    return Shelf(
        kind="home",
        heading=title,
        title=title,
        description="" if description == title else description,
        own=face.base.home,
        take=partial(snapshot.articles, Slice()),
        every_feed=tuple(face.feed(each) for each in slices(face.site)),
        months=_months(snapshot, face),
        empty=gettext("Nothing is published here yet."),
    )


def topic(snapshot: Snapshot, face: Face, name: str) -> Shelf:
    """A topic. Raises UnknownResource."""
    slice_ = slice_named(name, face.site)
    if slice_.topic is None:
        return home(snapshot, face)
    found = face.site.topic(slice_.topic)
    assert found is not None
    title, description = titles(face.site, slice_, face.ui)
    return Shelf(
        kind="topic",
        heading=found.title.in_(face.ui),
        title=title,
        description="" if description == title else description,
        own=face.base.topic(name),
        take=partial(snapshot.articles, slice_),
        feed=slice_,
        empty=gettext("Nothing is published here yet."),
    )


def tag(snapshot: Snapshot, face: Face, tag: str) -> Shelf:
    """A tag. Raises UnknownResource where no article has it."""
    take: Take = partial(listing.by_tag, snapshot, tag)
    if not take(1, 0):
        raise UnknownResource(f"no article has the tag {tag[:80]!r} (see {face.base.home})")
    return Shelf(
        kind="tag",
        heading=f"#{tag}",
        title=_titled(face, f"#{tag}"),
        description=gettext("Articles with this tag"),
        own=face.base.tag(tag),
        take=take,
    )


def author(snapshot: Snapshot, face: Face, name: str) -> Shelf:
    """A person. Raises UnknownResource where no article is theirs."""
    take: Take = partial(listing.by_author, snapshot, name)
    if not take(1, 0):
        raise UnknownResource(f"no article is by {name[:80]!r} (see {face.base.home})")
    return Shelf(
        kind="author",
        heading=name,
        title=_titled(face, name),
        description=gettext("Articles by this author"),
        own=face.base.author(name),
        take=take,
    )


def month(snapshot: Snapshot, face: Face, written: str) -> Shelf:
    """A month. Raises UnknownResource for one without articles."""
    since, until = _bounds(face, written)
    take: Take = partial(listing.between, snapshot, since, until)
    if not take(1, 0):
        raise UnknownResource(f"no article of {written[:80]!r} (months are written 2026-07; see {face.base.home})")
    heading = face.clock.month(since)
    earlier, later = listing.last_before(snapshot, since), listing.first_from(snapshot, until)
    return Shelf(
        kind="month",
        heading=heading,
        title=_titled(face, heading),
        description=gettext("Articles of this month"),
        own=face.base.month(written),
        take=take,
        before=_link(face, earlier) if earlier else None,
        after=_link(face, later) if later else None,
    )


def search(snapshot: Snapshot, face: Face, query: str) -> Shelf:
    """What holds every word of `query`; nothing at all where there is none."""
    take: Take = partial(listing.matching, snapshot, query.split()) if query else lambda _limit, _offset: []
    return Shelf(
        kind="search",
        heading=gettext("Search"),
        title=_titled(face, query or gettext("Search")),
        own=with_parameters(face.base.search, q=query) if query else face.base.search,
        take=take,
        query=query,
        empty=gettext("No article holds all of these words.") if query else "",
    )


def _titled(face: Face, heading: str) -> str:
    return f"{heading} – {face.site.title.in_(face.ui)}"


def _bounds(face: Face, written: str) -> tuple[datetime, datetime]:
    """The first moments of a month written 2026-07 and of the one after it, in the site's time zone, as UTC."""
    try:
        if len(written) != len("2026-07") or not written.isascii():
            raise ValueError
        first = datetime.strptime(written, "%Y-%m").replace(tzinfo=ZoneInfo(face.site.timezone))
        return first.astimezone(UTC), _first_of(first, 1).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnknownResource(f"no month {written[:80]!r} (write 2026-07)") from error


def _first_of(here: datetime, months: int = 0) -> datetime:
    """The first moment of the month that is so many after that of `here`, in its zone."""
    year, month_ = divmod(here.year * 12 + here.month - 1 + months, 12)
    return datetime(year, month_ + 1, 1, tzinfo=here.tzinfo)


def _months(snapshot: Snapshot, face: Face) -> tuple[Link, ...]:
    """The latest months that have articles, newest first."""
    found: list[Link] = []
    latest = listing.last_before(snapshot, None)
    while latest is not None and len(found) < MONTHS:
        found.append(_link(face, latest))
        latest = listing.last_before(snapshot, _first_of(face.clock.here(latest)).astimezone(UTC))
    return tuple(found)


def _link(face: Face, moment: datetime) -> Link:
    here = face.clock.here(moment)
    return face.clock.month(moment), face.base.month(f"{here:%Y-%m}")
