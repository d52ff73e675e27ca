"""Entries as they were rendered, kept for the next document that shows them: an article stands in many slices.

Nothing that is kept can be stale: it stands beside the entry that it was made of, and is used for an equal one only.
"""

import sys
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final

from feedsvc.feeds.feed import Entry

# What an entry takes in memory beside its content: its other texts and the objects that hold them, about.
OVERHEAD: Final = 4096


class EntryCache:
    """At most `max_bytes`, about, of rendered entries and what they were made of; least recently used out first.

    Threads may share it.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[Hashable, tuple[Entry, bytes]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """In bytes, about."""
        return self._size

    def find(self, place: Hashable, entry: Entry) -> bytes | None:
        """What was made of an entry that is equal to this one, if it is held at that place."""
        with self._lock:
            held = self._held.get(place)
            if held is None:
                return None
            self._held.move_to_end(place)
        return held[1] if held[0] == entry else None

    def keep(self, place: Hashable, entry: Entry, rendered: bytes) -> None:
        """Hold what was made of an entry, instead of what is held at that place."""
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
