"""Where a web address without any marks around it begins and ends in running text. Pure.

Chinese, Japanese, Korean, Thai and others write no space behind an address, so white space alone does not end it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Letters of scripts that put no space between words, or (Korean) join particles to the word before.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3041-\u30fa\u30fc-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff10-\uff19\uff21-\uff3a"
    "\uff41-\uff5a\uff66-\uffdc\U00016fe0-\U00016fff\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
# Marks that no address holds unencoded: curly quotes, dashes, CJK, full-width and Arabic punctuation.
_MARKS: Final = (
    "\u060c\u061b\u061f\u06d4\u2014\u2015\u2018-\u201f\u2026\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe10-\ufe1f"
    "\ufe30-\ufe6b\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_LABEL: Final = rf"(?:(?![{_UNSPACED}])[\w\-])+"
_UNSPACED_LABEL: Final = rf"[{_UNSPACED}][\w\-]*"
# A host that begins in ASCII ends in ASCII: in 「example.org.然後」 the full stop is the sentence's.
_HOST: Final = (
    rf"(?:\[[\da-f:.]+\]|(?:(?:{_LABEL}|{_UNSPACED_LABEL})\.)*{_LABEL}|(?:{_UNSPACED_LABEL}\.)+{_UNSPACED_LABEL})"
)
# In characters: an address that names somebody is rare, and looking for the @ takes this long at each "www.".
_MOST_OF_A_USER: Final = 200
_ADDRESS: Final = re.compile(
    rf"(?P<scheme>https?://|\bwww\.)(?:[\w.~%!$&*+;=:\-]{{0,{_MOST_OF_A_USER}}}@)?{_HOST}(?::\d+)?(?P<rest>[/?#][^\s<>\"'{_MARKS}]*)?",
    re.IGNORECASE,
)
_IS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")
# What a letter of those scripts stands behind where it begins a part of a path or a value of a query.
_BEGINS_A_PART: Final = "/=-_+&%"
_OPENING: Final = {")": "(", "]": "[", "}": "{"}
_TRAILING: Final = ".,;:!?*_~'"


@dataclass(frozen=True, slots=True)
class BareURL:
    """An address in a text: `text[start:end]`. The marks of the sentence behind it end at `cut`."""

    start: int
    end: int
    cut: int


def bare_urls(text: str, *, www: bool = False) -> Iterator[BareURL]:
    """Each bare address in `text`, in order, in time linear in its length; with `www`, those without a scheme, too.

    An address ends at white space, at quotes and angle brackets, at CJK, full-width and Arabic punctuation, at a
    bracket it does not open, and at a letter of a script without spaces. Such letters belong to it in its host, and
    where they begin a part of its path and something parts it from the text in front: 「見 https://a.example/路徑」.
    """
    for match in _ADDRESS.finditer(text):
        if www or match["scheme"].endswith("/"):
            cut = _cut(text, match)
            yield BareURL(match.start(), _without_trailing(text, match.start(), cut), cut)


def _cut(text: str, match: re.Match[str]) -> int:
    start, end = match.span("rest")
    if start < 0:
        return match.end()
    apart = not text[match.start() - 1 : match.start()].isalnum()
    unclosed = dict.fromkeys(_OPENING.values(), 0)
    for at in range(start, end):
        mark = text[at]
        if mark in unclosed:
            unclosed[mark] += 1
        elif mark in _OPENING:
            if not unclosed[_OPENING[mark]]:
                return at
            unclosed[_OPENING[mark]] -= 1
        elif (
            not mark.isascii()
            and _IS_UNSPACED.match(mark)
            and not (apart and (text[at - 1] in _BEGINS_A_PART or _IS_UNSPACED.match(text[at - 1])))
        ):
            return at
    return end


def _without_trailing(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return end
