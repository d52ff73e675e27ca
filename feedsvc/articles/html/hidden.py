"""Elements that no browser shows: they are dropped with their content. Pure.

Only what the eye does not see is meant: `aria-hidden` hides from screen readers alone, and `hidden="until-found"` is
for what readers search, so both stay. Classes cannot be judged, since no style sheet is read.
"""

import re
from collections.abc import Mapping
from typing import Final

from selectolax.lexbor import LexborNode

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
# CSS Syntax §4.3.7: up to six digits of a code point and one white space, or the character itself.
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
# A semicolon in quotes or parentheses (`url(data:image/png;base64,…)`) ends no declaration.
_DECLARATION: Final = re.compile(r"""(?:[^;"'(]|"[^"]*"|'[^']*'|\([^()]*\)|["'(])+""")
_SHOWN: Final = "(?:inline|block|flow|flex|grid|table|ruby|math|run-in|list-item)(?:-[a-z-]+)?"
# A browser ignores a declaration whose value it does not know.
_VALUES: Final = {
    "display": re.compile(
        rf"none|contents|{_SHOWN}(?:\s+{_SHOWN})*|"
        r"-webkit-[a-z-]+|-ms-[a-z-]+|inherit|initial|unset|revert(?:-layer)?"
    ),
    "visibility": re.compile(r"visible|hidden|collapse|inherit|initial|unset|revert(?:-layer)?"),
}


def drop_hidden(body: LexborNode) -> None:
    """Remove what is not shown from `body`: `display: none`, `visibility: hidden`, `hidden`, and templates."""
    # The inner before the outer, which frees them.
    for node in reversed(body.css("[hidden], [style], template")):
        # A whole document that is hidden waits for its script to show it.
        if node.mem_id != body.mem_id and (node.tag == "template" or is_hidden(node.attributes)):
            node.decompose()


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Return whether an element with these attributes is not shown."""
    style = attributes.get("style") or ""
    display = _declared(style, "display")
    if display == "none" or _declared(style, "visibility") in ("hidden", "collapse"):
        return True
    # HTML §6.1: the attribute is a style of the browser's, which one of the author's overrides.
    return "hidden" in attributes and not display and (attributes["hidden"] or "").strip().lower() != "until-found"


def _declared(style: str, name: str) -> str:
    """Return the value of a property in `style`, or "". The last one counts; an important one precedes all others."""
    if name[:4] not in style.lower() and "\\" not in style and "/*" not in style:
        return ""
    found = {False: "", True: ""}
    for declaration in _DECLARATION.findall(_COMMENT.sub(" ", style)):
        written, _, value = declaration.partition(":")
        value = _unescaped(value).strip().lower()
        head, _, tail = value.rpartition("!")
        important = tail.strip() == "important"
        value = head.strip() if important else value
        if _unescaped(written).strip().lower() == name and _VALUES[name].fullmatch(value):
            found[important] = value
    return found[True] or found[False]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)) if found[1] else found[2], text)
