"""Convert HTML to blocks of CommonMark. Pure.

Every conversion is checked. A block's Markdown is rendered as articles are, and is kept only if it gives the same HTML.
Otherwise it is tried with more escapes, and finally the block stays HTML, which CommonMark allows. So no content is
lost that the converter does not support (ruby, definition lists, ids, emphasis beside Chinese punctuation).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.markup import READERS, join_cjk
from feedsvc.importing.draft import Block, joined
from feedsvc.text import plain

_render: Final[Callable[[str], str]] = READERS[".md"]
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
# CommonMark §4.6, start condition 6: lines that begin with one of these are an HTML block up to a blank line.
_HTML_BLOCKS: Final = frozenset(
    "address article aside blockquote caption col colgroup dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p section summary table tbody td tfoot th thead tr ul".split()
)
_BLOCKS: Final = _HTML_BLOCKS | {"pre"}
# Text that is its own Markdown: it has no character that CommonMark or GFM reads as a mark, at its beginning or within.
_HARMLESS: Final = re.compile(r"(?![-+=#]|\d{1,9}[.)])[^\\`*_{}<>\[\]&|~^$:@\n]*(?<![ #])")
_PLAIN_PARAGRAPH: Final = re.compile(r"<p>([^\s<>&](?:[^<>&\n\t]*[^\s<>&])?)</p>")
# The fewest escapes first, since text without them is easier to read.
_ATTEMPTS: Final[tuple[dict[str, Any], ...]] = ({"escape_underscores": False}, {"escape_misc": True})
_EDGES: Final = _BLOCKS | {"br"}


def blocks_of(html: str) -> tuple[Block, ...]:
    """Return the blocks of a sanitized HTML fragment, in order."""
    nodes = list(_pieces(join_cjk(html, " ")))
    blocks = tuple(_block(piece, previous) for piece, previous in zip(nodes, [None, *nodes], strict=False))
    if all(map(_harmless, nodes)):
        return blocks
    if shape(_render(joined(blocks))) == shape("\n".join(nodes)):
        return blocks
    # One block changed the meaning of another, as the definition of a link does. Then none of them is certain.
    return tuple(
        Block(text=each.text, markdown=_raw(piece), level=each.level) for each, piece in zip(blocks, nodes, strict=True)
    )


def paragraph(text: str, line: int = 0) -> Block:
    """Return plain text as a paragraph. Its URLs become links, as in an article in a .txt file."""
    found = text if _HARMLESS.fullmatch(text) else _markdown(READERS[".txt"](text))
    return Block(text=plain(text), markdown=found, line=line)


def heading(text: str, line: int = 0, level: int = 2) -> Block:
    """Return plain text as a heading."""
    found = f"{'#' * level} {text}" if _HARMLESS.fullmatch(text) else _markdown(f"<h{level}>{escape(text)}</h{level}>")
    return Block(text=plain(text), markdown=found, level=level, line=line)


def block(html: str, line: int = 0) -> Block:
    """Return one block of sanitized HTML."""
    return replace(_block(join_cjk(html, " "), None), line=line)


def levelled(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks with headings below a title: the highest ones at level 2, and no level skipped."""
    levels = sorted({block.level for block in blocks if block.level})
    new = {level: min(6, place) for place, level in enumerate(levels, 2)}
    return tuple(_at_level(each, new[each.level]) if each.level else each for each in blocks)


def _at_level(block: Block, level: int) -> Block:
    if block.markdown.startswith("#"):
        return replace(block, markdown=f"{'#' * level} {block.markdown.lstrip('#').lstrip()}", level=level)
    return replace(block, markdown=re.sub(rf"(</?h){block.level}\b", rf"\g<1>{level}", block.markdown), level=level)


def plain_text(html: str) -> str:
    """Return the text of an HTML fragment as one line."""
    body = LexborHTMLParser(html).body
    return plain(body.text(deep=True, separator=" ")) if body else ""


def _pieces(html: str) -> Iterator[str]:
    """Yield the HTML of each block. Text and inline elements between two blocks are a paragraph."""
    body = LexborHTMLParser(f"<body>{html}").body
    inline: list[str] = []
    for node in children(body):
        if node.tag not in _BLOCKS:
            inline.append(outer(node))
            continue
        yield from _paragraph_of(inline)
        inline = []
        yield outer(node)
    yield from _paragraph_of(inline)


