"""Read plain text as it is pasted from a page. Pure.

The first line is the title, except for a breadcrumb or dateline above it. Lines with date and author may follow, then
the standfirst. The rest are paragraphs, one on each line or between blank lines, and headings by their shape.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.analysis.boilerplate import ABOVE_TITLE, clean
from feedsvc.importing.analysis.line_shapes import is_heading, is_wrapped, item, unwrapped, width
from feedsvc.importing.draft import Block, Draft
from feedsvc.importing.output import html_to_markdown
from feedsvc.importing.readers import bylines
from feedsvc.importing.settings import ImportSettings
from feedsvc.text import plain, xml_legal

Line = tuple[int, str]
_MAX_TITLE: Final = 300
# A standfirst is one paragraph of a few sentences, with text below it. In columns.
_MAX_STANDFIRST: Final = 400
_LEAST_BELOW: Final = 3


def read_text(source: str, text: str, settings: ImportSettings) -> Draft:
    """Return the draft in a text. Raises ArticleError if it has no title or nothing below it."""
    lines = list(_paragraphs(xml_legal(text)))
    if len(lines) < 2:
        raise ArticleError([Finding(message="is not an article (write a title line and at least one paragraph)")])
    at = _title_at(lines, settings)
    number, title = lines[at]
    title = plain(title.removeprefix("# "))
    if width(title) > _MAX_TITLE:
        raise ArticleError(
            [Finding(line=number, message="the first line is too long for a title (put a title above it)")]
        )
    meta, below = bylines.split([*lines[:at], *lines[at + 1 :]], settings)
    cleaned = clean([Block(text=each, markdown="", line=at) for at, each in below], settings.rules)
    summary, body = _standfirst(cleaned.blocks)
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


def _title_at(lines: Sequence[Line], settings: ImportSettings) -> int:
    """Return the index of the title: the first line that is not a breadcrumb or a dateline."""
    for at, line in enumerate(lines[:-2]):
        if settings.rules.kind_of(line[1]) not in ABOVE_TITLE and bylines.said_by(line, settings) is None:
            return at
    return 0


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
            yield chunk[0][0], unwrapped(words)
        else:
            yield from chunk
        chunk = []


def _standfirst(blocks: Sequence[Block]) -> tuple[str, Sequence[Block]]:
    """Return the first paragraph, if it is short and enough text is below it, and the rest."""
    if len(blocks) <= _LEAST_BELOW or width(blocks[0].text) > _MAX_STANDFIRST or item(blocks[0].text):
        return "", blocks
    return plain(blocks[0].text), blocks[1:]


def _blocks(lines: Sequence[Line], settings: ImportSettings) -> Iterator[Block]:
    """Yield headings, lists and paragraphs, by their shape and their neighbours."""
    shapes = [is_heading(line) and not bylines.is_labelled_date(line, settings) for _, line in lines]
    at = 0
    while at < len(lines):
        number, line = lines[at]
        run = _list_from(lines, at)
        if run:
            yield _list(run)
            at += len(run)
            continue
        between = (at == 0 or not shapes[at - 1]) and at + 1 < len(lines) and not shapes[at + 1]
        yield (
            html_to_markdown.heading(line, number)
            if shapes[at] and between
            else html_to_markdown.paragraph(line, number)
        )
        at += 1


def _list_from(lines: Sequence[Line], at: int) -> list[Line]:
    """Return the lines of a list that begins at `at`: two or more items of one kind."""
    first = item(lines[at][1])
    run: list[Line] = []
    while first and at < len(lines) and (found := item(lines[at][1])) and found[1] == first[1]:
        run.append(lines[at])
        at += 1
    return run if len(run) > 1 else []


def _list(run: Sequence[Line]) -> Block:
    items = [found for _, line in run if (found := item(line))]
    tag = "ol" if items[0][1] else "ul"
    return html_to_markdown.block(
        f"<{tag}>{''.join(f'<li>{escape(text)}</li>' for text, _ in items)}</{tag}>", run[0][0]
    )
