"""The URL grammar of a slice, and which slices there are. Pure."""

from collections.abc import Iterator

from feedsvc.errors import UnknownResource, nearest
from feedsvc.model import ALL, Site, Slice


def slice_named(name: str, site: Site) -> Slice:
    """The slice a URL names. Raises UnknownResource, whose text names what exists."""
    if name == ALL:
        return Slice()
    if site.topic(name) is None:
        raise UnknownResource(f"unknown topic {name!r} ({nearest(name, [each.name for each in slices(site)])})")
    return Slice(name)


def slices(site: Site) -> Iterator[Slice]:
    """Every slice that stands in the OPML and on the home page: all, then the topics in their order."""
    yield Slice()
    for topic in site.topics:
        yield Slice(topic.name)
