"""Make a draft of an entry, as all readers of feeds and exports do. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from typing import Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from feedsvc.articles.assets import guess_media_type
from feedsvc.articles.html.rewrite import Place
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.limits import check_markup
from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.articles.metadata.shown_fields import figure
from feedsvc.articles.metadata.visibility import Visibility, expiries, markers
from feedsvc.articles.source_text.members_only import public_part
from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Block, Draft, FailedEntry, Item, SourceDate, unforeseen
from feedsvc.importing.output import html_to_markdown
from feedsvc.importing.readers.code_languages import with_languages
from feedsvc.importing.readers.feeds import feed_html
from feedsvc.importing.readers.markdown.foreign_dates import read_foreign_date
from feedsvc.importing.readers.pages.html import NO_BASE_URL
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Image, Person
from feedsvc.text import plain, shorten
from feedsvc.urls import FETCH_SCHEMES, id_of, resolve, segment

_TAG: Final = re.compile("<[^<>]*+>?")
_LINK: Final = re.compile(r"<a\s", re.IGNORECASE)
_LIKE_HTML: Final = re.compile(r"<[A-Za-z/!?]")
_SMALL: Final = re.compile(r"<p>\s*<small>((?:(?!</?small).)*)</small>\s*</p>\s*$", re.DOTALL)
_RELATIVE: Final = re.compile(
    r"""<(?:img|a)\s[^<>]*?(?:src|href)\s*+=\s*+["']?(?![a-z]+:|//|#|["'\s>])""", re.IGNORECASE
)
_NO_SLUGS: Final = ("", "index", "default")
_TITLE_LENGTH: Final = 80
# The words of WordPress, Movable Type and Hatena, and of Ghost and Blogger.
_SCHEDULED: Final = ("future", "scheduled")
_PUBLISH: Final = "remove draft: true to publish it"


def no_place(_reference: str) -> None:
    """Return None: no file is beside the source."""


