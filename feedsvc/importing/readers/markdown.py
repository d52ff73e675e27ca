"""Read Markdown with or without front matter. The body stays unchanged. Pure."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import unquote

from feedsvc.articles.assets import guess_media_type
from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata import fields, frontmatter
from feedsvc.articles.metadata.field_definition import Read
from feedsvc.articles.metadata.field_names import instead_of, own_name
from feedsvc.articles.metadata.frontmatter import FrontMatter, Value
from feedsvc.articles.metadata.registry import FIELDS, extra_values
from feedsvc.articles.metadata.visibility import Visibility, expiries, is_marker, markers, visibility
from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Block, Draft, SourceDate
from feedsvc.importing.output import html_to_markdown
from feedsvc.importing.readers.local_references import with_stand_ins
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import NO_FILES, FilesBeside
from feedsvc.model import Enclosure, Image, Site

_HEADINGS: Final = Pairs({f"h{level}": (rf"<h{level}\b[^<>]*+>", f"</h{level}>") for level in range(1, 7)}, re.NOFLAG)
_TITLE: Final = re.compile(r"\s*#[ \t]++([^\n]++)(?:\n|$)|\s*(\S[^\n]*)\n=++[ \t]*(?:\n|$)")
# Where a system puts parts of an address in: "/:year/:title/", "/{{ page.fileSlug }}/".
_PLACEHOLDER: Final = re.compile(r"/:|\{")
# Jekyll: https://jekyllrb.com/docs/posts/#creating-posts
_DATED_NAME: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-(.+)")
# The end of an address that does not name its article.
_PAGE: Final = re.compile(r"(?:/index)?\.(?:x?html?|php)$")


def read_markdown(source: str, text: str, settings: ImportSettings, beside: FilesBeside = NO_FILES) -> Draft:
    """Return the draft in a Markdown file, with stand-ins for the files beside it.

    Raises ArticleError if its front matter is broken or it has no title.
    """
    if text.split("\n", 1)[0].rstrip() not in ("---", "+++"):
        title = _TITLE.match(text)
        if title is None:
            message = "no title: begin the file with '# Title', or with front matter"
            raise ArticleError([Finding(line=1, message=message)])
        plain = html_to_markdown.plain_text(READERS[".md"](f"# {title[1] or title[2]}"))
        return replace(_body(source, text[title.end() :], beside), title=plain)
    front = frontmatter.parse(text.encode("utf-8", "surrogatepass"))
    return _with_fields(_body(source, front.body, beside), _Fields(front, settings, beside))


def _body(source: str, body: str, beside: FilesBeside) -> Draft:
    """Return a draft with the Markdown of the body, and with its blocks as plain text, for proposals."""
    body = with_stand_ins(body, beside.address_of)
    html = READERS[".md"](body)
    blocks: list[Block] = []
    position = 0
    for heading in _HEADINGS.find(html):
        if heading.end is None:
            continue
        blocks.append(Block(text=html_to_markdown.plain_text(html[position : heading.start]), markdown=""))
        text = html_to_markdown.plain_text(html[heading.start : heading.end])
        blocks.append(Block(text=text, markdown="", level=int(heading.kind[1])))
        position = heading.end
    blocks.append(Block(text=html_to_markdown.plain_text(html[position:]), markdown=""))
    with_text = tuple(block for block in blocks if block.text)
    dated = _DATED_NAME.fullmatch(PurePath(source).stem)
    slug = _slug_of(dated[1]) if dated else ""
    return Draft(source=source, title="", blocks=with_text, markdown=body.strip("\n"), proposed_slug=slug)


def _slug_of(name: str) -> str:
    """Return the slug that a name in another system becomes, or "" if it has no letter or digit."""
    with suppress(ValueError):
        return fields.slug_from(name)
    return ""


class _Fields:
    """Front matter with our names or those of other tools. Every error has a line and a field.

    This is the `field_definition.Context` of an import.
    """

    def __init__(self, front: FrontMatter, settings: ImportSettings, beside: FilesBeside) -> None:
        self._settings, self._beside = settings, beside
        found = tuple(markers(front.fields))
        self.expiries = tuple(expiries(front.fields))
        # `published: false` says who may read it, while another field says when it was written.
        flags = {each.field for each in found if not each.date}
        values = {name: value for name, value in front.fields.items() if name not in flags and value}
        # A file may have several names for a field: our own name is the last one here, and counts.
        names = {name: own_name(name) or name for name in values if name not in FIELDS}
        names |= {name: name for name in values if name in FIELDS}
        dates = {name: values[name] for name in names if names[name] == "published"}
        self.dates = tuple((dates | {each.field: each.date for each in found if each.date}).items())
        # Other systems write a path for our slug: an address that the article had there.
        paths = {name: values[name] for name in names if names[name] == "slug" != name and "/" in str(values[name])}
        # `/2009/08/new-page/index.html` and `/new-page.html` have "new-page".
        pages = [_PAGE.sub("", unquote(str(each).partition("?")[0])) for each in paths.values()]
        slugs = [_slug_of(each.rstrip("/").rpartition("/")[2]) for each in pages if not _PLACEHOLDER.search(each)]
        self.proposed_slug = next(filter(None, slugs), "")
        # Their own names for `aliases` stand beside ours: a file may have both.
        paths |= {name: values[name] for name in names if names[name] == "aliases" != name}
        self.old_addresses, not_addresses = _old_addresses(paths, self.site)
        self.written = {names[name]: values[name] for name in names if name not in paths}
        self.lines = {**front.lines, **{names[name]: front.lines.get(name, 0) for name in names}}
        self.is_draft = visibility(found) is not Visibility.PUBLIC
        read = {name for name, _ in (*self.dates, *self.expiries)}
        self.notes = (
            *not_addresses,
            *(
                f"{each.field}: {each.value_text} is not for the public: made a draft "
                "(remove draft: true to publish it)"
                for each in found
                if each.visibility is not Visibility.PUBLIC and each.field != "draft"
            ),
            *(
                f"{name}: unknown field, left out ({instead_of(name)})"
                for name, value in front.fields.items()
                if own_name(name) is None and name not in {*FIELDS, *read} and not is_marker(name, value)
            ),
        )

    @property
    def site(self) -> Site:
        return self._settings.site

    def published(self, value: Value) -> datetime:
        return self.date(value)

    def date(self, value: Value) -> datetime:
        return self._settings.date(fields.required_text(value))

    def time(self, value: Value) -> datetime:
        return self.date(value)

    def topics(self, value: Value) -> tuple[str, ...]:
        """Return the names of our topics, and the other names as they are."""
        return tuple(self._settings.topic_called(each) or each for each in fields.texts(value))

    def image(self, value: Value) -> Image | None:
        """Return the picture if it has an address, or a file beside the text."""
        table = {"src": value} if isinstance(value, str) else value if isinstance(value, dict) else {}
        with suppress(ValueError):
            source, alt = fields.text(table.get("src", "")), fields.text(table.get("alt", ""))
            return Image(url=self._beside.address_of(source) or fields.url(source), alt=alt)
        return None

    def enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        items = value if isinstance(value, list) else [value]
        return tuple(_enclosure({"url": each} if isinstance(each, str) else each) for each in items)

    def times(self, named: Iterable[tuple[str, Value]]) -> list[datetime]:
        """Return the times (UTC) that fields of these names have. Raises ArticleError."""
        return [self._read(name, value, lambda each, _context: self.date(each)) for name, value in named]

    def values(self) -> dict[str, Any]:
        """Return the values of the fields that are not empty, by name. Raises ArticleError."""
        found = {}
        for name, field in FIELDS.items():
            # The dates of publication are read together (`dates`).
            if name in self.written and field.read and name != "published":
                found[name] = self._read(name, self.written[name], field.read)
        return found

    def _read(self, name: str, value: Value, read: Read) -> Any:
        try:
            return read(value, self)
        except ValueError as error:
            raise ArticleError([Finding(line=self.lines.get(name, 0), field=name, message=str(error))]) from error


def _old_addresses(paths: Mapping[str, Value], site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the old addresses in fields of other systems, by the fields' names, and a note for each that is none."""
    found: list[str] = []
    notes: list[str] = []
    for name, value in paths.items():
        for path in value if isinstance(value, list) else [value]:
            if _PLACEHOLDER.search(str(path)):
                continue
            try:
                found += fields.aliases([path], site.base_url)
            except ValueError as error:
                notes.append(f"{name}: {path!r} was left out: {error}")
    return tuple(found), tuple(notes)


