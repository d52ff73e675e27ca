"""A cache of rendered entries. An article is in many slices, so its entry is in many documents.

No cached entry can be stale: it is stored with the `Entry` that it was made of, and is used only for an equal one.
"""

import sys
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final

from feedsvc.feeds.feed import Entry

# The approximate memory of an entry beside its content: its other texts and the objects that hold them, in bytes.
OVERHEAD: Final = 4096


class EntryCache:
    """Rendered entries with their `Entry`, of about `max_bytes` in all; the least recently used ones are dropped.

    Threads may share it.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[Hashable, tuple[Entry, bytes]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Return the approximate size in bytes."""
        return self._size

    def find(self, place: Hashable, entry: Entry) -> bytes | None:
        """Return the rendered entry under `place`, if it was made of an equal entry."""
        with self._lock:
            held = self._held.get(place)
            if held is None:
                return None
            self._held.move_to_end(place)
        return held[1] if held[0] == entry else None

    def keep(self, place: Hashable, entry: Entry, rendered: bytes) -> None:
        """Store a rendered entry under `place`, in place of a former one."""
        if _size(entry, rendered) > self._max_bytes:
            return
        with self._lock:
            if place in self._held:
                self._size -= _size(*self._held.pop(place))
            self._held[place] = entry, rendered
            self._size += _size(entry, rendered)
            while self._size > self._max_bytes:
                self._size -= _size(*self._held.popitem(last=False)[1])


def _size(entry: Entry, rendered: bytes) -> int:
    return len(rendered) + sys.getsizeof(entry.article.content) + OVERHEAD


NOTHING: Final = EntryCache(0)
