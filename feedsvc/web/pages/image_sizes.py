"""The sizes of images in the media storage, so that pages reserve space for images before they load."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import imagesize

from feedsvc import routes
from feedsvc.errors import StorageUnavailable
from feedsvc.media.storage import MediaStorage


@dataclass
class ImageSizes:
    """Measures the images of one page in `media`. `is_any_missing` says whether one of them is not there now."""

    media: MediaStorage
    base_url: str
    is_any_missing: bool = False

    def __call__(self, url: str) -> tuple[int, int] | None:
        """Return width and height in CSS pixels; None where they are unknown, and for the URL of another host."""
        own = f"{self.base_url}{routes.MEDIA.prefix}"
        name = unquote(url.removeprefix(own))
        if not url.startswith(own) or "/" in name:
            return None
        try:
            return _size(self.media, name)
        except (OSError, ValueError, StorageUnavailable) as error:
            # The page shows the image without its size. The answer to the request for the image reports the error.
            self.is_any_missing = self.is_any_missing or isinstance(error, FileNotFoundError)
            return None


@lru_cache(maxsize=4096)
def _size(media: MediaStorage, name: str) -> tuple[int, int] | None:
    # The name of a media file contains the hash of its content, so a cached size stays valid.
    found = media.beginning(name)
    with found.open("rb") if isinstance(found, Path) else found as file:
        width, height = imagesize.get(file)
    return (round(width), round(height)) if width > 0 and height > 0 else None
