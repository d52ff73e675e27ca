"""Surrogate keys: names by which a CDN purges the responses that a commit changed.

They follow the one rule by which the document cache finds outdated documents (`Touched.includes`): wherever a document
may have changed, its keys and the keys of the commit have one in common.
"""

import base64
import hashlib
from collections.abc import Set
from functools import lru_cache
from typing import Final

from feedsvc.store.change_log import Touched
from feedsvc.store.facets import Facet

# The key of responses that every commit may change.
ALL: Final = "all"
# The key of all other responses: a commit may change all of them (`Touched.everything`).
SITE: Final = "site"
MAX_KEYS: Final = 32
# 50 bits: with 100,000 facets, two with the same key are improbable, and would only be purged together.
_LENGTH: Final = 10


def keys_of(made_of: Set[Facet] | None) -> tuple[str, ...]:
    """Return the keys of a response that is made of these facets; None stands for everything, as do too many."""
    if made_of is None or len(made_of) >= MAX_KEYS:
        return (ALL,)
    return (SITE, *sorted(_key(*facet) for facet in made_of))


def keys_touched(touched: Touched) -> frozenset[str]:
    """Return the keys of what may have changed in a commit that readers can see."""
    return frozenset({ALL, SITE} if touched.everything else {ALL, *(_key(*facet) for facet in touched.facets)})


@lru_cache(maxsize=4096)
def _key(facet: str, value: str) -> str:
    # Cloudflare ignores the case of tags, and neither it nor Fastly takes other characters than ASCII.
    digest = hashlib.sha256(f"{facet}\0{value}".encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest)[:_LENGTH].decode().lower()
