"""HTML comments in Markdown that CommonMark or a parser of HTML would end too early, or not at all. Pure.

CommonMark ends a comment inside a paragraph at a blank line (it is then text), and one in a list or quotation at its
first line outside (HTML then knows no end of it, and takes all that follows for the comment). HTML ends one at `--!>`.
"""

import re
from collections.abc import Iterator
from typing import Final

from feedsvc.articles.source_text.code_ranges import comments

_BLANK_LINE: Final = re.compile(r"\n[ \t>]*+\n")
# What may stand in front of a block on its first line: marks of lists and quotations.
_BLOCK_BEGINS: Final = re.compile(r"(?:[ \t]|>|[-*+](?=\s)|\d{1,9}[.)](?=\s))*+\Z")
_MARK: Final = re.compile(r"[^\s>]")
_EMPTY: Final = "<!---->"


def with_short_comments(body: str) -> tuple[str, tuple[int, ...]]:
    """Return Markdown in which each comment over several blocks is an empty one, and the offsets of unclosed ones.

    Line breaks stay, so that lines keep their numbers; so do comments in a line, which part lists and code. Of unclosed
    comments, only those are given that begin a block: those hide all that follows. Inside a line, the mark is text.
    """
    if "<!--" not in body:
        return body, ()
    parts: list[str] = []
    unclosed: list[int] = []
    position = 0
    for start, end in comments(body, is_markdown=True):
        line = body[body.rfind("\n", 0, start) + 1 : start]
        begins = _BLOCK_BEGINS.match(line) is not None
        if end is None:
            unclosed += [start] if begins else []
            continue
        breaks = body.count("\n", start, end)
        if not (_BLANK_LINE.search(body, start, end) or (begins and breaks) or body.find("--!>", start, end) >= 0):
            continue
        # A comment for each line where they are a block: blank lines would part the items of a list, and what stands
        # behind the comment on its last line belongs to its block.
        between = f"\n{_MARK.sub(' ', line)}{_EMPTY}" if begins else "\n"
        parts += [body[position:start], _EMPTY, between * breaks]
        position = end
    return "".join((*parts, body[position:])), tuple(unclosed)


def unclosed_comments(html: str) -> Iterator[int]:
    """Yield the offset of each comment in `html` that nothing closes: a parser takes all that follows for it."""
    found = comments(html, is_markdown=False) if "<!--" in html else ()
    return (start for start, end in found if end is None)
