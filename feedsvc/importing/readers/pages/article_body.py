"""Choose between the main text that a page shows and the one that its JSON-LD states (schema.org's articleBody). Pure.

Some pages show their text only after a script has run, or show a teaser. decision 0319 has the reasons.
"""

from collections.abc import Callable
from dataclasses import replace
from html import escape, unescape
from typing import Final

from feedsvc.articles.limits import check_markup
from feedsvc.errors import ArticleError
from feedsvc.importing.output.html_to_markdown import plain_text
from feedsvc.importing.readers.pages.main_text import MainText, main_text

# What the page shows is much shorter than the stated text if it has at most this share of its characters.
_MUCH_SHORTER: Final = 0.5


def text_of_page(html: str, stated: str, address_of: Callable[[str], str | None]) -> MainText:
    """Return the main text of a page, or the `stated` one if the page shows none, or a much shorter one.

    Raises ArticleError if there is neither.
    """
    body = _html_of(stated)
    length = len(plain_text(body))
    try:
        found = main_text(html, address_of)
    except ArticleError:
        if not length:
            raise
        found = MainText(html="", left_out=())
    shown = len(plain_text(found.html))
    if not length or shown > _MUCH_SHORTER * length:
        return found
    note = (
        f"the text is that of articleBody in the page's JSON-LD, {length:,} characters, since the page shows {shown:,} "
        "(compare the article with the page; its pictures and headings may be missing)"
    )
    return replace(found, html=body, doubt=note)


def _html_of(stated: str) -> str:
    """Return a stated text as HTML. Publishers write text with line breaks, HTML, or HTML that is escaped."""
    text = unescape(stated)
    try:
        check_markup(text)
    except ArticleError:
        return ""
    if "</p>" in text.lower() or "<br" in text.lower():
        return text
    return "".join(f"<p>{escape(line.strip(), quote=False)}</p>" for line in text.splitlines() if line.strip())
