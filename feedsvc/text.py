"""Plain text: permitted characters, normalization and shortening. Pure; no I/O, no clock."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

# The longest tag or name, in characters.
MAX_NAME: Final = 200
# Browsers remove these segments from a URL, encoded or not (URL Standard, "dot segments").
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
# No language needs more marks on one letter (UAX #15 §13 allows 30).
_LONG_RUN = re.compile(f"[{_MARKS}]{{31,}}")
# Most texts have no character beyond the first plane, and testing for those is ten times faster.
_MAY_BE_FORBIDDEN = re.compile(f"[{_FORBIDDEN_HERE}{_ASTRAL}]")
# U+0338 is the only character that NFC composes with ">". Marks of other classes may be between the two.
_BEHIND_A_TAG = re.compile(f"(?:(?<=>)|\\A)[{_MARKS}]+")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0001]")
# Invisible characters: Unicode's Default_Ignorable_Code_Point, white space and the blank Braille pattern.
_BLANK = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
# The fillers of Hangul are letters to Unicode.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"
_STRAY_JOINER = re.compile("(?<![^\\s\u200c\u200d])[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]++(?=\\s|$)")
# Characters that are removed from the beginning: joiners without a left neighbour, and U+0338 after a tag.
_NO_BEGINNING = " \u200c\u200d\u0338"
# Characters that a shortened text does not end with: commas, colons, dashes and opening brackets.
_PAUSES = ",;:–—-\uff0c\u3001\uff1b\uff1a([\uff08\u300a\u300c\u300e\u3010"
# After at least three letters, since a full stop also ends an abbreviation, and before what may begin a sentence.
_SENTENCE_END = re.compile(
    "(?<=\\w{3})[.!?\u061f\u06d4][\"')\u201d\u2019\u00bb]?(?=\\s[^a-z])|[\u3002\uff01\uff1f][\u300d\u300f\uff09\u201d\u2019]?"
)
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
_MAX_BIDI_DEPTH = 125  # UAX #9 BD2: deeper openers have no effect

# The Han characters of the Basic Multilingual Plane, for a class of a regular expression.
HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CJK = re.compile(
    f"[{HAN}\u2e80-\u303f\u3040-\u30ff\u3100-\u31ff\uac00-\ud7a3"
    "\ufe30-\ufe4f\uff00-\uffef\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)


def xml_legal(text: str) -> str:
    """Return `text` in NFC without the characters that XML or HTML forbid (XML 1.0 §2.2)."""
    return nfc(without_forbidden(text))


def nfc(text: str) -> str:
    """Return `text` in NFC in linear time. Python's insertion sort of the marks on a letter would be quadratic."""
    if unicodedata.is_normalized("NFC", text):
        return text
    in_order = _LONG_RUN.sub(
        lambda run: "".join(sorted(run[0].translate(_MARK_PARTS), key=unicodedata.combining)), text
    )
    return unicodedata.normalize("NFC", in_order)


def with_whole_tags(html: str, stroke: str) -> str:
    """Return `html` in which NFC changes no tag: NFC would compose ">" and a following U+0338 to U+226F.

    Each such U+0338 is replaced by `stroke`, and so is one at the beginning of the text.
    """
    if "\u0338" not in html:
        return html
    return _BEHIND_A_TAG.sub(lambda marks: marks[0].replace("\u0338", stroke), html)


def has_any(text: str, parts: Iterable[str]) -> bool:
    """Return whether one of the texts in `parts`, none of them empty, is in `text`."""
    # A single character is found ten times as fast as two, and most texts have none of these.
    for part in parts:  # noqa: SIM110  # a generator takes twice as long
        if part[0] in text and part[-1] in text and part in text:
            return True
    return False


def without_forbidden(text: str) -> str:
    """Return `text` without the characters that XML or HTML forbid."""
    return _FORBIDDEN.sub("", text) if _may_be_forbidden(text) else text


def line_of_forbidden(text: str) -> int:
    """Return the line, from 1, of the first character of `text` that XML or HTML forbid; 0 if there is none."""
    found = _FORBIDDEN.search(text) if _may_be_forbidden(text) else None
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _may_be_forbidden(text: str) -> bool:
    """Return False only if no character is forbidden. All of those are controls, surrogates or unassigned."""
    # Line breaks alone make most texts unprintable.
    return not text.replace("\n", "").isprintable() and _MAY_BE_FORBIDDEN.search(text) is not None


