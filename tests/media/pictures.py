"""Pictures of our own making, in the formats and forms that cameras and programs write."""

import random
from io import BytesIO
from typing import Any

from PIL import Image


def scene(width: int, height: int, seed: int = 0) -> Image.Image:
    """Return a picture with shapes and some noise, whose upper left corner is red and lower right corner is blue."""
    chosen = random.Random(seed)
    small = Image.new("RGB", (40, 30))
    small.putdata([(chosen.randrange(256), chosen.randrange(256), chosen.randrange(256)) for _ in range(1200)])
    large = small.resize((width, height), Image.Resampling.BICUBIC)
    large.paste((220, 20, 20), (0, 0, width // 4, height // 4))
    large.paste((20, 20, 220), (width * 3 // 4, height * 3 // 4, width, height))
    return large


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as a file."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 2000, height: int = 1500, seed: int = 0) -> bytes:
    """Return a JPEG as a camera writes it."""
    return encoded(scene(width, height, seed), quality=92)
