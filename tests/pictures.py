"""Pictures of our own making, as bytes."""

import struct
import zlib


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, colour_type: int = 2, more: bytes = b"") -> bytes:
    """Return a PNG file of one colour; `more` are chunks before the data of the picture."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour_type]
    rows = zlib.compress((b"\0" + b"\xc0" * (channels * width)) * height)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def ico(side: int) -> bytes:
    """Return an ICO file with one picture."""
    data = png(side, side)
    return b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(data), 22) + data


def svg(inside: str = '<rect width="9" height="9"/>', attributes: str = 'viewBox="0 0 120 40"') -> bytes:
    """Return a drawing."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()
