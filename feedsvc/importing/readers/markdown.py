"""Read Markdown with or without front matter. The body stays unchanged. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from feedsvc.articles.assets import guess_media_type
from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata import fields, frontmatter
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.visibility import Visibility, expiries, is_marker, markers, visibility
from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Block, Draft, SourceDate
from feedsvc.importing.output import html_to_markdown
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Image

_HEADINGS: Final = Pairs({f"h{level}": (rf"<h{level}\b[^<>]*+>", f"</h{level}>") for level in range(1, 7)}, re.NOFLAG)
_TITLE: Final = re.compile(r"\s*#[ \t]++([^\n]++)(?:\n|$)|\s*(\S[^\n]*)\n=++[ \t]*(?:\n|$)")
# What other tools call our fields; `visibility` knows the names of dates at which articles come and go.
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "lastmod": "updated",
    "modified": "updated",
    "description": "summary",
    "excerpt": "summary",
    "author": "authors",
    "lang": "language",
    "keywords": "tags",
    "guid": "id",
}


def read_markdown(source: str, text: str, settings: ImportSettings) -> Draft:
    """Return the draft in a Markdown file. Raises ArticleError if its front matter is broken or it has no title."""
    if text.split("\n", 1)[0].rstrip() not in ("---", "+++"):
        return _bare(source, text)
    front = frontmatter.parse(text.encode("utf-8", "surrogatepass"))
    return _with_fields(_body(source, front.body), _Fields(front.fields, front.lines), settings)


def _bare(source: str, text: str) -> Draft:
    match = _TITLE.match(text)
    if match is None:
        raise ArticleError([Finding(line=1, message="no title: begin the file with '# Title', or with front matter")])
    title = html_to_markdown.plain_text(READERS[".md"](f"# {match[1] or match[2]}"))
    return replace(_body(source, text[match.end() :]), title=title)


def _body(source: str, body: str) -> Draft:
    """Return a draft with the Markdown of the body, and with its blocks as plain text, for proposals."""
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
    return Draft(source=source, title="", blocks=with_text, markdown=body.strip("\n"))


class _Fields:
    """Front matter with our names or those of other tools. Every error has a line and a field."""

    def __init__(self, written: Mapping[str, Value], lines: Mapping[str, int]) -> None:
        found = tuple(markers(written))
        self.expiries = tuple(expiries(written))
        dates = [(each.field, each.date) for each in found if each.date]
        # `published: false` says who may read it, while another field says when it was written.
        flags = {each.field for each in found if not each.date}
        values = {name: value for name, value in written.items() if name not in flags}
        self.dates = [*((name, values[name]) for name in ("published",) if values.get(name)), *dates]
        self.written = {_OTHER_NAMES.get(name, name): value for name, value in values.items()}
        self.lines = {_OTHER_NAMES.get(name, name): line for name, line in lines.items() if name not in flags}
        self.is_draft = visibility(found) is not Visibility.PUBLIC
        read = {name for name, _ in (*self.dates, *self.expiries)}
        self.notes = (
            *(
                f"{each.field}: {each.said} is not for the public: made a draft (remove draft: true to publish it)"
                for each in found
                if each.visibility is not Visibility.PUBLIC and each.field != "draft"
            ),
            *(
                f"{name}: unknown field, left out ({fields.instead_of(name)})"
                for name, value in values.items()
                if _OTHER_NAMES.get(name, name) not in fields.KNOWN and not is_marker(name, value) and name not in read
            ),
        )

    def times(self, named: Iterable[tuple[str, Value]], settings: ImportSettings) -> list[datetime]:
        """The times (UTC) that fields of these names say. Raises ArticleError."""
        return [
            self._read(name, value, lambda each: settings.date(fields.required_text(each))) for name, value in named
        ]

    def get(self, name: str, read: Any, default: Any) -> Any:
        """Return the value of a field, or the default if it is absent or empty. Raises ArticleError."""
        value = self.written.get(name, "")
        return default if value in ("", [], {}) else self._read(name, value, read)

    def _read(self, name: str, value: Value, read: Callable[[Value], Any]) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise ArticleError([Finding(line=self.lines.get(name, 0), field=name, message=str(error))]) from error


def _with_fields(draft: Draft, front: _Fields, settings: ImportSettings) -> Draft:
    # No system publishes an article before the last of these dates, or keeps it up past the first of the others.
    date = max(front.times(front.dates, settings), default=None)
    topics = [settings.topic_called(each) or each for each in front.get("topics", fields.texts, ())]
    known = [topic.name for topic in settings.site.topics]
    image = front.get("image", _image, None)
    left_out = ("image: a file, left out (put it beside the article and name it there)",)
    return replace(
        draft,
        title=front.get("title", fields.required_text, ""),
        summary=front.get("summary", fields.text, ""),
        published=SourceDate(at=date, found_in="published") if date else None,
        updated=front.get("updated", lambda value: settings.date(fields.required_text(value)), None),
        expires=min(front.times(front.expiries, settings), default=None),
        id=front.get("id", fields.identifier, None),
        slug=front.get("slug", fields.slug, None),
        authors=front.get("authors", fields.people, ()),
        topics=tuple(topic for topic in topics if topic in known),
        tags=(*front.get("tags", fields.texts, ()), *(topic for topic in topics if topic not in known)),
        image=image,
        enclosures=front.get("enclosure", _enclosures, ()),
        language=front.get("language", fields.language, None),
        language_is_sure=bool(front.written.get("language")),
        disclosure=front.get("disclosure", fields.text, ""),
        canonical=front.get("canonical", fields.url, None),
        translation_of=front.get("translation_of", fields.slug, None),
        aliases=front.get("aliases", lambda value: fields.aliases(value, settings.site.base_url), ()),
        is_draft=front.is_draft,
        notes=front.notes if image or not front.written.get("image") else (*front.notes, *left_out),
    )


def _image(value: Value) -> Image | None:
    """Return the picture if it has an address. A file beside the text is not imported."""
    table = {"src": value} if isinstance(value, str) else value if isinstance(value, dict) else {}
    with suppress(ValueError):
        return Image(url=fields.url(table.get("src", "")), alt=fields.text(table.get("alt", "")))
    return None


def _enclosures(value: Value) -> tuple[Enclosure, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(_enclosure({"url": each} if isinstance(each, str) else each) for each in items)


def _enclosure(value: Value) -> Enclosure:
    keys = {"url": fields.url, "type": fields.media_type, "length": fields.length, "title": fields.text}
    table = fields.table_of(value, keys)
    type_ = table.get("type") or guess_media_type(table.get("url", ""))
    if "url" not in table or type_ is None:
        raise ValueError("an enclosure needs url and type")
    length, title = int(table.get("length", "0")), table.get("title", "")
    return Enclosure(url=table["url"], type=type_, length=length, title=title)
