"""An export in object storage: each file is an object with the header fields of its responses."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

from feedsvc.documents.compression import compressed
from feedsvc.errors import ConfigError
from feedsvc.export.keys import MARK, is_in_folder
from feedsvc.export.rendering import Content
from feedsvc.media.content_disposition import content_disposition
from feedsvc.media.storage import IMMUTABLE
from feedsvc.storage.object_storage import ObjectStorage

# What a CDN keeps until it is purged or old: as long as the service lets caches keep its documents at least.
_CACHE_CONTROL: Final = "public, max-age=60"
_LISTED_IN_ONE: Final = 1000
# Pages whose URL has the suffix, or that servers look for under this name: of feeds, of errors, at the end of a path.
_WITH_SUFFIX: Final = re.compile(r"^(?:[a-z]{2,3}(?:-\w+)*/)?feeds/|(?:^|/)index\.html$|^4(?:04|10)\.html$")


@dataclass(frozen=True)
class Objects:
    """The objects below the URL of `storage`."""

    storage: ObjectStorage
    # Each waits for the network most of the time.
    writers: ClassVar[int] = 16
    is_written_by_processes: ClassVar[bool] = False
    takes_coding: ClassVar[bool] = True

    def __str__(self) -> str:
        """Return the URL."""
        return str(self.storage)

    ignores_case: ClassVar[bool] = False

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """See `Target.reserved`. Wrong credentials and a missing bucket are found before anything is rendered."""
        if MARK not in (found := self.storage.names()):
            if found:
                said = (
                    "there are objects that no export wrote (name a prefix without objects, or create the empty object"
                )
                raise ConfigError(f"{self}: {said} {MARK} there to let an export replace them)")
            self.storage.put(MARK, b"", {"Content-Type": "text/plain; charset=utf-8"})
        yield

    def put(self, key: str, content: Content, _former: str = "", /) -> str:
        """See `Target.put`. The time of an object is that of its request."""
        cache = IMMUTABLE if key.startswith("static/") else _CACHE_CONTROL
        fields = {"Content-Type": content.media_type, "Cache-Control": cache}
        body = content.body
        if content.coding:
            fields["Content-Encoding"] = content.coding
            body = compressed(body, content.coding)
        return self.storage.put(object_name(key), body, fields)

    def put_pieces(self, key: str, pieces: Iterable[bytes], media_type: str, name: str) -> str:
        """See `Target.put_pieces`."""
        disposition = content_disposition(name, key.rpartition("/")[2])
        fields = {"Content-Type": media_type, "Cache-Control": IMMUTABLE, "Content-Disposition": disposition}
        return self.storage.put(object_name(key), pieces, fields)

    def settle(self, _keys: Collection[str]) -> None:
        """Do nothing: an object is durable when the request for it has ended."""

    def delete(self, keys: Collection[str]) -> None:
        """See `Target.delete`."""
        names = sorted(map(object_name, keys))
        for start in range(0, len(names), _LISTED_IN_ONE):
            self.storage.delete(names[start : start + _LISTED_IN_ONE])

    def changed(self, stamps: Mapping[str, str]) -> set[str]:
        """See `Target.changed`."""
        found = self.storage.tags()
        return {key for key, stamp in stamps.items() if found.get(object_name(key)) != stamp}


def object_name(key: str) -> str:
    """Return the name of the object: what is asked for at a path is found there without a suffix or an index."""
    if is_in_folder(key):
        return key.removesuffix("/index.html")
    return key if _WITH_SUFFIX.search(key) else key.removesuffix(".html")
