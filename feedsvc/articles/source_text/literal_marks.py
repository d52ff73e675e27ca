"""Marks of Markdown that mean nothing where they stand: tildes of ranges, asterisks of products, notes. Pure.

comrak knows no option for these: a single tilde strikes out, `3*4*5` is emphasis, and `[註]: 說明` is the definition of
a link to 說明, which shows nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Final
from urllib.parse import unquote

# Punctuation (category Po, no wide character) that next to nobody writes.
STAND_INS: Final = "\u2058\u2056\u2059\u205a\u205b\u205c\u205d\u205e\u2e2a\u2e2b\u2e2c\u2e2d\u2e30\u2e31\u2e32\u2e33"
_DIGIT: Final = "0-9\uff10-\uff19"
_SIGNS: Final = "%\uff05\u2030\u00b0\u2103\u2109\u339c-\u33a5"
# A number with its unit, in letters (cm, 公分, 元) or a sign; the currency may stand in front.
_NUMBER: Final = rf"[$\uffe5\u00a5\u20ac\u00a3]?[{_DIGIT}][{_DIGIT}.,:x]*+(?:[^\W\d_]{{0,4}}+)[{_SIGNS}]?"
_IS_NUMBER: Final = re.compile(_NUMBER)
_AFTER_A_NUMBER: Final = re.compile(rf"[{_DIGIT}][^\W\d_]{{0,2}}[{_SIGNS}]?\Z")
_BEFORE_A_NUMBER: Final = re.compile(rf"[$\uffe5\u00a5\u20ac\u00a3]?[{_DIGIT}]")
# A backslash in front makes a mark literal already.
_ONE_TILDE: Final = re.compile(r"(?<![~\\])~(?!~)")
_TWO_TILDES: Final = re.compile(r"(?<![~\\])~~(?!~)|\n[ \t]*+\n")
_BETWEEN_DIGITS: Final = re.compile(rf"(?<=[{_DIGIT}])\*(?=[{_DIGIT}])")
# Factors with an asterisk between each two, and none of the chain's letters in front of it or behind it.
_WORD: Final = rf"(?:[^\W_]|[.,:{_SIGNS}$\uffe5\u00a5\u20ac\u00a3])++"
_FACTOR: Final = rf"{_WORD}|\([^()*\n]{{1,30}}+\)|\uff08[^\uff08\uff09*\n]{{1,30}}+\uff09"
_CHAIN: Final = re.compile(
    rf"(?<![\w*\\.,:)\uff09{_SIGNS}$\uffe5\u00a5\u20ac\u00a3])(?:{_FACTOR})(?:\*(?:{_FACTOR}))++(?![\w*])"
)
# Both of them have such an asterisk. It is first in the pattern, since a search for one character is fast.
_BETWEEN: Final = re.compile(r"\*(?<=[^\s*]\*)(?=[^\s*])")
_EQUALS: Final = ("=", "\uff1d", "\u2248")
# No address: it has no mark of one, and letters that none is written with.
_NOTE: Final = re.compile(
    r"^\[(?=(?P<label>[^\]\[\n^]+)\]:[ \t]*+(?=[!-~]*+[^\x00-\x7f\s])[^\s/.#<]*+[ \t]*+$)", re.MULTILINE
)
_LABEL: Final = re.compile(r"\[([^\]\[\n^]+)\]")


def with_literal_marks(body: str) -> tuple[str, dict[str, str]]:
    """Return Markdown with a stand-in for each mark that means nothing, and the mark that each stand-in stands for.

    A stand-in is a punctuation mark that does not occur in `body`, however it is written: it parts words, and opens and
    closes emphasis around it, as the mark itself would.
    """
    replaced: dict[str, str] = {}
    unused: Iterator[str] | None = None
    for mark, positions in _LITERAL.items():
        places = sorted(set(positions(body))) if mark in body else ()
        if not places:
            continue
        if unused is None:
            # An entity or a percent-encoded byte of the author's writes a character, too.
            written = f"{body}{unescape(body)}{unquote(body)}"
            unused = (each for each in STAND_INS if each not in written)
        if stand_in := next(unused, ""):
            parts, position = list[str](), 0
            for place in places:
                parts += [body[position:place], stand_in]
                position = place + 1
            body = "".join((*parts, body[position:]))
            replaced[stand_in] = mark
    return body, replaced


def _tildes(body: str) -> Iterator[int]:
    """Yield each single tilde, and of ranges: `9:00~~17:00`. `~~500~~300` and `300元~~500元~~` strike a price."""
    yield from (found.start() for found in _ONE_TILDE.finditer(body))
    is_open = False
    marks = list(_TWO_TILDES.finditer(body)) if "~~" in body else []
    for found, following in zip(marks, [*marks[1:], None], strict=False):
        at = found.start()
        if found[0] != "~~":
            is_open = False
        elif is_open or not _is_range(body, at) or _strikes_a_number(body, at, following):
            is_open = not is_open
        else:
            yield from (at, at + 1)


def _is_range(body: str, at: int) -> bool:
    """Whether the two tildes at `at` stand between numbers."""
    return bool(_AFTER_A_NUMBER.search(body[max(at - 5, 0) : at]) and _BEFORE_A_NUMBER.match(body, at + 2))


def _strikes_a_number(body: str, at: int, following: re.Match[str] | None) -> bool:
    """Whether there is just a number between the two tildes at `at` and the following ones, which are of no range."""
    return (
        following is not None
        and following[0] == "~~"
        and _IS_NUMBER.fullmatch(body, at + 2, following.start()) is not None
        and not _is_range(body, following.start())
    )


def _asterisks(body: str) -> Iterator[int]:
    """Yield each asterisk between two digits, and those of products: `5cm*6cm*7cm`, `長*寬*高`, `長度*寬度=面積`.

    A chain of factors is a product if all are numbers with or without units or in brackets, if all are one character
    long, or if an equals sign stands beside it. Everything else is emphasis: `這是*很重要*的`.
    """
    if not _BETWEEN.search(body):
        return
    yield from (found.start() for found in _BETWEEN_DIGITS.finditer(body))
    for found in _CHAIN.finditer(body):
        factors = found[0].split("*")
        are_numbers = all(each[0] in "(\uff08" or _IS_NUMBER.fullmatch(each) for each in factors)
        is_equation = body[max(found.start() - 1, 0) : found.start()].endswith(_EQUALS) or body.startswith(
            _EQUALS, found.end()
        )
        if are_numbers or is_equation or all(len(each) == 1 for each in factors):
            yield from (at for at in range(found.start(), found.end()) if body[at] == "*")


def _notes(body: str) -> Iterator[int]:
    """Yield the bracket of each line such as 「[註]: 說明」, unless something refers to it."""
    found = list(_NOTE.finditer(body)) if "]:" in body else []
    labels = Counter(_LABEL.findall(body)) if found else Counter[str]()
    yield from (each.start() for each in found if labels[each["label"]] == 1)


_LITERAL: Final[Mapping[str, Callable[[str], Iterator[int]]]] = {"~": _tildes, "*": _asterisks, "[": _notes}
