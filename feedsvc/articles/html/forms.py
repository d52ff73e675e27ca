"""Replace forms, which feeds do not have, by the text that people read of them. Pure."""

from html import escape
from typing import Final

from selectolax.lexbor import LexborNode

from feedsvc.articles.html.nodes import replace, replace_all, unwrap
from feedsvc.text import plain

_BUTTONS: Final = frozenset({"button", "reset", "submit"})


def replace_controls(body: LexborNode) -> None:
    """Put the text of each control below `body` in its place: the options of a menu, with slashes between them.

    What a field expects (`placeholder`) and what is sent (`value`) is no text, but for the label of a button.
    """
    for node in body.css("button"):
        unwrap(node)
    for node in body.css("select"):
        options = (plain(each.text(deep=True)) for each in node.css("option"))
        replace(node, escape(" / ".join(filter(None, options))))
    for node in body.css("textarea"):
        replace_all(node, escape(node.text(deep=True) or "").strip().replace("\n", "<br>"))
    for node in body.css("input"):
        if (node.attributes.get("type") or "").lower() in _BUTTONS:
            replace(node, escape(plain(node.attributes.get("value") or "")))
