"""Pictures written into the text itself as data: URLs (RFC 2397). Pure."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

MAX_PICTURE: Final = 5 * 1024 * 1024
_DATA: Final = re.compile(r"\A[\x00-\x20]*data:", re.IGNORECASE)
# The URL Standard removes these from a URL before parsing.
_TAKEN_OUT: Final = {ord(each): None for each in "\t\n\r"}
_BASE64: Final = re.compile(r";\s*base64\s*\Z", re.IGNORECASE)
_WHITE_SPACE: Final = re.compile(rb"[\t\n\f\r ]+")
# The number of bytes at the beginning of a file that `picture_suffix` reads.
BEGINNING: Final = 256
# How files of raster formats begin, and the suffixes of their public names. The type in the URL is ignored.
_BEGINNINGS: Final = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"GIF8[79]a"), ".gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), ".webp"),
    # ISO/IEC 14496-12 §4.3: a box "ftyp" with its brands, among them that of AVIF.
    (re.compile(rb".{4}ftyp(?:.{4}){0,15}?avi[fs]", re.DOTALL), ".avif"),
)


def is_data_url(reference: str) -> bool:
    """Return whether a reference is a data: URL."""
    return _DATA.match(reference) is not None


def data_picture(url: str) -> tuple[bytes, str]:
    """Return the bytes and the suffix (".png", …) of the picture in a data: URL.

    Raises ValueError, with the reason, if it cannot be decoded, is too large, or is no PNG, JPEG, GIF, WebP or AVIF.
    """
    kind, comma, body = _DATA.sub("", url, count=1).translate(_TAKEN_OUT).partition(",")
    if not comma:
        raise ValueError("has no comma")
    data = unquote_to_bytes(body.partition("#")[0].rstrip())
    if _BASE64.search(kind):
        # Infra Standard §7, "forgiving-base64 decode": white space and missing padding are no error.
        bare = _WHITE_SPACE.sub(b"", data).rstrip(b"=")
        try:
            data = base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
        except binascii.Error as error:
            raise ValueError("is not valid Base64") from error
    if len(data) > MAX_PICTURE:
        raise ValueError(f"has more than {MAX_PICTURE:,} bytes")
    suffix = picture_suffix(data)
    if suffix is None:
        raise ValueError("is no PNG, JPEG, GIF, WebP or AVIF")
    return data, suffix


def picture_suffix(beginning: bytes) -> str | None:
    """Return the suffix of a file that begins so, if it is a PNG, JPEG, GIF, WebP or AVIF; else None."""
    return next((suffix for pattern, suffix in _BEGINNINGS if pattern.match(beginning)), None)
