"""The size of pictures in the media folder, so that pages keep room for them before they are there."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import imagesize

from feedsvc import routes


def measured(media: Path, base_url: str, url: str) -> tuple[int, int] | None:
    """Width and height in CSS pixels of one of our own pictures; None where they cannot be told."""
    own = f"{base_url}{routes.MEDIA.prefix}"
    name = unquote(url.removeprefix(own))
    if not url.startswith(own) or "/" in name:
        return None
    try:
        return _size(media / name)
    except (OSError, ValueError):
        # It is shown without: whoever asks for the picture itself is told what is wrong with it.
        return None


@lru_cache(maxsize=4096)
def _size(file: Path) -> tuple[int, int] | None:
    # A name is its content, so what was read once stays right.
    width, height = imagesize.get(file)
    return (round(width), round(height)) if width > 0 and height > 0 else None
