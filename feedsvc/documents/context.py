"""What rendering needs beside a snapshot of the store."""

from dataclasses import dataclass

from feedsvc.feeds.entry_cache import NOTHING, EntryCache


@dataclass(frozen=True, slots=True)
class RenderContext:
    """`entries` holds rendered entries, so that a document renders only those that are not in it."""

    entries: EntryCache = NOTHING
