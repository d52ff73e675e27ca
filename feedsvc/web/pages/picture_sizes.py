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
        sizes = self.known.get(url.removeprefix(self.base.media("")), ())
        found = [f"{self.base.media(name)} {each}w" for each, name in sizes]
        return ", ".join([*found, *([f"{url} {width}w"] if found and width else [])])


def sizes_of_urls(snapshot: Snapshot, site: Site, urls: Iterable[str | None]) -> PictureSizes:
    """Return the sizes of the pictures at these URLs, as far as they are files of this publication."""
    own = site.addresses.media("")
    return sizes_of(snapshot, site, [each.removeprefix(own) for each in urls if each and each.startswith(own)])


def sizes_of(snapshot: Snapshot, site: Site, names: Sequence[str]) -> PictureSizes:
    """Return the sizes of the pictures with these names; none where the publication does not want any."""
    return PictureSizes(site.addresses, snapshot.media.sizes(names) if site.picture_sizes and names else {})