def _paragraph_of(inline: list[str]) -> Iterator[str]:
    html = "".join(inline).strip()
    if html:
        yield f"<p>{html}</p>"


def children(node: LexborNode | None) -> Iterator[LexborNode]:
    """The nodes directly in `node`, texts and comments too."""
    child = node.child if node else None
    while child is not None:
        yield child
        child = child.next


def outer(node: LexborNode) -> str:
    """Return a node, an element or text, as HTML."""
    # selectolax returns the text of a text node decoded.
    return escape(node.text(deep=False) or "", quote=False) if node.tag == "-text" else node.html or ""


def _block(html: str, previous: str | None) -> Block:
    tag = _tag(html)
    # Markdown would join two lists in a row.
    follows_its_like = previous is not None and tag in ("ul", "ol", "blockquote") and _tag(previous) == tag
    markdown = _raw(html) if follows_its_like else _markdown(html)
    return Block(text=_block_text(html), markdown=markdown, level=HEADINGS.get(tag, 0))


def _block_text(html: str) -> str:
    tree = LexborHTMLParser(html)
    for aside in tree.css("rt, rp"):
        aside.decompose()
    for node in tree.css("br, li, td, th, p, dd, dt, figcaption"):
        node.insert_after(" ")
    return plain(tree.body.text(deep=True)) if tree.body else ""


def _tag(html: str) -> str:
    match = re.match(r"<([a-z0-9]+)", html)
    return match[1] if match else ""


def _harmless(html: str) -> str:
    """Return the text of a paragraph whose Markdown is the text itself, or ""."""
    match = _PLAIN_PARAGRAPH.fullmatch(html)
    return match[1] if match and _HARMLESS.fullmatch(match[1]) and "www." not in match[1].lower() else ""


def _markdown(html: str) -> str:
    if text := _harmless(html):
        return text
    from markdownify import markdownify

    wanted = shape(html)
    for escapes in _ATTEMPTS:
        found = str(markdownify(html, heading_style="ATX", bullets="-", newline_style="backslash", **escapes))
        found = re.sub(r"\n{3,}", "\n\n", found).strip("\n")
        if found and shape(_render(found)) == wanted:
            return found
    return _raw(html)


def _raw(html: str) -> str:
    """Return HTML as an HTML block: without blank lines, in an element that begins such a block."""
    one = re.sub(r"\n(?=[^\S\n]*\n)", "&#10;", html.strip())
    return one if _tag(one) in _BLOCKS else f"<div>{one}</div>"


def shape(html: str) -> list[str]:
    """Return the elements, attributes and words of HTML, without white space that is not shown."""
    body = LexborHTMLParser(f"<body>{html}").body
    marks = list(_marks(body)) if body else []
    return [mark for mark in _without_edge_space(marks) if mark]


def _marks(node: LexborNode, verbatim: bool = False) -> Iterator[str]:
    for child in children(node):
        if child.tag == "-text":
            text = child.text(deep=False) or ""
            yield text if verbatim else re.sub(r"[ \t\n\f\r]+", " ", text)
            continue
        attributes = {key: value for key, value in child.attributes.items() if key not in ("rel", "class")}
        if child.tag == "img":
            attributes.setdefault("alt", "")
        if child.tag in ("span", "a") and not attributes:
            # Without attributes, neither element changes what is shown.
            yield from _marks(child, verbatim)
            continue
        yield f"\0{child.tag} {sorted(attributes.items())}"
        yield from _marks(child, verbatim or child.tag == "pre")
        yield f"\0/{child.tag}"


def _without_edge_space(marks: list[str]) -> Iterator[str]:
    """Yield the marks without white space at the edges of blocks, and with neighbouring texts joined."""
    out: list[str] = []
    for mark in marks:
        if out and not _is_mark(mark) and not _is_mark(out[-1]):
            out[-1] += mark
        else:
            out.append(mark)
    for at, mark in enumerate(out):
        if _is_mark(mark):
            yield mark
            continue
        text = mark.lstrip(" \n") if at == 0 or _is_edge(out[at - 1]) else mark
        yield text.rstrip(" \n") if at + 1 == len(out) or _is_edge(out[at + 1]) else text


def _is_mark(mark: str) -> bool:
    return mark.startswith("\0")


def _is_edge(mark: str) -> bool:
    return mark.strip("\0/").split(" ", 1)[0] in _EDGES
