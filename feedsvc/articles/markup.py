"""Suffix → reader: the body of a file as HTML, not yet safe. Pure."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

_MARKDOWN: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(footnote_plugin)
# A bare URL ends at white space, at a quote or angle bracket, and at a full-width mark (CJK punctuation).
_URL = re.compile(
    "https?://[^\\s<>\"'\u2018-\u201f\u2026\u3000-\u3004\u3008-\u301f\u30fb\ufe10-\ufe1f\ufe30-\ufe6b"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?*_~"


def read_markdown(body: str) -> str:
    """CommonMark with tables, footnotes and strikethrough; HTML in it stays."""
    return str(_MARKDOWN.render(body))


def read_html(body: str) -> str:
    """A fragment or a whole document, as it is: `rewrite` takes its body."""
    return body


def read_text(body: str) -> str:
    """Paragraphs between blank lines; a single line break stays one; a URL becomes a link."""
    paragraphs = (part.strip("\n") for part in re.split(r"\n[^\S\n]*(?:\n[^\S\n]*)+", body.strip()))
    return "\n".join(f"<p>{_line_breaks(_linked(each))}</p>" for each in paragraphs if each.strip())


def _line_breaks(html: str) -> str:
    return html.replace("\n", "<br>\n")


def _linked(text: str) -> str:
    parts: list[str] = []
    position = 0
    for match in _URL.finditer(text):
        url = _without_trailing(match[0])
        parts.append(escape(text[position : match.start()], quote=False))
        parts.append(f'<a href="{escape(url)}">{escape(url, quote=False)}</a>')
        position = match.start() + len(url)
    parts.append(escape(text[position:], quote=False))
    return "".join(parts)


def _without_trailing(url: str) -> str:
    """The URL without the sentence's own mark behind it, and without a bracket that it does not open."""
    while url and (url[-1] in _TRAILING or (url[-1] in ")]}" and url.count(url[-1]) > url.count(_OPENING[url[-1]]))):
        url = url[:-1]
    return url


_OPENING: Final = {")": "(", "]": "[", "}": "{"}
READERS: Final[Mapping[str, Callable[[str], str]]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".txt": read_text,
}
