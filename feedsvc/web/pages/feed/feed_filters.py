"""Describe a slice to people: in words, and as links to the feeds whose slices differ in one part. No script is needed.

`slices.grammar` parses and writes the addresses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from flask_babel import gettext, ngettext

from feedsvc import languages
from feedsvc.errors import SearchTooSlow
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.static_links import static_url
from feedsvc.slices.grammar import MAX_QUERY, query, slices
from feedsvc.slices.slice import Slice
from feedsvc.slices.titles import narrowing, narrowing_parts
from feedsvc.store import Snapshot
from feedsvc.terminal import logger
from feedsvc.urls import with_parameters
from feedsvc.web.pages.page import PageContext

log = logger("feedsvc.web")

T = TypeVar("T")
# The most tags that a control offers.
TAGS: Final = 12
# The most choices of a control that its page shows at once, beside those that are chosen.
SHOWN: Final = 8
# The most languages that are looked for: more than any publication has.
LANGUAGES: Final = 1000
# How long the store may look for choices; the page of a feed waits for them.
SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a control: its name, and the URL of the feed with that value.

    Where `removes` is true, the URL is that of the feed without the part that `name` describes.
    """

    name: str
    url: str
    current: bool = False
    removes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A form for search words. `action` is its path; `kept` are the parameters of the other parts of the slice.

    The form removes the words of the slice when it is sent empty.
    """

    action: str
    kept: tuple[tuple[str, str], ...]
    words: str
    max_length: int = MAX_QUERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A part of a slice and its possible values. The first choice removes the restriction, where there can be none.

    The choices in `folded` are shown when somebody asks for them.
    """

    name: str
    choices: tuple[Choice, ...]
    folded: tuple[Choice, ...] = ()
    search: Search | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A feed that a browser opens: the context of its page, its slice, the suffix of its format."""

    page: PageContext
    slice: Slice
    suffix: str

    def choice(self, name: str, *, current: bool = False, removes: bool = False, **changed: Any) -> Iterator[Choice]:
        """Yield the choice of the feed whose slice differs in the fields `changed`, unless an export lacks it."""
        slice_ = replace(self.slice, **changed)
        if self.page.has_feed(slice_):
            url = self.page.to(self.page.feed_page_url(slice_, self.suffix))
            yield Choice(name=name, url=url, current=current, removes=removes)


def in_words(snapshot: Snapshot, page: PageContext, slice_: Slice) -> str:
    """Describe a slice in sentences. Raises SearchTooSlow."""
    parts = narrowing(page.site, slice_, page.ui)
    most = slice_.limit or page.site.feed_size
    # One more than the feed has tells whether there are more.
    count = snapshot.slices.count_up_to(replace(slice_, limit=None), most + 1)
    if count > most:
        newest = gettext("The newest %(number)s articles", number=most)
    elif count == 0:
        newest = gettext("Articles to come")
    else:
        newest = ngettext("The only article", "All %(num)s articles", count)
    named = {"newest": newest, "name": page.site.title.in_(page.ui)}
    if not parts:
        said = gettext("%(newest)s of %(name)s.", **named)
    elif parts == narrowing(page.site, slice_.base, page.ui):
        said = gettext("%(newest)s of %(name)s on the topic %(topic)s.", topic=parts, **named)
    else:
        said = gettext("%(newest)s of %(name)s: %(parts)s.", parts=parts, **named)
    return str(gettext("%(said)s Without their full texts.", said=said) if slice_.body == "summary" else said)


def widest(slice_: Slice) -> Slice:
    """Return the slice whose articles the choices of the controls are found in. Each change of the choices or of
    `slice_` is a change of it.
    """
    return replace(slice_, languages=(), tags=())


def controls(snapshot: Snapshot, opened: Opened) -> tuple[Control, ...]:
    """Return the controls of a feed in the order of its page.

    The languages and tags are the most used ones of the feed's newest articles; where the store takes too long to find
    them, only those of the slice.
    """
    page, slice_ = opened.page, opened.slice
    chosen = {slice_.topic, *slice_.topics} if slice_.topics else {slice_.topic}
    topics = (
        choice
        for each in slices(page.site)
        for choice in opened.choice(slice_name(page, each), current=each.topic in chosen, topic=each.topic, topics=())
    )
    without_words = opened.choice(str(gettext("Without these words")), removes=True, terms=())
    search = Search(
        action=page.root(page.base.feed(slice_.name, opened.suffix).removeprefix(page.site.base_url)),
        kept=tuple(parse_qsl(query(replace(slice_, terms=())))),
        words=" ".join(slice_.terms),
    )
    formats = (
        Choice(
            name=each.name,
            url=page.to_feed(page.feed_url(slice_, each.suffix)),
            current=each.suffix == opened.suffix and not page.base.is_static,
        )
        for each in FORMATS.values()
    )
    found = (
        _control(gettext("Topic"), topics),
        _control(gettext("Language"), _languages(snapshot, opened)),
        _control(gettext("Tag"), _tags(snapshot, opened)),
        Control(
            name=gettext("Words"),
            choices=tuple(without_words) if slice_.terms else (),
            search=None if page.base.is_static else search,
        ),
        Control(name=gettext("Also"), choices=tuple(_besides(opened))),
        Control(name=gettext("Format"), choices=tuple(formats)),
    )
    # In an export, a control may have nothing but what is chosen.
    fewest = 2 if page.base.is_static else 1
    return tuple(each for each in found if len(each.choices) >= fewest or each.search)


def _control(name: str, choices: Iterator[Choice]) -> Control:
    """Return a control that shows its first choices and those that are chosen. One choice alone is not folded."""
    found = list(choices)
    shown = [each for number, each in enumerate(found) if number < SHOWN or each.current]
    folded = [each for each in found if each not in shown]
    if len(folded) == 1:
        shown, folded = found, []
    return Control(name=name, choices=tuple(shown), folded=tuple(folded))


def conditions(page: PageContext, slice_: Slice) -> list[str]:
    """Return each condition of a slice beside its topic in words, such as "in English"."""
    parts = narrowing_parts(page.site, slice_, page.ui)[bool(slice_.topic) :]
    return [*parts, *(name for name, _ in _extent(slice_))]


def _extent(slice_: Slice) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield how many of the articles a feed has, and how much of each, in words, with the change that removes it."""
    if slice_.limit:
        yield str(gettext("at most %(number)s articles", number=slice_.limit)), {"limit": None}
    if slice_.body == "summary":
        yield str(gettext("summaries only")), {"body": "full"}


