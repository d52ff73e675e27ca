"""The files of an export, in groups: a group is what one slice, list or article has.

A commit touches few groups, and few documents of them. Each document says what it shows, so that only those are
rendered again that show something else than the last time, or an article that changed since.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from feedsvc import languages, routes
from feedsvc.documents.opml import parts_in_languages
from feedsvc.documents.sitemap import count_parts, parts_with
from feedsvc.export.keys import key_of
from feedsvc.feeds.formats import DEFAULT_FORMAT, FORMATS
from feedsvc.model import Article, Site
from feedsvc.slices.grammar import query, slices, spelled
from feedsvc.slices.period import Period, midnight, period_of
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot, Touched
from feedsvc.store.facets import EVERYTHING, PICTURES, Facet, facets_of, made_of
from feedsvc.store.rows import to_text, to_time
from feedsvc.store.snapshot.catalogue import Dated
from feedsvc.urls import Addresses
from feedsvc.web.openapi.operations import GROUPS
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.article_lists import sections
from feedsvc.web.pages.article_page import known_topics
from feedsvc.web.pages.feed.feed_filters import widest
from feedsvc.web.pages.list_page import PAGE_SIZE
from feedsvc.web.static import NAMES as STATIC_NAMES
from feedsvc.web.static import style_name

# The prefix of the groups of articles; the id of the article follows.
ARTICLE: Final = "article "
# The group of what belongs to no slice.
SINGLE: Final = "single"
# Returns the keys of the files of a group that show an article.
_KeysThatShow = Callable[[str, str], Iterable[str]]
_NUMBER: Final = re.compile(r"(?:^|/)page/([0-9]+)(?:[.]|/)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A file of an export. `key` is its path in the target, `url` what the application is asked for (path and query).

    `is_browser` says that a browser asks. `shows` are the ids of the articles that it shows and what else its bytes
    depend on; None where `facets` say it: those that it is made of, None for everything. `is_late` says that it is
    written after the others: nobody waits for it. `latest` is for lists and archives, which share entries with those of
    the same time: the time of their newest article, or the label of their period.
    """

    key: str
    url: str
    is_browser: bool = False
    shows: tuple[str, ...] | None = None
    facets: frozenset[Facet] | None = None
    is_late: bool = False
    latest: str = ""

    @property
    def stage(self) -> tuple[bool, bool]:
        """Its place in the order of writing: feeds and articles, lists, pages about feeds, archives."""
        return self.is_late, bool(self.latest)


@dataclass(frozen=True, slots=True)
class _List:
    """A list of articles: its group, its URL in the service, and its facet; `within` is the time of a month's."""

    group: str
    url: str
    facet: Facet
    within: tuple[str, str] | None = None

    @property
    def until(self) -> str | None:
        """Before which its articles were published; None for any time."""
        return self.within[1] if self.within else None


