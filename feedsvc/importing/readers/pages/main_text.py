"""Find the main text of a saved page, and list what is not part of it. Pure.

readability-lxml and trafilatura find the text, and `text_choice` chooses between them (docs/how-to/import.md has
the measurements). readability-lxml also drops short lists, small tables and headings among the paragraphs. These are
restored if they are beside kept paragraphs and are not rows of links. All other parts that are left out are listed.
"""

import logging
import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.html.hidden import is_hidden
from feedsvc.articles.limits import MAX_ELEMENTS
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Cut
from feedsvc.importing.output.html_to_markdown import children, plain_text, text_of_node
from feedsvc.importing.readers.pages import text_choice
from feedsvc.importing.readers.pages.lazy_pictures import show_pictures
from feedsvc.importing.readers.pages.text_choice import Agreement, Block, Choice

_MARK: Final = text_choice.MARK
_MARKED: Final = f"{text_choice.BLOCKS}, img, th, dt, dd"
_HIDDEN_ELEMENTS: Final = "script, style, template, noscript, button, input, select, [aria-hidden=true]"
# An article, or a whole page, that is hidden waits for its script; MathML has a picture of it, or a script, beside it.
_SHOWN_LATER: Final = "html, body, main, article, math, :has(main, article, h1, math)"
_ELEMENTS_WITHOUT_TEXT: Final = "form, nav, dialog"
# Elements that readability drops although they belong to the text.
_RESTORED: Final = frozenset("p h2 h3 h4 h5 h6 ul ol dl table blockquote pre figure img".split())
# The largest distance to the kept sibling beside which an element is inserted.
_MAX_DISTANCE: Final = 100
_WRAPPERS: Final = ("div", "figure", "section")
_NOT_OF_THE_TEXT: Final = re.compile(
    r"\bad(?:s|vert\w*|-\w+)?\b|author|banner|breadcrumb|button|byline|comment|cookie|consent|credit|follow|login|menu|"
    r"meta\b|nav|newsletter|pag(?:er|ination)|popular|promo|recommend|related|share|sharing|sidebar|social|sponsor|"
    r"subscri|\btags?\b|toolbar|widget",
    re.IGNORECASE,
)
# The name of a box of the page within the text, as a whole word. Such a box is mostly links, or a form.
_BOX: Final = re.compile(r"(?:^|[-_\s])(?:share|sharing|sharebar|social|sns|newsletter)(?:$|[-_\s])", re.IGNORECASE)
_MAY_BE_BOX: Final = ", ".join(
    f"{tag}[{name}*={word} i]"
    for tag in ("div", "ul", "p", "section", "aside")
    for name in ("class", "id")
    for word in ("share", "sharing", "social", "sns", "newsletter")
)
# Containers, if they have one of these blocks within.
_LAYOUT_ELEMENTS: Final = frozenset("table tbody tr td form div section article main center font span".split())
_LAYOUT_CONTENT: Final = "p, div, h1, h2, h3, table, ul, ol, dl, blockquote, pre, figure"
_MAX_BOX: Final = 400
# In characters. A longer form, or <noscript>, has the text of a page.
_MAX_FORM: Final = 1500
# In characters. On a longer page, neither library tries again in another way when it finds little: the other one's text
# is used then, and each try takes as long as the first.
_LONG_PAGE: Final = 500_000
# In tags, of which most elements have two.
_LARGE_PAGE: Final = 2 * MAX_ELEMENTS
# readability-lxml tries again if it finds a shorter text.
_SHORT_TEXT: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class MainText:
    """The HTML of the main text, which is not sanitized, and the other parts of the page.

    `doubt` says why the choice is not certain, or is "".
    """

    html: str
    left_out: tuple[Cut, ...]
    doubt: str = ""


