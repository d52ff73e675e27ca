"""Measure a picture, and leave out of it what is not shown. Its type is that of the content. Pure."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from feedsvc.site.svg import sanitized_svg

SUFFIXES: Final = {"image/svg+xml": ".svg", "image/png": ".png", "image/vnd.microsoft.icon": ".ico"}

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_ICO: Final = b"\x00\x00\x01\x00"
# Texts, times and data of a camera: none of them is shown, and they may say what is private.
_PRIVATE_CHUNKS: Final = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")
_OTHERS: Final = {b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"RIFF": "WebP", b"BM": "BMP", b"\x1f\x8b": "SVGZ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureContent:
    """The content of a picture: its media type, the bytes that are served, its size in CSS pixels."""

    type: str
    data: bytes
    width: float
    height: float
    is_transparent: bool


def measured(data: bytes) -> PictureContent:
    """Return the content of a PNG, SVG or ICO file. Raises ValueError with the error and the remedy."""
    for beginning, name in _OTHERS.items():
        if data.startswith(beginning):
            raise ValueError(f"is a {name} file (save it as PNG or SVG)")
    if data.startswith(_PNG):
        return read_png(data)
    if data.startswith(_ICO):
        return read_ico(data)
    served, width, height = sanitized_svg(data)
    return PictureContent(type="image/svg+xml", data=served, width=width, height=height, is_transparent=True)


def read_png(data: bytes) -> PictureContent:
    """Read the chunks of a PNG file (PNG, Third Edition, §5), and leave out those that are not shown."""
    kept, kinds, header = [_PNG], set(), b""
    for kind, body, chunk in chunks(data):
        header = header or body
        kinds.add(kind)
        if kind not in _PRIVATE_CHUNKS:
            kept.append(chunk)
    if not {b"IHDR", b"IDAT", b"IEND"} <= kinds or len(header) != 13:
        raise ValueError("is no complete PNG file (copy or export it again)")
    width, height, _, colour_type = struct.unpack(">IIBB", header[:10])
    is_transparent = bool(colour_type & 4) or b"tRNS" in kinds
    return PictureContent(
        type="image/png", data=b"".join(kept), width=max(1, width), height=max(1, height), is_transparent=is_transparent
    )


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the type, the data and all bytes of each chunk of a PNG file, up to its end. Raises ValueError."""
    at, kind = len(_PNG), b""
    while kind != b"IEND":
        length = int.from_bytes(data[at : at + 4])
        chunk = data[at : at + 12 + length]
        kind, body = chunk[4:8], chunk[8:-4]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise ValueError("is a damaged PNG file (copy or export it again)")
        yield kind, body, chunk
        at += len(chunk)


def read_ico(data: bytes) -> PictureContent:
    """Read the directory of an ICO file: the size is that of its largest picture. A side of 0 stands for 256."""
    count = int.from_bytes(data[4:6], "little")
    entries = [data[6 + 16 * number : 22 + 16 * number] for number in range(count)]
    places = [struct.unpack("<BBBBHHII", each) for each in entries if len(each) == 16]
    if not places or len(places) != count or any(place[6] + place[7] > len(data) for place in places):
        raise ValueError("is a damaged ICO file (export it again)")
    width, height = max((place[0] or 256, place[1] or 256) for place in places)
    return PictureContent(type="image/vnd.microsoft.icon", data=data, width=width, height=height, is_transparent=True)
