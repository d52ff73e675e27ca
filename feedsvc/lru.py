"""A bound on the bytes of a cache: about the least recently used entries are removed first.

The algorithm is second chance, or CLOCK. A use of an entry only increases a number of the entry. If the entry was used
since it was last examined, it is skipped once before it is removed. So a use takes no lock and moves nothing; an exact
order of use would need both.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Protocol


class CacheEntry(Protocol):
    """An entry of a cache: `used` grows with each use."""

    used: int

    @property
    def size(self) -> int:
        """The approximate size in bytes."""


@dataclass(slots=True)
class _Slot:
    """An entry, its size when it was added, and the value of `used` when the entry was last skipped."""

    entry: CacheEntry
    size: int
    used: int


class SizeBoundedLRU:
    """The order in which the entries of a cache are evicted, and their `size` in bytes. The caller holds a lock."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self.size = max_bytes, 0
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()

    def put(self, key: Hashable, entry: CacheEntry) -> None:
        """Add a new entry at the end. An entry that replaces another one takes its position."""
        before = self._slots.get(key)
        self._slots[key] = slot = _Slot(entry, entry.size, before.used if before else entry.used)
        self.size += slot.size - (before.size if before else 0)

    def remove(self, key: Hashable) -> None:
        """Remove an entry, if there is one."""
        slot = self._slots.pop(key, None)
        self.size -= slot.size if slot else 0

    def evict(self, latest: Hashable) -> Iterator[Hashable]:
        """Remove entries until the rest fits, and yield their keys; `latest` stays."""
        while self.size > self._max_bytes and len(self._slots) > 1:
            key, slot = self._slots.popitem(last=False)
            if slot.entry.used > slot.used or key == latest:
                slot.used = slot.entry.used
                self._slots[key] = slot
                continue
            self.size -= slot.size
            yield key
