"""A document format: its names, its capabilities, and how a feed is rendered in it. Pure.

`formats` has the table of formats. Each is defined in a module of its own.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from feedsvc.feeds.entry_cache import NOTHING, EntryCache
from feedsvc.feeds.feed import Entry, Feed


@dataclass(frozen=True, slots=True)
class Parts:
    """A document cut at its entries: the head, the entries with separators between them, and the tail."""

    head: bytes
    entries: Sequence[bytes]
    tail: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A document format. `suffix` is its name in addresses, `name` its name for people.

    A format that `carries_tombstones` can say which articles were removed (RFC 6721), so it has documents of changes.
    `parts` renders a document and cuts it at its entries; `separator` is between them. `beside` returns what else of a
    feed changes the rendering of an entry.
    """

    suffix: str
    name: str
    media_type: str
    carries_tombstones: bool
    separator: bytes
    parts: Callable[[Feed], Parts]
    beside: Callable[[Feed, Entry], Hashable]

    def render(self, feed: Feed, kept: EntryCache = NOTHING) -> bytes:
        """Return the document in UTF-8. Entries in the cache `kept` are not rendered again.

        If the document would be larger than `feed.max_bytes`, the newest entries are in full as long as they fit, the
        first one always, and the others have their summary.
        """
        sure = len(feed.entries)
        if feed.max_bytes:
            # An entry has at least as many bytes as its content has characters. An entry that cannot fit is not
            # rendered in full.
            lengths = accumulate(len(each.article.content) for each in feed.entries)
            sure = max(1, sum(length <= feed.max_bytes for length in lengths))
        shown = (*feed.entries[:sure], *map(_in_short, feed.entries[sure:]))
        made = self._made(replace(feed, entries=shown), kept)
        if feed.max_bytes and self._size(made) > feed.max_bytes:
            # As many in full as fit, at least one.
            short = self._made(replace(feed, entries=tuple(map(_in_short, feed.entries))), kept)
            size, full = self._size(short), 0
            for whole, summary in zip(made.entries, short.entries, strict=True):
                size += len(whole) - len(summary)
                if full and size > feed.max_bytes:
                    break
                full += 1
            made = Parts(made.head, [*made.entries[:full], *short.entries[full:]], made.tail)
        if not made.entries:
            return made.head + made.tail
        # "+" would copy the whole document.
        entries = [made.head + made.entries[0], *made.entries[1:]]
        entries[-1] += made.tail
        return self.separator.join(entries)

    def _made(self, feed: Feed, kept: EntryCache) -> Parts:
        """Return the parts of a document with these entries."""
        places = [(self.suffix, each.article.id, each.body, self.beside(feed, each)) for each in feed.entries]
        shown = dict(zip(places, feed.entries, strict=True))
        found = {place: held for place, entry in shown.items() if (held := kept.find(place, entry)) is not None}
        missing = {place: entry for place, entry in shown.items() if place not in found}
        parts = self.parts(replace(feed, entries=tuple(missing.values())))
        for (place, entry), rendered in zip(missing.items(), parts.entries, strict=True):
            found[place] = rendered
            kept.keep(place, entry, rendered)
        return Parts(parts.head, [found[place] for place in places], parts.tail)

    def _size(self, parts: Parts) -> int:
        between = len(self.separator) * max(0, len(parts.entries) - 1)
        return len(parts.head) + sum(map(len, parts.entries)) + between + len(parts.tail)


def _in_short(entry: Entry) -> Entry:
    return replace(entry, body="summary")
