"""Read the front matter of Markdown files with our names or those of other systems. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from feedsvc.articles.metadata import fields, marker_table, systems
from feedsvc.articles.metadata.field_definition import Read
from feedsvc.articles.metadata.field_names import instead_of, own_name
from feedsvc.articles.metadata.frontmatter import FrontMatter, Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.metadata.systems import System
from feedsvc.articles.metadata.visibility import Visibility, expiries, is_marker, markers, visibility
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.readers.markdown.foreign_dates import read_foreign_date
from feedsvc.importing.readers.markdown.foreign_values import enclosure, flattened, picture, prepared
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Image, Site
from feedsvc.text import plain

# Where a system puts parts of an address in: "/:year/:title/", "/{{ page.fileSlug }}/".
_PLACEHOLDER: Final = re.compile(r"/:|\{")
# The end of an address that does not name its article.
_PAGE: Final = re.compile(r"(?:/index)?\.(?:x?html?|php)$")


def _is_publish(name: str) -> bool:
    """Return whether a field is `publish`, or that of a plugin: `dg-publish`."""
    found = marker_table.match(name)
    return found is not None and found.name == "publish" and not found.is_like


class ForeignFields:
    """The fields of a file of a `system`. Every error has a line and a field.

    This is the `field_definition.Context` of an import. `address_of` returns the stand-in for a file beside the text.
    """

    def __init__(
        self, front: FrontMatter, settings: ImportSettings, system: System, address_of: Callable[[str], str | None]
    ) -> None:
        self._settings, self._system, self._address_of = settings, system, address_of
        found = tuple(markers(front.fields))
        self.expiries = tuple(expiries(front.fields))
        self.notes: list[str] = [
            f"{each.field}: {each.value_text} is not for the public: made a draft (remove draft: true to publish it)"
            for each in found
            if each.visibility is not Visibility.PUBLIC and each.field != "draft"
        ]
        # In a file that comes from elsewhere, nobody has said yet whether `publish:` means yes.
        unsaid = [name for name, value in front.fields.items() if value in ("", []) and _is_publish(name)]
        self.notes += [f"{name}: has no value: made a draft (remove draft: true to publish it)" for name in unsaid]
        self.is_draft = bool(unsaid) or visibility(found) is not Visibility.PUBLIC
        # `published: false` says who may read it, while another field says when it was written.
        flags = {each.field for each in found if not each.date}
        flat = {
            name: value
            for name, value in flattened(front.fields).items()
            if name not in flags and value not in ("", [], {})
        }
        # By the name as it is written, `extra.cover` in a table.
        names = {name: name if name in FIELDS else own_name(name.rpartition(".")[2]) for name in flat}
        self._candidates: dict[str, dict[str, Value]] = {}
        # Our own names come first, and of all fields that have one value, the first one counts.
        for name in sorted(flat, key=lambda name: name not in FIELDS):
            self._candidates.setdefault(names[name] or "", {})[name] = flat[name]
        unknown = self._candidates.pop("", {})
        dates = self._candidates.pop("published", {}) | {each.field: each.date for each in found if each.date}
        if any(squash(name) not in systems.CREATION_DATES for name in dates):
            dates = {name: value for name, value in dates.items() if squash(name) not in systems.CREATION_DATES}
        self.dates = tuple(dates.items())
        self.proposed_slug = ""
        self.old_addresses: tuple[str, ...] = ()
        self._read_addresses()
        self.lines = {**front.lines, **{own: front.lines.get(name, 0) for name, own in names.items() if own}}
        read = {name for name, _ in (*self.dates, *self.expiries)}
        self.notes += [
            f"{name}: unknown field, left out ({instead_of(name.rpartition('.')[2])})"
            for name, value in unknown.items()
            if name not in read
            and systems.system_of_setting(name.rpartition(".")[2]) is None
            and not is_marker(name.rpartition(".")[2], value)
        ]

    def _read_addresses(self) -> None:
        """Take the fields apart that other systems use for addresses that the article had there, and for its name."""
        slugs, aliases = self._candidates.get("slug", {}), self._candidates.get("aliases", {})
        paths: dict[str, Value] = {}
        for name, value in [(name, value) for name, value in slugs.items() if "/" in str(value)]:
            del slugs[name]
            # A path for our slug is an address. One of another host is the subject of a link blog.
            if squash(name) == "url" and urlsplit(str(value)).netloc:
                self.notes.append(
                    f"{name}: {_shown(value)} is an address of another site, left out (link it in the text)"
                )
            else:
                paths[name] = value
        # `/2009/08/new-page/index.html` and `/new-page.html` have "new-page".
        pages = [_PAGE.sub("", unquote(str(each).partition("?")[0])) for each in paths.values()]
        names = [each.rstrip("/").rpartition("/")[2] for each in pages if not _PLACEHOLDER.search(each)]
        for name in filter(None, names):
            with suppress(ValueError):
                self.proposed_slug = self.proposed_slug or fields.slug_from(name)
        for name in [each for each in aliases if self._system.has_other_titles]:
            said = aliases.pop(name)
            self.notes.append(
                f"{name}: {said!r} are other titles in {self._system.title}, left out (write them into the text)"
            )
        # Their own names for `aliases` stand beside ours: a file may have both.
        paths |= {name: aliases.pop(name) for name in list(aliases) if name != "aliases"}
        old: list[str] = []
        own: list[str] = []
        for name, value in (*paths.items(), *aliases.items()):
            for path in value if isinstance(value, list) else [value]:
                if _PLACEHOLDER.search(str(path)):
                    continue
                try:
                    (own if name == "aliases" else old).extend(fields.aliases([path], self.site.base_url))
                except ValueError as error:
                    self.notes.append(f"{name}: {path!r} was left out: {error}")
        self.old_addresses = tuple(old)
        self._candidates["aliases"] = {"aliases": list(own)} if own else {}

    @property
    def site(self) -> Site:
        return self._settings.site

    def published(self, value: Value) -> datetime:
        return self.date(value)

    def date(self, value: Value) -> datetime:
        at, note = read_foreign_date(fields.required_text(value), ZoneInfo(self.site.timezone))
        if note and note not in self.notes:
            self.notes.append(note)
        return at

    def time(self, value: Value) -> datetime:
        return self.date(value)

    def topics(self, value: Value) -> tuple[str, ...]:
        """Return the names of our topics, and the other names as they are."""
        return tuple(self._settings.topic_called(each) or each for each in fields.texts(value))

    def image(self, value: Value) -> Image | None:
        """Return the picture if it has an address, or a file beside the text."""
        source, alt, caption = picture(value)
        with suppress(ValueError):
            url = self._address_of(fields.text(source)) or fields.url(source)
            return Image(url=url, alt=fields.text(alt), caption=fields.text(caption))
        return None

    def enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        items = value if isinstance(value, list) else [value]
        return tuple(enclosure({"url": each} if isinstance(each, str) else each) for each in items)

    def times(self, named: Iterable[tuple[str, Value]]) -> list[datetime]:
        """Return the times (UTC) that fields of these names have. Raises ArticleError."""
        return [self._read(name, value, lambda each, _context: self.date(each)) for name, value in named]

    def values(self) -> dict[str, Any]:
        """Return the values of the fields that are not empty, by name. Raises ArticleError for our own names.

        A field of another system with a value that cannot be read is left out and noted.
        """
        values: dict[str, Any] = {}
        for name, field in FIELDS.items():
            for written, value in self._candidates.get(name, {}).items():
                if field.read is None:
                    continue
                try:
                    found = self._read(name, prepared(name, value, self._system), _READERS.get(name, field.read))
                except ArticleError as error:
                    if written in FIELDS or name == "title":
                        raise
                    self.notes += [f"{written}: left out: {each.message}" for each in error.findings]
                    continue
                if name not in values:
                    values[name] = found
                elif field.default == ():
                    values[name] = tuple(dict.fromkeys((*values[name], *found)))
                elif found not in (None, values[name]):
                    other = next(iter(self._candidates[name]))
                    self.notes.append(f"{written}: {_shown(value)} was left out, since {other} is there too (keep one)")
        return values

    def _read(self, name: str, value: Value, read: Read) -> Any:
        try:
            return read(value, self)
        except ValueError as error:
            raise ArticleError([Finding(line=self.lines.get(name, 0), field=name, message=str(error))]) from error


# `complete` shortens these, with a note.
_READERS: Final[Mapping[str, Read]] = {
    "summary": lambda value, _context: plain(value) if isinstance(value, str) else fields.text(value),
    "tags": lambda value, _context: fields.texts(value),
}


def _shown(value: Value) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:60]}…"
