"""Markup that every HTML parser reads alike, and that no sanitizer of ours would change. Pure.

bleach costs more than everything else that is done to an article together. Most articles are paragraphs, headings,
lists, links and pictures, each closed where it was opened: for those a linear look at the tags proves what bleach would
find out by building a tree. `tests/articles/test_plain_markup.py` tries the proof against bleach, nh3 and lexbor.
"""

import re
from collections.abc import Mapping
from typing import Final

from feedsvc.articles.html.policy import ATTRIBUTES, LINK_REL

# The permitted children of each element. Text and white space are checked separately.
_PHRASING: Final = frozenset(
    "a abbr b br cite code del dfn em i img ins kbd mark q s samp small span strong sub sup time u var".split()
)
_BLOCKS: Final = frozenset("aside blockquote div figure h1 h2 h3 h4 h5 h6 hr ol p pre section table ul".split())
_FLOW: Final = _PHRASING | _BLOCKS
_INSIDE: Final[Mapping[str, frozenset[str]]] = {
    "": _FLOW,
    **dict.fromkeys(("aside", "blockquote", "div", "li", "section", "td", "th"), _FLOW),
    "figcaption": _PHRASING,
    "figure": _FLOW | {"figcaption"},
    **dict.fromkeys(("ol", "ul"), frozenset({"li"})),
    "table": frozenset({"thead", "tbody", "tfoot"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"tr"})),
    "tr": frozenset({"td", "th"}),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", *(_PHRASING - {"br", "img"})), _PHRASING),
}
_VOID: Final = frozenset({"br", "hr", "img"})
_NO_TEXT: Final = frozenset("ol table tbody tfoot thead tr ul".split())
# The elements without attributes that may begin inside each element. Most tags are of these.
_BARE: Final = {outer: (inner & _INSIDE.keys()) - {"a"} for outer, inner in _INSIDE.items()}
# The elements in which not every text is plain that has no mark.
_PARTICULAR: Final = _NO_TEXT | {"pre"}

_ATTRIBUTE: Final = r'[a-z]+="[^"<>]*"'
_BEGINNING: Final = re.compile(rf"([a-z][a-z0-9]*+)((?: {_ATTRIBUTE})*+)")
_EACH_ATTRIBUTE: Final = re.compile(r' ([a-z]+)="([^"]*)"')
# As nh3 writes them. A line break at the beginning of <pre> would go.
_TEXT: Final = re.compile(r"(?:[^&<>]|&(?:amp|lt|gt|nbsp);)*")
_VALUE: Final = re.compile(r"(?:[^&\xa0]|&amp;|&quot;)*")
_URL: Final = re.compile(r"(?:https?://[a-z0-9.\-]+(?::\d+)?(?:[/?#](?:[!#-%'-;=?-~]|&amp;)*)?|mailto:[!#-%'-;=?-~]+)")
_URLS: Final = frozenset({"cite", "href", "src"})


def is_plain(html: str) -> bool:
    """Return whether sanitizing `html` again, with any of the sanitizers, would leave it as it is.

    True for what nh3 has written in nothing but plain markup; False proves nothing.
    """
    if "\r" in html or "\0" in html:
        return False
    open_ = [""]
    text, *pieces = html.split("<")
    if not _is_plain_text(text, ""):
        return False
    for piece in pieces:
        # No plain attribute has ">" in it.
        tag, end, text = piece.partition(">")
        if tag[:1] == "/":
            if len(open_) == 1 or open_.pop() != tag[1:]:
                return False
        elif tag in _BARE[open_[-1]] and tag not in open_:
            open_.append(tag)
        elif not _is_plain_beginning(tag, open_):
            return False
        # A short test here saves half of the time: there are a hundred texts in an article.
        is_checked = "&" in text or ">" in text or open_[-1] in _PARTICULAR
        if not end or (is_checked and not _is_plain_text(text, open_[-1])):
            return False
    return len(open_) == 1


def _is_plain_beginning(tag: str, open_: list[str]) -> bool:
    """Return whether a tag may begin an element inside the open ones, which it then joins."""
    name, attributes = tag, ""
    if tag not in _INSIDE:
        beginning = _BEGINNING.fullmatch(tag)
        if beginning is None:
            return False
        name, attributes = beginning.groups()
    # A link inside a link ends it, and of a fourth equal <b> a parser keeps three.
    if name not in _INSIDE[open_[-1]] or (name in _PHRASING and name in open_) or not _are_plain(name, attributes):
        return False
    if name not in _VOID:
        open_.append(name)
    return True


def _is_plain_text(text: str, inside: str) -> bool:
    if not text:
        return True
    if inside in _NO_TEXT:
        return not text.strip(" \n\t")
    if inside == "pre" and text.startswith("\n"):
        return False
    # Most of it is, and these are quickly looked for.
    return not ("&" in text or "<" in text or ">" in text) or _TEXT.fullmatch(text) is not None


def _are_plain(tag: str, written: str) -> bool:
    if not written:
        return tag not in ("a", "img")
    pairs = _EACH_ATTRIBUTE.findall(written)
    found = dict(pairs)
    if len(found) < len(pairs):
        return False
    for name, value in pairs:
        if (tag, name) == ("a", "rel"):
            is_plain_value = value == LINK_REL
        else:
            is_plain_value = name in ATTRIBUTES[tag] and bool((_URL if name in _URLS else _VALUE).fullmatch(value))
        if not is_plain_value:
            return False
    if tag == "img":
        # One that cannot be seen goes.
        return "src" in found and not {found.get("width"), found.get("height")} <= {"0", "1"}
    return tag != "a" or {"href", "rel"} <= found.keys()