def main_text(html: str, address_of: Callable[[str], str | None] = lambda _reference: None) -> MainText:
    """Return the main text of a page. Raises ArticleError if there is none.

    `address_of` gives the stand-in for a picture that was saved beside the page.
    """
    page = LexborHTMLParser(html)
    show_pictures(page, address_of)
    left_out = [*_remove_page_elements(page)]
    for number, node in enumerate(page.css(_MARKED)):
        node.attrs[_MARK] = str(number)
    marked = page.html or ""
    # trafilatura alone reads a page that is larger than any article, so that its time stays bounded.
    found = LexborHTMLParser(_readability_summary(marked) if marked.count("<") <= _LARGE_PAGE else "")
    kept = {node.attributes[_MARK] or "": node for node in found.css(f"[{_MARK}]")}
    dropped = [node for node in _left_out(page.body, kept.keys()) if not (_is_prose(node) and _restore(node, kept))]
    texts = [_text_or_address(node) for node in dropped]
    html = (found.body.inner_html or "") if found.body else ""
    blocks = (
        text_choice.blocks_in(page.body, lambda node: bool(_NOT_OF_THE_TEXT.search(_names(node)))) if page.body else ()
    )
    marks = {node.attributes[_MARK] for node in found.css(f"[{_MARK}]")}
    # An element of readability-lxml may lack text of its own that is not in an element.
    in_html = text_choice.found_in(blocks, plain_text(html))
    by_readability = {
        at for at, block in enumerate(blocks) if block.mark in marks and (at in in_html or block.is_short)
    }
    by_trafilatura = text_choice.found_in(blocks, _trafilatura_text(marked))
    agreed = text_choice.agreement(blocks, by_readability, by_trafilatura)
    if agreed.choice is not Choice.READABILITY:
        places = text_choice.chosen(blocks, by_readability, by_trafilatura, both=agreed.choice is Choice.BOTH)
        texts = [*_without_blocks(page, blocks, places)]
        html = _innermost(page.body)
    left_out += [_cut(text) for text in texts if text]
    return MainText(html=html, left_out=tuple(left_out), doubt=_doubt(agreed, left_out) if agreed.is_doubtful else "")


def _text_or_address(node: LexborNode) -> str:
    images = [] if not node.is_element_node else [node] if node.tag == "img" else node.css("img")
    addresses = " ".join(image.attributes.get("src") or "" for image in images).strip()
    return text_of_node(node) or addresses


def _innermost(node: LexborNode | None) -> str:
    """Return the HTML in the innermost container around all that is left of the page, such as a cell of a layout."""
    while node is not None:
        # Two are enough to know.
        inside = list(islice(filter(_text_or_address, children(node)), 2))
        if len(inside) != 1 or inside[0].tag not in _LAYOUT_ELEMENTS or inside[0].css_first(_LAYOUT_CONTENT) is None:
            return node.inner_html or ""
        node = inside[0]
    return ""


def _without_blocks(page: LexborHTMLParser, blocks: tuple[Block, ...], places: Set[int]) -> list[str]:
    """Remove the blocks that are not at `places` from the page, and return the texts that are lost with them."""
    kept = {blocks[at].mark for at in places}
    texts = [_text_or_address(node) for node in _left_out(page.body, kept)]
    for at, block in enumerate(blocks):
        if at not in places:
            # Text beside kept text in the same element has no element of its own.
            texts += [block.text] if block.mark in kept else []
            for node in block.nodes:
                node.decompose()
    return texts


def _doubt(agreed: Agreement, left_out: list[Cut]) -> str:
    characters = sum(len(cut.text) for cut in left_out)
    return (
        f"the main text is doubtful: readability-lxml finds {agreed.readability:,} characters, trafilatura "
        f"{agreed.trafilatura:,}, and {agreed.common:,} are the same; that of {agreed.choice.value} was taken, and "
        f"{characters:,} characters of the page were left out (compare the article with the page; --dry-run lists what "
        "was left out)"
    )


def _cut(text: str) -> Cut:
    return Cut(kind="page", text=text, reason="not of the main text")


def _remove_page_elements(page: LexborHTMLParser) -> Iterator[Cut]:
    """Remove elements that are never text, and those of the page itself; yield their text as cuts."""
    boxes = [node for node in page.css(_MAY_BE_BOX) if _BOX.search(_names(node).strip())]
    for node in [each for each in boxes if _is_box(each)]:
        text = text_of_node(node)
        if text:
            yield _cut(text)
        node.decompose()
    for node in reversed(page.css("[style], [hidden]")):
        if not is_hidden(node.attributes):
            continue
        if not node.css_matches(_SHOWN_LATER):
            node.decompose()
            continue
        for name in {"style", "hidden"} & node.attributes.keys():
            del node.attrs[name]
    # A script would show this text. A shorter one asks to turn scripts on.
    for node in [each for each in page.css("noscript") if len(text_of_node(each)) > _MAX_FORM]:
        node.unwrap()
    for node in page.css(_HIDDEN_ELEMENTS):
        node.decompose()
    for form in page.css("form"):
        # ASP.NET puts a form around the whole page.
        if form.css_first("p, h1, article") is not None or len(text_of_node(form)) > _MAX_FORM:
            form.unwrap()
    for node in page.css(_ELEMENTS_WITHOUT_TEXT):
        text = text_of_node(node)
        if text:
            yield _cut(text)
        node.decompose()


