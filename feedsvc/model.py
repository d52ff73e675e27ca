"""The values of feedsvc: articles, topics, the site. They are frozen and validated when they are made.

All times are aware and in UTC. All texts except `SafeHTML` are plain; the renderer escapes them once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from feedsvc import languages
from feedsvc.text import folded, lowered, plain
from feedsvc.urls import Addresses


class SafeHTML(str):
    """HTML that `articles.html.sanitize` made or the store returned. No other code makes one."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the HTML: Jinja and MarkupSafe do not escape it."""
        return str(self)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


# Every article that is read is checked, so the message is formatted only for an error.
def _require_utc(moment: datetime, name: str) -> None:
    if moment.tzinfo is not UTC:
        raise ValueError(f"{name} must be in UTC, not {moment!r}")


def _require_plain(text: str, what: str) -> None:
    if text != plain(text):
        raise ValueError(f"not {what}: {text!r}")


# Articles have the same few tags.
@lru_cache(4096)
def _require_plain_tag(tag: str) -> None:
    _require_plain(tag, "plain text")


@dataclass(frozen=True, slots=True)
class Localized:
    """A text in one or several languages. The first one is the default."""

    texts: Mapping[str, str]

    def __post_init__(self) -> None:
        _require(bool(self.texts), "a text needs at least one language")

    def in_(self, language: str) -> str:
        """Return the text for a reader of `language`."""
        return self.texts[self.language_for(language)]

    def language_for(self, language: str) -> str:
        """Return the language of the text for a reader of `language`."""
        return languages.best(language, list(self.texts)) or next(iter(self.texts))

    def __hash__(self) -> int:
        return hash(tuple(self.texts.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """RFC 4287 §3.2. `uri` is absolute and ASCII."""

    name: str
    uri: str | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        _require(bool(self.name), "a person needs a name")
        _require_plain(self.name, "a person's name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an article. `length` is in bytes, 0 if unknown (RSS 2.0 requires a number).

    `title` is plain text: the title in the front matter, else the file's own name, or "" if only the URL is known.
    """

    url: str
    type: str
    length: int = 0
    title: str = ""

    def __post_init__(self) -> None:
        _require(self.url.isascii() and "/" in self.type and self.length >= 0, f"not an enclosure: {self!r}")
        _require_plain(self.title, "an enclosure's title")

    @property
    def name(self) -> str:
        """The name for readers: the title, else the last part of the URL's path, else the URL."""
        return self.title or plain(unquote(urlsplit(self.url).path.rpartition("/")[2])) or self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An article's picture. `type` and `length` (bytes) are known for our own files only.

    `alt` and `caption` are plain text: what the picture shows, and what is below it.
    """

    url: str
    alt: str = ""
    caption: str = ""
    type: str | None = None
    length: int | None = None

    def __post_init__(self) -> None:
        _require(self.url.isascii(), f"not an image: {self!r}")
        _require_plain(self.alt, "a description of an image")
        _require_plain(self.caption, "a caption")


# The name in `Article.extra` of the mark of a preview: DRAFT, or the time (UTC) for which the article is scheduled. No
# front matter field has a name with a colon, so no file can write it, and only the store of a preview has it.
PREVIEW_MARK: Final = "feedsvc:preview"
DRAFT: Final = "draft"

# The name in `Article.extra` of the languages of blocks of code (`articles.html.code_languages`).
CODE_LANGUAGES: Final = "feedsvc:code"

# A text, a list of texts, a time, yes or no, or a number.
ExtraValue: TypeAlias = str | tuple[str, ...] | datetime | bool | int | float


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Article:
    """The content of a file. `topics` are names from site.toml; `translation_of` is the slug of the original.

    `aliases` are former slugs, and addresses in other systems, which begin with a slash (`urls.address_of`).
    `disclosure` is a statement about how it was made, for example by a machine: one line of plain text for readers.
    `expires` is the time at which it is taken down; it is later than `published`.
    `extra` holds the values of further front matter fields by their names (`articles.metadata.registry`); their texts
    are plain.
    A page of the publication is an article whose slug begins with a slash: it is at that path, and in no feed or list.
    Its `topics` are empty; `published` is 1970-01-01 if the file has no date.
    `published_offset` and `updated_offset` are None if the date has a time of day. For a date alone, they are the UTC
    offset, in minutes east, in which that day begins at `published` or `updated`, and in which it is shown.
    """

    id: str
    slug: str
    title: str
    published: datetime
    updated: datetime
    language: str
    summary: str
    content: SafeHTML
    topics: tuple[str, ...]
    authors: tuple[Person, ...]
    tags: tuple[str, ...] = ()
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    canonical: str | None = None
    translation_of: str | None = None
    aliases: tuple[str, ...] = ()
    disclosure: str | None = None
    media: tuple[str, ...] = ()
    expires: datetime | None = None
    published_offset: int | None = None
    updated_offset: int | None = None
    extra: Mapping[str, ExtraValue] = field(default_factory=dict, hash=False)

    @property
    def is_page(self) -> bool:
        """Whether this is a page of the publication, such as /about."""
        return self.slug.startswith("/")

    @property
    def lead_image(self) -> Image | None:
        """The image if the content does not show it itself: a page shows it above the content."""
        shown = self.image is not None and self.image.url.replace("&", "&amp;") in self.content
        return None if shown else self.image

    @property
    def is_draft(self) -> bool:
        """Whether this is a draft, which only a preview shows."""
        return self.extra.get(PREVIEW_MARK) == DRAFT

    @property
    def scheduled_for(self) -> datetime | None:
        """The time (UTC) at which the article will be published; None outside of a preview, and for other articles."""
        mark = self.extra.get(PREVIEW_MARK)
        return mark if isinstance(mark, datetime) else None

    def __post_init__(self) -> None:
        _require_utc(self.published, "published")
        _require_utc(self.updated, "updated")
        if self.expires is not None:
            _require_utc(self.expires, "expires")
            _require(self.expires > self.published, "expires must be later than published")
        _require(bool(self.id and self.slug and self.title), "id, slug and title must not be empty")
        _require(bool(self.topics) is not self.is_page, "an article has topics, a page has none")
        _require(len(set(self.topics)) == len(self.topics), "topics: none twice")
        _require(isinstance(self.content, SafeHTML), "content must be SafeHTML")
        for text in (self.title, self.summary, self.disclosure or ""):
            _require_plain(text, "plain text")
        for tag in self.tags:
            _require_plain_tag(tag)
        for name, value in self.extra.items():
            if isinstance(value, datetime):
                _require_utc(value, name)
            for text in value if isinstance(value, tuple) else (str(value),):
                _require_plain(text, "plain text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """An editorial subject: a table in site.toml. `aliases` are its former names, in lower case."""

    name: str
    title: Localized
    description: Localized
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """Cache-Control for documents, in seconds (RFC 9111 §5.2.2, RFC 5861)."""

    max_age: int = 900
    stale_while_revalidate: int = 3600
    stale_if_error: int = 86400

    def __post_init__(self) -> None:
        _require(self.max_age >= 60, "cache.max_age must be at least 60 seconds: RSS ttl counts minutes")
        _require(min(self.stale_while_revalidate, self.stale_if_error) >= 0, "cache times must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The WebSub hubs of the feeds: our own one if `enabled`, and those at the URLs `also`."""

    enabled: bool = False
    also: tuple[str, ...] = ()


Typeface = Literal["serif", "sans"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The look of pages. `accent` is a colour (#rrggbb) that can be read on light pages, None for our own.

    If `fonts` is true, pages load the fonts that feedsvc serves.
    """

    accent: str | None = None
    typeface: Typeface = "serif"
    fonts: bool = True


@dataclass(frozen=True, slots=True)
class Export:
    """What an export has beside topics and languages: `slices` as they stand below /feeds/ (`chips?tag=hbm`).

    `api_url` is that of a running feedsvc, for what an export cannot do itself, without a trailing slash. `compress` is
    the content coding in which object storage has texts, "gzip"; None for none.
    """

    slices: tuple[str, ...] = ()
    api_url: str | None = None
    compress: str | None = None


@dataclass(frozen=True, slots=True)
class FooterLink:
    """A link at the end of every page. `url` is a path of this publication, or an absolute URL, for each language."""

    title: Localized
    url: Localized


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePicture:
    """The icon or the logo of a publication, from the file at `source`, a path relative to content/.

    `name` is its public name below /media/, `length` its size in bytes, `width` and `height` are in CSS pixels. If
    `needs_light_ground` is true, dark pages show it on a light ground: it was drawn for a light one.
    """

    name: str
    type: str
    length: int
    width: int
    height: int
    needs_light_ground: bool
    source: str


Archives = Literal["day", "month", "year"]
# A smaller feed would show only its newest article.
MIN_FEED_BYTES: Final = 10_000
MAX_FEED_SIZE: Final = 500
MAX_TOMBSTONE_DAYS: Final = 3650
# In pixels a side. Sites show no smaller picture in a preview.
MIN_SHARED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The publication: site.toml, with `base_url` settled (no trailing slash). `timezone` is an IANA name.

    `archives` is the period of an archive. `gone_topics` has names whose feeds, archives and pages return 410.
    `redirects` has pairs of an old address (`urls.address_of`; a `*` at its end matches any text) and a path.
    `icon` and `logo` are URLs; `icon_file` and `logo_file` describe those that are files beside site.toml.
    If `keep_location` is true, copies of pictures keep the place where they were taken. If `picture_sizes` is true,
    pages offer smaller sizes of large pictures.
    If `sample` is true, the front page says that this is a sample publication. `exported` has the slices of an export,
    spelled as in `Export.slices`, while one is made; None in the service.
    """

    title: Localized
    subtitle: Localized
    base_url: str
    tag_authority: str
    language: str
    timezone: str
    authors: tuple[Person, ...]
    topics: tuple[Topic, ...]
    established: datetime
    gone_topics: tuple[str, ...] = ()
    redirects: tuple[tuple[str, str], ...] = ()
    redirect_presets: tuple[str, ...] = ()
    rights: Localized | None = None
    icon: str | None = None
    logo: str | None = None
    icon_file: SitePicture | None = None
    logo_file: SitePicture | None = None
    embed_hosts: tuple[str, ...] = ()
    wikilinks: bool = False
    keep_location: bool = False
    picture_sizes: bool = True
    feed_size: int = 50
    feed_bytes: int = 2_000_000
    tombstone_days: int = 30
    archives: Archives = "month"
    cache: CachePolicy = field(default_factory=CachePolicy)
    sample: bool = False
    footer: tuple[FooterLink, ...] = ()
    hub: Hub = field(default_factory=Hub)
    export: Export = field(default_factory=Export)
    theme: Theme = field(default_factory=Theme)
    exported: frozenset[str] | None = None

    def __post_init__(self) -> None:
        _require_utc(self.established, "established")
        _require(1 <= self.feed_size <= MAX_FEED_SIZE, f"feed_size must be from 1 to {MAX_FEED_SIZE}")
        _require(
            self.feed_bytes == 0 or self.feed_bytes >= MIN_FEED_BYTES,
            f"feed_bytes must be at least {MIN_FEED_BYTES:,}, or 0 for feeds of any size",
        )
        _require(
            0 <= self.tombstone_days <= MAX_TOMBSTONE_DAYS, f"tombstone_days must be from 0 to {MAX_TOMBSTONE_DAYS}"
        )
        _require(bool(self.topics), "at least one [topics.NAME] table is needed")

    @property
    def addresses(self) -> Addresses:
        """The builder of the URLs of the publication, or of its export while one is made."""
        return Addresses(self.base_url, is_static=self.exported is not None, api_url=self.export.api_url)

    @property
    def pictures(self) -> tuple[SitePicture, ...]:
        """The icon and the logo that are files beside site.toml."""
        return tuple(each for each in (self.icon_file, self.logo_file) if each)

    @property
    def raster_picture(self) -> str | None:
        """The URL of the logo, else of the icon: no file in a format that RSS 2.0 does not allow, such as SVG.

        RSS 2.0, <image>: "the URL of a GIF, JPEG or PNG image". What a URL leads to is not known.
        """
        some = ((self.logo, self.logo_file), (self.icon, self.icon_file))
        return next((url for url, file in some if url and (file is None or file.type == "image/png")), None)

    @property
    def shared_picture(self) -> str | None:
        """The URL of the logo for previews of shared pages, which show no SVG; for an SVG file that of a large icon."""
        if self.logo and self.logo == self.raster_picture:
            return self.logo
        icon = self.icon_file
        return self.icon if icon and icon.type == "image/png" and icon.width >= MIN_SHARED else None

    def topic(self, name: str) -> Topic | None:
        """Return the topic of that name, or None."""
        return next((topic for topic in self.topics if topic.name == name), None)

    def renamed_topic(self, name: str) -> Topic | None:
        """Return the topic with the former name `name`, in any case; None for a topic's present name."""
        wanted = lowered(name)
        return next((topic for topic in self.topics if wanted in topic.aliases and wanted != topic.name), None)

    def topics_called(self, label: str) -> tuple[Topic, ...]:
        """Return the topic with the name or former name `label`, else all with that title in any language.

        Neither case nor the Unicode normalization form matters.
        """
        wanted = folded(label.strip())
        if named := self.topic(wanted) or self.renamed_topic(label.strip()):
            return (named,)
        return tuple(topic for topic in self.topics if wanted in map(folded, topic.title.texts.values()))

    def topic_called(self, label: str) -> Topic | None:
        """Return the first topic of `topics_called`, or None."""
        return next(iter(self.topics_called(label)), None)
