"""Remove the lines and elements that feed programs add to the text of an entry. Pure.

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
from feedsvc.importing.output.html_to_markdown import children, outer_html, plain_text
from feedsvc.importing.readers.line_breaks import BREAKS

_BLOCKS: Final = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, dl, table, blockquote, pre, figure, hr"
_EMPTY_LINK: Final = re.compile(r"<a(?:\s+rel=\"[^\"]*\")?>\s*</a>")
_ADDRESS: Final = re.compile(r"https?://\S+")
_SENTENCE: Final = re.compile(r"(.{2,119}?)(?:[。．]|\.(?=\s|$)|(?<=[！？!?؟])(?!\S?[）)」』”]))\s*", re.DOTALL)


def tidy_html(html: str) -> str:
    """Return sanitized HTML with lines in <div> as paragraphs, embedded addresses as links, and no empty links."""
    body = LexborHTMLParser(f"<body>{_EMPTY_LINK.sub('', html)}").body
    return "".join(_without_divs(body)) if body is not None else ""


def _without_divs(node: LexborNode) -> Iterator[str]:
    for child in children(node):
        if child.tag == "figure" and _ADDRESS.fullmatch(plain_text(child.html or "")):
            address = escape(plain_text(child.html or ""))
            yield f'<p><a href="{address}">{address}</a></p>'
        elif child.tag != "div":
            yield outer_html(child)
        # A node also matches its own selector.
        elif any(each.mem_id != child.mem_id for each in child.css(_BLOCKS)):
            yield from _without_divs(child)
        else:
            for part in BREAKS.split(child.inner_html or ""):
                if plain_text(part) or "<img" in part:
                    yield f"<p>{part.strip()}</p>"


def without_feed_lines(blocks: Sequence[Block], rules: Rules) -> tuple[tuple[Block, ...], tuple[Cut, ...]]:
    """Return the blocks without lines about the feed or its page ("Read more"), and these as cuts."""
    kept: list[Block] = []
    cuts: list[Cut] = []
    for block in blocks:
        kind = None if block.level or "![" in block.markdown else rules.kind_of(block.text, (FEED, "subscribe"))
        if kind:
            cuts.append(Cut(kind=FEED, text=block.text, reason="put there by the feed"))
        else:
            kept.append(block)
    return tuple(kept), tuple(cuts)


def split_title(blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
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