@dataclass(slots=True)
class FieldReader:
    """Reads the fields of an entry. A field with an error is left out and noted in `notes`."""

    notes: list[str] = field(default_factory=list)

    def public(self, html: str) -> str:
        """Return the parts of a body that are public. The parts for members only are left out and noted."""
        found = public_part(html)
        self.notes += dict.fromkeys(message for _, message in found.left_out)
        return found.body

    def date(self, name: str, written: str, read: Callable[[str], datetime]) -> SourceDate | None:
        """Return the date that `read` finds in `written` (UTC), and `name` as its place; None if there is none."""
        if not written:
            return None
        try:
            return SourceDate(at=read(written), found_in=name)
        except ValueError as error:
            self.notes.append(f"{name}: {error}")
            return None

    def time(self, name: str, written: str, read: Callable[[str], datetime]) -> datetime | None:
        """Return the time (UTC) that `date` returns, or None."""
        found = self.date(name, written, read)
        return found.at if found else None

    def expiry(self, said: Iterable[tuple[str, Value]], settings: ImportSettings) -> tuple[datetime | None, bool]:
        """Return the first time (UTC) at which an entry is taken down, and whether that makes a draft of it.

        It does so if the time has passed, and if what the entry says of it cannot be read.
        """
        found, is_draft, zone = list[datetime](), False, ZoneInfo(settings.site.timezone)
        for name, value in said:
            for written_as, written in expiries({name: value}):
                if at := self.time(written_as, str(written), lambda text: read_foreign_date(text, zone)[0]):
                    found.append(at)
                else:
                    is_draft = True
                    self.notes.append(f"{written_as}: nobody knows when it is taken down: made a draft ({_PUBLISH})")
        expires = min(found, default=None)
        if expires and settings.now and expires <= settings.now:
            is_draft = True
            self.notes.append(
                f"was taken down on {expires:%Y-%m-%d}: made a draft (remove draft and expires to publish it)"
            )
        return expires, is_draft

    def id(self, written: str, settings: ImportSettings) -> str | None:
        """Return the id unchanged. An id with a space becomes part of a tag URI, so readers show its entry as new."""
        if not written:
            return None
        try:
            return fields.identifier(id_of(written, settings.site.tag_authority))
        except ValueError:
            made = f"tag:{settings.site.tag_authority}:{segment(written)}"
            self.notes.append(
                f"the id {written!r} has a space and became {made}; subscribers will see the entry as new"
            )
            return made

    def enclosure(self, url: str, type_: str, length: str, page: str, title: str = "") -> Enclosure | None:
        """Return an enclosure, `length` in bytes (0 if unknown), or None without an address or a media type."""
        found = resolve(url, page, FETCH_SCHEMES) if url else None
        kind = type_.strip().lower() or (guess_media_type(found) if found else None)
        if found is None or not kind or "/" not in kind:
            self.notes.append(f"an enclosure without address or type was left out: {url!r}")
            return None
        size = int(length) if re.fullmatch(r"\d{1,15}", length, re.ASCII) else 0
        return Enclosure(url=found, type=kind, length=size, title=plain(title))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of any format, with its fields as they are written.

    `title` and `summary` are plain text. `full` is the content as HTML, and `short` a summary as HTML, which replaces
    missing content. Relative links are resolved against `base`, or against `link` if `base` is None. A date is a pair
    of its field's name and its text, a label of a category one of its scheme (or "") and its text. `home` is the
    address of the publication of the feed or export. `said` are its fields as names and values: those count here that
    say when it is taken down. `place` gives the stand-in for a file beside it.
    """

    source: str
    title: str
    link: str = ""
    home: str = ""
    base: str | None = None
    full: str = ""
    short: str = ""
    summary: str = ""
    published: tuple[str, str]
    updated: tuple[str, str] = ("", "")
    id: str = ""
    slug: str | None = None
    authors: tuple[Person, ...] = ()
    labels: Sequence[tuple[str, str]] = ()
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    language_is_sure: bool = True
    is_draft: bool = False
    said: Sequence[tuple[str, Value]] = ()
    place: Place = no_place


def guarded(source: str, read: Callable[[], Item]) -> Item:
    """Return the item of an entry that `read` returns, or what is wrong with it: one entry costs no other."""
    try:
        return read()
    except ArticleError as error:
        return FailedEntry(source, tuple(error.findings))
    except Exception as error:
        return FailedEntry(source, (unforeseen(error),), is_unforeseen=True)


def draft_reasons(said: Iterable[tuple[str, Value]]) -> Iterator[str]:
    """Yield the reasons why an entry is a draft, by the markers that other systems put into its fields."""
    for name, value in said:
        if squash(name).endswith("status") and isinstance(value, str):
            yield from scheduled(name, value)
        for each in markers({name: value}):
            if each.visibility is not Visibility.PUBLIC:
                yield f"{each.field}: {each.value_text} is not for the public: made a draft ({_PUBLISH})"


def scheduled(name: str, status: str) -> Iterator[str]:
    """Yield the reason why an entry is a draft, if its status says that it was to be published later.

    Its date may be past by now, and nobody knows whether it was published.
    """
    if squash(status) in _SCHEDULED:
        yield f"{name}: {plain(status)}, so not public at the export: made a draft ({_PUBLISH} on its date)"


def draft_of(entry: Entry, reader: FieldReader, settings: ImportSettings) -> Draft:
    """Return the draft of an entry. Its notes are those of `reader`, which reads the fields.

    A field with an error is left out and noted. Raises ArticleError if the content is over a structural limit.
    """
    page, html = entry.base or page_of(entry.link), reader.public(entry.full or entry.short)
    own = is_own(entry.id, entry.link, settings)
    blocks, disclosure = content(html, page, own=own, place=entry.place)
    blocks, cuts = (blocks, ()) if own else feed_html.without_feed_lines(blocks, settings.rules)
    beginning, blocks = ("", blocks) if entry.title else feed_html.split_title(blocks)
    if page == NO_BASE_URL and _RELATIVE.search(html):
        reader.notes.append(
            "left out: relative images and links, since the entry has no address (write whole ones into it)"
        )
    topics, tags = sorted_labels(entry.labels, settings)
    first_text = next((block.text for block in blocks if block.text), "")
    expires, is_taken_down = reader.expiry(entry.said, settings)
    return Draft(
        source=entry.source,
        title=entry.title or beginning or shorten(first_text, _TITLE_LENGTH),
        blocks=blocks,
        summary=entry.summary if entry.full else "",
        published=reader.date(*entry.published, settings.date),
        updated=reader.time(*entry.updated, settings.date),
        expires=expires,
        id=reader.id(entry.id or entry.link, settings),
        slug=entry.slug or slug_of(entry.link),
        authors=entry.authors,
        topics=topics,
        tags=tags,
        image=entry.image,
        enclosures=entry.enclosures,
        language=entry.language,
        language_is_sure=entry.language is not None and entry.language_is_sure,
        disclosure=disclosure,
        old_addresses=old_addresses(entry, settings.site.base_url),
        link=page_of(entry.link) if _host(entry.link) not in ("", _host(settings.site.base_url)) else None,
        is_draft=entry.is_draft or is_taken_down,
        cuts=cuts,
        notes=tuple(reader.notes),
    )


def page_of(link: str) -> str:
    """Return the address against which the relative links of an entry are resolved."""
    return resolve(link, "invalid:", FETCH_SCHEMES) or NO_BASE_URL


def title_text(text: str) -> str:
    """Return a title of RSS as plain text. Readers take it for HTML if it looks like HTML."""
    return text_of_html(text) if _LIKE_HTML.search(text) or unescape(text) != text else plain(text)


def captioned(image: Image, caption: str) -> tuple[Image, str]:
    """Return the picture above a text with its caption (HTML), and the figure with which the text begins, or "".

    A caption in front matter has no links. One with links stays in the text, and so does its picture, which a page
    shows once.
    """
    if not _LINK.search(caption):
        return replace(image, caption=shorten(text_of_html(caption), fields.MAX_TEXT)), ""
    return image, figure(image, caption)


def text_of_html(html: str) -> str:
    """Return the text of HTML as one line; if it is too much for a parser, the text between its tags."""
    try:
        check_markup(html)
    except ArticleError:
        return plain(unescape(_TAG.sub(" ", html)))
    return html_to_markdown.plain_text(html)


def is_own(id_: str, link: str, settings: ImportSettings) -> bool:
    """Return whether an entry is of this site, by its id or address."""
    return id_.startswith(f"tag:{settings.site.tag_authority}:") or link.startswith(f"{settings.site.base_url}/")


def old_addresses(entry: Entry, base_url: str) -> tuple[str, ...]:
    """Return the paths at which an entry was published before: those of its link, and of an id that is an address.

    Their host must be that of the feed or of ours: the link of a link blog leads to a text of somebody else.
    """
    hosts = {_host(entry.home), _host(base_url)} - {""}
    found: list[str] = []
    for address in (entry.link, entry.id):
        if page_of(address) != NO_BASE_URL and _host(address) in hosts:
            # The home page, or a path that is too long, is not an old address of an article.
            with suppress(ValueError):
                parts = urlsplit(address)
                # Requests are looked up without utm_* parameters.
                query = "&".join(each for each in parts.query.split("&") if not each.lower().startswith("utm_"))
                found += fields.aliases([parts._replace(query=query).geturl()], base_url)
    return tuple(dict.fromkeys(found))


def path_of_link(link: str) -> str:
    """Return the path of an address, decoded, "" if it has none."""
    with suppress(ValueError):
        return unquote(urlsplit(link).path) if page_of(link) != NO_BASE_URL else ""
    return ""


def _host(address: str) -> str:
    """Return the host of an address without www, "" if it has none or is not valid."""
    with suppress(ValueError):
        return (urlsplit(address).hostname or "").removeprefix("www.") if page_of(address) != NO_BASE_URL else ""
    return ""


def content(html: str, page: str, *, own: bool = False, place: Place = no_place) -> tuple[tuple[Block, ...], str]:
    """Return an entry's content as blocks, and its last small paragraph, which is a disclosure.

    `place` gives the stand-in for a file beside the source.
    """
    safe = with_languages(sanitize(html, page, place, is_published=False)[0], html)
    small = _SMALL.search(safe)
    text = safe[: small.start()] if small else safe
    blocks = html_to_markdown.blocks_of(text if own else feed_html.tidy_html(text))
    return blocks, html_to_markdown.plain_text(small[1]) if small else ""


def slug_of(link: str) -> str | None:
    """Return the slug at the end of an address, or None if it has none: "/?p=12", "/123", "/index.html"."""
    with suppress(ValueError):
        last = unquote(urlsplit(link).path.rstrip("/").rpartition("/")[2])
        stem = re.sub(r"\.(?:html?|php|aspx?|jsp)$", "", last, flags=re.IGNORECASE)
        if stem.lower() not in _NO_SLUGS and not stem.isdecimal():
            return fields.slug_from(stem)
    return None


def sorted_labels(
    labels: Iterable[tuple[str, str]], settings: ImportSettings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the (scheme, label) pairs of categories as topics of the site and as tags; our schemes tell them apart."""
    topics: list[str] = []
    tags: list[str] = []
    authority = settings.site.tag_authority
    for scheme, label in labels:
        topic = None if scheme == f"tag:{authority}:tags" else settings.topic_called(label)
        (topics if topic else tags).append(topic or plain(label))
    return tuple(dict.fromkeys(topics)), tuple(dict.fromkeys(filter(None, tags)))


def people(names: Iterable[str]) -> tuple[Person, ...]:
    """Return names as people, each once."""
    return tuple(Person(name=name) for name in dict.fromkeys(map(plain, names)) if name)