@dataclass(slots=True)
class Plan:
    """Makes the groups of the publication in `snapshot`, whose site is that of an export.

    `uis` are the languages of the interface, that of the site first. `left_out` gets a line for each document that
    cannot be a file. `is_emptied` is set where `edited` finds that a page or an archive which showed a former article
    has no articles any more.
    """

    snapshot: Snapshot
    site: Site
    uis: Sequence[str]
    slices: Sequence[Slice]
    left_out: list[str] = field(default_factory=list)
    is_emptied: bool = False

    @property
    def _service(self) -> Addresses:
        return Addresses(self.site.base_url)

    def groups(self, touched: Touched) -> Iterator[tuple[str, list[Planned]]]:
        """Yield the name and the documents of each group that `touched` may have changed, but for articles."""
        for slice_ in self.slices:
            if touched.includes(made_of(slice_) | {PICTURES}):
                yield f"feeds {spelled(slice_)}", [*self._feeds(slice_), *self._archives(slice_)]
        if touched.includes({EVERYTHING, PICTURES}):
            order = self.snapshot.catalogue.order(Slice())
            months = self._months(order)
            more = [each.id for _, some in sections(self.snapshot, self.site) for each in some]
            front = [*(label for label, _ in months), *more]
            yield "home", list(self._list(routes.HOME.path(), order, front=front))
            yield "months", [each for planned in self._month_pages(months) for each in planned]
        for topic in self.site.topics:
            if touched.includes({("topic", topic.name), PICTURES}):
                url = self._service.topic(topic.name)
                yield f"topic {topic.name}", list(self._list_of(Slice(topic.name), url))
        for facet, slice_of, url_of in (
            ("tag", lambda value: Slice(tags=(value,)), self._service.tag),
            ("author", lambda value: Slice(authors=(value,)), self._service.author),
        ):
            yield from self._values(touched, facet, slice_of, url_of)
        parts = count_parts(self.snapshot)
        yield SINGLE, list(self._singles(range(1, parts + 1) if parts > 1 else ()))

    def edited(
        self, touched: Touched, articles: Sequence[Article], former: Sequence[Dated], keys_that_show: _KeysThatShow
    ) -> Iterator[tuple[str, list[Planned]]]:
        """Yield documents of the groups that show `articles`, which changed, or showed articles at `former` places.

        The cost does not depend on the length of lists: their other pages, which a new or removed article shifts, are
        left out. `keys_that_show` finds the keys of the files of a group that showed an article the last time.
        """
        listed = [each for each in articles if each.topics]
        places = [Dated(each.id, to_text(each.published)) for each in listed]
        periods = {period_of(to_time(each.published), self.site) for each in (*places, *former)}
        for slice_ in self.slices:
            if touched.includes(made_of(slice_)):
                archives = [each for period in periods for each in self._archive_of(slice_, period)]
                yield f"feeds {spelled(slice_)}", [*self._feeds(slice_), *archives]
        for article, place in zip(listed, places, strict=True):
            for each in self._lists_at(place.published, facets_of(article)):
                number = self.snapshot.catalogue.count_newer(each.facet, place, each.until) // PAGE_SIZE + 1
                yield each.group, [*self._page_of(each, number), *self._page_of(each, self._last_page(each))]
        for place in former:
            for each in self._lists_at(place.published, touched.facets):
                numbers = {_number_of(key) for key in keys_that_show(each.group, place.id)}
                there = [number for number in numbers if number <= self._last_page(each)]
                self.is_emptied = self.is_emptied or len(there) < len(numbers)
                yield each.group, [planned for number in there for planned in self._page_of(each, number)]
        front = self._page_of(_List("home", self._service.home, EVERYTHING), 1)
        # It also shows the newest articles of topics.
        beside = [*(each.id for each in articles), *(each.id for each in former)]
        yield "home", [replace(each, shows=(*(each.shows or ()), *beside)) for each in front]
        parts = count_parts(self.snapshot)
        # The last one may be new, and the index names it.
        some = {*parts_with(self.snapshot, [*places, *former]), parts} if parts > 1 else set[int]()
        yield SINGLE, list(self._singles(sorted(some)))

    def _archive_of(self, slice_: Slice, period: Period) -> Iterator[Planned]:
        """Yield an archive of a slice in each format if the period is closed and has articles."""
        running = self.snapshot.archives.running()
        if running is None or slice_.limit is not None or period.label >= running.label:
            return
        if self.snapshot.archives.archive(slice_, period):
            yield from self._archive(slice_, period.label)
        else:
            self.is_emptied = True

    def _lists_at(self, published: str, facets: Set[Facet]) -> Iterator[_List]:
        """Yield the lists of an article that was published at a time (RFC 3339, UTC) and has some of these facets."""
        month = to_time(published).astimezone(ZoneInfo(self.site.timezone)).date().replace(day=1)
        following = (month + timedelta(days=31)).replace(day=1)
        within = (to_text(midnight(month, self.site)), to_text(midnight(following, self.site)))
        yield _List("home", self._service.home, EVERYTHING)
        yield _List("months", self._service.month(f"{month:%Y-%m}"), EVERYTHING, within)
        url_of = {"topic": self._service.topic, "tag": self._service.tag, "author": self._service.author}
        for facet, value in sorted(facets):
            if facet in url_of and (facet != "topic" or self.site.topic(value)):
                yield _List(f"{facet} {value}", url_of[facet](value), (facet, value))

    def _last_page(self, of: _List) -> int:
        """Return the number of the last page of a list that has articles; 0 if it has none."""
        return -(-self.snapshot.catalogue.count(of.facet, of.within) // PAGE_SIZE)

    def _page_of(self, of: _List, number: int) -> Iterator[Planned]:
        """Yield a page of a list in each language. It shows what `_list` says but for what is beside the articles."""
        ids = self.snapshot.catalogue.ids_on_page(of.facet, (number - 1) * PAGE_SIZE, PAGE_SIZE, of.within)
        total = self.snapshot.catalogue.count(of.facet, of.within)
        yield from self._pages(of.url, number, shows=(*ids, str(total)))

    def _values(
        self, touched: Touched, facet: str, slice_of: Callable[[str], Slice], url_of: Callable[[str], str]
    ) -> Iterator[tuple[str, list[Planned]]]:
        """Yield the lists of the values of a facet. One that no article has any more has no documents."""
        live = self.snapshot.catalogue.values(facet)
        gone = {value for name, value in touched.facets if name == facet}.difference(live)
        for value in [*live, *sorted(gone)]:
            if touched.includes({(facet, value), PICTURES}):
                made = list(self._list_of(slice_of(value), url_of(value))) if value not in gone else []
                yield f"{facet} {value}", made

    def articles(self, ids: Iterable[str] | None = None) -> Iterator[tuple[str, list[Planned]]]:
        """Yield the group and the pages of each live article: of all, or of those of `ids`."""
        for some in self.snapshot.catalogue.articles(ids):
            translations = self.snapshot.translations.of(some)
            by_topic: dict[str, list[Article]] = {}
            for each in some:
                for topic in known_topics(each, self.site)[:1]:
                    by_topic.setdefault(topic.name, []).append(each)
            beside: dict[str, tuple[str, str]] = {}
            for name, these in by_topic.items():
                beside |= self.snapshot.lists.neighbour_ids(these, name, translations)
            for each in some:
                place = " ".join([f"{each.published:%Y-%m-%dT%H:%M:%SZ}", each.language, *each.topics])
                # Its addresses, which the files for servers name, and its media files.
                used = "\n".join([each.slug, *each.aliases, *each.media])
                shows = (each.id, *beside.get(each.id, ("", "")), place, used)
                own = ui_language.language_of_article(each, self.site)
                yield f"{ARTICLE}{each.id}", list(self._pages(self._service.article(each.slug), shows=shows, own=own))

    def former_pages(self) -> Iterator[str]:
        """Yield the keys that pages of articles had in each language, under names that are not those of live ones."""
        base = self.site.addresses
        for address, _ in self.snapshot.catalogue.old_addresses():
            url = base.article(address)
            for static, _ in self._in_each_language(url, url):
                with suppress(ValueError):
                    yield key_of(static.removeprefix(base.base_url), is_page=True)

    def _pages(
        self, url: str, number: int = 1, *, shows: tuple[str, ...], own: str | None = None, latest: str = ""
    ) -> Iterator[Planned]:
        """Yield a page in each language; `url` is that of its first page in the service, in the language `own`."""
        static, asked = self.site.addresses.numbered(url, number), self._service.numbered(url, number)
        for in_language in self._in_each_language(static, asked, own):
            yield from self._planned(*in_language, is_page=True, shows=shows, latest=latest)

    def _in_each_language(self, static: str, asked: str, own: str | None = None) -> Iterator[tuple[str, str]]:
        """Yield the URLs of a page in the export and in the service, in each language of the interface.

        The language without `?ui=` is `own`, by default that of the site. A server may lead `?ui=` to any language but
        the site's, so those have their paths also where `own` is one of them.
        """
        yield static, asked
        for ui in self.uis[1:] if own in (None, self.uis[0]) else self.uis:
            yield self.site.addresses.in_language(static, ui), self._service.in_language(asked, ui)

    def _planned(
        self,
        static: str,
        asked: str,
        *,
        is_page: bool = False,
        is_browser: bool = False,
        shows: tuple[str, ...] | None = None,
        facets: frozenset[Facet] | None = None,
        is_late: bool = False,
        latest: str = "",
    ) -> Iterator[Planned]:
        """Yield the document at the URL `static` of the export, which the service has at `asked`."""
        base = self.site.base_url
        try:
            key = key_of(static.removeprefix(base), is_page=is_page)
        except ValueError as error:
            self.left_out.append(str(error))
            return
        url = asked.removeprefix(base)
        yield Planned(
            key=key, url=url, is_browser=is_browser, shows=shows, facets=facets, is_late=is_late, latest=latest
        )

    def _feeds(self, slice_: Slice) -> Iterator[Planned]:
        """Yield the feed of a slice in each format, the page about it, and its list for other sites."""
        asked, own, theirs = query(slice_), self.site.addresses, self._service
        facets = frozenset(made_of(slice_))
        for suffix in FORMATS:
            static, url = own.feed(slice_.name, suffix, asked), theirs.feed(slice_.name, suffix, asked)
            yield from self._planned(static, url, facets=facets)
        page = own.feed_page(slice_.name, DEFAULT_FORMAT.suffix, asked)
        url = theirs.feed(slice_.name, DEFAULT_FORMAT.suffix, asked)
        shown = frozenset(made_of(widest(slice_)) | {PICTURES})
        for in_language in self._in_each_language(page, url):
            yield from self._planned(*in_language, is_browser=True, facets=shown, is_late=True)
        if slice_ == slice_.base and not slice_.topics:
            embed = self.site.addresses.absolute(routes.EMBED.path(name=quote(slice_.name)))
            yield from self._planned(embed, embed, is_page=True, facets=facets)

    def _archives(self, slice_: Slice) -> Iterator[Planned]:
        running = self.snapshot.archives.running()
        if running is None or slice_.limit is not None:
            return
        closed = [
            (label, [each.id for each in some])
            for label, some in groupby(
                self.snapshot.catalogue.order(slice_),
                lambda each: period_of(to_time(each.published), self.site).label,
            )
            if label < running.label
        ]
        labels = [label for label, _ in closed]
        for number, (label, ids) in enumerate(closed):
            yield from self._archive(slice_, label, (*ids, *_beside(labels, number)))

    def _archive(self, slice_: Slice, label: str, shows: tuple[str, ...] = ()) -> Iterator[Planned]:
        """Yield an archive of a slice in each format."""
        own, theirs, asked = self.site.addresses, self._service, query(slice_)
        for suffix in FORMATS:
            static = own.feed(slice_.name, suffix, asked, label)
            url = theirs.feed(slice_.name, suffix, asked, label)
            yield from self._planned(static, url, shows=shows, is_late=True, latest=label)

    def _list_of(self, slice_: Slice, url: str) -> Iterator[Planned]:
        yield from self._list(url.removeprefix(self.site.base_url), self.snapshot.catalogue.order(slice_))

    def _list(
        self, path: str, order: Sequence[Dated], beside: Iterable[str] = (), front: Iterable[str] = ()
    ) -> Iterator[Planned]:
        """Yield the pages of a list at a path, in each language. Each shows the number of all articles.

        `beside` is what else each page depends on, and `front` what else the first one does.
        """
        url, total = self.site.addresses.absolute(path), str(len(order))
        for start in range(0, max(1, len(order)), PAGE_SIZE):
            shown = [each.id for each in order[start : start + PAGE_SIZE]]
            shows = (*shown, total, *beside, *(() if start else front))
            latest = order[start].published if order else ""
            yield from self._pages(url, start // PAGE_SIZE + 1, shows=shows, latest=latest)

    def _months(self, order: Sequence[Dated]) -> list[tuple[str, list[Dated]]]:
        """Return the articles of each month in the site's time zone, by its label, newest first."""
        zone = ZoneInfo(self.site.timezone)
        of = {each: f"{to_time(each.published).astimezone(zone):%Y-%m}" for each in order}
        return [(label, list(some)) for label, some in groupby(order, of.__getitem__)]

    def _month_pages(self, months: Sequence[tuple[str, list[Dated]]]) -> Iterator[Iterator[Planned]]:
        labels = [label for label, _ in months]
        for number, (label, some) in enumerate(months):
            yield self._list(routes.MONTH.path(month=label), some, _beside(labels, number))

    def _singles(self, parts: Iterable[int]) -> Iterator[Planned]:
        """Yield what belongs to no slice, with `parts` of the sitemap."""
        base = self.site.addresses
        everything = {
            routes.OPML: None,
            routes.SITEMAP: None,
            routes.SITEMAP_NEWS: None,
            routes.ROBOTS: frozenset[Facet](),
        }
        everything |= {routes.OPENAPI: frozenset(), routes.EMBED_SCRIPT: frozenset()}
        for route, facets in everything.items():
            url = base.absolute(route.path())
            yield from self._planned(url, url, facets=facets)
        for number in parts:
            url = base.sitemap_part(number)
            yield from self._planned(url, url, facets=None, is_late=True)
        for name in {*STATIC_NAMES, style_name(self.site.theme)}:
            yield from self._planned(base.static(name), base.static(name), facets=frozenset())
        for url in (base.docs, *map(base.docs_group, GROUPS)):
            for in_language in self._in_each_language(url, url):
                yield from self._planned(*in_language, is_page=True, facets=frozenset())
        for in_language in self._in_each_language(base.feeds, base.feeds):
            yield from self._planned(*in_language, is_page=True, facets=None)


def _number_of(key: str) -> int:
    """Return the number of a page of a list."""
    found = _NUMBER.search(key)
    return int(found[1]) if found else 1


def _beside(labels: Sequence[str], number: int) -> tuple[str, str]:
    """Return the labels before and after one of them, the newest first; "" where there is none."""
    return (labels[number + 1] if number + 1 < len(labels) else "", labels[number - 1] if number else "")


def exported_slices(snapshot: Snapshot, site: Site, more: Sequence[Slice]) -> list[Slice]:
    """Return the slices of an export: all, each topic, their parts in each language, and `more`.

    As in the OPML list, languages count where a slice has articles in more than one.
    """
    found: list[Slice] = []
    ranges = languages.distinguishable(snapshot.slices.languages())
    for slice_ in slices(site):
        found += [slice_, *parts_in_languages(snapshot, slice_, ranges)]
    return list(dict.fromkeys([*found, *more]))


def interface_languages(site: Site) -> list[str]:
    """Return the languages of the interface, that of the site first."""
    own = ui_language.language_of(site)
    return [own, *(each for each in ui_language.catalogues() if each != own)]


def place_of(shows: Sequence[str]) -> tuple[Dated, Set[str]]:
    """Return the place of an article in the order of its topics, and these, from what its pages show."""
    published, _, *topics = shows[3].split(" ")
    return Dated(shows[0], published), set(topics)
