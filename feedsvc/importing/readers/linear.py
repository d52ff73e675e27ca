"""Finding what stands between two marks, and line breaks in HTML, in time proportional to the text. Pure.

`opening.*?closing` as a regular expression looks through the rest of the text for each opening that nothing closes:
a megabyte of `<pre>` takes hours.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

_BREAK: Final = r"<br\s*+/?>\s*+"
# Two or more. The look-behind lets a run of white space be tried once, not from each of its characters.
BREAKS: Final = re.compile(rf"(?<!\s)\s*+{_BREAK}(?:{_BREAK})+")
_EDGE: Final = re.compile(r"(<br\s*+/?>)")


def spans(
    text: str, opening: re.Pattern[str], closing: Callable[[re.Match[str]], str]
) -> Iterator[tuple[re.Match[str], int]]:
    """Yield each match of `opening` with where the text behind its closing mark begins.

    `closing` gives the mark, in lower case, that closes an opening. Case makes no difference. What nothing closes, and
    what stands inside another span, is passed by.
    """
    folded = text.lower() if len(text.lower()) == len(text) else text
    never: set[str] = set()
    position = 0
    for match in opening.finditer(text):
        mark = closing(match)
        if match.start() < position or mark in never:
            continue
        at = folded.find(mark, match.end())
        if at < 0:
            never.add(mark)
            continue
        position = at + len(mark)
        yield match, position


def replaced(
    text: str,
    opening: re.Pattern[str],
    closing: Callable[[re.Match[str]], str],
    made: Callable[[re.Match[str], str], str],
) -> str:
    """Return `text` with each span as `made` makes it of the opening and of the whole span."""
    parts: list[str] = []
    position = 0
    for match, end in spans(text, opening, closing):
        parts += [text[position : match.start()], made(match, text[match.start() : end])]
        position = end
    return "".join((*parts, text[position:]))


def without_edge_breaks(html: str) -> str:
    """Return HTML without the line breaks and the white space at both of its ends."""
    pieces = _EDGE.split(html)
    first, last = 0, len(pieces)
    while first < last and (first % 2 or not pieces[first].strip()):
        first += 1
    while last > first and ((last - 1) % 2 or not pieces[last - 1].strip()):
        last -= 1
    return "".join(pieces[first:last]).strip()
