"""Decode bytes to text: as UTF-8 if they are, else as declared, else by a guess (decisions 0227, 0300). Pure."""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from feedsvc.errors import ArticleError, Finding

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:\-]+)""", re.IGNORECASE)
# Encoding Standard §4.2: labels that stand for a larger encoding than their name.
# Control sequences (CSI), command strings (OSC and similar), and escapes of two or three characters. None has `<` or
# `>`: without one of them a tag would be text, also one that says that what follows is for members.
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-;=?]*[ -/]*[@-~]|"
    r"(?:\x1b[\]PX^_]|\x9d)[^\x07\x1b\x9c\x9d\n<>]*(?:\x07|\x1b\\|\x9c)|"
    r"\x1b[ -/]*[0-;=?-~]"
)
# HTML §13.2.3.2: the declaration is in the first 1024 bytes. Browsers put comments before it when they save a page.
_PRESCAN: Final = 4096


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""A text whose lines end with "\n", and what is not certain about its encoding."""

    text: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, encoding: str | None = None, declared: str | None = None) -> Decoded:
    """Return the text of a file: by `encoding` if the person who imports names one, else by a byte order mark, else as
    UTF-8 if it is valid UTF-8, else by the label that the document declares, else by a guess with a note.

    Raises ArticleError with the line of the first byte that does not fit, and for an unknown `encoding`.
    """
    named = encoding or _of_bom(data)
    if named:
        return Decoded(_decode(data, named))
    for found in (_escaped(data), _wide(data)):
        if found:
            return Decoded(_decode(data, found), (_guess_note(found),))
    with suppress(UnicodeDecodeError):
        text = _normalized(data.decode("utf-8"))
        return Decoded(text, tuple(_twice_notes(text)))
    label = codec_of(declared) if declared else None
    if label and label != "utf-8":
        return _as_declared(data, label)
    repaired = _with_bad_bytes(data, "utf-8")
    guessed = None if repaired else guess_encoding(data) or _plainest(data)
    notes = (_guess_note(guessed),) if guessed else ()
    return repaired or Decoded(_decode(data, guessed or "utf-8"), notes)


def utf8_notes(data: bytes) -> tuple[str, ...] | None:
    """Return the notes that `decode` makes of UTF-8 in which it would change nothing but line ends; None for others.

    The text is decoded in parts: as a whole it would take up to four times the memory of its bytes.
    """
    if _of_bom(data) or _escaped(data) or b"\0" in data or any(mark in data for mark in _CONTROLS):
        return None
    decoder, end = codecs.getincrementaldecoder("utf-8")(), ""
    notes: tuple[str, ...] = ()
    for at in range(0, len(data), _PART):
        try:
            part = end + decoder.decode(data[at : at + _PART], final=at + _PART >= len(data))
        except UnicodeDecodeError:
            return None
        notes = notes or tuple(_twice_notes(part))
        end = part[-3:]
    return notes


_PART: Final = 1024 * 1024
# ESC, CSI and OSC in UTF-8, which begin escape sequences.
_CONTROLS: Final = (b"\x1b", b"\xc2\x9b", b"\xc2\x9d")


def decode_html(data: bytes, encoding: str | None = None) -> str:
    """Return the text of a page. Raises ArticleError as `decode` does."""
    return decode(data, encoding, declared_in_html(data)).text


def declared_in_html(data: bytes) -> str | None:
    """Return the label in a page's <meta charset>, or None."""
    declared = _DECLARED.search(data[:_PRESCAN])
    return declared[1].decode("ascii").lower() if declared else None


def codec_of(label: str) -> str | None:
    """Return the name of Python's codec for a label, as browsers read it (Encoding Standard §4.2), or None."""
    from webencodings import lookup

    found = lookup(label)
    if found is None or found.name == "replacement":
        # Browsers refuse these as attacks on scripts, which an import does not run.
        return {"hz-gb-2312": "hz", "iso-2022-kr": "iso2022_kr"}.get(label.lower())
    name: str = found.codec_info.name
    return _LARGER.get(name, name)


# Encoding Standard: GBK is decoded as GB 18030; here, so is the JIS X 0213 part of ISO-2022-JP.
_LARGER: Final = {"gbk": "gb18030", "iso2022_jp": "iso2022_jp_ext"}


def _guess_note(encoding: str) -> str:
    return f"read as {encoding}, a guess (if characters are wrong, name another encoding with --encoding)"


