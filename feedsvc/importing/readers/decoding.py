"""Decode bytes to text. Only the encoding of plain text is guessed (decision 0227). Pure."""

import codecs
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from feedsvc.errors import ArticleError, Finding

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:\-]+)""", re.IGNORECASE)
# Encoding Standard §4.2: labels that stand for a larger encoding than their name.
_LABELS: Final[Mapping[str, str]] = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-1": "cp1252",
    "ascii": "cp1252",
}
# Control sequences (CSI), command strings (OSC and similar), and escapes of two or three characters.
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|"
    r"(?:\x1b[\]PX^_]|\x9d)[^\x07\x1b\x9c\x9d\n]*(?:\x07|\x1b\\|\x9c)|"
    r"\x1b[ -/]*[0-~]"
)
# HTML §13.2.3.2: the declaration is in the first 1024 bytes. Browsers put comments before it when they save a page.
_PRESCAN: Final = 4096


def decode_text(data: bytes, encoding: str | None = None) -> str:
    r"""Return the text of UTF-8 or, with a byte order mark, UTF-16; of `encoding` if one is given. Lines end with "\n".

    Raises ArticleError with the line of the first byte that does not fit.
    """
    return _decode(data, encoding or _of_bom(data) or "utf-8")


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


def decode_html(data: bytes, encoding: str | None = None) -> str:
    """Return the text of a page, by `encoding`, else its byte order mark, else its <meta charset>, else as UTF-8.

    Raises ArticleError as `decode_text` does, and for an unknown encoding.
    """
    declared = _DECLARED.search(data[:_PRESCAN])
    return _decode(data, encoding or _of_bom(data) or (declared[1].decode("ascii").lower() if declared else "utf-8"))


def _of_bom(data: bytes) -> str | None:
    return next((name for mark, name in _BOMS if data.startswith(mark)), None)


def _decode(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(_LABELS.get(encoding.lower(), encoding))
    except LookupError as error:
        raise _error(0, f"unknown encoding {encoding!r} (name another with --encoding)") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not {encoding}: byte 0x{data[error.start]:02x} (save it as UTF-8, or name its encoding: --encoding)"
        raise _error(line, message) from error
    return without_escapes(text.replace("\r\n", "\n").replace("\r", "\n"))


def without_escapes(text: str) -> str:
    """Return `text` without complete escape sequences of terminals (ECMA-48 §5.3 to 5.6)."""
    return _ESCAPES.sub("", text) if "\x1b" in text or "\x9b" in text or "\x9d" in text else text


def _error(line: int, message: str) -> ArticleError:
    return ArticleError([Finding(line=line, message=message)])
