"""Plain text: its characters, and how it is cut. Pure; no I/O, no clock."""

import re
import unicodedata
from typing import Final

# The longest tag or name, in characters.
MAX_NAME: Final = 200
# Browsers take them out of an address, encoded or not (URL Standard, "dot segments").
_DOTS: Final = (".", "..")

# XML 1.0 §2.2 Char, by exclusion. U+FFFE/U+FFFF and lone surrogates are no characters there either; the other
# noncharacters (U+1FFFE …, U+FDD0 …) are legal XML but are refused by HTML parsers, so they go as well.
_ASTRAL = "\U00010000-\U0010ffff"
_FORBIDDEN_HERE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_FORBIDDEN_THERE = "".join(f"{chr(end - 1)}-{chr(end)}" for end in range(0x1FFFF, 0x110000, 0x10000))
_FORBIDDEN = re.compile(f"[{_FORBIDDEN_HERE}{_FORBIDDEN_THERE}]")
# Marks of no class that are made of two that have one; NFC always takes them apart.
_MARK_PARTS = {0xF73: "\u0f71\u0f72", 0xF75: "\u0f71\u0f74", 0xF81: "\u0f71\u0f80"}
_MARKS = "".join(c for c in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(c) or ord(c) in _MARK_PARTS)
# No language needs as many on one letter (UAX #15 §13 allows 30).
_LONG_RUN = re.compile(f"[{_MARKS}]{{31,}}")
# Most texts have no character beyond the first plane, which is found out ten times faster.
_MAY_BE_FORBIDDEN = re.compile(f"[{_FORBIDDEN_HERE}{_ASTRAL}]")
# U+0338 is the only character that NFC joins with a mark of HTML. It comes to it through marks of other classes.
_BEHIND_A_TAG = re.compile(f"(?:(?<=>)|\\A)[{_MARKS}]+")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0001]")
# Unicode's Default_Ignorable_Code_Point, white space and the blank Braille pattern: nothing of it can be seen.
_BLANK = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
_STRAY_JOINER = re.compile("(?<![^\\s\u200c\u200d])[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]++(?=\\s|$)")
# What joins nothing at the beginning, or the tag that a text stands behind.
_NO_BEGINNING = " \u200c\u200d\u0338"
# What a cut text does not end with: pauses, and brackets that open.
_PAUSES = ",;:–—-\uff0c\u3001\uff1b\uff1a([\uff08\u300a\u300c\u300e\u3010"
_SPACE = re.compile(r"\s+")
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))

_POP_FORMATTING, _POP_ISOLATE = "\u202c", "\u2069"
_BIDI_OPENERS = {
    "\u202a": _POP_FORMATTING,
    "\u202b": _POP_FORMATTING,
    "\u202d": _POP_FORMATTING,
    "\u202e": _POP_FORMATTING,
    "\u2066": _POP_ISOLATE,
    "\u2067": _POP_ISOLATE,
    "\u2068": _POP_ISOLATE,
}
_BIDI_CLOSERS = frozenset(_BIDI_OPENERS.values())
_BIDI = re.compile(f"[{''.join({*_BIDI_OPENERS, *_BIDI_CLOSERS})}]")
_MAX_BIDI_DEPTH = 125  # UAX #9 BD2: what opens deeper has no effect

