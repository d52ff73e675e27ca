"""Bytes → text: what a file's encoding is, without guessing. Pure."""

import codecs
import re
from collections.abc import Mapping
from typing import Final

from feedsvc.errors import ArticleError, Finding

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:\-]+)""", re.IGNORECASE)
# Encoding Standard §4.2: the labels that mean a larger encoding than their name says.
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
# HTML §13.2.3.2: a declaration stands in the first 1024 bytes; saved pages put comments in front of it.
_PRESCAN: Final = 4096


def decode_text(data: bytes, encoding: str | None = None) -> str:
    """Text in UTF-8 or, with a byte order mark, UTF-16; in `encoding` where one is named. Line ends become "\\n".

    Raises ArticleError with the line of the first byte that does not fit.
    """
    return _decode(data, encoding or _of_bom(data) or "utf-8")


def decode_html(data: bytes, encoding: str | None = None) -> str:
    """A page in `encoding`, else in what its byte order mark or its <meta charset> says, else in UTF-8."""
    return _decode(data, encoding or _of_bom(data) or _declared(data) or "utf-8")


def _of_bom(data: bytes) -> str | None:
    return next((name for mark, name in _BOMS if data.startswith(mark)), None)


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_PRESCAN])
    return match[1].decode("ascii").lower() if match else None


def _decode(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(_LABELS.get(encoding.lower(), encoding))
    except LookupError as error:
        raise _error(0, f"unknown encoding {encoding!r} (name another with --encoding)") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not {encoding}: byte 0x{data[error.start]:02x} (save it as UTF-8, or name its encoding: --encoding)"
        raise _error(line, message) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _error(line: int, message: str) -> ArticleError:
    return ArticleError([Finding(line=line, message=message)])
