"""Make a `Feed` of a slice and its articles: ids, links and dates for all formats. Pure; no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from html import escape

from feedsvc.articles.metadata.shown_fields import lead_figure, notes
from feedsvc.feeds.static_links import static_content
from feedsvc.model import Article, Person, Site
from feedsvc.slices.grammar import query
from feedsvc.slices.slice import Body, Slice
from feedsvc.slices.titles import language_of, title, with_mark
from feedsvc.urls import Addresses, segment, uri_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category (RFC 4287 §4.2.2). `scheme` is a URI that distinguishes topics from tags."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The article in another language."""

    url: str
    language: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """An entry that was removed, and when, in UTC (RFC 6721)."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article in a feed, in full or as its summary. `url` is the address of its page."""

    article: Article
    body: Body
    url: str
    topics: tuple[Category, ...]
    tags: tuple[Category, ...]
    translations: tuple[Translation, ...]

    @property
    def categories(self) -> tuple[Category, ...]:
        """Return the topics, then the tags."""
        return self.topics + self.tags

    @property
    def content(self) -> str:
        """Return the article's HTML, with each note as a last small paragraph; "" for a summary.

        An image with a caption is a figure before it: no format has an element of an entry for a caption.
        """
        if self.body == "summary":
            return ""
        small = [f"\n<p><small>{escape(text, quote=False)}</small></p>" for _, text in notes(self.article)]
        figure = lead_figure(self.article)
        return "".join((figure, self.article.content, *small)) if figure or small else self.article.content

    @property
    def summary(self) -> str:
        """Return the article's summary as plain text; without content, the notes follow it."""
        if self.body != "summary":
            return self.article.summary
        return " · ".join(filter(None, (self.article.summary, *(text for _, text in notes(self.article)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The place of a document in the archives of a feed (RFC 5005 §4).

    `own` is the label of its period if it is an archive. The others are those of the nearest closed periods before and
    after that have articles.
    """

    own: str | None = None
    previous: str | None = None
    following: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What makes a document one of changes.

    `after` is the cursor before its changes, `gone` are the articles that left the slice, and `more` says whether
    there are changes after its own cursor.
    """

    after: str
    gone: tuple[Tombstone, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A slice with its metadata.

    `updated` is its last change in UTC, `timezone` that of the publication (an IANA name), `ttl` is in minutes. URLs
    are absolute and ASCII. A document of more than `max_bytes` shows its older entries with their summary only; 0
    means no limit. `hubs` are the WebSub hubs that deliver this document.
    """

    id: str
    slice: Slice
    title: str
    subtitle: str
    language: str
    home_url: str
    updated: datetime
    authors: tuple[Person, ...]
    rights: str | None
    icon: str | None
    logo: str | None
    raster_picture: str | None
    ttl: int
    entries: tuple[Entry, ...]
    tombstones: tuple[Tombstone, ...]
    chain: Chain
    cursor: str | None
    changes: Changes | None
    addresses: Addresses
    tag_authority: str
    timezone: str
    max_bytes: int
    hubs: tuple[str, ...] = ()

    def uri(self, id_: str) -> str:
        """Return an article's id as a URI, for Atom."""
        return uri_of(id_, self.tag_authority)

    def self_url(self, suffix: str) -> str:
        """Return the one URL of this feed in the format with that suffix (WebSub §4.1), the same for every spelling."""
        if self.changes:
            return self.changes_url(suffix, self.changes.after)
        return self.addresses.feed(self.slice.name, suffix, query(self.slice), self.chain.own)

    def changes_url(self, suffix: str, after: str) -> str:
        """Return the URL of the changes after a cursor, which only the service has."""
        asked = query(self.slice)
        service = self.addresses.service
        assert service is not None
        return service.feed(self.slice.name, suffix, f"{asked}{'&' if asked else ''}after={after}")

    def next_changes(self, suffix: str) -> str | None:
        """Return the URL of the changes after this feed, or after these changes; None if it has none."""
        return self.changes_url(suffix, self.cursor) if self.cursor and self.addresses.service else None

    def archive_links(self, suffix: str) -> dict[str, str]:
        """Return the URLs of neighbouring documents by relation (RFC 5005 §4)."""
        chain, asked = self.chain, query(self.slice)
        current = {"current": self.addresses.feed(self.slice.name, suffix, asked)} if chain.own else {}
        neighbours = {"prev-archive": chain.previous, "next-archive": chain.following}
        return current | {
            relation: self.addresses.feed(self.slice.name, suffix, asked, period)
            for relation, period in neighbours.items()
            if period
        }


def assemble(
    site: Site,
    slice_: Slice,
    articles: Sequence[Article],
    *,
    updated: datetime,
    tombstones: Sequence[Tombstone] = (),
    translations: Mapping[str, Sequence[Article]] | None = None,
    chain: Chain = Chain(),
    cursor: str | None = None,
    changes: Changes | None = None,
) -> Feed:
    """Return the feed of `slice_` with `articles`, newest first. `translations` are by the id of an article."""
    addresses = site.addresses
    language = language_of(site, slice_)
    called, subtitle = titles(site, slice_, language)
    others, categories = translations or {}, _Categories(site)
    return Feed(
        id=feed_id(site, slice_),
        slice=slice_,
        title=f"{called} ({chain.own})" if chain.own else called,
        subtitle=subtitle,
        language=language,
        home_url=addresses.topic(slice_.topic) if slice_.topic else addresses.home,
        updated=updated,
        authors=site.authors,
        rights=site.rights.in_(language) if site.rights else None,
        icon=site.icon,
        logo=site.logo,
        raster_picture=site.raster_picture,
        ttl=-(-site.cache.max_age // 60),
        entries=tuple(_entry(categories, slice_.body, each, others.get(each.id, ())) for each in articles),
        tombstones=tuple(tombstones),
        chain=chain,
        cursor=cursor,
        changes=changes,
        addresses=addresses,
        tag_authority=site.tag_authority,
        timezone=site.timezone,
        # An archive is complete (RFC 5005 §4), and scripts keep copies of the changes that they get.
        max_bytes=0 if chain.own or changes else site.feed_bytes,
        # A hub delivers current feeds: archives and changes are other documents, and there is no end to searches.
        hubs=() if chain.own or changes or slice_.terms else hub_urls(site),
    )


def hub_urls(site: Site) -> tuple[str, ...]:
    """Return the URLs of the WebSub hubs of the publication, our own one first."""
    # Nothing tells our hub of a commit that an export shows: the service alone does.
    own = (site.addresses.hub,) if site.hub.enabled and site.exported is None else ()
    return tuple(dict.fromkeys((*own, *site.hub.also)))


def feed_id(site: Site, slice_: Slice) -> str:
    """Return the id of a slice's feed: a tag URI (RFC 4151) of its canonical form, independent of `base_url`."""
    asked = query(slice_)
    return f"tag:{site.tag_authority}:feeds/{segment(slice_.name)}{'?' if asked else ''}{asked}"


def titles(site: Site, slice_: Slice, language: str) -> tuple[str, str]:
    """Return title and description of a slice's feed for readers of `language`."""
    topic = site.topic(slice_.topic) if slice_.topic else None
    called = title(site, slice_, language)
    return called, (topic.description if topic else site.subtitle).in_(language) or called


# Cached entries are compared with those of each feed. Values that are the same object are equal at once.
@lru_cache(1024)
def _category(term: str, scheme: str, label: str) -> Category:
    return Category(term=term, scheme=scheme, label=label)


class _Categories:
    """The categories of the entries of one feed, each made once."""

    def __init__(self, site: Site) -> None:
        self.site, self.addresses = site, site.addresses
        self._topics: dict[tuple[str, str], Category | None] = {}
        self._tags: dict[str, Category] = {}

    def topic(self, name: str, language: str) -> Category | None:
        """Return the category of a topic for an article in `language`; None if the site does not have the topic."""
        if (name, language) not in self._topics:
            topic, scheme = self.site.topic(name), f"tag:{self.site.tag_authority}:topics"
            made = _category(topic.name, scheme, topic.title.in_(language)) if topic else None
            self._topics[name, language] = made
        return self._topics[name, language]

    def tag(self, name: str) -> Category:
        """Return the category of a tag."""
        if name not in self._tags:
            self._tags[name] = _category(name, f"tag:{self.site.tag_authority}:tags", name)
        return self._tags[name]


def _entry(categories: _Categories, body: Body, article: Article, others: Sequence[Article]) -> Entry:
    addresses, language = categories.addresses, article.language
    content = static_content(article.content, categories.site)
    return Entry(
        article=with_mark(article if content is article.content else replace(article, content=content)),
        body=body,
        url=addresses.article(article.slug),
        # Lists are faster than generators of so few values.
        topics=tuple([each for name in article.topics if (each := categories.topic(name, language))]),
        tags=tuple(map(categories.tag, article.tags)),
        translations=tuple(
            [
                Translation(url=addresses.article(other.slug), language=other.language, title=other.title)
                for other in others
            ]
        ),
    )