def _is_box(node: LexborNode) -> bool:
    """Return whether an element is a row of share links or a newsletter box."""
    length = len(text_of_node(node))
    if length > _MAX_BOX or node.css_first("article, h1, table, figure") is not None:
        return False
    if node.css_first("form, input") is not None:
        return True
    return sum(len(text_of_node(each)) for each in node.css("a, button")) * 2 >= length


def _readability_summary(html: str) -> str:
    from readability import Document
    from readability.readability import Unparseable

    logging.getLogger("readability.readability").setLevel(logging.CRITICAL)
    try:
        retry_length = 0 if len(html) > _LONG_PAGE else _SHORT_TEXT
        return str(Document(html, retry_length=retry_length).summary(html_partial=True))
    except (Unparseable, ValueError, TypeError) as error:
        message = f"no main text was found in the page: {error} (paste it as .txt)"
        raise ArticleError([Finding(message=message)]) from error


def _trafilatura_text(html: str) -> str:
    """Return the text that trafilatura finds, or "" if it finds none."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    is_long = len(html) > _LONG_PAGE
    return trafilatura.extract(html, include_comments=False, include_tables=True, fast=is_long) or ""


def _left_out(parent: LexborNode | None, kept: Set[str]) -> Iterator[LexborNode]:
    """Yield the largest nodes without a kept element, in the order of the page. `kept` are values of the mark."""
    is_kept = parent is not None and parent.attributes.get(_MARK) in kept
    for child in children(parent):
        marks: set[str] = set()
        if child.is_element_node:
            marks = {each.attributes[_MARK] or "" for each in child.css(f"[{_MARK}]")}
            marks.update(filter(None, [child.attributes.get(_MARK)]))
        if not marks.isdisjoint(kept):
            yield from _left_out(child, kept) if not marks <= kept else ()
        elif marks or not is_kept:
            yield child


def _is_prose(node: LexborNode) -> bool:
    """Return whether an element is prose or a picture, by its kind and its name."""
    inner = _unwrapped(node)
    if inner.tag not in _RESTORED or _NOT_OF_THE_TEXT.search(_names(node) + _names(inner)):
        return False
    length = len(text_of_node(inner))
    linked = sum(len(text_of_node(each)) for each in inner.css("a"))
    return inner.tag == "img" or inner.css_first("img") is not None or 0 < length >= linked * 2


def _unwrapped(node: LexborNode) -> LexborNode:
    """Return the only element inside wrappers."""
    while (
        node.tag in _WRAPPERS
        and len(inside := [each for each in children(node) if each.is_element_node]) == 1
        and not (node.text(deep=False) or "").strip()
    ):
        node = inside[0]
    return node


def _names(node: LexborNode) -> str:
    return f" {node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"


def _restore(node: LexborNode, kept: dict[str, LexborNode]) -> bool:
    """Insert an element beside the nearest of its siblings that was kept. Return False if there is none."""
    before = _nearest(node, kept, backwards=True)
    behind = None if before is not None else _nearest(node, kept, backwards=False)
    if not any(each is not None and each.tag in _RESTORED for each in (before, behind)):
        return False
    made = LexborHTMLParser(f"<body>{_unwrapped(node).html}").css_first("body > *")
    if made is None:
        return False
    # selectolax inserts a copy. The next element may be inserted beside it.
    inserted = None
    if before is not None:
        before.insert_after(made)
        inserted = before.next
    elif behind is not None:
        behind.insert_before(made)
        inserted = behind.prev
    if inserted is not None:
        kept[node.attributes.get(_MARK) or ""] = inserted
    return inserted is not None


def _nearest(node: LexborNode, kept: dict[str, LexborNode], *, backwards: bool) -> LexborNode | None:
    sibling = node.prev if backwards else node.next
    steps = 0
    while sibling is not None and steps < _MAX_DISTANCE:
        steps += 1
        mark = sibling.attributes.get(_MARK) if sibling.is_element_node else None
        if mark is not None and mark in kept:
            return kept[mark]
        sibling = sibling.prev if backwards else sibling.next
    return None