# The Han characters of the Basic Multilingual Plane, for a class of a regular expression.
HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CJK = re.compile(
    f"[{HAN}\u2e80-\u303f\u3040-\u30ff\u3100-\u31ff\uac00-\ud7a3"
    "\ufe30-\ufe4f\uff00-\uffef\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)


def xml_legal(text: str) -> str:
    """`text` in NFC without the characters that XML or HTML forbid (XML 1.0 §2.2)."""
    return nfc(without_forbidden(text))


def nfc(text: str) -> str:
    """`text` in NFC, in linear time: Python sorts the marks on a letter by insertion, unless they are in order."""
    if unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", _LONG_RUN.sub(_in_canonical_order, text))


def _in_canonical_order(run: re.Match[str]) -> str:
    return "".join(sorted(run[0].translate(_MARK_PARTS), key=unicodedata.combining))


def with_whole_tags(html: str, stroke: str) -> str:
    """`html` so that NFC leaves its tags whole: it would join ">" with a stroke in the marks behind it (U+226F).

    Each such stroke becomes `stroke`, and so does one that nothing stands in front of.
    """
    if "\u0338" not in html:
        return html
    return _BEHIND_A_TAG.sub(lambda marks: marks[0].replace("\u0338", stroke), html)


def without_forbidden(text: str) -> str:
    """`text` without the characters that XML or HTML forbid, as it is otherwise."""
    return _FORBIDDEN.sub("", text) if _MAY_BE_FORBIDDEN.search(text) else text


def line_of_forbidden(text: str) -> int:
    """The line, from 1, of the first character of `text` that XML or HTML forbid; 0 when there is none."""
    found = _FORBIDDEN.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def plain(text: str) -> str:
    """`text` as one line: legal characters, single spaces, nothing invisible, bidi controls balanced.

    Joiners between visible characters stay (emoji, Persian, Indic scripts need them). Empty when nothing can be seen.
    What is plain already stays as it is.
    """
    if not text or _is_ordinary(text):
        return text
    # What drops characters comes before what looks at neighbours, so that plain text stays as it is.
    visible = _INVISIBLE.sub("", without_forbidden(text.replace("\u2028", " ").replace("\u2029", " ")))
    made = _SPACE.sub(" ", nfc(_STRAY_JOINER.sub("", close_bidi(visible)))).strip().lstrip(_NO_BEGINNING)
    return "" if _BLANK.fullmatch(made) else made


def _is_ordinary(text: str) -> bool:
    """Return whether `plain` surely changes nothing, in less time. False for joiners, which plain text may have.

    Printable is what is no control, format, surrogate or unassigned character and no white space but U+0020.
    """
    return (
        text.isprintable()
        and "  " not in text
        and text[0] not in _NO_BEGINNING
        and text[-1] != " "
        and unicodedata.is_normalized("NFC", text)
        and _BLANK.fullmatch(text) is None
    )


def close_bidi(text: str) -> str:
    """Return `text` with every bidi embedding, override and isolate closed; closers without an opener are removed.

    UAX #9 BD8–BD10: an unclosed control would reorder the text that follows it on a page. The end of an isolate
    closes what was opened within it.
    """
    if _BIDI.search(text) is None:
        return text
    out: list[str] = []
    open_: list[str] = []
    for char in text:
        if char in _BIDI_OPENERS:
            if len(open_) == _MAX_BIDI_DEPTH:
                continue
            open_.append(_BIDI_OPENERS[char])
        elif char in _BIDI_CLOSERS:
            if char not in open_ or (char == _POP_FORMATTING and open_[-1] != char):
                continue
            while open_[-1] != char:
                out.append(open_.pop())
            open_.pop()
        out.append(char)
    return "".join(out) + "".join(reversed(open_))


def shorten(text: str, limit: int = 200) -> str:
    """`text` cut to about `limit` characters, with an ellipsis where something was cut.

    The cut falls between words; between Chinese, Japanese and Korean characters, and in a word of half that length,
    it may fall anywhere. It never falls inside a combining sequence or a joined emoji of reasonable length.
    """
    if len(text) <= limit:
        return text
    places = range(limit, limit // 2, -1)
    cut = next((at for at in places if _may_cut(text, at)), None) or next(
        (at for at in places if _starts_cluster(text, at)), limit
    )
    head = text[:cut].rstrip()
    return close_bidi(head.rstrip(_PAUSES) or head) + "…"


def _may_cut(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if not _starts_cluster(text, at):
        return False
    return before.isspace() or after.isspace() or _CJK.match(before) is not None or _CJK.match(after) is not None


def _starts_cluster(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    extends = unicodedata.category(after) in ("Mn", "Me", "Mc", "Cf") or "\U0001f3fb" <= after <= "\U0001f3ff"
    if extends or before == "\u200d":
        return False
    # Two letters make a flag: after an odd number of them, the next one is the other half of the last.
    letters = at - len(text[:at].rstrip(_FLAG_LETTERS)) if after in _FLAG_LETTERS else 0
    return letters % 2 == 0


def checked_name(name: str) -> str:
    """A tag, or what somebody or something is called, as it is. Raises ValueError when it is too long or no address."""
    if len(name) > MAX_NAME:
        raise ValueError(f"{name[:20]!r}… is longer than {MAX_NAME} characters (shorten it)")
    if name in _DOTS:
        raise ValueError(f"{name!r} cannot be part of an address (write it in words)")
    return name


def lowered(name: str) -> str:
    """Return a name as it is compared where case does not count: NFC, in lower case."""
    return unicodedata.normalize("NFC", name).lower()
