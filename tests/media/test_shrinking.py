"""The program that makes smaller sizes of pictures: what it makes of each kind of picture, and what it leaves."""

import os
import signal
import struct
import threading
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from feedsvc import pictures
from feedsvc.pictures.shrinker import Shrinker, ShrinkerUnavailable, Shrunk
from tests.live import wait_for
from tests.media.pictures import encoded, photo, scene


def shrunk(data: bytes) -> Shrunk:
    with Shrinker() as shrinker:
        return shrinker.shrink(BytesIO(data), len(data))


def opened(found: Shrunk) -> list[Image.Image]:
    """Return the sizes of a picture, decoded."""
    assert not found.why
    images: list[Image.Image] = [Image.open(BytesIO(data)) for _, data in found.sizes]
    for (width, _), image in zip(found.sizes, images, strict=True):
        assert image.format == "WEBP"
        assert image.width == width
        image.load()
    return images


def has_corners(image: Image.Image, first: tuple[int, int] = (0, 0), last: tuple[int, int] = (1, 1)) -> bool:
    """Return whether the red corner and the blue one are where they are expected, in halves of the picture."""
    seen = image.convert("RGB")

    def near(corner: tuple[int, int]) -> tuple[int, ...]:
        place = tuple(round((0.1 + 0.8 * half) * side) for half, side in zip(corner, seen.size, strict=True))
        pixel = seen.getpixel((place[0], place[1]))
        assert isinstance(pixel, tuple)
        return tuple(round(each) for each in pixel)

    (red, _, _), (_, _, blue) = near(first), near(last)
    return red > 150 > near(first)[2] and blue > 150 > near(last)[0]


