"""What a document cache holds at one moment."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from feedsvc.documents.document import Document, Rendered
from feedsvc.store import Snapshot, Version
from feedsvc.web.cache.prepared import CacheHit, PreparedDocument
from feedsvc.web.render_limiter import Cost

# What an entry takes beside its bytes: its key, its fields, how it is made, what is ready to be sent. `python -m
# bench.held` measures it.
OVERHEAD: Final = 6 * 1024

Render = Callable[[Snapshot], Rendered]
# Path and query, as they were sent.
Address = tuple[str, str]
# Method, path, query and Accept-Encoding: what decides an answer, but for its conditions.
RequestKey = tuple[str, str, str, str | None]


@dataclass(slots=True, eq=False)
class CachedDocument:
    """A document that is held, the version it is of, and how to make it again.

    `used` grows with each use. A `stale` one is no longer known to be right. `cost` is what it took to make it.
    `finished` are its answers, once needed.
    """

    document: Document
    render: Render
    at: Version
    used: int
    stale: bool = False
    cost: Cost = Cost.COMMON
    finished: PreparedDocument | None = None

    @property
    def size(self) -> int:
        """In bytes, about."""
        return OVERHEAD + self.document.bodies.size


@dataclass(frozen=True, slots=True, eq=False)
class CacheState:
    """The state of the cache. A commit replaces it in one step, so a thread sees all of a commit or nothing of it.

    `entries` grow by new keys in between. The others are for who answers out of them: the key that each address
    means, and answers that are ready. Addresses of documents of which there is no end are `rare_addresses`: they cannot
    push out the others.
    """

    entries: dict[Hashable, CachedDocument] = field(default_factory=dict)
    addresses: dict[Address, Hashable] = field(default_factory=dict)
    rare_addresses: dict[Address, Hashable] = field(default_factory=dict)
    ready: dict[RequestKey, CacheHit] = field(default_factory=dict)

    def without_answers(self) -> "CacheState":
        """The same after some of its entries went, or were replaced: what was ready may be of one of them."""
        return CacheState(self.entries, self.addresses, self.rare_addresses)

    def with_entries(self, entries: dict[Hashable, CachedDocument], *, have_addresses_changed: bool) -> "CacheState":
        """Return a state with other `entries`. The addresses stay, unless `have_addresses_changed`."""
        return (
            CacheState(entries) if have_addresses_changed else CacheState(entries, self.addresses, self.rare_addresses)
        )
