"""Remove what feed programs add to the text of an entry. Pure.

Our own feeds are not changed: their texts have no additions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.importing.analysis.boilerplate import FEED, Rules
from feedsvc.importing.draft import Block, Cut
from feedsvc.importing.output.html_to_markdown import outer, plain_text
from feedsvc.importing.readers.line_breaks import BREAKS

_BLOCKS: Final = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, dl, table, blockquote, pre, figure, hr"
_EMPTY_LINK: Final = re.compile(r"<a(?:\s+rel=\"[^\"]*\")?>\s*</a>")
_ADDRESS: Final = re.compile(r"https?://\S+")
_SENTENCE: Final = re.compile(r"(.{2,119}?)(?:[。．]|\.(?=\s|$)|(?<=[！？!?؟])(?!\S?[）)」』”]))\s*", re.DOTALL)


def tidied(html: str) -> str:
    """Return sanitized HTML with lines in <div> as paragraphs, embedded addresses as links, and no empty links."""
    body = LexborHTMLParser(f"<body>{_EMPTY_LINK.sub('', html)}").body
    return "".join(_opened(body)) if body is not None else ""


def _opened(node: LexborNode) -> Iterator[str]:
    child = node.child
    while child is not None:
        if child.tag == "figure" and _ADDRESS.fullmatch(plain_text(child.html or "")):
            address = escape(plain_text(child.html or ""))
            yield f'<p><a href="{address}">{address}</a></p>'
        elif child.tag != "div":
            yield outer(child)
        elif _has_blocks(child):
            yield from _opened(child)
        else:
            yield from _paragraphs(child.inner_html or "")
        child = child.next


def _has_blocks(node: LexborNode) -> bool:
    # A node also matches its own selector.
    return any(each.mem_id != node.mem_id for each in node.css(_BLOCKS))


def _paragraphs(inline: str) -> Iterator[str]:
    for part in BREAKS.split(inline):
        if plain_text(part) or "<img" in part:
            yield f"<p>{part.strip()}</p>"


def without_feed_lines(blocks: Sequence[Block], rules: Rules) -> tuple[tuple[Block, ...], tuple[Cut, ...]]:
    """Return the blocks without lines about the feed or its page ("Read more"), and these as cuts."""
    kept: list[Block] = []
    cuts: list[Cut] = []
    for block in blocks:
        kind = None if block.level or "![" in block.markdown else rules.kind_of(block.text, (FEED, "subscribe"))
        if kind:
            cuts.append(Cut(kind=FEED, text=block.text, why="put there by the feed"))
        else:
            kept.append(block)
    return tuple(kept), tuple(cuts)


def titled(blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    """Return the first sentence of an entry without a title, and the blocks without it.

    If it is the whole text, or has markup, it stays in the text. Return "" if no sentence is short enough.
    """
    first = next((block for block in blocks if block.text), None)
    match = _SENTENCE.match(first.text) if first else None
    if first is None or match is None:
        return "", blocks
    at, rest = blocks.index(first), first.text[match.end() :]
    below = blocks[at + 1 :]
    if not rest:
        return match[1], (*blocks[:at], *below) if below else blocks
    if first.markdown != first.text:
        return match[1], blocks
    return match[1], (*blocks[:at], replace(first, text=rest, markdown=rest), *below)