def slice_name(page: PageContext, slice_: Slice) -> str:
    """Return the short name of a slice without parameters: its topic's title, or "All topics"."""
    topic = page.site.topic(slice_.topic) if slice_.topic else None
    return topic.title.in_(page.ui) if topic else str(gettext("All topics"))


def _languages(snapshot: Snapshot, opened: Opened) -> Iterator[Choice]:
    """Yield the languages of the slice's newest articles; nothing where there is only one and none is chosen."""
    chosen = opened.slice.languages
    used = _used(snapshot, opened, replace(opened.slice, languages=()), "lang", LANGUAGES)
    values = sorted(
        {*(each for each in languages.distinguishable(snapshot.slices.languages()) if each in used), *chosen}
    )
    if len(values) < 2 and not chosen:
        return
    yield from opened.choice(str(gettext("All languages")), current=not chosen, languages=())
    for each in values:
        name = languages.name_in(each, opened.page.ui)
        yield from opened.choice(name, current=each in chosen, languages=(each,))


def _tags(snapshot: Snapshot, opened: Opened) -> Iterator[Choice]:
    """Yield the tags of the slice, then the most used tags of its newest articles."""
    chosen = opened.slice.tags
    used = _used(snapshot, opened, replace(opened.slice, tags=()), "tag", TAGS)
    values = [*chosen, *(each for each in used if each not in chosen)]
    if not values:
        return
    yield from opened.choice(str(gettext("All tags")), current=not chosen, tags=())
    for each in values:
        yield from opened.choice(each, current=each in chosen, tags=(each,))


def _used(snapshot: Snapshot, opened: Opened, slice_: Slice, facet: str, limit: int) -> list[str]:
    # Nobody waits for a page of an export, which is to have the same bytes each time.
    seconds = None if opened.page.base.is_static else SECONDS
    try:
        # The page in each language has the same ones.
        found = partial(snapshot.lists.most_used, slice_, facet, limit, seconds)
        return snapshot.once(("most used", slice_, facet), found)
    except SearchTooSlow:
        log.info("no choices of %s for %r: it takes too long to find them", facet, slice_)
        return []


def _besides(opened: Opened) -> Iterator[Choice]:
    """Yield the parts of a slice that no other control shows. Each choice is the feed without that part."""
    slice_ = opened.slice
    for author in slice_.authors:
        yield from _removing(opened, Slice(authors=(author,)), authors=_but(slice_.authors, author))
    for each in slice_.without:
        yield from _removing(opened, Slice(without=(each,)), without=_but(slice_.without, each))
    if slice_.since:
        yield from _removing(opened, Slice(since=slice_.since), since=None)
    if slice_.until:
        yield from _removing(opened, Slice(until=slice_.until), until=None)
    for name, changed in _extent(slice_):
        yield from opened.choice(name, removes=True, **changed)


def _removing(opened: Opened, part: Slice, **rest: Any) -> Iterator[Choice]:
    return opened.choice(narrowing(opened.page.site, part, opened.page.ui), removes=True, **rest)


def _but(values: Sequence[T], one: T) -> tuple[T, ...]:
    return tuple(each for each in values if each != one)


def page_of(page: PageContext, slice_: Slice) -> str | None:
    """Return the URL of the page that lists the articles of a slice; None where no page lists exactly these, or where
    an export cannot have it.
    """
    pages = {slice_.base: page.base.topic(slice_.topic) if slice_.topic else page.base.home}
    pages |= {Slice(tags=(tag,)): page.base.tag(tag) for tag in slice_.tags}
    pages |= {Slice(authors=(author,)): page.base.author(author) for author in slice_.authors}
    if slice_.terms and not page.base.is_static:
        words = with_parameters(page.base.search, q=" ".join(slice_.terms))
        pages[Slice(terms=slice_.terms)] = words
    found = pages.get(replace(slice_, limit=None, body="full"))
    is_there = found is None or static_url(found, page.site) == found
    return found if is_there else None
