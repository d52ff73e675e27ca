"""Entries as they were rendered, kept for the next document that shows them: an article stands in many slices.

Nothing that is kept can be stale: it stands beside the entry that it was made of, and is used for an equal one only.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from threading import Lock
from typing import Final

from feedsvc.feeds.feed import Entry, Feed

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


@dataclass(frozen=True, slots=True)
class Parts:
    """A document cut at its entries: head + entries, with separators between them + tail."""

    head: bytes
    entries: Sequence[bytes]
    tail: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How a format is rendered. `parts` makes and cuts a document; `beside` is what decides how an entry looks in a
    document of `feed`, beside itself."""

    format: str
    separator: bytes
    parts: Callable[[Feed], Parts]
    beside: Callable[[Feed, Entry], Hashable]

    def __call__(self, feed: Feed, kept: EntryCache = NOTHING) -> bytes:
        """Return the document, in UTF-8. Entries that are `kept` are not rendered again.

        Where it would have more than `feed.max_bytes`, the newest entries are shown in full while they fit, the first
        one always, and all others with their summary.
        """
        sure = len(feed.entries)
        if feed.max_bytes:
            # An entry has no fewer bytes than its content has characters. What cannot fit is not rendered in full.
            lengths = accumulate(len(each.article.content) for each in feed.entries)
            sure = max(1, sum(length <= feed.max_bytes for length in lengths))
        shown = (*feed.entries[:sure], *map(_in_short, feed.entries[sure:]))
        made = self._made(replace(feed, entries=shown), kept)
        if feed.max_bytes and self._size(made) > feed.max_bytes:
            made = self._shortened(feed, made, kept)
        return made.head + self.separator.join(made.entries) + made.tail

    def _made(self, feed: Feed, kept: EntryCache) -> Parts:
        """Return the parts of a document with these entries."""
        places = [(self.format, each.article.id, each.body, self.beside(feed, each)) for each in feed.entries]
        shown = dict(zip(places, feed.entries, strict=True))
        found = {place: held for place, entry in shown.items() if (held := kept.find(place, entry)) is not None}
        missing = {place: entry for place, entry in shown.items() if place not in found}
        parts = self.parts(replace(feed, entries=tuple(missing.values())))
        for (place, entry), rendered in zip(missing.items(), parts.entries, strict=True):
            found[place] = rendered
            kept.keep(place, entry, rendered)
        return Parts(parts.head, [found[place] for place in places], parts.tail)

    def _shortened(self, feed: Feed, made: Parts, kept: EntryCache) -> Parts:
        """Return `made` with as many of its entries in full as fit into `feed.max_bytes`, and at least one."""
        short = self._made(replace(feed, entries=tuple(map(_in_short, feed.entries))), kept)
        size, full = self._size(short), 0
        for whole, summary in zip(made.entries, short.entries, strict=True):
            size += len(whole) - len(summary)
            if full and size > feed.max_bytes:
                break
            full += 1
        return Parts(made.head, [*made.entries[:full], *short.entries[full:]], made.tail)

    def _size(self, parts: Parts) -> int:
        between = len(self.separator) * max(0, len(parts.entries) - 1)
        return len(parts.head) + sum(map(len, parts.entries)) + between + len(parts.tail)


def _in_short(entry: Entry) -> Entry:
    return replace(entry, body="summary")
