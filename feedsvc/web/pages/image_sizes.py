"""The sizes of images in the media folder, so that pages reserve space for images before they load."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import imagesize

from feedsvc import routes


def measured(media: Path, base_url: str, url: str) -> tuple[int, int] | None:
    """Return the width and height in CSS pixels of an image in the folder `media`; None where they are unknown, and for
    the URL of another host.
    """
    own = f"{base_url}{routes.MEDIA.prefix}"
    name = unquote(url.removeprefix(own))
    if not url.startswith(own) or "/" in name:
        return None
    try:
        return _size(media / name)
    except (OSError, ValueError):
        # The page shows the image without its size. The answer to the request for the image reports the error.
        return None


@lru_cache(maxsize=4096)
def _size(file: Path) -> tuple[int, int] | None:
    # The name of a media file contains the hash of its content, so a cached size stays valid.
    width, height = imagesize.get(file)
    return (round(width), round(height)) if width > 0 and height > 0 else None
