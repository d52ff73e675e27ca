"""Where the files of articles are kept under content-addressed names, so that readers may request them."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from feedsvc.config import Settings
from feedsvc.media.chunk_cache import ChunkCache
from feedsvc.media.folder import MediaFolder
from feedsvc.media.objects import MediaObjects
from feedsvc.media.storage import MediaStorage
from feedsvc.storage.object_storage import ObjectStorage

# The folder in the state folder of a publication with what this machine has read from object storage.
CACHE_FOLDER: Final = "media-cache"


def media_storage(settings: Settings) -> MediaStorage:
    """Return the media storage of the settings. Raises ConfigError if object storage cannot be used as it is set."""
    if isinstance(settings.media, Path):
        return MediaFolder(settings.media)
    return _objects_at(settings.media, settings.state / CACHE_FOLDER, settings.media_cache_bytes)


@lru_cache(maxsize=8)
def _objects_at(url: str, cache: Path, limit: int) -> MediaObjects:
    """Return the same storage for all who ask: it keeps connections open, and knows whether it can be reached."""
    return MediaObjects(ObjectStorage(url), ChunkCache(cache, limit))


__all__ = ["CACHE_FOLDER", "media_storage"]
