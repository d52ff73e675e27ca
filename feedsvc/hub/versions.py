"""The current documents of the feeds with subscriptions, each rendered once after a commit that touched it."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from feedsvc.documents.context import RenderContext
from feedsvc.documents.entity_tag import entity_tag
from feedsvc.documents.feeds import render_feed
from feedsvc.errors import GoneTopic
from feedsvc.feeds.entry_cache import EntryCache
from feedsvc.feeds.feed import hub_urls
from feedsvc.hub.feed_urls import HubFeed, feed_at, present_feed
from feedsvc.store import Snapshot, Store, Version
from feedsvc.store.facets import Facet

# Of documents, and of rendered entries.
CACHE_BYTES: Final = 64 * 1024 * 1024
ENTRY_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CurrentDocument:
    """A version of a feed, as it is delivered: its bytes and header fields, and the commit it was rendered of.

    `changed_at` is the time of the last commit that touched it, rounded up to seconds since 1970 (UTC).
    """

    tag: str
    body: bytes
    media_type: str
    hubs: tuple[str, ...]
    self_url: str
    base_url: str
    version: Version
    changed_at: float
    made_of: frozenset[Facet] | None


class FeedGone(Exception):
    """A feed was closed, which the message says: its subscriptions end."""


class Documents:
    """Renders feeds by their paths, and keeps the documents used last. For one thread."""

    def __init__(self, store: Store, max_bytes: int = CACHE_BYTES) -> None:
        self._store, self._max_bytes = store, max_bytes
        self._entries = EntryCache(ENTRY_BYTES)
        self._kept: OrderedDict[str, CurrentDocument] = OrderedDict()
        self._size = 0

    def find(self, feed: str, tag: str) -> CurrentDocument | None:
        """Return that version of a feed, if it is kept."""
        found = self._kept.get(feed)
        if found is None or found.tag != tag:
            return None
        self._kept.move_to_end(feed)
        return found

    def render(self, feed: str) -> CurrentDocument:
        """Return the current version of a feed. Raises FeedGone, RequestError, UnknownFacet, StoreError."""
        with self._store.read() as snapshot:
            site = snapshot.site()
            try:
                present: HubFeed = present_feed(feed_at(feed), snapshot, site)
            except GoneTopic as error:
                raise FeedGone(str(error)) from error
            rendered = render_feed(snapshot, present.request, RenderContext(entries=self._entries))
            made = CurrentDocument(
                tag=entity_tag(rendered.body),
                body=rendered.body,
                media_type=rendered.media_type,
                hubs=hub_urls(site),
                self_url=site.addresses.absolute(present.path),
                base_url=site.base_url,
                version=snapshot.version(),
                changed_at=rendered.last_modified.timestamp() + 1,
                made_of=frozenset(rendered.made_of) if rendered.made_of is not None else None,
            )
        before = self._kept.pop(feed, None)
        self._size += len(made.body) - (len(before.body) if before else 0)
        self._kept[feed] = made
        while self._size > self._max_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped.body)
        return made


class Outdated:
    """The feeds that commits touched and that are not rendered again yet. For one thread."""

    def __init__(self) -> None:
        self.at: Version | None = None
        # What each feed is made of, as it was rendered last; None stands for everything.
        self._known: dict[str, frozenset[Facet] | None] = {}
        # In the order in which they were touched.
        self._waiting: dict[str, None] = {}

    def __len__(self) -> int:
        """Return how many feeds wait."""
        return len(self._waiting)

    def follow(self, snapshot: Snapshot) -> None:
        """Note which of the feeds the commits since the last call touched; at the first call, all of them."""
        version = snapshot.version()
        if version == self.at:
            return
        touched = snapshot.touched_since(self.at) if self.at is not None else None
        self.at = version
        for feed, facets in self._known.items():
            if touched is None or touched.includes(facets):
                self._waiting[feed] = None

    def know(self, feeds: Collection[str]) -> None:
        """Have exactly these feeds; new ones wait to be rendered."""
        for feed in feeds:
            if feed not in self._known:
                self._known[feed] = None
                self._waiting[feed] = None
        for feed in self._known.keys() - set(feeds):
            del self._known[feed]
            self._waiting.pop(feed, None)

    def add(self, feed: str) -> bool:
        """Let a feed no longer wait, since the caller renders it. Return False if it was rendered already."""
        if feed in self._known and feed not in self._waiting:
            return False
        self._known.setdefault(feed, None)
        self._waiting.pop(feed, None)
        return True

    def rendered(self, feed: str, facets: frozenset[Facet] | None) -> None:
        """Note what a feed is made of."""
        self._known[feed] = facets

    def take(self) -> str | None:
        """Return the feed that waits longest, which then no longer waits; None if there is none.

        Those of topics and of all articles are before their slices, of which strangers subscribe to any number.
        """
        feed = min(self._waiting, key=lambda each: "?" in each, default=None)
        if feed is not None:
            del self._waiting[feed]
        return feed

    def put_back(self, feed: str) -> None:
        """Let a feed wait again, behind the others."""
        self._waiting[feed] = None
