"""A slice for people: in words, and as links that change it. Each link is an address; nothing needs a script.

`slices.grammar` parses and writes the addresses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from flask_babel import gettext, ngettext

from feedsvc import languages
from feedsvc.errors import SearchTooSlow
from feedsvc.feeds.formats import FORMATS
from feedsvc.slices.grammar import MAX_QUERY, query, slices
from feedsvc.slices.slice import Slice
from feedsvc.slices.titles import narrowing
from feedsvc.store import Snapshot
from feedsvc.terminal import logger
from feedsvc.web.pages.page import PageContext, with_parameters

log = logger("feedsvc.web")

T = TypeVar("T")
# Of the most used ones.
TAGS: Final = 12
# More than a few hundred articles are in.
LANGUAGES: Final = 1000
# How long choices may be looked for: whoever opens a feed wants to see it.
SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value a control can have: its name, and the address of the feed that has it.

    One that `removes` leads to the feed without what it names.
    """

    name: str
    url: str
    current: bool = False
    removes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A form that asks for words: where it goes, and what it keeps of the slice. An empty one takes them away."""

    action: str
    kept: tuple[tuple[str, str], ...]
    words: str
    max_length: int = MAX_QUERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One side of a slice, and what it can be. Where it may be anything, that is the first choice."""

    name: str
    choices: tuple[Choice, ...]
    search: Search | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A feed that somebody looks at: for whom, its slice, its format."""

    page: PageContext
    slice: Slice
    suffix: str

    def but(self, **changed: Any) -> str:
        """The page of the feed whose slice differs in these fields."""
        return self.page.to(self.page.feed_url(replace(self.slice, **changed), self.suffix))


def in_words(snapshot: Snapshot, page: PageContext, slice_: Slice) -> str:
    """What a slice holds, in sentences. Raises SearchTooSlow."""
    said = _sentence(snapshot, page, slice_)
    return str(gettext("%(said)s Without their full texts.", said=said)) if slice_.body == "summary" else said


def _sentence(snapshot: Snapshot, page: PageContext, slice_: Slice) -> str:
    parts = narrowing(page.site, slice_, page.ui)
    newest = _newest(snapshot, page, slice_)
    named = {"newest": newest, "name": page.site.title.in_(page.ui)}
    if not parts:
        return str(gettext("%(newest)s of %(name)s.", **named))
    if parts == narrowing(page.site, slice_.base, page.ui):
        return str(gettext("%(newest)s of %(name)s on the topic %(topic)s.", topic=parts, **named))
    return str(gettext("%(newest)s of %(name)s: %(parts)s.", parts=parts, **named))


def _newest(snapshot: Snapshot, page: PageContext, slice_: Slice) -> str:
    """How many articles there are to see: no more are looked for."""
    most = slice_.limit or page.site.feed_size
    there = snapshot.slices.count_up_to(replace(slice_, limit=None), most + 1)
    if there > most:
        return str(gettext("The newest %(number)s articles", number=most))
    if there == 0:
        return str(gettext("Articles to come"))
    return str(ngettext("The only article", "All %(num)s articles", there))


def widest(slice_: Slice) -> Slice:
    """What the choices of a slice's controls are taken from: whatever changes them or the slice touches it."""
    return replace(slice_, languages=(), tags=())


def controls(snapshot: Snapshot, opened: Opened) -> tuple[Control, ...]:
    """What can be changed about a feed, in the order it is shown.

    Languages and tags are those that most of its newest articles have; where that takes too long, those it asks for.
    """
    found = (
        Control(name=gettext("Topic"), choices=tuple(_topics(opened))),
        Control(name=gettext("Language"), choices=tuple(_languages(snapshot, opened))),
        Control(name=gettext("Tag"), choices=tuple(_tags(snapshot, opened))),
        _words(opened),
        Control(name=gettext("Also"), choices=tuple(_besides(opened))),
        Control(name=gettext("Format"), choices=tuple(_formats(opened))),
    )
    return tuple(each for each in found if each.choices or each.search)


def _topics(opened: Opened) -> Iterator[Choice]:
    site, slice_ = opened.page.site, opened.slice
    chosen = {slice_.topic, *slice_.topics} if slice_.topics else {slice_.topic}
    for each in slices(site):
        yield Choice(
            name=slice_name(opened.page, each),
            url=opened.but(topic=each.topic, topics=()),
            current=each.topic in chosen,
        )


