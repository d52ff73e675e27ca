"""Remove the place where a picture was taken from a JPEG, PNG or WebP file. Pure.

Nothing is encoded again: the GPS entries of Exif, the GPS properties and places of XMP and the places of IPTC are
overwritten, so that the file keeps its length, its pixels and all other metadata, such as the orientation. What cannot
be read as the format says stays as it is.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

# Exif 2.32 §4.6: the directory of GPS tags, named by an entry of the first or second directory (TIFF 6.0 §2).
_GPS: Final = 0x8825
# In bytes, by the number of a type (TIFF 6.0 §2; 13 is a pointer).
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_MAX_DIRECTORIES: Final = 8
_EXIF: Final = b"Exif\0\0"
_XMP: Final = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")
_XMP_KEYWORD: Final = b"XML:com.adobe.xmp\0"
# ImageMagick's and ExifTool's form of Exif in PNG: hexadecimal digits, often compressed.
_RAW_PROFILE: Final = re.compile(rb"Raw profile type (?:exif|APP1|xmp|iptc|8bim)\0")
# A property of the namespace of Exif, such as exif:GPSLatitude, or a name of a place (IPTC Photo Metadata §5).
_NAME: Final = (
    rb"[A-Za-z][\w.-]{0,30}:GPS\w{1,40}|photoshop:(?:City|State|Country)|Iptc4xmpCore:(?:Location|CountryCode)"
)
# Such an attribute or element in XMP.
_PROPERTY: Final = re.compile(
    rb"""\b(?:%(name)s)\s{0,9}=\s{0,9}(?:"[^"<]*"|'[^'<]*')|<(%(name)s)(?:\s[^<>]*)?>[^<>]*</\1\s{0,9}>"""
    % {b"name": _NAME}
)
# The places where a picture was taken, and that it shows, with their names, addresses and coordinates.
_PLACES: Final = re.compile(rb"<(Iptc4xmpExt:Location(?:Created|Shown))\b[^<>]*>")
_PHOTOSHOP: Final = b"Photoshop 3.0\0"
_IPTC_RESOURCE: Final = 0x0404
# IPTC-IIM 4.2, record 2: code and name of the place of the content, city, sublocation, province, code and name of the
# country.
_PLACE_DATASETS: Final = frozenset((26, 27, 90, 92, 95, 100, 101))
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def without_location(picture: bytes) -> bytes:
    """Return a picture without its place, in as many bytes; a file of another kind, and a damaged one, as it is."""
    data = bytearray(picture)
    if picture.startswith(b"\xff\xd8\xff"):
        _clean_jpeg(data)
    elif picture.startswith(_PNG):
        _clean_png(data)
    elif picture.startswith(b"RIFF") and picture[8:12] == b"WEBP":
        _clean_webp(data)
    return bytes(data)


def _clean_jpeg(data: bytearray) -> None:
    """Clean the application segments of a JPEG file (ITU T.81 §B.1), also of pictures behind the first (CIPA MPF)."""
    start = 0
    # Within coded pixels, FF is followed by 00 or by a marker of a restart, so this is the beginning of a picture.
    while (start := data.find(b"\xff\xd8\xff", start)) >= 0:
        at = start + 2
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (0xDA, 0xD9):
            length = int.from_bytes(data[at + 2 : at + 4])
            if length < 2 or at + 2 + length > len(data):
                break
            if data[at + 1] == 0xE1:
                _clean_block(data, at + 4, at + 2 + length)
            elif data[at + 1] == 0xED and data.startswith(_PHOTOSHOP, at + 4):
                _clean_resources(data, at + 4 + len(_PHOTOSHOP), at + 2 + length)
            at += 2 + length
        start = at


