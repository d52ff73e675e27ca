"""The shape of a line: its width, whether it is a heading or a list item. Pure; independent of language."""

import re
import unicodedata
from typing import Final

MAX_HEADING: Final = 64
_ITEM: Final = re.compile(r"(?:[-*•・‧◦▪●○◆■]|\d{1,2}[.)、．]|[(（]\d{1,2}[)）])\s*(?=\S)")
# A heading does not end with one of these. A question may be a heading.
_SENTENCE_ENDS: Final = frozenset("。．.｡!！…,，、;；:：،؛۔")
_CLOSERS: Final = "」』”’\"')）】〉》"


def width(text: str) -> int:
    """Return the columns of `text` in a terminal; a wide character has two (UAX #11)."""
    if text.isascii():
        return len(text)
    widths = list(map(unicodedata.east_asian_width, text))
    return len(text) + widths.count("W") + widths.count("F")


def is_heading(line: str) -> bool:
    """Return whether a line by itself looks like a heading: short, not a sentence, not a list item."""
    if not 2 <= width(line) <= MAX_HEADING or _ITEM.match(line) or not any(map(str.isalnum, line)):
        return False
    bare = line.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] not in _SENTENCE_ENDS and not line[0].islower()


def list_item(line: str) -> tuple[str, bool] | None:
    """Return the text of a list item and whether it is numbered; None for other lines."""
    match = _ITEM.match(line)
    if match is None or (line[0] in "-*" and not line[1:2].isspace()):
        return None
    return line[match.end() :], any(map(str.isdigit, match[0]))


def is_wrapped(lines: list[str]) -> bool:
    """Return whether a paragraph's lines were wrapped at a margin, as in e-mail: all but the last similarly long."""
    if len(lines) < 2:
        return False
    sizes = [width(line) for line in lines[:-1]]
    return (
        min(sizes) >= 45 and max(sizes) <= 100 and any(line[-1].isalnum() or line[-1] in ",，、" for line in lines[:-1])
    )


def join_wrapped(lines: list[str]) -> str:
    """Return the lines of a wrapped paragraph as one line. Between wide characters, no space is added."""
    text = lines[0]
    for line in lines[1:]:
        tight = width(text[-1]) == 2 and width(line[0]) == 2
        text += line if tight else f" {line}"
    return text