def _with_fields(draft: Draft, front: _Fields) -> Draft:
    # No system publishes an article before the last of these dates, or keeps it up past the first of the others.
    date = max(front.times(front.dates), default=None)
    values = front.values()
    known = [topic.name for topic in front.site.topics]
    topics = values.get("topics", ())
    left_out = ("image: a file, left out (put it beside the article and name it there)",)
    has_image = values.get("image") or "image" not in values
    given = {FIELDS[name].attribute: value for name, value in values.items() if FIELDS[name].attribute}
    given |= {
        "published": SourceDate(at=date, found_in="published") if date else None,
        "expires": min(front.times(front.expiries), default=None),
        "topics": tuple(topic for topic in topics if topic in known),
        "tags": (*values.get("tags", ()), *(topic for topic in topics if topic not in known)),
        "language_is_sure": "language" in values,
        "old_addresses": front.old_addresses,
        "proposed_slug": front.proposed_slug or draft.proposed_slug,
        "is_draft": front.is_draft,
        "extra": extra_values(values),
        "notes": front.notes if has_image else (*front.notes, *left_out),
    }
    return replace(draft, **given)


def _enclosure(value: Value) -> Enclosure:
    keys = {"url": fields.url, "type": fields.media_type, "length": fields.length, "title": fields.text}
    table = fields.table_of(value, keys)
    type_ = table.get("type") or guess_media_type(table.get("url", ""))
    if "url" not in table or type_ is None:
        raise ValueError("an enclosure needs url and type")
    length, title = int(table.get("length", "0")), table.get("title", "")
    return Enclosure(url=table["url"], type=type_, length=length, title=title)