def _clean_png(data: bytearray) -> None:
    """Clean the chunks of a PNG file that have metadata (PNG §11.3.4). Each ends with a CRC of its type and data."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8])
        start, end = at + 8, at + 8 + length
        if end + 4 > len(data):
            return
        before = data[at + 4 : end]
        if kind == b"eXIf":
            _clean_block(data, start, end)
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            is_xmp = data.startswith(_XMP_KEYWORD, start)
            flag = data[start + len(_XMP_KEYWORD) : start + len(_XMP_KEYWORD) + 1]
            is_compressed = is_xmp and (kind == b"zTXt" or flag != b"\0")
            if is_compressed or _RAW_PROFILE.match(data, start, end):
                # A text that is compressed cannot change in place: the chunk becomes a comment without words.
                data[at + 4 : at + 8] = b"tEXt"
                data[start:end] = b"Comment\0".ljust(length)[:length]
            elif is_xmp:
                _clean_xmp(data, start, end)
        # The CRC of a damaged chunk that has no place stays wrong.
        if data[at + 4 : end] != before:
            data[end : end + 4] = zlib.crc32(data[at + 4 : end]).to_bytes(4)
        at = end + 4


def _clean_webp(data: bytearray) -> None:
    """Clean the chunks of a WebP file that have metadata (RFC 9649 §2.7.1.4)."""
    at = 12
    while at + 8 <= len(data):
        kind, length = bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8], "little")
        start, end = at + 8, at + 8 + length
        if end > len(data):
            return
        if kind == b"EXIF":
            _clean_block(data, start, end)
        elif kind == b"XMP ":
            _clean_xmp(data, start, end)
        at = end + length % 2


def _clean_block(data: bytearray, start: int, end: int) -> None:
    """Clean a block of Exif, with or without its mark, or a block of XMP with its mark."""
    if data.startswith(_XMP, start):
        _clean_xmp(data, start, end)
        return
    start += len(_EXIF) if data.startswith(_EXIF, start) else 0
    # A view: what an offset of the block says leads no further than its end.
    block = memoryview(data)[start:end]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(block[:4]))
    if order is None:
        return
    try:
        at = struct.unpack_from(f"{order}I", block, 4)[0]
        for _ in range(_MAX_DIRECTORIES):
            if at == 0:
                return
            at = _without_gps(block, order, at)
    except struct.error:
        # An offset leads out of the block: what was found before is clean.
        return


def _without_gps(block: memoryview, order: str, at: int) -> int:
    """Remove the entry for GPS from the directory at an offset, and its tags. Return the offset of the next directory.

    Raises struct.error if the directory does not end in the block.
    """
    (count,) = struct.unpack_from(f"{order}H", block, at)
    end = at + 2 + 12 * count
    (following,) = struct.unpack_from(f"{order}I", block, end)
    for entry in range(at + 2, end, 12):
        tag, _, _, pointer = struct.unpack_from(f"{order}HHII", block, entry)
        if tag != _GPS:
            continue
        for first, last in _parts(block, order, pointer):
            block[first:last] = bytes(last - first)
        # The entries behind it and the offset of the next directory move up.
        block[entry : end - 8] = bytes(block[entry + 12 : end + 4])
        block[end - 8 : end + 4] = bytes(12)
        struct.pack_into(f"{order}H", block, at, count - 1)
        break
    return int(following)


def _parts(block: memoryview, order: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the beginning and end of the values of a directory, and of the directory itself. Raises struct.error."""
    (count,) = struct.unpack_from(f"{order}H", block, at)
    end = at + 2 + 12 * count + 4
    struct.unpack_from(f"{order}I", block, end - 4)
    for entry in range(at + 2, end - 4, 12):
        _, kind, number, pointer = struct.unpack_from(f"{order}HHII", block, entry)
        length = _SIZES.get(kind, 1) * number
        if length > 4 and pointer + length <= len(block):
            yield pointer, pointer + length
    yield at, end


def _clean_xmp(data: bytearray, start: int, end: int) -> None:
    block = bytearray(_PROPERTY.sub(lambda match: b" " * len(match[0]), bytes(data[start:end])))
    at = 0
    while opening := _PLACES.search(block, at):
        at = opening.end()
        if not opening[0].endswith(b"/>"):
            closing = block.find(b"</" + opening[1], at)
            at = block.find(b">", closing) + 1
            if closing < 0 or not at:
                break
        block[opening.start() : at] = b" " * (at - opening.start())
    data[start:end] = block


def _clean_resources(data: bytearray, at: int, end: int) -> None:
    """Clean the image resources of Photoshop: each has a mark, a number, a name and data, padded to even lengths."""
    while data.startswith(b"8BIM", at):
        number, name = int.from_bytes(data[at + 4 : at + 6]), data[at + 6] if at + 6 < end else 0
        start = at + 6 + (name + 2) // 2 * 2 + 4
        length = int.from_bytes(data[start - 4 : start])
        if start + length > end:
            return
        if number == _IPTC_RESOURCE:
            _clean_iptc(data, start, start + length)
        at = start + length + length % 2


def _clean_iptc(data: bytearray, at: int, end: int) -> None:
    """Clean the data sets of IPTC (IIM 4.2 §1.5): a mark, a record, a number, a length of two bytes, a value."""
    while at + 5 <= end and data[at] == 0x1C:
        record, number, length = data[at + 1], data[at + 2], int.from_bytes(data[at + 3 : at + 5])
        at += 5 + length
        # A length from 0x8000 on says that the length has more bytes. No name of a place is as long.
        if length >= 0x8000 or at > end:
            return
        if record == 2 and number in _PLACE_DATASETS:
            data[at - length : at] = b" " * length
