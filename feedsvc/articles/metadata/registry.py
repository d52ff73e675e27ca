"""The registry of front matter fields: the one place in which a field is added. Pure.

The reader of articles, `check`, the three feed formats, the pages, the store and the import take the fields from
`FIELDS`. Its order is the one in which an import writes fields into a file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from feedsvc.articles.metadata import fields, marker_table
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.errors import nearest
from feedsvc.model import Article, Enclosure, Image, Person, Site


class Context(Protocol):
    """What a field is read with. A sync and an import have one each; their methods raise ValueError as readers do."""

    @property
    def site(self) -> Site:
        """Return the publication."""
        ...

    def published(self, value: Value) -> Any:
        """Return the date of publication."""
        ...

    def date(self, value: Value) -> Any:
        """Return another date."""
        ...

    def topics(self, value: Value) -> tuple[str, ...]:
        """Return names of topics."""
        ...

    def image(self, value: Value) -> Image | None:
        """Return the picture, whose file a sync looks for."""
        ...

    def enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        """Return the files, which a sync looks for."""
        ...


Read = Callable[[Value, Context], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where formats and the page show a field; "" where they do not.

    `atom` and `rss` are names of elements in an entry, with the prefix of a module ("dc:rights") or without one. `json`
    is a member of an item; one that JSON Feed does not define is in our own object ("_feedsvc.topics"). `page` is a
    class of the element.
    """

    atom: str = ""
    rss: str = ""
    json: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A front matter field.

    `read` returns its value, or raises ValueError with the fault and the remedy. It is None for the fields that are
    read together with those of other systems, which say who may read a file (`visibility`).

    `attribute` is the attribute of `Article` and of an import's `Draft` that holds the value, and the name under which
    the store keeps it. A field without one is one line of text: `Article.extra` and `Draft.extra` hold it under its
    name, the store keeps it with them, and each format shows it as `shown` says, without any other code.

    `is_note` shows the text below the article's content, in every format and on the page. `is_prose` says that people
    write the value without quotes, so that a "#" may be meant as text; `is_for_readers` that it is published, so that
    private comments are removed from it. `is_after_body` delays reading until the files in the body are known.
    `other_names` are names that other systems have for the field, compared by `squash`: `check` suggests ours for
    them, and an import reads them. `write` makes the value in front matter that an import writes; times are written
    without it. `is_written` is False for a field that an import expresses otherwise.
    """

    name: str
    read: Read | None
    attribute: str = ""
    default: Any = None
    is_required: bool = False
    is_prose: bool = False
    is_for_readers: bool = False
    is_after_body: bool = False
    is_note: bool = False
    is_written: bool = True
    shown: Shown = Shown()
    other_names: tuple[str, ...] = ()
    write: Callable[[Any], Any] = lambda value: list(value) if isinstance(value, tuple) else value
    squashed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "squashed", frozenset(map(squash, self.other_names)))

    def value_in(self, holder: Any) -> Any:
        """Return the value that an `Article` or a `Draft` has in this field."""
        return getattr(holder, self.attribute) if self.attribute else holder.extra.get(self.name)


def _plain(reader: Callable[[Value], Any]) -> Read:
    return lambda value, _context: reader(value)


def _person(person: Person) -> str | dict[str, str]:
    given = {"name": person.name, "uri": person.uri, "email": person.email}
    return {key: value for key, value in given.items() if value} if person.uri or person.email else person.name


def _enclosure(enclosure: Enclosure) -> dict[str, str | int]:
    known: dict[str, str | int] = {"length": enclosure.length, "title": enclosure.title}
    return {"url": enclosure.url, "type": enclosure.type, **{key: value for key, value in known.items() if value}}


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIELDS: Final = (
    Field(
        name="title",
        read=_plain(fields.required_text),
        attribute="title",
        default="",
        is_required=True,
        is_prose=True,
        is_for_readers=True,
        shown=Shown(atom="title", rss="title", json="title", page="p-name"),
    ),
    Field(
        name="published",
        read=lambda value, context: context.published(value),
        attribute="published",
        is_required=True,
        shown=Shown(atom="published", rss="pubDate", json="date_published", page="dt-published"),
        other_names=_names("date pub-date publish-date"),
    ),
    Field(
        name="updated",
        read=lambda value, context: context.date(value),
        attribute="updated",
        shown=Shown(atom="updated", rss="atom:updated", json="date_modified", page="dt-updated"),
        other_names=_names("lastmod modified"),
    ),
    Field(
        name="expires",
        read=None,
        attribute="expires",
        # Hugo: expiryDate, unpublishDate. Drupal's Scheduler: unpublish-on. Joomla: publish-down.
        other_names=_names(
            "expire expires-at expires-on expires-date expire-at expire-on expire-date expired expired-at expired-on "
            "expiration expiration-date expiration-time expiry expiry-date expiry-time unpublish unpublish-date "
            "unpublish-at unpublish-on unpublished-at unpublished-on unpublished-date publish-until published-until "
            "publish-end publish-down publish-to valid-until visible-until available-until takedown takedown-at "
            "takedown-date take-down-at take-down-on"
        ),
    ),
    Field(
        name="id",
        read=_plain(fields.identifier),
        attribute="id",
        shown=Shown(atom="id", rss="guid", json="id"),
        other_names=("guid",),
    ),
    Field(
        name="language",
        read=_plain(fields.language),
        attribute="language",
        # Each format has the language of an entry that differs from the feed's in an attribute or element of its own.
        shown=Shown(atom="xml:lang", rss="dc:language", json="language"),
        other_names=("lang",),
    ),
    Field(
        name="topics",
        read=lambda value, context: context.topics(value),
        attribute="topics",
        default=(),
        is_required=True,
        shown=Shown(atom="category", rss="category", json="_feedsvc.topics", page="p-category"),
        other_names=_names("categories category topic"),
    ),
    Field(
        name="authors",
        read=_plain(fields.people),
        attribute="authors",
        default=(),
        is_for_readers=True,
        shown=Shown(atom="author", rss="dc:creator", json="authors", page="p-author"),
        other_names=("author",),
        write=lambda people: [_person(each) for each in people],
    ),
    Field(
        name="tags",
        read=_plain(fields.tags),
        attribute="tags",
        default=(),
        is_for_readers=True,
        shown=Shown(atom="category", rss="category", json="tags", page="p-category"),
        other_names=_names("keywords tag"),
    ),
    Field(
        name="summary",
        read=_plain(fields.text),
        attribute="summary",
        default="",
        is_prose=True,
        is_for_readers=True,
        shown=Shown(atom="summary", rss="description", json="summary", page="p-summary"),
        other_names=_names("description excerpt"),
    ),
    Field(
        name="image",
        read=lambda value, context: context.image(value),
        attribute="image",
        is_for_readers=True,
        is_after_body=True,
        shown=Shown(rss="media:content", json="image", page="u-featured"),
        other_names=("cover",),
        write=lambda image: {"src": image.url, "alt": image.alt} if image.alt else image.url,
    ),
    Field(
        name="enclosure",
        read=lambda value, context: context.enclosures(value),
        attribute="enclosures",
        default=(),
        is_for_readers=True,
        is_after_body=True,
        shown=Shown(atom="link", rss="enclosure", json="attachments", page="u-enclosure"),
        write=lambda enclosures: [_enclosure(each) for each in enclosures],
    ),
    Field(
        name="canonical",
        read=_plain(fields.url),
        attribute="canonical",
        shown=Shown(page="u-syndication"),
    ),
    Field(
        name="translation_of",
        read=_plain(fields.slug),
        attribute="translation_of",
        shown=Shown(atom="link"),
    ),
    Field(
        name="aliases",
        read=lambda value, context: fields.aliases(value, context.site.base_url),
        attribute="aliases",
        default=(),
    ),
    Field(
        name="disclosure",
        read=_plain(fields.text),
        attribute="disclosure",
        is_prose=True,
        is_for_readers=True,
        is_note=True,
        shown=Shown(page="disclosure"),
    ),
    Field(
        name="slug",
        read=_plain(fields.slug),
        attribute="slug",
        is_written=False,  # an import gives the file this name
        shown=Shown(atom="link", rss="link", json="url", page="u-url"),
        other_names=("permalink",),
    ),
    Field(name="draft", read=None, attribute="is_draft"),
)
# By name. Tests add and remove entries.
FIELDS: Final = {each.name: each for each in _FIELDS}
# Names that are like these are read as markers (`marker_table`).
_MARKERS: Final = ("draft", "published")


def ours(name: str) -> str | None:
    """Return our name for a field as other tools call it, if they have one for it."""
    squashed = squash(name)
    # A loop is faster than a generator, and a sync calls this some 20 times for each file.
    for each in FIELDS.values():
        if squashed in each.squashed:
            return each.name
    return None


def instead_of(name: str) -> str:
    """Return in words what an unknown field was probably meant to be.

    Never `draft` or `published`: a field that is like those is read as a marker (see `marker_table`). A marker whose
    value says nothing was not meant to be any of our fields.
    """
    known = ours(name)
    if known is None and marker_table.match(name) is not None:
        return "write draft: true to keep the article from the public, or remove it"
    return f"did you mean {known!r}?" if known else nearest(name, [each for each in FIELDS if each not in _MARKERS])


def notes(article: Article) -> Iterator[tuple[Field, str]]:
    """Yield the fields whose texts are shown below the content of an article, and the texts (plain)."""
    for each in FIELDS.values():
        if each.is_note and (text := each.value_in(article)):
            yield each, text


def extras(article: Article) -> Iterator[tuple[Shown, str]]:
    """Yield where formats show the fields of an article that have no attribute of their own, and their plain texts."""
    for name, text in article.extra.items():
        if name in FIELDS:
            yield FIELDS[name].shown, text
