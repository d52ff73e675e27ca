"""Find web addresses without any marks around them in running text. Pure.

Chinese, Japanese, Korean, Thai and others write no space behind an address, so white space alone does not end it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

# Letters of scripts that put no space between words, or (Korean) join particles to the word before.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3041-\u30fa\u30fc-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff10-\uff19\uff21-\uff3a"
    "\uff41-\uff5a\uff66-\uffdc\U00016fe0-\U00016fff\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
_LABEL: Final = rf"(?:(?![{_UNSPACED}])[\w\-])+"
_UNSPACED_LABEL: Final = rf"[{_UNSPACED}][\w\-]*"
# A host that begins in ASCII ends in ASCII: in 「example.org.然後」 the full stop is the sentence's.
_HOST: Final = (
    rf"(?:\[[\da-fA-F:.]+\]|(?:(?:{_LABEL}|{_UNSPACED_LABEL})\.)*{_LABEL}|(?:{_UNSPACED_LABEL}\.)+{_UNSPACED_LABEL})"
)
# In characters: an address that names somebody is rare, and looking for the @ takes this long at each "www.".
_MOST_OF_A_USER: Final = 200
# Only the scheme is found without regard to case: to compile the classes so takes ten times as long.
_ADDRESS: Final = re.compile(
    rf"(?P<scheme>(?i:https?://|\bwww\.))(?:[\w.~%!$&*+;=:\-]{{0,{_MOST_OF_A_USER}}}@)?{_HOST}(?::\d+)?"
)
# What _ADDRESS finds of an address with a host in ASCII that a path or white space follows, as most have.
_USUAL_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?://)[0-9A-Za-z_\-]++(?:\.[0-9A-Za-z_\-]++)*+(?=[/?#\s])", re.ASCII
)
# How an _ADDRESS begins. The classes are found faster than letters without regard to case (U+017F is a small s, too).
_BEGINS: Final = re.compile(r"[hHwW](?:[tT][tT][pP][sS\u017f]?://|[wW][wW]\.)")
# RFC 3986 §2: what an address is written with, but for the apostrophe, which is a quotation mark of the sentence.
# Brackets are judged apart.
_ASCII: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&*+,;=%")
_IN_ASCII: Final = re.compile(rf"[{re.escape(''.join(sorted(_ASCII)))}]*+")
# Every other ASCII character, and the end of the text, ends an address.
_MAY_BELONG: Final = frozenset("([")
# What a letter of another script stands behind where it begins a part of a path or a value of a query.
_BEGINS_A_PART: Final = frozenset("/=-_+&%#")
# Inside a part: ZERO WIDTH NON-JOINER and JOINER (Persian, Indic scripts), MIDDLE DOT (names in Chinese, Catalan).
_INSIDE_A_PART: Final = "\u200c\u200d\u00b7"
_OPENING: Final = {")": "(", "]": "["}
_TRAILING: Final = ".,;:!?*_~'"


class BareURL(NamedTuple):
    """An address in a text: `text[start:end]`. The marks of the sentence behind it end at `cut`."""

    start: int
    end: int
    cut: int


# An article is looked through twice: for where its addresses end, and for the lines on which they are.
@lru_cache(maxsize=2)
def bare_urls(text: str, *, www: bool = False) -> tuple[BareURL, ...]:
    """Return each bare address in `text`, in order, in linear time; with `www`, those without a scheme, too.

    An address is written with the characters of RFC 3986, and with letters and digits of other scripts. It ends at
    everything else (arrows, circled digits, emoji, punctuation that is not ASCII), at a bracket that it does not open,
    and outside of a query at "[". Latin letters may stand anywhere in it. Those of other scripts belong to it in its
    host, and where they begin a part of its path and something parts it from the text in front: a space in
    「見 https://a.example/路徑」.
    """
    found: list[BareURL] = []
    position = 0
    while begins := _BEGINS.search(text, position):
        match = _USUAL_ADDRESS.match(text, begins.start()) or _ADDRESS.match(text, begins.start())
        if match is None:
            position = begins.start() + 1
            continue
        cut = position = _cut(text, match)
        if www or match["scheme"].endswith("/"):
            end = match.start() + len(text[match.start() : cut].rstrip(_TRAILING))
            found.append(BareURL(match.start(), end, cut))
    return tuple(found)


def _cut(text: str, match: re.Match[str]) -> int:
    start = match.end()
    if text[start : start + 1] not in ("/", "?", "#"):
        return start
    end = _IN_ASCII.match(text, start).end()  # type: ignore[union-attr]  # it matches nothing, too
    behind = text[end : end + 1]
    if behind.isascii() and behind not in _MAY_BELONG:
        return end
    is_apart = not text[match.start() - 1 : match.start()].isalnum()
    unclosed = dict.fromkeys(_OPENING.values(), 0)
    in_part = in_query = False
    for at in range(start, len(text)):
        mark = text[at]
        if mark == "(" or (mark == "[" and in_query):
            unclosed[mark] += 1
        elif mark in _OPENING:
            if not unclosed[_OPENING[mark]]:
                return at
            unclosed[_OPENING[mark]] -= 1
        elif mark in _ASCII:
            in_part = in_part and mark.isalnum()
            in_query = in_query or mark == "?"
        elif not _is_letter(text, at, in_part=in_part):
            return at
        elif not unicodedata.name(mark, "").startswith("LATIN ") and unicodedata.category(mark)[0] != "M":
            in_part = in_part or (is_apart and text[at - 1] in _BEGINS_A_PART)
            if not in_part:
                return at
    return len(text)


def _is_letter(text: str, at: int, *, in_part: bool) -> bool:
    """Whether the character that is not ASCII is a letter, a mark, a digit, or stands between letters of a part."""
    if text[at] in _INSIDE_A_PART:
        return in_part and text[at + 1 : at + 2].isalpha()
    category = unicodedata.category(text[at])
    return category[0] in "LM" or category == "Nd"