@pytest.mark.parametrize(
    ("width", "expected"), [(599, []), (600, [480]), (1199, [480]), (1200, [480, 960]), (1800, [480, 960, 1440])]
)
def test_sizes_are_smaller_than_the_picture(width: int, expected: list[int]) -> None:
    images = opened(shrunk(photo(width, width * 3 // 4)))
    assert [each.width for each in images] == expected
    assert all(each.height == each.width * 3 // 4 and has_corners(each) for each in images)


FORMS = {
    "progressive": lambda: encoded(scene(1300, 900), progressive=True, quality=95),
    "gray": lambda: encoded(scene(1300, 900).convert("L"), quality=95),
    "png": lambda: encoded(scene(1300, 900), "PNG"),
    "webp": lambda: encoded(scene(1300, 900), "WEBP", lossless=True),
    "palette": lambda: encoded(scene(1300, 900).convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
    "gray with alpha": lambda: encoded(scene(1300, 900).convert("LA"), "PNG"),
    "two pictures": lambda: encoded(
        scene(1300, 900), "MPO", save_all=True, append_images=[scene(640, 480, 1)], quality=95
    ),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_pixels(form: object) -> None:
    assert callable(form)
    images = opened(shrunk(form()))
    assert [each.size for each in images] == [(480, 332), (960, 665)]
    assert form in (FORMS["gray"], FORMS["gray with alpha"]) or all(map(has_corners, images))


def test_transparent_pixels_stay_so() -> None:
    clear = scene(1300, 900).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    palette = scene(1300, 900).convert("P", palette=Image.Palette.ADAPTIVE)
    corner = palette.getpixel((0, 0))
    assert isinstance(corner, int)
    for data, at, alpha in (
        (encoded(clear, "PNG"), (5, 0), 0),
        (encoded(palette, "PNG", transparency=corner), (5, 5), 0),
        (encoded(scene(1300, 900), "PNG"), (5, 5), None),
    ):
        image = opened(shrunk(data))[0]
        assert image.mode == ("RGB" if alpha is None else "RGBA")
        pixel = image.getpixel(at)
        assert isinstance(pixel, tuple)
        assert alpha is None or pixel[3] < 8


TURNED = {2: ((1, 0), (0, 1)), 3: ((1, 1), (0, 0)), 4: ((0, 1), (1, 0)), 5: ((0, 0), (1, 1))}
TURNED |= {6: ((1, 0), (0, 1)), 7: ((1, 1), (0, 0)), 8: ((0, 1), (1, 0))}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_exif_says(orientation: int) -> None:
    """A browser turns the picture itself: its sizes, which say nothing of it, are upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(scene(2000, 1400), exif=exif, quality=92)
    images = opened(shrunk(data))
    is_sideways = orientation > 4
    assert [each.width for each in images] == ([480, 960] if is_sideways else [480, 960, 1440])
    for each in images:
        assert (each.height > each.width) == is_sideways
        assert not each.getexif()
        assert has_corners(each, *TURNED.get(orientation, ((0, 0), (1, 1))))


def test_the_colour_profile_stays() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = opened(shrunk(encoded(scene(700, 500), icc_profile=profile, quality=95)))[0]
    assert image.info["icc_profile"] == profile


def _gray_profile() -> bytes:
    """Return a profile of gray with a gamma of 1 (ICC.1:2010 §8.4)."""
    curve, white = struct.pack(">4s4xI", b"curv", 0), struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061)
    tags, at = [(b"kTRC", curve), (b"wtpt", white)], 128 + 4 + 24
    table, body = struct.pack(">I", 2), b""
    for name, data in tags:
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head = head.ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def test_a_profile_of_gray_becomes_srgb() -> None:
    """WebP has no gray, and a profile of gray does not fit its colours."""
    data = encoded(Image.new("L", (700, 500), 55), "PNG", icc_profile=_gray_profile())
    data += b"\0" * 20_000  # as large as a picture is
    image = opened(shrunk(data))[0]
    assert "icc_profile" not in image.info
    pixel = image.convert("RGB").getpixel((100, 100))
    assert isinstance(pixel, tuple)
    # 55 / 255 of the light of white.
    assert abs(pixel[0] - 128) < 4


def _bomb() -> bytes:
    """Return a PNG of 900 million pixels in few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def _sideways(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(scene(1300, 900), kind, exif=exif)


LEFT = {
    "broken": (lambda: photo()[:-30_000], "it cannot be decoded"),
    "no picture": (
        lambda: b"\xff\xd8\xff" + b"not a picture" * 100,
        "it cannot be decoded: no JPEG, PNG or WebP begins so",
    ),
    "another kind": (lambda: encoded(scene(900, 600), "TIFF"), "it cannot be decoded: no JPEG, PNG or WebP begins so"),
    "bomb": (_bomb, "900,000,000 pixels, the limit is 64,000,000"),
    "animated png": (
        lambda: encoded(scene(900, 600), "PNG", save_all=True, append_images=[scene(900, 600, 1)]),
        "animated",
    ),
    "animated webp": (
        lambda: encoded(scene(900, 600), "WEBP", save_all=True, append_images=[scene(900, 600, 1)]),
        "animated",
    ),
    "cmyk": (lambda: encoded(scene(900, 600).convert("CMYK")), "CMYK without a profile"),
    "sixteen bits": (lambda: encoded(scene(900, 600).convert("L").convert("I;16"), "PNG"), "8 bits"),
    "png with a turn": (lambda: _sideways("PNG"), "browsers do not do alike"),
    "webp with a turn": (lambda: _sideways("WEBP"), "browsers do not do alike"),
}


@pytest.mark.parametrize(("make", "why"), LEFT.values(), ids=LEFT)
def test_what_has_no_sizes_and_why(make: object, why: str) -> None:
    assert callable(make)
    found = shrunk(make())
    assert not found.sizes
    assert why in found.why


def test_a_size_that_saves_nothing_is_not_made() -> None:
    """A drawing of few colours is smaller as it is."""
    drawing = Image.new("P", (1300, 900))
    assert shrunk(encoded(drawing, "PNG")) == Shrunk()


def test_a_picture_that_ends_the_program_costs_only_itself() -> None:
    with Shrinker() as shrinker:
        assert shrinker.shrink(BytesIO(photo()), len(photo())).sizes
        first = shrinker._process
        assert first
        os.kill(first.pid, signal.SIGSEGV)
        found = shrinker.shrink(BytesIO(photo()), len(photo()))
        assert "SIGSEGV" in found.why
        assert not found.sizes
        assert shrinker.shrink(BytesIO(photo()), len(photo())).sizes
        second = shrinker._process
        assert second
        # A file that is shorter than was said must not keep the program waiting for the rest.
        with pytest.raises(EOFError):
            shrinker.shrink(BytesIO(b"short"), 100)
        assert shrinker.shrink(BytesIO(photo()), len(photo())).sizes
        last = shrinker._process
        assert last
    assert [each.poll() is not None for each in (first, second, last)] == [True] * 3


def test_it_ends_when_it_is_told_to() -> None:
    shrinker, reading, failed = Shrinker(), threading.Event(), threading.Event()

    class Endless:
        def read(self, size: int, /) -> bytes:
            reading.set()
            return b"x" * size

    def run() -> None:
        try:
            shrinker.shrink(Endless(), 10**12)
        except ShrinkerUnavailable:
            failed.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert reading.wait(60)
    shrinker.stop()
    thread.join()
    assert failed.is_set()
    with pytest.raises(ShrinkerUnavailable):
        shrinker.shrink(BytesIO(b""), 0)


def test_a_program_that_does_not_start_says_how_to_see_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with pytest.raises(ShrinkerUnavailable, match="run it to see why"):
        shrunk(photo())


def test_it_is_started_anew_after_some_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a decoder leaks is freed."""
    monkeypatch.setattr("feedsvc.pictures.shrinker._PICTURES", 2)
    small = photo(600, 450)
    with Shrinker() as shrinker:
        pids = []
        for _ in range(3):
            shrinker.shrink(BytesIO(small), len(small))
            pids.append(shrinker._process and shrinker._process.pid)
    assert pids[0]
    assert pids[1] is None
    assert pids[2] not in (None, pids[0])


def test_it_ends_with_its_parent() -> None:
    """Its input ends then, also after SIGKILL."""
    shrinker = Shrinker()
    shrinker.shrink(BytesIO(photo(600, 450)), len(photo(600, 450)))
    process = shrinker._process
    assert process
    assert process.stdin
    process.stdin.close()
    wait_for(lambda: process.poll() is not None, "the end of the program", 60)
    assert process.returncode == 0
    assert process.stdout
    process.stdout.close()
    assert pictures.WIDTHS == (480, 960, 1440)
