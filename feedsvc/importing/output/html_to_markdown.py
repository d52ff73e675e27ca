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
from feedsvc.importing.draft import Block, join_blocks
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
_PLAIN_MARKDOWN: Final = re.compile(r"(?![-+=#]|\d{1,9}[.)])[^\\`*_{}<>\[\]&|~^$:@\n]*(?<![ #])")
_PLAIN_PARAGRAPH: Final = re.compile(r"<p>([^\s<>&](?:[^<>&\n\t]*[^\s<>&])?)</p>")
# The fewest escapes first, since text without them is easier to read.
_ATTEMPTS: Final[tuple[dict[str, Any], ...]] = ({"escape_underscores": False}, {"escape_misc": True})
# The elements that Markdown without HTML can give, and their ends.
_OF_MARKDOWN: Final = (
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre strong table tbody td th thead tr ul".split()
)
_MARKDOWN_TAGS: Final = frozenset((*_OF_MARKDOWN, *(f"/{name}" for name in _OF_MARKDOWN)))
_ANY_TAG: Final = re.compile(r"</?([a-z0-9]+)")
# A span without attributes is no element of Markdown, and changes nothing.
_CONVERTED: Final = frozenset((*_OF_MARKDOWN, "span"))
_EDGE_TAGS: Final = _BLOCKS | {"br"}


def blocks_of(html: str) -> tuple[Block, ...]:
    """Return the blocks of a sanitized HTML fragment, in order."""
    nodes: list[str] = []
    inline: list[str] = []
    # Text and inline elements between two blocks are a paragraph.
    for node in children(LexborHTMLParser(f"<body>{join_cjk(html, '')}").body):
        if node.tag not in _BLOCKS:
            inline.append(outer_html(node))
            continue
        nodes += (*_paragraph_of(inline), outer_html(node))
        inline = []
    nodes += _paragraph_of(inline)
    blocks = tuple(_block(piece, previous) for piece, previous in zip(nodes, [None, *nodes], strict=False))
    is_plain = [bool(_as_plain_markdown(each)) for each in nodes]
    # Plain paragraphs among others of their kind have no marks, and change nothing.
    checked = [at for at in range(len(nodes)) if not all(is_plain[max(0, at - 1) : at + 2])]
    rendered = _render(join_blocks([blocks[at] for at in checked]))
    if content_tokens(rendered) == content_tokens("\n".join(nodes[at] for at in checked)):
        return blocks
    # One block changed the meaning of another, as the definition of a link does. Then none of them is certain.
    return tuple(
        Block(text=each.text, markdown=_html_block(piece), level=each.level)
        for each, piece in zip(blocks, nodes, strict=True)
    )


def markdown_of(html: str) -> str:
    """Return an HTML fragment as Markdown. What Markdown has no marks for stays HTML, which a sync sanitizes."""
    return join_blocks(blocks_of(html))


def paragraph(text: str, line: int = 0) -> Block:
    """Return plain text as a paragraph. Its URLs become links, as in an article in a .txt file."""
    found = text if _PLAIN_MARKDOWN.fullmatch(text) else _markdown(READERS[".txt"](text))
    return Block(text=plain(text), markdown=found, line=line)


def heading(text: str, line: int = 0, level: int = 2) -> Block:
    """Return plain text as a heading."""
    found = (
        f"{'#' * level} {text}"
        if _PLAIN_MARKDOWN.fullmatch(text)
        else _markdown(f"<h{level}>{escape(text)}</h{level}>")
    )
    return Block(text=plain(text), markdown=found, level=level, line=line)


def block(html: str, line: int = 0) -> Block:
    """Return one block of sanitized HTML."""
    return replace(_block(join_cjk(html, ""), None), line=line)


