"""Suffix → reader: the body of a file as HTML, not yet safe. Pure."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

import comrak

from feedsvc.articles.limits import check_markdown, check_rendered


def _extensions() -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.table = options.footnotes = options.strikethrough = True
    # CommonMark alone leaves 「**晶片。**他說」 unmarked: emphasis would need a space beside the full stop.
    options.cjk_friendly_emphasis = True
    return options


def _with_html() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.unsafe_ = True
    return options


_EXTENSIONS: Final = _extensions()
_WITH_HTML: Final = _with_html()
# A bare URL ends at white space, at a quote or angle bracket, and at a full-width mark (CJK punctuation).
_URL = re.compile(
    "https?://[^\\s<>\"'\u2018-\u201f\u2026\u3000-\u3004\u3008-\u301f\u30fb\ufe10-\ufe1f\ufe30-\ufe6b"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+",
    re.IGNORECASE,
)
_HAN_OR_KANA = (
    "[\u2e80-\u2fdf\u3000-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff9f\U00020000-\U0003ffff]"
)
_CJK_BREAK = re.compile(f"(?<={_HAN_OR_KANA})\\n(?={_HAN_OR_KANA})")
# As comrak begins them, at the end of a text.
_FOOTNOTES: Final = '<section class="footnotes" data-footnotes>'
_TRAILING = ".,;:!?*_~"


def read_markdown(body: str) -> str:
    """CommonMark with tables, footnotes and strikethrough; HTML in it stays. Raises ArticleError past a limit."""
    check_markdown(body)
    html = str(comrak.render_markdown(body, extension_options=_EXTENSIONS, render_options=_WITH_HTML))
    check_rendered(html)
    return join_cjk(_with_rule(html), "")


def _with_rule(html: str) -> str:
    """A rule over the footnotes: below a numbered list they would read as another one."""
    text, footnotes, rest = html.rpartition(_FOOTNOTES)
    return f"{text}<hr />\n{footnotes}{rest}" if footnotes else html


def join_cjk(html: str, separator: str) -> str:
    """Line breaks between Chinese or Japanese characters as `separator`, outside `pre`.

    In Markdown they are no space, though browsers show one for them; in HTML they are one.
    """
    parts: list[str] = []
    position = 0
    while (pre := html.find("<pre", position)) != -1:
        end = html.find("</pre>", pre)
        parts.append(_CJK_BREAK.sub(separator, html[position:pre]))
        position = len(html) if end == -1 else end
        parts.append(html[pre:position])
    return "".join((*parts, _CJK_BREAK.sub(separator, html[position:])))


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
    unopened = {closing: url.count(closing) - url.count(opening) for closing, opening in _OPENING.items()}
    end = len(url)
    while url[end - 1] in _TRAILING or unopened.get(url[end - 1], 0) > 0:
        end -= 1
        unopened[url[end]] = unopened.get(url[end], 0) - 1
    return url[:end]


_OPENING: Final = {")": "(", "]": "[", "}": "{"}
READERS: Final[Mapping[str, Callable[[str], str]]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".txt": read_text,
}