def _as_declared(data: bytes, label: str) -> Decoded:
    """Return the text by the declared codec, unless another one fits clearly better. A doubt becomes a note."""
    sample = data[:_MAX_GUESSED_BYTES]
    scores = {each: _plainness(sample, each) for each in _CANDIDATES if _fits(data, each)}
    rival = max((each for each in scores if each != label), key=lambda each: scores[each], default=None)
    own = scores.get(label, _plainness(sample, label) if _fits(data, label) else 0.0)
    guessed = guess_encoding(data)
    if label not in _CANDIDATES and guessed and scores[guessed] >= _MIN_PLAINNESS:
        rival, own = guessed, 0.0
    cure = "if characters are wrong, name the encoding with --encoding"
    if rival and scores[rival] >= max(_MIN_PLAINNESS, own + _CLEARLY_PLAINER) and guessed in (None, rival):
        return Decoded(_decode(data, rival), (f"declares {label}, but was read as {rival} ({cure})",))
    if not _fits(data, label):
        return _with_bad_bytes(data, label) or Decoded(_decode(data, label))
    doubtful = rival is not None and scores[rival] >= own - _HARDLY_PLAINER
    note = f"was read as {label}, as it declares, but may be {rival} ({cure})"
    return Decoded(_decode(data, label), (note,) if doubtful else ())


def _with_bad_bytes(data: bytes, encoding: str) -> Decoded | None:
    """Return the text with U+FFFD for the few bytes that are not in the encoding, or None if they are not few."""
    text = data.decode(encoding, "replace")
    bad = text.count("\ufffd")
    # A sequence of UTF-8 fits nothing else by chance, so a few of them tell the encoding.
    good = sum(character > "\x7f" for character in text) - bad
    if bad * _GOOD_FOR_BAD > good:
        return None
    what = "1 byte was" if bad == 1 else f"{bad:,} bytes were"
    note = f"not {encoding} throughout: {what} replaced by \ufffd (correct the text there)"
    return Decoded(_normalized(text), (note,))


def _escaped(data: bytes) -> str | None:
    """Return the encoding of a text in seven bits that switches between sets of characters, or None."""
    if b"\x1b$)C" in data:
        escaped = "iso2022_kr"
    elif b"\x1b$" in data and _ISO_2022_JP.search(data):
        escaped = "iso2022_jp_ext"
    elif _HZ.search(data):
        escaped = "hz"
    else:
        return None
    return escaped if _fits(data, escaped) else None


# ESC $ @ and ESC $ B begin JIS X 0208, ESC ( B and ESC ( J end it (RFC 1468).
_ISO_2022_JP: Final = re.compile(rb"\x1b\$[@B](?:[!-~]{2})+\x1b\([BJ]")
# RFC 1843: pairs from 21 to 77 and 21 to 7E.
_HZ: Final = re.compile(rb"~\{(?:[!-w][!-~])++~\}")


def _wide(data: bytes) -> str | None:
    """Return UTF-16 without a byte order mark: about half of the bytes of its ASCII are zero. None for others."""
    if len(data) % 2 or b"\0" not in data:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            if "\n" in text and not _NOT_IN_TEXT.search(text):
                return encoding
    return None


# Controls, private use and noncharacters; and U+0A00 and U+0D00, which are line breaks with their bytes exchanged.
_NOT_IN_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1f\u0a00\u0d00\ue000-\uf8ff\ufffe\uffff]")


def _twice_notes(text: str) -> Iterator[str]:
    """Yield a note if UTF-8 was read as windows-1252 before the file was saved ("prÃ¨s")."""
    for found in _TWICE.finditer(text):
        with suppress(UnicodeError):
            meant = found[0].encode("cp1252").decode("utf-8")
            yield f"{found[0]!r} is in place of {meant!r}: an earlier program read UTF-8 wrongly (correct the file)"
            return


_TWICE: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122]{1,3}")


def _fits(data: bytes, encoding: str) -> bool:
    with suppress(UnicodeDecodeError, LookupError):
        data.decode(encoding)
        return True
    return False


def _plainest(data: bytes) -> str | None:
    """Return the East Asian encoding in which a text has common characters alone, if only one is so; or None."""
    scores = sorted((_plainness(data, each), each) for each in _CANDIDATES if _fits(data, each))
    if not scores or sum(byte > 0x7F for byte in data[:1000]) < _MIN_HIGH_BYTES:
        return None
    second = scores[-2][0] if len(scores) > 1 else 0.0
    best, encoding = scores[-1]
    return encoding if best >= _MIN_PLAINNESS and best - second >= _CLEARLY_PLAINER else None


