"""A cache of rendered entries. An article is in many slices, so its entry is in many documents.

No cached entry can be stale: it is stored with the `Entry` that it was made of, and is used only for an equal one.
"""

import sys
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from feedsvc.feeds.feed import Entry
from feedsvc.lru import SizeBoundedLRU

# The approximate memory of an entry beside its content: its other texts and the objects that hold them, in bytes.
OVERHEAD: Final = 4096


@dataclass(slots=True, eq=False)
class _RenderedEntry:
    """What was made of an entry, and about how many bytes both take."""

    entry: Entry
    rendered: bytes
    used: int
    size: int


class EntryCache:
    """Rendered entries with their `Entry`, of about `max_bytes` in all; the least recently used ones are dropped.

    Threads may share it.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: dict[Hashable, _RenderedEntry] = {}
        self._lru = SizeBoundedLRU(max_bytes)
        self._lock = Lock()

    @property
    def size(self) -> int:
        """In bytes, about."""
        return self._lru.size

    def find(self, place: Hashable, entry: Entry) -> bytes | None:
        """Return what was made of an entry that is equal to this one, if it is in the cache at that place."""
        found = self._entries.get(place)
        if found is None or found.entry != entry:
            return None
        # Without a lock: a use that is not counted costs an entry its turn at most.
        found.used += 1
        return found.rendered

    def keep(self, place: Hashable, entry: Entry, rendered: bytes) -> None:
        """Hold what was made of an entry, instead of what is held at that place."""
        with self._lock:
            before = self._entries.get(place)
            size = len(rendered) + sys.getsizeof(entry.article.content) + OVERHEAD
            if size > self._max_bytes:
                return
            made = _RenderedEntry(entry, rendered, before.used + 1 if before else 0, size)
            self._entries[place] = made
            self._lru.put(place, made)
            for gone in self._lru.evict(place):
                del self._entries[gone]


NOTHING: Final = EntryCache(0)
