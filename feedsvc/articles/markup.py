"""Read the body of a file as HTML, by the suffix of the file. The HTML is not yet safe. Pure."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Final
from urllib.parse import quote

import comrak

from feedsvc.articles.html.footnotes import with_plain_ids
from feedsvc.articles.limits import check_markdown, check_rendered
from feedsvc.articles.source_text.bare_urls import bare_urls
from feedsvc.articles.source_text.literal_marks import with_literal_marks
from feedsvc.text import HAN


def _extensions(*, wikilinks: bool = False) -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.table = options.footnotes = options.strikethrough = options.tasklist = options.autolink = True
    options.wikilinks_title_after_pipe = wikilinks
    # CommonMark alone leaves 「**晶片。**他說」 unmarked: emphasis would need a space beside the full stop.
    options.cjk_friendly_emphasis = True
    return options


EXTENSIONS: Final = _extensions()
_WITH_WIKILINKS: Final = _extensions(wikilinks=True)
_WITH_HTML: Final = comrak.RenderOptions()
_WITH_HTML.unsafe_ = True
_HAN_OR_KANA = f"[{HAN}\u2e80-\u2fdf\u3000-\u30ff\u31f0-\u31ff\uff00-\uff9f\U00020000-\U0003ffff]"
# The line break is first in the pattern, since a search for one character is fast.
_CJK_BREAK = re.compile(f"\n(?<={_HAN_OR_KANA}\n)[ \t]*(?={_HAN_OR_KANA})")
_PRE: Final = re.compile("<pre", re.IGNORECASE)
_PRE_END: Final = re.compile("</pre", re.IGNORECASE)
# What ends a bare URL for comrak: a "<". No file can hold this mark, since U+000B is no character of XML; and it is
# neither a tag nor the end of a comment, of CDATA or of an instruction, should the URL stand in one.
_MARKED_END: Final = "<\x0b"
# The mark as comrak writes it in text, in code and in a URL.
_URL_END: Final = re.compile(r"(?:<|&lt;|%3C)(?:\x0b|%0B)")
_IN_A_LINK: Final = re.compile(r"(?:\]\(\s*|\]:\s*|[<=])\Z")
# comrak escapes the references in a bare URL a second time.
_ESCAPED_TWICE: Final = re.compile(r'<a href="(?:[^"&]|&(?!amp;amp;))*+&amp;amp;[^"]*+">[^<]*+</a>')
# The beginning of the footnotes that comrak writes at the end of a text.
_FOOTNOTES: Final = '<section class="footnotes" data-footnotes>'


def read_markdown(body: str, *, wikilinks: bool = False) -> str:
    """Read CommonMark with tables, footnotes, strikethrough, task lists and bare URLs; HTML in it stays.

    With `wikilinks`, `[[name]]` and `[[name|text]]` are links that `rewrite` knows by an attribute. Raises ArticleError
    past a limit.
    """
    check_markdown(body)
    html = render_markdown(body, wikilinks=wikilinks)
    check_rendered(html)
    return html


def render_markdown(body: str, *, wikilinks: bool = False) -> str:
    """Read Markdown as `read_markdown` does, without its limits."""
    source, replaced = with_literal_marks(_with_url_ends(body))
    extensions = _WITH_WIKILINKS if wikilinks else EXTENSIONS
    html = str(comrak.render_markdown(source, extension_options=extensions, render_options=_WITH_HTML))
    for stand_in, mark in replaced.items():
        html = html.replace(stand_in, mark).replace(quote(stand_in), mark)
    if _MARKED_END in source:
        html = _URL_END.sub("", html)
    if "&amp;amp;" in html:
        html = _ESCAPED_TWICE.sub(lambda link: link[0].replace("&amp;amp;", "&amp;"), html)
    html = with_plain_ids(html)
    text, footnotes, rest = html.rpartition(_FOOTNOTES)
    if footnotes:
        # A rule over the footnotes: below a numbered list they would read as another one.
        # HTML: a section typically has a heading, and an outline that lists one without a name helps nobody.
        notes, _, behind = rest.rpartition("</section>")
        html = f'{text}<hr />\n<div class="footnotes">{notes}</div>{behind}'
    return join_cjk(html, "")


def _with_url_ends(body: str) -> str:
    """End bare URLs of Markdown before the text after them: comrak would end them at the next white space only.

    An address in the parentheses of a link, in angle brackets or quotes is no bare one.
    """
    if "://" not in body and "www." not in body.lower():
        return body
    parts: list[str] = []
    position = 0
    for each in bare_urls(body, www=True):
        runs_on = body[each.cut : each.cut + 1].strip(" \t\n<")
        # "-->" and "?>" end a comment or instruction, and stay in one piece.
        # comrak counts a tilde at the end to the address.
        cut = each.start + len(body[each.start : each.cut].rstrip("-?" if runs_on == ">" else "~"))
        if runs_on and not _IN_A_LINK.search(body, max(each.start - 20, 0), each.start):
            parts += [body[position:cut], _MARKED_END]
            position = cut
    return "".join((*parts, body[position:]))


def join_cjk(html: str, separator: str) -> str:
    """Replace line breaks between Chinese or Japanese characters by `separator`, outside `pre`.

    In Markdown they are no space, though browsers show one for them; in HTML they are one.
    """
    parts: list[str] = []
    position = 0
    while pre := _PRE.search(html, position):
        end = _PRE_END.search(html, pre.end())
        parts.append(_CJK_BREAK.sub(separator, html[position : pre.start()]))
        position = end.start() if end else len(html)
        parts.append(html[pre.start() : position])
    return "".join((*parts, _CJK_BREAK.sub(separator, html[position:])))


def read_html(body: str) -> str:
    """Read a fragment or a whole document. It stays as it is, since `rewrite` takes its body."""
    return body


def read_text(body: str) -> str:
    """Read paragraphs between blank lines. A single line break stays one, and a URL becomes a link."""
    paragraphs = (part.strip("\n") for part in re.split(r"\n[^\S\n]*(?:\n[^\S\n]*)+", body.strip()))
    html = (_linked(each).replace("\n", "<br>\n") for each in paragraphs if each.strip())
    return "\n".join(f"<p>{each}</p>" for each in html)


def _linked(text: str) -> str:
    parts: list[str] = []
    position = 0
    for each in bare_urls(text):
        url = text[each.start : each.end]
        parts.append(escape(text[position : each.start], quote=False))
        parts.append(f'<a href="{escape(url)}">{escape(url, quote=False)}</a>')
        position = each.end
    parts.append(escape(text[position:], quote=False))
    return "".join(parts)


READERS: Final[Mapping[str, Callable[[str], str]]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".txt": read_text,
}
# The same without limits, for what is read a second time with something added.
SOURCE_READERS: Final[Mapping[str, Callable[[str], str]]] = {
    **READERS,
    ".md": render_markdown,
    ".markdown": render_markdown,
}
