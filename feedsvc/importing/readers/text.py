"""Read plain text as it is pasted from a page. Pure.

The first line is the title, except for a breadcrumb or dateline above it. Lines with date and author may follow, then
the standfirst. The rest are paragraphs, one on each line or between blank lines, and headings by their shape.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from feedsvc.articles.metadata.visibility import Visibility, markers
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.analysis.boilerplate import ABOVE_TITLE, cut_boilerplate
from feedsvc.importing.analysis.line_shapes import is_heading, is_wrapped, join_wrapped, list_item, width
from feedsvc.importing.draft import Block, Draft
from feedsvc.importing.output import html_to_markdown
from feedsvc.importing.readers import bylines
from feedsvc.importing.settings import ImportSettings
from feedsvc.text import plain, xml_legal

Line = tuple[int, str]
_MAX_TITLE: Final = 300
# A standfirst is one paragraph of a few sentences, with text below it. In columns.
_MAX_STANDFIRST: Final = 400
_MIN_BLOCKS: Final = 3
# A field above a text without front matter: `Status: draft` of MultiMarkdown, `:draft: true`, `#+DRAFT: true` of Org.
_FIELD: Final = re.compile(
    r"(?:#\+|:|//)?[ \t]*+(?P<name>\w[\w -]{0,30}?)[ \t]*+[:=：][ \t]*+(?P<value>\S[^\n]{0,100}+)"
)
_FENCE: Final = re.compile(r"[^\w\s]{1,80}+[a-z]{0,6}")
_MAX_FIELDS: Final = 20


def read_text(source: str, text: str, settings: ImportSettings) -> Draft:
    """Return the draft in a text. Raises ArticleError if it has no title or nothing below it."""
    lines = list(_paragraphs(xml_legal(text)))
    if len(lines) < 2:
        raise ArticleError([Finding(message="is not an article (write a title line and at least one paragraph)")])
    # The first line that is neither a breadcrumb nor a dateline.
    titles = (
        at
        for at, line in enumerate(lines[:-2])
        if settings.rules.kind_of(line[1]) not in ABOVE_TITLE and bylines.read_byline(line, settings) is None
    )
    at = next(titles, 0)
    number, title = lines[at]
    title = plain(title.removeprefix("# "))
    if width(title) > _MAX_TITLE:
        raise ArticleError(
            [Finding(line=number, message="the first line is too long for a title (put a title above it)")]
        )
    meta, below = bylines.split_bylines([*lines[:at], *lines[at + 1 :]], settings)
    cleaned = cut_boilerplate([Block(text=each, markdown="", line=at) for at, each in below], settings.rules)
    summary, body = "", cleaned.blocks
    if len(body) > _MIN_BLOCKS and width(body[0].text) <= _MAX_STANDFIRST and not list_item(body[0].text):
        summary, body = plain(body[0].text), body[1:]
    return Draft(
        source=source,
        title=title,
        summary=summary,
        blocks=tuple(_blocks([(block.line, block.text) for block in body], settings)),
        published=meta.published,
        updated=meta.updated,
        authors=meta.authors,
        disclosure=cleaned.disclosure,
        cuts=(*meta.cuts, *cleaned.cuts),
        notes=cleaned.notes,
    )


def with_fields_above(draft: Draft, text: str) -> Draft:
    """Return what was read of a text or page, as a draft if fields in its first lines say so."""
    reasons = tuple(reasons_above(text))
    return replace(draft, is_draft=draft.is_draft or bool(reasons), notes=(*draft.notes, *reasons))


def reasons_above(text: str) -> Iterator[str]:
    """Yield the reasons why a text or page is a draft, by fields in its first lines, below a title or not.

    A page shows them above its text where nothing reads them: they count if they mean nothing else.
    """
    lines = [stripped for line in text[:4096].splitlines() if (stripped := line.strip(" \t\u3000\ufeff\u00a0\u200b"))]
    for at, line in enumerate(lines[:_MAX_FIELDS]):
        found = _FIELD.fullmatch(line)
        if found:
            for each in markers({"fields-above": {found["name"]: found["value"]}}):
                if each.visibility is Visibility.NOT_PUBLIC:
                    said = f"{found['name']}: {each.value_text}"
                    yield f"{said} is not for the public: made a draft (remove draft: true to publish it)"
        elif at and not _FENCE.fullmatch(line):
            break


def _paragraphs(text: str) -> Iterator[Line]:
    """Yield each paragraph with the line on which it begins. Lines that were wrapped at a margin are joined."""
    chunk: list[Line] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        stripped = line.strip(" \t\u3000\ufeff\u00a0")
        if stripped:
            chunk.append((number, stripped))
            continue
        words = [each for _, each in chunk]
        if is_wrapped(words):
            yield chunk[0][0], join_wrapped(words)
        else:
            yield from chunk
        chunk = []


def _blocks(lines: Sequence[Line], settings: ImportSettings) -> Iterator[Block]:
    """Yield headings, lists and paragraphs, by their shape and their neighbours."""
    shapes = [is_heading(line) and not bylines.is_labelled_date(line, settings) for _, line in lines]
    at = 0
    while at < len(lines):
        number, line = lines[at]
        # A list is two or more items of one kind.
        items = [list_item(line)]
        while items[0] and (at + len(items)) < len(lines):
            following = list_item(lines[at + len(items)][1])
            if following is None or following[1] != items[0][1]:
                break
            items.append(following)
        if len(items) > 1 and items[0]:
            tag = "ol" if items[0][1] else "ul"
            inner = "".join(f"<li>{escape(found[0])}</li>" for found in items if found)
            yield html_to_markdown.block(f"<{tag}>{inner}</{tag}>", number)
            at += len(items)
            continue
        between = (at == 0 or not shapes[at - 1]) and at + 1 < len(lines) and not shapes[at + 1]
        yield (
            html_to_markdown.heading(line, number)
            if shapes[at] and between
            else html_to_markdown.paragraph(line, number)
        )
        at += 1
