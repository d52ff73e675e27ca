"""The smaller sizes that a page offers of its pictures, so that a browser loads the one that fits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedsvc.model import Site
from feedsvc.store import Snapshot
from feedsvc.store.snapshot.media import Size
from feedsvc.urls import Addresses


@dataclass(frozen=True, slots=True)
class PictureSizes:
    """The sizes of pictures that are files of this publication, by name."""

    base: Addresses
    known: Mapping[str, Sequence[Size]]

    def srcset(self, url: str, width: int | None = None) -> str:
        """Return the value of `srcset` (HTML §4.8.4.2.1) for the picture at a URL; "" if it has no smaller sizes.

        With the `width` of the picture in pixels, the picture itself is the largest of them.
        """
        named = self._named(url)
        found = [(width, url)] if named and width else []
        return ", ".join(f"{each} {wide}w" for wide, each in [*named, *found])

    def thumbnail(self, url: str) -> str:
        """Return the path of the smallest size of the picture at a URL; "" if it has none.

        A thumbnail is at most 11rem wide, so 480 pixels are enough for all screens.
        """
        return self.base.from_root(min(self._named(url))[1]) if self._named(url) else ""

    def _named(self, url: str) -> list[tuple[int, str]]:
        """Return the width and the URL of each smaller size."""
        found = self.known.get(url.removeprefix(self.base.media("")), ())
        return [(width, self.base.media(name)) for width, name in found]


def sizes_of_urls(snapshot: Snapshot, site: Site, urls: Iterable[str | None]) -> PictureSizes:
    """Return the sizes of the pictures at these URLs, as far as they are files of this publication."""
    own = site.addresses.media("")
    return sizes_of(snapshot, site, [each.removeprefix(own) for each in urls if each and each.startswith(own)])


def sizes_of(snapshot: Snapshot, site: Site, names: Sequence[str]) -> PictureSizes:
    """Return the sizes of the pictures with these names; none where the publication does not want any."""
    return PictureSizes(site.addresses, snapshot.media.sizes(names) if site.picture_sizes and names else {})
