"""Keep the languages of blocks of code, which sanitized HTML has no attribute for. Pure."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.html.code_languages import key_of

# Classes and attributes of Prism and highlight.js, Rouge and GitHub, and SyntaxHighlighter.
_SIGNS: Final = re.compile(r"lang(?:uage)?-|highlight-(?:source|text)-|brush:|data-lang", re.IGNORECASE)
_CLASS: Final = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?-|highlight-(?:source|text)-|brush:\s*)([A-Za-z0-9+#._-]{1,30})(?=[\s;]|$)", re.IGNORECASE
)
_NAME: Final = re.compile(r"[A-Za-z0-9+#._-]{1,30}")
_NONE: Final = ("none", "plain", "plaintext", "text", "nohighlight")


def with_languages(safe: str, written: str) -> str:
    """Return sanitized HTML in which blocks of code have the class `language-NAME` that `written` has for them.

    `written` is the HTML before it was sanitized, within the limits of `check_markup`.
    """
    if "<pre" not in safe or not _SIGNS.search(written):
        return safe
    languages = {key_of(node.text(deep=True)): name for node, name in _blocks(written) if name}
    tree = LexborHTMLParser(f"<body>{safe}")
    for node in tree.css("pre"):
        if not (name := languages.get(key_of(node.text(deep=True)))):
            continue
        code = node.css_first("code")
        if code is not None:
            code.attrs["class"] = f"language-{name}"
        elif not node.css("*")[1:]:
            node.inner_html = f'<code class="language-{name}">{escape(node.text(deep=True), quote=False)}</code>'
    return (tree.body.inner_html or "") if tree.body else ""


def _blocks(html: str) -> Iterator[tuple[LexborNode, str]]:
    for node in LexborHTMLParser(html).css("pre"):
        # Rouge and GitHub name the language in a container around the block.
        around = [node.parent, node.parent.parent if node.parent is not None else None]
        nodes = [node.css_first("code"), node, *around]
        yield node, next(filter(None, (language_of(each) for each in nodes if each is not None)), "")


def language_of(node: LexborNode) -> str:
    """Return the language in the attributes of an element, in lower case, or ""."""
    if not node.is_element_node:
        return ""
    found = _CLASS.search(node.attributes.get("class") or "")
    stated = node.attributes.get("data-lang") or node.attributes.get("data-language") or ""
    name = (found[1] if found else stated if _NAME.fullmatch(stated) else "").lower()
    return "" if name in _NONE else name