def _plainness(data: bytes, encoding: str) -> float:
    """Return the share of common characters of its writing among those beyond ASCII, from 0 to 1."""
    text = "".join(filter(lambda each: each > "\x7f", data.decode(encoding, "ignore")))
    if not text:
        return 0.0
    common = _common_characters()
    if encoding not in _CANDIDATES:
        # A Latin text has letters alone; signs such as ¤ and ¼ among them are bytes of another encoding.
        return sum(each.isalpha() or each in _LATIN_MARKS for each in text) / len(text)
    of_writing = sum(map(common[_CANDIDATES[encoding]].__contains__, text))
    return of_writing / len(text)


_LATIN_MARKS: Final = frozenset("«»‘’“”–—…\u00a0·")
# Each with the writing in which its texts are.
_CANDIDATES: Final = {
    "gb18030": "chinese",
    "big5hkscs": "chinese",
    "cp932": "japanese",
    "euc_jp": "japanese",
    "cp949": "korean",
}
_MIN_PLAINNESS: Final = 0.95
_CLEARLY_PLAINER: Final = 0.25
_HARDLY_PLAINER: Final = 0.02
_MIN_HIGH_BYTES: Final = 20
_GOOD_FOR_BAD: Final = 20


@lru_cache(maxsize=1)
def _common_characters() -> Mapping[str, frozenset[str]]:
    """Return the characters of the first levels of the standards, which hold nearly all that a text is written with."""
    marks = frozenset(
        map(chr, (*range(0x3000, 0x3040), *range(0xFF01, 0xFF5F), 0x2014, 0x2018, 0x2019, 0x201C, 0x201D))
    )
    marks |= frozenset("…·—～－「」『』‧")
    gb2312 = _decoded(range(0xB0, 0xD8), range(0xA1, 0xFF), "gb2312")
    big5 = _decoded(range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)), "big5")
    jis = _decoded(range(0xB0, 0xD0), range(0xA1, 0xFF), "euc_jp")
    hangul = _decoded(range(0xB0, 0xC9), range(0xA1, 0xFF), "euc_kr")
    kana = frozenset(map(chr, range(0x3041, 0x3100)))
    return {"chinese": gb2312 | big5 | marks, "japanese": jis | kana | marks, "korean": hangul | marks}


def _decoded(leads: Iterable[int], trails: Iterable[int], encoding: str) -> frozenset[str]:
    trails = tuple(trails)
    return frozenset("".join(bytes((lead, trail)).decode(encoding, "ignore") for lead in leads for trail in trails))


def guess_encoding(data: bytes) -> str | None:
    """Return the East Asian encoding of a text, by the frequency of its characters.

    Return None for UTF-8 and UTF-16, and for a text whose encoding is not clear: a wrong guess gives other words.
    """
    if _of_bom(data):
        return None
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return None
    from chardet import detect

    found = detect(data[:_MAX_GUESSED_BYTES])
    encoding = _GUESSED.get((found["encoding"] or "").lower())
    if encoding is None or found["confidence"] < _MIN_CONFIDENCE:
        return None
    with suppress(UnicodeDecodeError):
        data.decode(encoding)
        return encoding
    return None


def encoding_of_names(names: bytes) -> str | None:
    """Return the East Asian encoding of names of files, one a line, or None. They are often too few to guess from.

    In cp437, letters of Western languages are bytes from 80 to A5, and no common character of GB 2312 begins with one.
    """
    encoding = guess_encoding(names) or _plainest(names)
    is_gbk = encoding is None and _fits(names, "gb18030") and _plainness(names, "gb18030") >= _MIN_PLAINNESS
    return "gb18030" if is_gbk else encoding


_GUESSED: Final[Mapping[str, str]] = {
    "big5": "big5hkscs",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "cp949": "cp949",
}
_MAX_GUESSED_BYTES: Final = 64 * 1024
_MIN_CONFIDENCE: Final = 0.55


def _of_bom(data: bytes) -> str | None:
    return next((name for mark, name in _BOMS if data.startswith(mark)), None)


def _decode(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(codec_of(encoding) or encoding)
    except LookupError as error:
        raise _error(0, f"unknown encoding {encoding!r} (name another with --encoding)") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not {encoding}: byte 0x{data[error.start]:02x} (save it as UTF-8, or name its encoding: --encoding)"
        raise _error(line, message) from error
    return _normalized(text)


def _normalized(text: str) -> str:
    # UTF-16 by its label keeps the byte order mark.
    return without_escapes(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def without_escapes(text: str) -> str:
    """Return `text` without complete escape sequences of terminals (ECMA-48 §5.3 to 5.6)."""
    return _ESCAPES.sub("", text) if "\x1b" in text or "\x9b" in text or "\x9d" in text else text


def _error(line: int, message: str) -> ArticleError:
    return ArticleError([Finding(line=line, message=message)])
