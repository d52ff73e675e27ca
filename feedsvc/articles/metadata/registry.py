"""The registry of front matter fields: the one place in which a field is added. Pure.

The reader of articles, `check`, the three feed formats, the pages, the store and the import take the fields from
`FIELDS`. Its order is the one in which an import and `feedsvc new` write fields into a file.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.field_definition import Field, Read, Shown
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.systems import names_of
from feedsvc.model import Enclosure, ExtraValue, Image, Person


def _plain(reader: Callable[[Value], Any]) -> Read:
    return lambda value, _context: reader(value)


def _person(person: Person) -> str | dict[str, str]:
    given = {"name": person.name, "uri": person.uri, "email": person.email}
    return {key: value for key, value in given.items() if value} if person.uri or person.email else person.name


def _image(image: Image) -> str | dict[str, str]:
    said = {key: value for key, value in (("alt", image.alt), ("caption", image.caption)) if value}
    return {"src": image.url, **said} if said else image.url


def _enclosure(enclosure: Enclosure) -> dict[str, str | int]:
    known: dict[str, str | int] = {"length": enclosure.length, "title": enclosure.title}
    return {"url": enclosure.url, "type": enclosure.type, **{key: value for key, value in known.items() if value}}


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
        other_names=names_of("published"),
    ),
    Field(
        name="updated",
        read=lambda value, context: context.date(value),
        attribute="updated",
        shown=Shown(atom="updated", rss="atom:updated", json="date_modified", page="dt-updated"),
        other_names=names_of("updated"),
    ),
    Field(
        name="expires",
        read=None,
        attribute="expires",
        other_names=names_of("expires"),
    ),
    Field(
        name="id",
        read=_plain(fields.identifier),
        attribute="id",
        shown=Shown(atom="id", rss="guid", json="id"),
        other_names=names_of("id"),
    ),
    Field(
        name="language",
        read=_plain(fields.language),
        attribute="language",
        # Each format has the language of an entry that differs from the feed's in an attribute or element of its own.
        shown=Shown(atom="xml:lang", rss="dc:language", json="language"),
        other_names=names_of("language"),
    ),
    Field(
        name="topics",
        read=lambda value, context: context.topics(value),
        attribute="topics",
        default=(),
        is_required=True,
        shown=Shown(atom="category", rss="category", json="_feedsvc.topics", page="p-category"),
        other_names=names_of("topics"),
    ),
    Field(
        name="authors",
        read=_plain(fields.people),
        attribute="authors",
        default=(),
        is_for_readers=True,
        shown=Shown(atom="author", rss="dc:creator", json="authors", page="p-author"),
        other_names=names_of("authors"),
        write=lambda people: [_person(each) for each in people],
    ),
    Field(
        name="tags",
        read=_plain(fields.tags),
        attribute="tags",
        default=(),
        is_for_readers=True,
        is_in_new_files=True,
        shown=Shown(atom="category", rss="category", json="tags", page="p-category"),
        other_names=names_of("tags"),
    ),
    Field(
        name="summary",
        read=_plain(fields.text),
        attribute="summary",
        default="",
        is_prose=True,
        is_for_readers=True,
        shown=Shown(atom="summary", rss="description", json="summary", page="p-summary"),
        other_names=names_of("summary"),
    ),
    Field(
        name="image",
        read=lambda value, context: context.image(value),
        attribute="image",
        is_for_readers=True,
        is_after_body=True,
        shown=Shown(rss="media:content", json="image", page="u-featured"),
        other_names=names_of("image"),
        write=_image,
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
        other_names=names_of("canonical"),
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
        other_names=names_of("aliases"),
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
        other_names=names_of("slug"),
    ),
    Field(
        name="draft",
        read=None,
        attribute="is_draft",
        default=False,
        comment="To publish, delete this line and the next.",
    ),
)
# By name. Tests add and remove entries.
FIELDS: Final = {each.name: each for each in _FIELDS}


def extra_values(values: Mapping[str, Any]) -> dict[str, ExtraValue]:
    """Return the values of the fields that have no attribute, of values by name, without empty ones."""
    extra = {name: value for name, value in values.items() if not FIELDS[name].attribute}
    return {name: value for name, value in extra.items() if not FIELDS[name].is_absent(value)}
