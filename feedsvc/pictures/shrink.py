"""The program that makes smaller sizes of pictures: the only module that imports Pillow.

`python -m feedsvc.pictures.shrink` writes a line when it is ready. It then reads, for each picture, a line with its
length and its bytes; it writes a line of JSON, {"sizes": [[width, length], …], "why": "…"}, and the bytes of the sizes
one after the other. `why` says why there are none. It ends with its input.
"""

import json
import resource
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, UnidentifiedImageError

from feedsvc.pictures import MAX_PIXELS, MIN_RATIO, READY, WIDTHS

# Formats without their own scripts or external programs, which Pillow may run for others.
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
# RFC 9649 §2.7: the largest width and height of a WebP.
_MAX_SIDE: Final = 16383
_QUALITY: Final = 80
# The limits of this process, in bytes of address space and in seconds of CPU time for each picture.
_MAX_MEMORY: Final = 2 * 1024**3
_CPU_SECONDS: Final = 60
_ORIENTATION: Final = 0x0112
# What turns the pixels as Exif says (Exif 2.32 §4.6.4, tag Orientation).
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Kept(Exception):
    """The reason why a picture has no smaller sizes."""


def sizes_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the width in pixels and the bytes of each smaller size, as WebP without metadata, the smallest first.

    Widths are those of the picture as it is shown, turned as its Exif says. The colour profile stays. Raises Kept, and
    what a decoder raises.
    """
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            limit = f"the limit is {MAX_PIXELS:,}"
            raise Kept(f"it has {width * height:,} pixels, {limit} (save it with fewer pixels)")
        # A JPEG of several pictures (MPO) is one with a preview, or with a second view.
        if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
            raise Kept("it is animated")
        turn = turn_of(image)
        if turn is not None and image.format in ("PNG", "WEBP"):
            raise Kept("its Exif turns it, which browsers do not do alike in this format (save it upright)")
        is_sideways = turn is not None and turn.name in ("TRANSPOSE", "TRANSVERSE", "ROTATE_90", "ROTATE_270")
        shown = height if is_sideways else width
        wanted = [each for each in WIDTHS if each * MIN_RATIO <= shown]
        if not wanted:
            return
        # A JPEG is decoded at the least of 1/1, 1/2, 1/4 or 1/8 of its size that is enough, in less time and memory.
        scale = wanted[-1] / shown
        image.draft(None, (round(width * scale), round(height * scale)))
        image.load()
        shrunk, profile = in_rgb(image)
    if turn is not None:
        shrunk = shrunk.transpose(turn)
    for each in wanted:
        tall = max(1, round(each * shrunk.height / shrunk.width))
        if tall > _MAX_SIDE:
            break
        out = BytesIO()
        resized = shrunk.resize((each, tall), Image.Resampling.LANCZOS, reducing_gap=3.0)
        resized.save(out, "WEBP", quality=_QUALITY, method=4, icc_profile=profile)
        if out.tell() * MIN_RATIO > len(data):
            break
        yield each, out.getvalue()


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """Return how to turn a picture; None if it is upright, or its Exif cannot be read."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # as a browser does, which shows the picture
        return None


def in_rgb(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """Return a picture with the colours of WebP, and the profile that they have; None stands for sRGB. Raises Kept."""
    profile = image.info.get("icc_profile")
    space = profile[16:20] if profile else b""
    if image.mode == "CMYK" and space != b"CMYK":
        raise Kept("its colours are CMYK without a profile (save it in sRGB)")
    if image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK"):
        raise Kept(f"its pixels have another form than 8 bits a colour, {image.mode} (save it with 8 bits)")
    if (image.mode, space) in (("CMYK", b"CMYK"), ("L", b"GRAY")):
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile or b""))
            found = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError) as error:
            raise Kept(f"its colour profile cannot be used: {error} (save it in sRGB)") from error
        assert found is not None
        return found, None
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image.convert(mode), profile if space == b"RGB " else None


def answer(data: bytes) -> bytes:
    """Return what is written for a picture."""
    sizes: list[tuple[int, bytes]] = []
    why = ""
    try:
        sizes += sizes_of(data)
    except Kept as error:
        sizes, why = [], str(error)
    except MemoryError:
        sizes, why = [], f"it needs more than {_MAX_MEMORY:,} bytes of memory (save it with fewer pixels)"
    except UnidentifiedImageError:
        # Its message names the buffer by its address in memory, another one each time.
        sizes, why = [], "it cannot be decoded: no JPEG, PNG or WebP begins so (save it again)"
    except Exception as error:  # each decoder raises what it likes
        sizes, why = [], f"it cannot be decoded: {type(error).__name__}: {error} (save it again)"
    head = {"sizes": [[width, len(made)] for width, made in sizes], "why": why}
    return b"".join([json.dumps(head).encode(), b"\n", *(made for _, made in sizes)])


def _limit(kind: int, most: int) -> None:
    """Lower a limit of this process. The system may have a lower one, or none of that kind."""
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> None:
    """Make smaller sizes until the input ends."""
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    _limit(resource.RLIMIT_AS, _MAX_MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    target.write(READY)
    target.flush()
    while line := source.readline():
        length = int(line)
        data = source.read(length)
        if len(data) < length:
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        # The signal of this limit ends the process; the next picture gets another one.
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + _CPU_SECONDS)
        target.write(answer(data))
        target.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError, KeyboardInterrupt):
        main()