def renumber_headings(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks with headings below a title: the highest ones at level 2, and no level skipped."""
    levels = sorted({block.level for block in blocks if block.level})
    new = {level: min(6, place) for place, level in enumerate(levels, 2)}
    moved: list[Block] = []
    for each in blocks:
        level, markdown = new.get(each.level, 0), each.markdown
        if level and markdown.startswith("#"):
            markdown = f"{'#' * level} {markdown.lstrip('#').lstrip()}"
        elif level:
            markdown = re.sub(rf"(</?h){each.level}\b", rf"\g<1>{level}", markdown)
        moved.append(replace(each, markdown=markdown, level=level))
    return tuple(moved)


def plain_text(html: str) -> str:
    """Return the text of an HTML fragment as one line."""
    body = LexborHTMLParser(html).body
    return plain(body.text(deep=True, separator=" ")) if body else ""


def text_of_node(node: LexborNode) -> str:
    """Return the text of a node, an element or text, as one line, as `plain_text` does of its HTML."""
    if node.is_element_node:
        return plain(node.text(deep=True, separator=" "))
    return plain(node.text(deep=False) or "") if node.is_text_node else ""


def _paragraph_of(inline: list[str]) -> Iterator[str]:
    html = "".join(inline).strip()
    if html:
        yield f"<p>{html}</p>"


def children(node: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the child nodes of `node`, elements, texts and comments."""
    child = node.child if node else None
    while child is not None:
        yield child
        child = child.next


def outer_html(node: LexborNode) -> str:
    """Return a node, an element or text, as HTML."""
    # selectolax returns the text of a text node decoded.
    return escape(node.text(deep=False) or "", quote=False) if node.tag == "-text" else node.html or ""


def _block(html: str, previous: str | None) -> Block:
    if text := _as_plain_markdown(html):
        return Block(text=plain(text), markdown=text)
    tag = _tag(html)
    # Markdown would join two lists in a row.
    follows_its_like = previous is not None and tag in ("ul", "ol", "blockquote") and _tag(previous) == tag
    markdown = _html_block(html) if follows_its_like else _markdown(html)
    tree = LexborHTMLParser(html)
    for annotation in tree.css("rt, rp"):
        annotation.decompose()
    for node in tree.css("br, li, td, th, p, dd, dt, figcaption"):
        node.insert_after(" ")
    text = plain(tree.body.text(deep=True)) if tree.body else ""
    return Block(text=text, markdown=markdown, level=HEADINGS.get(tag, 0))


def _tag(html: str) -> str:
    match = re.match(r"<([a-z0-9]+)", html)
    return match[1] if match else ""


def _as_plain_markdown(html: str) -> str:
    """Return the text of a paragraph whose Markdown is the text itself, or ""."""
    match = _PLAIN_PARAGRAPH.fullmatch(html)
    return match[1] if match and _PLAIN_MARKDOWN.fullmatch(match[1]) and "www." not in match[1].lower() else ""


def _markdown(html: str) -> str:
    if text := _as_plain_markdown(html):
        return text
    if not _CONVERTED.issuperset(_ANY_TAG.findall(html)):
        return _html_block(html)
    from markdownify import markdownify

    wanted = content_tokens(html)
    if not _MARKDOWN_TAGS.issuperset(token[1:].split(" ", 1)[0] for token in wanted if token.startswith("\0")):
        # Each attempt would lose an element, such as the <sup> of a reference. Most blocks of some pages have one.
        return _html_block(html)
    for escapes in _ATTEMPTS:
        found = str(
            markdownify(
                html,
                heading_style="ATX",
                bullets="-",
                newline_style="backslash",
                code_language_callback=language_of_code,
                **escapes,
            )
        )
        found = re.sub(r"\n{3,}", "\n\n", found).strip("\n")
        if found and content_tokens(_render(found)) == wanted:
            return found
    return _html_block(html)


def language_of_code(pre: Any) -> str:
    """Return the language of a block of code, which markdownify has as an element of Beautiful Soup; "" for none."""
    code = pre.find("code")
    classes = (code.get("class") if code else None) or [""]
    return str(classes[0]).removeprefix("language-")


def _html_block(html: str) -> str:
    """Return HTML as an HTML block: without blank lines, in an element that begins such a block."""
    one = re.sub(r"\n(?=[^\S\n]*\n)", "&#10;", html.strip())
    return one if _tag(one) in _BLOCKS else f"<div>{one}</div>"


def content_tokens(html: str) -> list[str]:
    """Return the elements, attributes and words of HTML, without white space that is not shown."""
    body = LexborHTMLParser(f"<body>{html}").body
    # Neighbouring texts are joined.
    tokens: list[str] = []
    for token in _tokens(body) if body else ():
        if tokens and not _is_tag(token) and not _is_tag(tokens[-1]):
            tokens[-1] += token
        else:
            tokens.append(token)
    # White space at the edges of blocks is not shown.
    for at, token in enumerate(tokens):
        if not _is_tag(token):
            text = token.lstrip(" \n") if at == 0 or _is_edge(tokens[at - 1]) else token
            tokens[at] = text.rstrip(" \n") if at + 1 == len(tokens) or _is_edge(tokens[at + 1]) else text
    return [token for token in tokens if token]


def _tokens(node: LexborNode, verbatim: bool = False) -> Iterator[str]:
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
            yield from _tokens(child, verbatim)
            continue
        yield f"\0{child.tag} {sorted(attributes.items())}"
        yield from _tokens(child, verbatim or child.tag == "pre")
        yield f"\0/{child.tag}"


def _is_tag(token: str) -> bool:
    return token.startswith("\0")


def _is_edge(token: str) -> bool:
    return token.strip("\0/").split(" ", 1)[0] in _EDGE_TAGS
