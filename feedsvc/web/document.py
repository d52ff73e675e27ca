"""A finished document: its bytes in every content coding, and the validators that go with them."""

import gzip
import hashlib
from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

import brotli

from feedsvc.store.facets import Facet
from feedsvc.web.negotiation import IDENTITY

BROTLI_QUALITY = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one URL answers. `tag` is a hash of the uncompressed bytes; `last_modified` is in UTC.

    `key` says what it shows, and `made_of` which facets: a commit that touches none of them leaves it as it is. None
    stands for everything.
    """

    key: Hashable = None
    made_of: Set[Facet] | None = None
    media_type: str
    tag: str
    last_modified: datetime
    bodies: Mapping[str, bytes]
    headers: Mapping[str, str]

    def etag(self, coding: str) -> str:
        """The strong ETag's value for a coding: compressed bytes vary with a library's version, the tag does not."""
        return self.tag if coding == IDENTITY else f"{self.tag}-{coding}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Bytes and what is to be said of them, before they are coded. `media_type` with its charset, where it has one.

    `made_of` names the facets that they show; None stands for everything.
    """

    made_of: Set[Facet] | None = None
    media_type: str
    body: bytes
    last_modified: datetime
    headers: Mapping[str, str]


def finish(rendered: Rendered, key: Hashable = None, previous: Document | None = None) -> Document:
    """Code the bytes, once; what `previous` already holds for the same bytes is taken from it."""
    tag = hashlib.sha256(rendered.body).hexdigest()[:32]
    same = previous is not None and previous.tag == tag
    return Document(
        key=key,
        made_of=rendered.made_of,
        media_type=rendered.media_type,
        tag=tag,
        last_modified=rendered.last_modified,
        bodies=previous.bodies if same and previous is not None else _coded(rendered.body),
        headers=rendered.headers,
    )


def _coded(body: bytes) -> dict[str, bytes]:
    return {
        "br": brotli.compress(body, quality=BROTLI_QUALITY),
        "gzip": gzip.compress(body, compresslevel=9, mtime=0),
        IDENTITY: body,
    }