def slice_name(page: PageContext, slice_: Slice) -> str:
    """The short name of what a path alone names."""
    topic = page.site.topic(slice_.topic) if slice_.topic else None
    return topic.title.in_(page.ui) if topic else str(gettext("All topics"))


def _languages(snapshot: Snapshot, opened: Opened) -> Iterator[Choice]:
    """Those that the slice's newest articles are in, where there is one to choose."""
    chosen = opened.slice.languages
    used = _used(snapshot, replace(opened.slice, languages=()), "lang", LANGUAGES)
    values = sorted({*(each for each in languages.told_apart(snapshot.slices.languages()) if each in used), *chosen})
    if len(values) < 2 and not chosen:
        return
    yield Choice(name=str(gettext("All languages")), url=opened.but(languages=()), current=not chosen)
    for each in values:
        name = languages.name_in(each, opened.page.ui)
        yield Choice(name=name, url=opened.but(languages=(each,)), current=each in chosen)


def _tags(snapshot: Snapshot, opened: Opened) -> Iterator[Choice]:
    """The chosen ones, then those that most articles have, chosen or not."""
    chosen = opened.slice.tags
    used = _used(snapshot, replace(opened.slice, tags=()), "tag", TAGS)
    values = [*chosen, *(each for each in used if each not in chosen)]
    if not values:
        return
    yield Choice(name=str(gettext("All tags")), url=opened.but(tags=()), current=not chosen)
    for each in values:
        yield Choice(name=each, url=opened.but(tags=(each,)), current=each in chosen)


def _used(snapshot: Snapshot, slice_: Slice, facet: str, limit: int) -> list[str]:
    try:
        return snapshot.lists.most_used(slice_, facet, limit, SECONDS)
    except SearchTooSlow:
        log.info("no choices of %s for %r: it takes too long to find them", facet, slice_)
        return []


def _words(opened: Opened) -> Control:
    page, slice_ = opened.page, opened.slice
    path = page.base.feed(slice_.name, opened.suffix).removeprefix(page.site.base_url)
    kept = tuple(parse_qsl(query(replace(slice_, terms=()))))
    without = Choice(name=str(gettext("Without these words")), url=opened.but(terms=()), removes=True)
    return Control(
        name=gettext("Words"),
        choices=(without,) if slice_.terms else (),
        search=Search(action=page.root(path), kept=kept, words=" ".join(slice_.terms)),
    )


def _besides(opened: Opened) -> Iterator[Choice]:
    """What a slice asks for that no other control shows: each leads to the feed without it."""
    slice_ = opened.slice
    for author in slice_.authors:
        yield _removing(opened, Slice(authors=(author,)), authors=_but(slice_.authors, author))
    for each in slice_.without:
        yield _removing(opened, Slice(without=(each,)), without=_but(slice_.without, each))
    if slice_.since:
        yield _removing(opened, Slice(since=slice_.since), since=None)
    if slice_.until:
        yield _removing(opened, Slice(until=slice_.until), until=None)
    if slice_.limit:
        name = str(gettext("at most %(number)s articles", number=slice_.limit))
        yield Choice(name=name, url=opened.but(limit=None), removes=True)
    if slice_.body == "summary":
        yield Choice(name=str(gettext("summaries only")), url=opened.but(body="full"), removes=True)


def _removing(opened: Opened, part: Slice, **rest: Any) -> Choice:
    return Choice(name=narrowing(opened.page.site, part, opened.page.ui), url=opened.but(**rest), removes=True)


def _but(values: Sequence[T], one: T) -> tuple[T, ...]:
    return tuple(each for each in values if each != one)


def _formats(opened: Opened) -> Iterator[Choice]:
    for each in FORMATS.values():
        other = replace(opened, suffix=each.suffix)
        yield Choice(name=each.name, url=other.but(), current=each.suffix == opened.suffix)


def page_of(page: PageContext, slice_: Slice) -> str | None:
    """The page that lists just the articles of a slice, if there is one."""
    pages = {slice_.base: page.base.topic(slice_.topic) if slice_.topic else page.base.home}
    pages |= {Slice(tags=(tag,)): page.base.tag(tag) for tag in slice_.tags}
    pages |= {Slice(authors=(author,)): page.base.author(author) for author in slice_.authors}
    if slice_.terms:
        words = with_parameters(page.base.search, q=" ".join(slice_.terms))
        pages[Slice(terms=slice_.terms)] = words
    return pages.get(replace(slice_, limit=None, body="full"))
