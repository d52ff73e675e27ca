"""How many bytes entries of one kind may take, and which go when they take more: about the least recently used."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from feedsvc.web.cache.state import CachedDocument


@dataclass(slots=True)
class _Place:
    """An entry's: what it took when it came, and how far `used` was when it was last passed."""

    entry: CachedDocument
    size: int
    used: int


class SizeBoundedLRU:
    """Room for `max_bytes`. Whoever calls it holds a lock.

    Who uses an entry only writes down that it did. When its turn comes to go, it is passed once for that: so a use
    costs nothing here, and what has to go is found without a look at all.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self.size = max_bytes, 0
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()

    def put(self, key: Hashable, entry: CachedDocument) -> None:
        """A new entry goes last; one in the place of another stands where that stood."""
        before = self._places.get(key)
        self._places[key] = place = _Place(entry, entry.size, before.used if before else entry.used)
        self.size += place.size - (before.size if before else 0)

    def take_out(self, key: Hashable) -> None:
        """What is not there needs no taking out."""
        place = self._places.pop(key, None)
        self.size -= place.size if place else 0

    def crowded_out(self, latest: Hashable) -> Iterator[Hashable]:
        """Takes out what has no room, one after the other; `latest` stays."""
        while self.size > self._max_bytes and len(self._places) > 1:
            key, place = self._places.popitem(last=False)
            if place.entry.used > place.used or key == latest:
                place.used = place.entry.used
                self._places[key] = place
                continue
            self.size -= place.size
            yield key
