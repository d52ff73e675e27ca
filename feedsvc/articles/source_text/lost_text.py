"""Text of Markdown that no page shows: cells beyond the head of a table, and links that nothing refers to. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

# The second line of a table: https://github.github.com/gfm/#delimiter-row
_DELIMITERS: Final = re.compile(
    r"^[ \t>]*+(?:\|[ \t]*+:?-++:?[ \t]*+|:?-++:?[ \t]*+(?=\|))(?:\|[ \t]*+(?::?-++:?[ \t]*+)?+)*+$", re.MULTILINE
)
_BAR: Final = re.compile(r"\\.|\|", re.DOTALL)
_DEFINITION: Final = re.compile(r"^ {0,3}\[([^\[\]\n^][^\[\]\n]*+)\]:[ \t]*+<?([A-Za-z][^\s<>]*+)", re.MULTILINE)
_LABEL: Final = re.compile(r"\[([^\[\]\n]++)\](?!:)")
# What a definition may follow without an empty line.
_NO_TEXT: Final = re.compile(r"\s*+(?:#{1,6}\s|\[[^\[\]\n]*+\]:|$)")


def lost_text(body: str, without_code: Callable[[str], str]) -> Sequence[tuple[int, str]]:
    """Return the offset of each piece of text in `body` that is not shown, and what is said of it.

    `without_code` gives a text of the same length in which code is masked; it is called only where anything is found.
    """
    has_table = "|" in body and _DELIMITERS.search(body)
    if not has_table and not ("]:" in body and _DEFINITION.search(body)):
        return ()
    text = without_code(body)
    return [*_cells(text), *_definitions(text)]


def _cells(text: str) -> Iterator[tuple[int, str]]:
    """Yield rows with more cells than the head of their table. An unescaped bar in code separates cells also."""
    position = 0
    for found in _DELIMITERS.finditer(text):
        if found.start() < position:
            continue  # a row of the table above
        columns = _count(found[0])
        head_start = text.rfind("\n", 0, max(found.start() - 1, 0)) + 1
        if not found.start() or _count(text[head_start : found.start() - 1]) != columns:
            continue
        position = found.end() + 1
        while position < len(text):
            end = text.find("\n", position)
            row = text[position : end if end >= 0 else len(text)]
            if "|" not in row:
                break
            if (cells := _count(row)) > columns:
                message = (
                    f"this row of a table has {cells} cells, and its head {columns}: the rest is not shown (add a "
                    "column to the head, or write \\| for a bar that parts no cells)"
                )
                yield position, message
            position += len(row) + 1


def _count(row: str) -> int:
    """Return the number of cells in a row."""
    row = row.strip(" \t>")
    bars = [each.start() for each in _BAR.finditer(row) if each[0] == "|"]
    return len(bars) + 1 - (bars[:1] == [0]) - (len(row) - 1 in bars[1:])


def _definitions(text: str) -> Iterator[tuple[int, str]]:
    """Yield definitions of links (`[1]: https://…`) to which nothing refers."""
    used = {" ".join(each.split()).casefold() for each in _LABEL.findall(text)}
    for found in _DEFINITION.finditer(text):
        before = text[text.rfind("\n", 0, max(found.start() - 1, 0)) + 1 : max(found.start() - 1, 0)]
        if " ".join(found[1].split()).casefold() in used or not _NO_TEXT.match(before):
            continue
        message = (
            f"[{found[1][:40]}]: … defines a link that nothing refers to, so it is not shown "
            f"(write - <{found[2][:80]}> to show it)"
        )
        yield found.start(), message