def plain(text: str) -> str:
    """Return `text` as one line: legal characters, single spaces, no invisible characters, balanced bidi controls.

    Joiners between visible characters stay (emoji, Persian and Indic scripts need them). The result is empty if no
    character is visible. Plain text stays unchanged.
    """
    if not text or _is_ordinary(text):
        return text
    # Characters are removed before neighbours are compared, so that a second call changes nothing.
    visible = _INVISIBLE.sub("", without_forbidden(text.replace("\u2028", " ").replace("\u2029", " ")))
    made = _SPACE.sub(" ", nfc(_STRAY_JOINER.sub("", close_bidi(visible)))).strip().lstrip(_NO_BEGINNING)
    return "" if _BLANK.fullmatch(made) else made


def _is_ordinary(text: str) -> bool:
    """Return True if `plain` certainly changes nothing, in less time. Return False for joiners, which may be plain.

    Printable characters are not control, format, surrogate or unassigned ones, nor white space other than U+0020.
    """
    return (
        text.isprintable()
        and "  " not in text
        and text[0] not in _NO_BEGINNING
        and text[-1] != " "
        and unicodedata.is_normalized("NFC", text)
        and ((text[0].isalnum() and text[0] not in _BLANK_LETTERS) or _BLANK.fullmatch(text) is None)
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
    """Return `text` shortened to about `limit` characters, with an ellipsis if it was shortened.

    The text is cut between words, or between any Chinese, Japanese or Korean characters. A word longer than half the
    limit may be cut. A combining sequence or a joined emoji of usual length is never cut.
    """
    if len(text) <= limit:
        return text
    places = range(limit, limit // 2, -1)
    cut = next((at for at in places if _may_cut(text, at)), None) or next(
        (at for at in places if starts_cluster(text, at)), limit
    )
    head = text[:cut].rstrip()
    return close_bidi(head.rstrip(_PAUSES) or head) + "…"


def first_sentences(text: str, limit: int) -> str:
    """Return the sentences of `text` that end within `limit` characters, or `shorten` of it if they are too short.

    Sentences that are less than half of `limit` long are too short.
    """
    if len(text) <= limit:
        return text
    end = max((each.end() for each in _SENTENCE_END.finditer(text, 0, limit)), default=0)
    return close_bidi(text[:end]) if end > limit // 2 else shorten(text, limit)


def _may_cut(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if not starts_cluster(text, at):
        return False
    return before.isspace() or after.isspace() or _CJK.match(before) is not None or _CJK.match(after) is not None


def starts_cluster(text: str, at: int) -> bool:
    """Return whether what a reader sees as one character begins at `at`, which is not the first one."""
    before, after = text[at - 1], text[at]
    extends = unicodedata.category(after) in ("Mn", "Me", "Mc", "Cf") or "\U0001f3fb" <= after <= "\U0001f3ff"
    if extends or before == "\u200d":
        return False
    # Two regional indicators make a flag: after an odd number of them, the next one completes the last flag.
    letters = at - len(text[:at].rstrip(_FLAG_LETTERS)) if after in _FLAG_LETTERS else 0
    return letters % 2 == 0


def checked_name(name: str) -> str:
    """Return a tag or a name unchanged. Raises ValueError if it is too long or cannot be part of a URL."""
    if len(name) > MAX_NAME:
        raise ValueError(f"{name[:20]!r}… is longer than {MAX_NAME} characters (shorten it)")
    if name in _DOTS:
        raise ValueError(f"{name!r} cannot be part of an address (write it in words)")
    return name


def folded(text: str) -> str:
    """Return a text for comparison without regard to case: casefolded, in NFC."""
    return nfc(nfc(text).casefold())


def lowered(name: str) -> str:
    """Return a name for comparison without regard to case: in NFC and lower case."""
    return unicodedata.normalize("NFC", name).lower()


class Message(str):
    """A message for operators: in English where it is logged or printed, translated on a page.

    `template` is its text in the catalogues, with %(name)s for each of `values`. These are messages themselves, text
    that no catalogue has (a time, a number, an address), or, as `detail`, text of a library in English.
    """

    template: str
    values: Mapping[str, object]


def message(template: str, /, **values: object) -> Message:
    """Return a message. `make catalogue` finds the templates by the name of this function."""
    made = Message(template % values)
    made.template, made.values = template, values
    return made
