"""The values of ETags (RFC 9110 §8.8.3). `web.responses` and `web.cache.prepared` compare them for a 304."""

import hashlib

from feedsvc.documents.compression import IDENTITY


def entity_tag(body: bytes) -> str:
    """Return the tag of a document: 32 hexadecimal digits of the SHA-256 of its bytes without a content coding."""
    return hashlib.sha256(body).hexdigest()[:32]


def tag_of_coding(tag: str, coding: str) -> str:
    """Return the value of the strong ETag of a document in a content coding.

    It depends on the name of the coding and not on the compressed bytes, which vary with the version of a library.
    """
    return tag if coding == IDENTITY else f"{tag}-{coding}"
