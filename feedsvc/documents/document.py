"""A finished document: its bytes in every content coding, and the validators that go with them."""

import gzip
import hashlib
from collections.abc import Callable, Hashable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Final

import brotli

from feedsvc.model import CachePolicy
from feedsvc.store.facets import Facet

# RFC 9110 §8.4: bytes without a content coding.
IDENTITY: Final = "identity"
# `python -m bench.codings` shows what a higher one costs: a twentieth of the bytes for four times the time.
BROTLI_QUALITY: Final = 6
GZIP_LEVEL: Final = 6


class Bodies:
    """The bytes of one document in each content coding, coded once, when first asked for."""

    __slots__ = ("_coded", "_lock")

    def __init__(self, identity: bytes) -> None:
        self._coded = {IDENTITY: identity}
        self._lock = Lock()

    def __getitem__(self, coding: str) -> bytes:
        found = self._coded.get(coding)
        if found is not None:
            return found
        with self._lock:
            if coding not in self._coded:
                self._coded[coding] = _CODERS[coding](self._coded[IDENTITY])
            return self._coded[coding]

    @property
    def used(self) -> tuple[str, ...]:
        """The codings that were asked for."""
        return tuple(self._coded)

    @property
    def size(self) -> int:
        """In bytes, as if all codings were there: text shrinks to less than half."""
        return 2 * len(self._coded[IDENTITY])


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
    bodies: Bodies
    headers: Mapping[str, str]

    @property
    def length(self) -> int:
        """In bytes, without a coding."""
        return len(self.bodies[IDENTITY])

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
    """The document of these bytes, in the codings that `previous` was asked for; of the same bytes it is taken over."""
    tag = hashlib.sha256(rendered.body).hexdigest()[:32]
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


def cache_control(policy: CachePolicy, max_age: int | None = None) -> str:
    """Return the Cache-Control of a document (RFC 9111 §5.2.2, RFC 5861); `max_age` is in seconds."""
    age = policy.max_age if max_age is None else max_age
    return (
        f"public, max-age={age}, stale-while-revalidate={policy.stale_while_revalidate}, "
        f"stale-if-error={policy.stale_if_error}"
    )


_CODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": partial(brotli.compress, quality=BROTLI_QUALITY),
    "gzip": partial(gzip.compress, compresslevel=GZIP_LEVEL, mtime=0),
}
