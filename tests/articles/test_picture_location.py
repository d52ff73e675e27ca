"""The place where a picture was taken is removed, and nothing else changes."""

import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import ExifTags, Image, IptcImagePlugin

from feedsvc.articles.picture_location import without_location
from tests.conftest import Publication
from tests.web.resources import ask

GPS_WORDS = b"TAIPEI-25.0330-121.5654-TAIPEI"
PIXELS = bytes(range(1, 250)) * 4
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" exif:GPSLatitude="25,1.98N" '
    b"exif:GPSLongitude='121,33.9E'><exif:GPSAltitude>10/1</exif:GPSAltitude><dc:title>GPSless</dc:title>"
    b"</rdf:Description></x:xmpmeta>"
)


def tiff(order: str = "<", *, gps_first: bool = False) -> bytes:
    """Return Exif with orientation 6, a directory of GPS with values outside of it, and a second directory."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    gps_at, words_at = 8 + 2 + 36 + 4, 8 + 2 + 36 + 4 + 2 + 24 + 4
    next_at = words_at + len(GPS_WORDS)
    entries = [
        struct.pack(f"{order}HHIHH", 0x0112, 3, 1, 6, 0),
        struct.pack(f"{order}HHII", 0x8825, 4, 1, gps_at),
        struct.pack(f"{order}HHIHH", 0x0128, 3, 1, 2, 0),
    ]
    if gps_first:
        entries = [entries[1], entries[0], entries[2]]
    first = struct.pack(f"{order}H", 3) + b"".join(entries) + struct.pack(f"{order}I", next_at)
    gps = struct.pack(f"{order}H", 2) + struct.pack(f"{order}HHI4s", 1, 2, 2, b"N\0\0\0")
    gps += struct.pack(f"{order}HHII", 2, 2, len(GPS_WORDS), words_at) + struct.pack(f"{order}I", 0)
    second = struct.pack(f"{order}HHHIHHI", 1, 0x0103, 3, 1, 6, 0, 0)
    return mark + struct.pack(f"{order}I", 8) + first + gps + GPS_WORDS + second


def directories(block: bytes) -> list[dict[int, int]]:
    """Return the tags of each directory with their short values."""
    order = "<" if block.startswith(b"II") else ">"
    (at,), found = struct.unpack_from(f"{order}I", block, 4), []
    while at:
        (count,) = struct.unpack_from(f"{order}H", block, at)
        entries = [struct.unpack_from(f"{order}HHIH", block, at + 2 + 12 * number) for number in range(count)]
        found.append({each[0]: each[3] for each in entries})
        (at,) = struct.unpack_from(f"{order}I", block, at + 2 + 12 * count)
    return found


def jpeg(*blocks: bytes) -> bytes:
    segments = b"".join(b"\xff\xe1" + (len(each) + 2).to_bytes(2) + each for each in blocks)
    return b"\xff\xd8" + segments + b"\xff\xda\x00\x04ab" + PIXELS + b"\xff\xd9"


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def png(*chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", PIXELS) + chunk(b"IEND", b"")


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for kind, data in [(b"VP8L", PIXELS), *chunks]
    )
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


KINDS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "jpeg": lambda exif, xmp: jpeg(b"Exif\0\0" + exif, b"http://ns.adobe.com/xap/1.0/\0" + xmp),
    "png": lambda exif, xmp: png(chunk(b"eXIf", exif), chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + xmp)),
    "webp": lambda exif, xmp: webp((b"EXIF", exif), (b"XMP ", xmp)),
    "webp with a mark": lambda exif, xmp: webp((b"EXIF", b"Exif\0\0" + exif), (b"XMP ", xmp)),
    "a second picture": lambda exif, xmp: (
        jpeg(b"Exif\0\0") + jpeg(b"Exif\0\0" + exif, b"http://ns.adobe.com/xmp/extension/\0" + xmp)
    ),
}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("gps_first", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_the_place_goes_and_the_rest_stays(kind: str, order: str, gps_first: bool) -> None:
    exif = tiff(order, gps_first=gps_first)
    picture = KINDS[kind](exif, XMP)
    cleaned = without_location(picture)
    assert len(cleaned) == len(picture)
    assert (b"TAIPEI" in cleaned, b"121,33" in cleaned, b"25,1" in cleaned, b"10/1" in cleaned) == (False,) * 4
    assert PIXELS in cleaned
    assert b'tiff:Orientation="6"' in cleaned
    assert b"<dc:title>GPSless</dc:title>" in cleaned
    block = cleaned[(at := cleaned.index(exif[:8])) : at + len(exif)]
    assert directories(exif)[0].keys() == {0x0112, 0x8825, 0x0128}
    assert directories(block) == [{0x0112: 6, 0x0128: 2}, {0x0103: 6}]
    assert without_location(cleaned) == cleaned


PLACES = (
    b'<x:xmpmeta><rdf:Description photoshop:City="Tainan" photoshop:CityCode="9" Iptc4xmpCore:CountryCode=\'TW\'>'
    b"<Iptc4xmpCore:Location>Anping</Iptc4xmpCore:Location><photoshop:Credit>Desk</photoshop:Credit>"
    b'<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li Iptc4xmpExt:City="Tainan"/></rdf:Bag></Iptc4xmpExt:LocationCreated>'
    b'<Iptc4xmpExt:LocationShown rdf:resource="Anping"/><dc:title>A hall</dc:title></rdf:Description></x:xmpmeta>'
)


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_places_in_xmp_go(kind: str) -> None:
    picture = KINDS[kind](tiff(), PLACES)
    cleaned = without_location(picture)
    assert (len(cleaned), without_location(cleaned)) == (len(picture), cleaned)
    assert (b"Tainan" in cleaned, b"Anping" in cleaned, b"TW" in cleaned) == (False, False, False)
    for kept in (
        b'photoshop:CityCode="9"',
        b"<photoshop:Credit>Desk",
        b"<dc:title>A hall</dc:title></rdf:Desc",
        PIXELS,
    ):
        assert kept in cleaned


@pytest.mark.parametrize("end", [b"", b"</Iptc4xmpExt:LocationCreated"])
def test_an_element_without_an_end_stays(end: bytes) -> None:
    picture = KINDS["webp"](tiff(), b'<Iptc4xmpExt:LocationCreated a="b">Tainan' + end)
    assert b"Tainan" in without_location(picture)


def iptc(*datasets: tuple[int, int, bytes]) -> bytes:
    """Return data sets of IPTC: record, number, value."""
    return b"".join(
        b"\x1c" + bytes((record, number)) + len(value).to_bytes(2) + value for record, number, value in datasets
    )


def photoshop(*resources: tuple[int, bytes, bytes]) -> bytes:
    """Return an application segment with image resources: number, name, data."""
    body = b"Photoshop 3.0\0"
    for number, name, data in resources:
        pascal = bytes((len(name),)) + name
        body += b"8BIM" + number.to_bytes(2) + pascal + b"\0" * (len(pascal) % 2)
        body += len(data).to_bytes(4) + data + b"\0" * (len(data) % 2)
    return b"\xff\xed" + (len(body) + 2).to_bytes(2) + body


SAID = iptc(
    (1, 90, b"\x1b%G"), (2, 5, b"A hall"), (2, 90, "臺南".encode()), (2, 101, b"Taiwan"), (2, 116, b"Desk 2026")
)


def test_names_of_places_in_iptc_go() -> None:
    resources = photoshop((0x03ED, b"odd", b"123"), (0x0404, b"", SAID), (0x040A, b"ab", b"\1"))
    picture = b"\xff\xd8" + resources + jpeg(b"Exif\0\0" + tiff())[2:]
    cleaned = without_location(picture)
    assert (
        cleaned
        == picture.replace("臺南".encode(), b" " * 6).replace(b"Taiwan", b" " * 6)[: len(resources) + 2]
        + (without_location(jpeg(b"Exif\0\0" + tiff()))[2:])
    )
    assert b"Desk 2026" in cleaned
    assert without_location(cleaned) == cleaned


@pytest.mark.parametrize(
    "segment",
    [
        photoshop((0x0404, b"", iptc((2, 5, b"A")) + b"\x1c\x02\x5a\x80\x04\0\0\0\x05Tainan")),
        photoshop((0x0404, b"", b"\x1c\x02\x5a\0\x50Tainan")),
        photoshop((0x0404, b"", b"\x1c\x02\x5a\x80\x04\0\0\x81\0" + b"T" * 0x8100)),
        photoshop((0x0404, b"", b"\x1c\x02")),
        b"\xff\xed\0\x16Photoshop 3.0\x008BIM\x04\x04",
        b"\xff\xed\0\x1cPhotoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x50",
        b"\xff\xed\0\x08Tainan",
    ],
)
def test_damaged_iptc_stays_as_it_is(segment: bytes) -> None:
    picture = b"\xff\xd8" + segment + jpeg()[2:]
    assert without_location(picture) == picture


def test_the_visible_picture_stays_as_it_is() -> None:
    """Pillow reads the same pixels, orientation and colour profile, and no place."""
    drawn, file = Image.effect_mandelbrot((64, 48), (-1.5, -1, 0.5, 1), 50), io.BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (25.0, 2.0, 0.0)
    drawn.save(file, "JPEG", exif=exif, icc_profile=b"profile", xmp=PLACES)
    picture = file.getvalue()
    picture = picture[:2] + photoshop((0x0404, b"", SAID)) + picture[2:]
    cleaned = without_location(picture)
    before, after = (Image.open(io.BytesIO(each)) for each in (picture, cleaned))
    assert before.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert not after.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    said, kept = (IptcImagePlugin.getiptcinfo(each) or {} for each in (before, after))
    assert (said[2, 90], kept[2, 90], kept[2, 116]) == ("臺南".encode(), b" " * 6, b"Desk 2026")
    assert after.getexif()[ExifTags.Base.Orientation] == 6
    assert (after.info["icc_profile"], after.tobytes()) == (b"profile", before.tobytes())
    scan = picture.index(b"\xff\xda")
    assert cleaned[scan:] == picture[scan:]


def chunks_are_whole(picture: bytes) -> bool:
    at = 8
    while at < len(picture):
        end = at + 8 + int.from_bytes(picture[at : at + 4])
        if zlib.crc32(picture[at + 4 : end]) != int.from_bytes(picture[end : end + 4]):
            return False
        at = end + 4
    return at == len(picture)


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(tiff().hex().encode())),
        chunk(b"tEXt", b"Raw profile type APP1\0" + tiff().hex().encode()),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(XMP)),
        chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(XMP)),
        chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(b"54616970656921")),
    ],
)
def test_a_compressed_text_of_png_goes_as_a_whole(text: bytes) -> None:
    picture = png(text, chunk(b"tEXt", b"Title\0Chips"))
    cleaned = without_location(picture)
    assert text[8:-4] not in cleaned
    assert b"Title\0Chips" in cleaned
    assert chunks_are_whole(cleaned)
    assert len(cleaned) == len(picture)


@pytest.mark.parametrize("kind", KINDS)
def test_every_png_chunk_has_its_sum(kind: str) -> None:
    if kind == "png":
        assert chunks_are_whole(without_location(KINDS[kind](tiff(), XMP)))


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_without_a_place_and_other_files_stay_as_they_are(kind: str) -> None:
    clean = without_location(KINDS[kind](tiff(), XMP))
    for data in (clean, b"", b"GIF89a" + tiff(), b"\xff\xd8\xff", b"%PDF-1.4", png(chunk(b"tEXt", b"Title\0x"))):
        assert without_location(data) == data


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_picture_ends_no_sync_and_keeps_its_pixels(kind: str) -> None:
    whole, random = KINDS[kind](tiff(), XMP), Random(7)
    for length in range(0, len(whole), 7):
        assert len(without_location(whole[:length])) == length
    for _ in range(2000):
        data = bytearray(whole)
        for _ in range(random.randint(1, 6)):
            data[random.randrange(len(whole) - len(PIXELS))] = random.randrange(256)
        assert len(without_location(bytes(data))) == len(data)


def test_directories_in_a_circle_end() -> None:
    exif = bytearray(tiff())
    struct.pack_into("<I", exif, 8 + 2 + 36, 8)
    assert b"TAIPEI" not in without_location(jpeg(b"Exif\0\0" + bytes(exif)))


def names(publication: Publication) -> list[str]:
    with publication.store.read() as snapshot:
        return sorted(each.name for each in snapshot.catalogue.public_media())


def served(publication: Publication) -> list[bytes]:
    return [ask(publication.client(), f"/media/{name}").data for name in names(publication)]


@pytest.mark.usefixtures("old_files")
def test_a_copy_has_no_place_and_its_name_is_its_content(publication: Publication) -> None:
    picture = KINDS["jpeg"](tiff(), XMP)
    publication.write("articles/a.jpg", picture)
    publication.article("one", "![x](a.jpg)")
    assert publication.sync().problems == ()
    (data,), (name,) = served(publication), names(publication)
    assert (data, name) == (without_location(picture), f"{hashlib.sha256(data).hexdigest()[:32]}.jpg")
    assert (publication.settings.content / "articles/a.jpg").read_bytes() == picture
    # A lost copy is made again, under the same name.
    (Path(publication.settings.media) / name).unlink()
    assert publication.sync(whole=True).problems == ()
    assert served(publication) == [data]


@pytest.mark.usefixtures("old_files")
def test_the_setting_counts_for_pictures_that_are_copied_from_then_on(publication: Publication) -> None:
    toml = (publication.settings.content / "site.toml").read_text()
    publication.write("site.toml", f"keep_location = true\n{toml}")
    picture = KINDS["jpeg"](tiff(), XMP)
    publication.write("articles/a.jpg", picture)
    publication.article("one", "![x](a.jpg)")
    publication.sync()
    assert served(publication) == [picture]
    publication.write("site.toml", toml)
    publication.article("one", "![x](a.jpg) Again.")
    publication.sync()
    assert served(publication) == [picture]
    # A lost copy of it has the bytes that its name says.
    (Path(publication.settings.media) / names(publication)[0]).unlink()
    publication.sync(allow_removals=False)
    assert served(publication) == [picture]
    publication.write("articles/b.jpg", picture)
    publication.article("two", "![x](b.jpg)")
    publication.sync()
    assert without_location(picture) in served(publication)


def test_a_picture_that_is_too_large_to_be_cleaned_is_refused(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.sync.assets.MAX_PICTURE_BYTES", 1000)
    publication.write("articles/a.jpg", KINDS["jpeg"](tiff(), XMP))
    publication.article("one", "![x](a.jpg)")
    (problem,) = publication.sync().problems
    assert "keep_location = true" in problem.finding.message
