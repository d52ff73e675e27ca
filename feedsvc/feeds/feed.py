"""Slice + articles → `Feed`: ids, links and dates, worked out once for all formats. Pure; no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from feedsvc.model import Article, Person, Site
from feedsvc.slices.grammar import query
from feedsvc.slices.slice import Body, Slice
from feedsvc.slices.titles import language_of, title
from feedsvc.urls import Addresses, segment, uri_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """RFC 4287 §4.2.2. `scheme` is a URI that tells topics from tags."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The same article in another language."""

    url: str
    language: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """RFC 6721: an entry that was removed, and when (UTC)."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article as a feed shows it, in full or as its summary. `url` is its page's address."""

    article: Article
    body: Body
    url: str
    topics: tuple[Category, ...]
    tags: tuple[Category, ...]
    translations: tuple[Translation, ...]

    @property
    def categories(self) -> tuple[Category, ...]:
        """The topics, then the tags."""
        return self.topics + self.tags

    @property
    def content(self) -> str:
        """The article's HTML, and what it discloses as a last small paragraph; "" where the summary is all."""
        if self.body == "summary":
            return ""
        disclosure = self.article.disclosure
        note = f"\n<p><small>{escape(disclosure, quote=False)}</small></p>" if disclosure else ""
        return f"{self.article.content}{note}"

    @property
    def summary(self) -> str:
        """The article's summary, plain; what it discloses stands there too where nothing else follows."""
        shown = (self.article.summary, self.article.disclosure if self.body == "summary" else None)
        return " · ".join(filter(None, shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Where a document stands in a feed's past (RFC 5005 §4): the labels of its own period, if it is an archive's, and
    of the nearest closed ones before and after that have articles."""

    own: str | None = None
    previous: str | None = None
    following: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What makes a document one of changes: the cursor it begins behind, what is in the slice no more, and whether
    there is more behind its own cursor."""

    after: str
    gone: tuple[Tombstone, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A slice with its metadata.

    `updated` is its last change in UTC, `timezone` the publication's (an IANA name), `ttl` is in minutes. URLs are
    absolute ASCII. A document of more than `max_bytes` shows its older entries with their summary only; 0 is no limit.
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

    def uri(self, id_: str) -> str:
        """An article's id as Atom has it."""
        return uri_of(id_, self.tag_authority)

    def self_url(self, suffix: str) -> str:
        """The one URL of this feed in the format with that suffix (WebSub §4.1), whatever it was asked for by."""
        return self.changes_url(suffix, self.changes.after) if self.changes else self._url(suffix, self.chain.own)

    def changes_url(self, suffix: str, after: str) -> str:
        """What changed after a cursor."""
        asked = query(self.slice)
        return self.addresses.feed(self.slice.name, suffix, f"{asked}{'&' if asked else ''}after={after}")

    def next_changes(self, suffix: str) -> str | None:
        """What to ask for next: what comes behind this feed, or behind these changes; None for what has no changes."""
        return self.changes_url(suffix, self.cursor) if self.cursor else None

    def archive_links(self, suffix: str) -> dict[str, str]:
        """Relation → URL of the documents around this one (RFC 5005 §4)."""
        chain = self.chain
        links = {
            "current": self._url(suffix, None) if chain.own else None,
            "prev-archive": self._url(suffix, chain.previous) if chain.previous else None,
            "next-archive": self._url(suffix, chain.following) if chain.following else None,
        }
        return {relation: url for relation, url in links.items() if url}

    def _url(self, suffix: str, period: str | None) -> str:
        return self.addresses.feed(self.slice.name, suffix, query(self.slice), period)


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
    """The feed of `slice_`, newest first as `articles` come. `translations` maps an article's id to the others."""
    addresses = Addresses(site.base_url)
    language = language_of(site, slice_)
    called, subtitle = titles(site, slice_, language)
    others = translations or {}
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
        ttl=-(-site.cache.max_age // 60),
        entries=tuple(_entry(site, slice_.body, each, others.get(each.id, ())) for each in articles),
        tombstones=tuple(tombstones),
        chain=chain,
        cursor=cursor,
        changes=changes,
        addresses=addresses,
        tag_authority=site.tag_authority,
        timezone=site.timezone,
        # An archive is complete (RFC 5005 §4), and scripts that follow changes keep what they are given.
        max_bytes=0 if chain.own or changes else site.feed_bytes,
    )


def feed_id(site: Site, slice_: Slice) -> str:
    """The id of a slice's feed: a tag URI (RFC 4151) of its canonical form, so that moving house changes none."""
    asked = query(slice_)
    return f"tag:{site.tag_authority}:feeds/{segment(slice_.name)}{'?' if asked else ''}{asked}"


def titles(site: Site, slice_: Slice, language: str) -> tuple[str, str]:
    """Title and description of a slice's feed for readers of `language`."""
    topic = site.topic(slice_.topic) if slice_.topic else None
    called = title(site, slice_, language)
    return called, (topic.description if topic else site.subtitle).in_(language) or called


def _entry(site: Site, body: Body, article: Article, others: Sequence[Article]) -> Entry:
    addresses = Addresses(site.base_url)
    return Entry(
        article=article,
        body=body,
        url=addresses.article(article.slug),
        topics=tuple(_topics(site, article)),
        tags=tuple(_tags(site, article)),
        translations=tuple(
            Translation(url=addresses.article(other.slug), language=other.language, title=other.title)
            for other in others
        ),
    )


def _topics(site: Site, article: Article) -> list[Category]:
    found = [topic for name in article.topics if (topic := site.topic(name)) is not None]
    return [
        Category(term=topic.name, scheme=f"tag:{site.tag_authority}:topics", label=topic.title.in_(article.language))
        for topic in found
    ]


def _tags(site: Site, article: Article) -> list[Category]:
    return [Category(term=tag, scheme=f"tag:{site.tag_authority}:tags", label=tag) for tag in article.tags]
