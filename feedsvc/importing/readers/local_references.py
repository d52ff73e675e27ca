"""Find the files beside a Markdown text to which it refers. Pure, but for the files that `FilesBeside` looks for."""

import re
from collections.abc import Callable
from html import unescape
from typing import Final

from feedsvc.articles.source_text.code_ranges import without_code
from feedsvc.articles.source_text.file_references import with_encoded_references

# A destination of CommonMark (§6.3, §4.7: `](a.png)`, `](<a b.png>)`, `[a]: a.png`), and attributes of HTML.
_REFERENCE: Final = re.compile(
    r"(?:(?P<link>\]\([ \t]{0,9}|^[ ]{0,3}\[[^\[\]\n]{1,200}\]:[ \t]{0,9})|(?:src|href|poster)[ \t]{0,9}=[ \t]{0,9})"
    r"(?:<(?P<pointed>[^<>\n]{1,1000})>|\"(?P<double>[^\"\n]{1,1000})\"|'(?P<single>[^'\n]{1,1000})'|"
    r"(?P<bare>(?:[^\s<>\"'()]|\([^\s<>\"'()]{0,200}\)){1,1000}))",
    re.MULTILINE | re.IGNORECASE,
)
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


def with_stand_ins(body: str, address_of: Callable[[str], str | None]) -> str:
    """Return Markdown with a stand-in for each file to which it refers outside of code; without one, it is unchanged.

    Raises ArticleError when the Markdown is past its limits.
    """
    encoded = with_encoded_references(body)
    parts: list[str] = []
    position = 0
    for found in _REFERENCE.finditer(without_code(encoded, is_markdown=True)):
        kind = found.lastgroup or "bare"
        written = found[kind]
        reference = _ESCAPED.sub(r"\1", unescape(written)) if found["link"] else unescape(written)
        if address := address_of(reference):
            start, end = found.span(kind)
            # Angle brackets are needed for spaces alone, and a stand-in has none.
            start, end = (start - 1, end + 1) if kind == "pointed" else (start, end)
            parts += [encoded[position:start], address]
            position = end
    return "".join((*parts, encoded[position:])) if parts else body
