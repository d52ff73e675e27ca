"""Plain text: what may stand in it, and how it is cut. Pure; no I/O, no clock."""

import re
import unicodedata

# XML 1.0 §2.2 Char, by exclusion. U+FFFE/U+FFFF and lone surrogates are no characters there either; the other
# noncharacters (U+1FFFE …, U+FDD0 …) are legal XML but are refused by HTML parsers, so they go as well.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + low) for plane in range(0x0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0001]")
_STRAY_JOINER = re.compile("(?<![^\\s\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?=\\s|$)")
_PAUSES = ",;:–—-\uff0c\u3001\uff1b\uff1a"
_SPACE = re.compile(r"\s+")

_BIDI_OPENERS = {
    "\u202a": "\u202c",
    "\u202b": "\u202c",
    "\u202d": "\u202c",
    "\u202e": "\u202c",
    "\u2066": "\u2069",
    "\u2067": "\u2069",
    "\u2068": "\u2069",
}
_BIDI_CLOSERS = frozenset(_BIDI_OPENERS.values())

_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u303f\u3040-\u30ff\u3100-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)


def xml_legal(text: str) -> str:
    """`text` in NFC without the characters that XML or HTML forbid (XML 1.0 §2.2)."""
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))


def has_forbidden(text: str) -> bool:
    """Whether `xml_legal` would drop a character of `text`."""
    return _FORBIDDEN.search(text) is not None


def plain(text: str) -> str:
    """`text` as one line: legal characters, single spaces, nothing invisible, bidi controls balanced.

    Joiners between visible characters stay (emoji, Persian, Indic scripts need them).
    """
    one_line = _SPACE.sub(" ", _INVISIBLE.sub("", xml_legal(text.replace("\u2028", " ").replace("\u2029", " "))))
    return _SPACE.sub(" ", close_bidi(_STRAY_JOINER.sub("", one_line))).strip()


def close_bidi(text: str) -> str:
    """`text` with every bidi embedding, override and isolate closed; closers without an opener are dropped.

    UAX #9 BD8–BD10: an unclosed control would reorder whatever a page puts behind the text.
    """
    if not any(c in _BIDI_OPENERS or c in _BIDI_CLOSERS for c in text):
        return text
    out: list[str] = []
    open_: list[str] = []
    for char in text:
        if char in _BIDI_OPENERS:
            open_.append(_BIDI_OPENERS[char])
        elif char in _BIDI_CLOSERS:
            if not open_ or open_[-1] != char:
                continue
            open_.pop()
        out.append(char)
    return "".join(out) + "".join(reversed(open_))


def shorten(text: str, limit: int = 200) -> str:
    """`text` cut to about `limit` characters, with an ellipsis where something was cut.

    The cut falls between words; between Chinese, Japanese and Korean characters it may fall anywhere. It never
    falls inside a combining sequence or a joined emoji.
    """
    if len(text) <= limit:
        return text
    cut = limit
    while cut and not _may_cut(text, cut):
        cut -= 1
    head = text[: cut or _cluster_end(text, limit)].rstrip()
    return close_bidi(head.rstrip(_PAUSES) or head) + "…"


def _may_cut(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if not _starts_cluster(text, at):
        return False
    return before.isspace() or after.isspace() or _CJK.match(before) is not None or _CJK.match(after) is not None


def _starts_cluster(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    extends = unicodedata.category(after) in ("Mn", "Me", "Mc", "Cf") or "\U0001f3fb" <= after <= "\U0001f3ff"
    flags = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff"
    return not (extends or flags or before == "\u200d")


def _cluster_end(text: str, at: int) -> int:
    """Where to cut a text of `at` characters and more without any place for it: one long word."""
    while at < len(text) and not _starts_cluster(text, at):
        at += 1
    return at
