"""What a document format is: its names, what it can say, and how a feed is rendered in it. Pure.

`formats` has the table of them; each is made in the module of its own name.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from feedsvc.feeds.entry_cache import NOTHING, EntryCache
from feedsvc.feeds.feed import Entry, Feed


@dataclass(frozen=True, slots=True)
class Parts:
    """A document cut at its entries: head + entries, with separators between them + tail."""

    head: bytes
    entries: Sequence[bytes]
    tail: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A document format. `suffix` is its name in addresses, and `name` is what a person calls it.

    A format that `carries_tombstones` can say which articles were removed (RFC 6721), so it has documents of changes.
    `parts` makes a document and cuts it at its entries, which `separator` parts. `beside` is what decides how an entry
    looks in a document of a feed, beside the entry itself.
    """

    suffix: str
    name: str
    media_type: str
    carries_tombstones: bool
    separator: bytes
    parts: Callable[[Feed], Parts]
    beside: Callable[[Feed, Entry], Hashable]

    def render(self, feed: Feed, kept: EntryCache = NOTHING) -> bytes:
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
        places = [(self.suffix, each.article.id, each.body, self.beside(feed, each)) for each in feed.entries]
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
