"""A finished document: its bytes in every content coding, and its validators."""

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from feedsvc.documents.compression import IDENTITY, Bodies
from feedsvc.documents.entity_tag import entity_tag, tag_of_coding
from feedsvc.store.facets import Facet


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The document at one URL. `tag` is a hash of the uncompressed bytes; `last_modified` is in UTC.

    `key` says what it shows, and `made_of` which facets: a commit that touches none of them leaves it as it is. None
    stands for everything.
    """

    key: Hashable = None
    made_of: Set[Facet] | None = None
    media_type: str
    tag: str
    last_modified: datetime
    bodies: Bodies
    headers: Mapping[str, str]

    @property
    def length(self) -> int:
        """In bytes, without a coding."""
        return len(self.bodies[IDENTITY])

    def etag(self, coding: str) -> str:
        """Return the value of the strong ETag for a content coding."""
        return tag_of_coding(self.tag, coding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Bytes and what is to be said of them, before they are coded. `media_type` with its charset, where it has one.

    `made_of` names the facets that they show; None stands for everything. `is_provisional` says that a media file was
    missing whose size they would have: they are sent and not cached.
    """

    made_of: Set[Facet] | None = None
    media_type: str
    body: bytes
    last_modified: datetime
    headers: Mapping[str, str]
    is_provisional: bool = False


def finish(rendered: Rendered, key: Hashable = None, previous: Document | None = None) -> Document:
    """The document of these bytes, in the codings that `previous` was asked for; of the same bytes it is taken over."""
    tag = entity_tag(rendered.body)
    bodies = previous.bodies if previous is not None and previous.tag == tag else Bodies(rendered.body)
    for coding in previous.bodies.used if previous is not None else ():
        bodies[coding]
    return Document(
        key=key,
        made_of=rendered.made_of,
        media_type=rendered.media_type,
        tag=tag,
        last_modified=rendered.last_modified,
        bodies=bodies,
        headers=rendered.headers,
    )
