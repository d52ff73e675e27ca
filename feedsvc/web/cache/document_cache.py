"""Documents by what they show: rendered once per commit, bounded in bytes, least recently used out first.

Where something watches the store (`freshness`), what is held is right until `refresh` says otherwise, and nobody asks
the store. Where nothing does, each `get` asks it for its version.
"""

import itertools
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from threading import Lock
from typing import Final

from werkzeug.exceptions import HTTPException

from feedsvc.documents.document import Document, Rendered, finish
from feedsvc.errors import RequestError, SearchTooSlow, StoreError, UnknownFacet
from feedsvc.lru import SizeBoundedLRU
from feedsvc.store import Snapshot, Store, Version
from feedsvc.store.facets import Facet
from feedsvc.terminal import logger
from feedsvc.web.cache.state import CachedDocument, CacheState, Render
from feedsvc.web.render_limiter import UNLIMITED, Cost, RenderLimiter

log = logger("feedsvc.web")

# How long a refresh renders, last used first. What is left is made again when somebody asks for it: a commit is seen
# everywhere within about this time, however much is held.
REFRESH_SECONDS: Final = 0.5
# One part of so many of the bytes may be taken by what clients can ask for without end: they push out each other.
PARTS: Final[Mapping[Cost, int]] = {Cost.RARE: 4, Cost.SEARCH: 8}


class DocumentCache:
    """`within` gives renderers what they need where no request is being answered: an application's context.

    `fields_of` returns header fields that documents get beside their own, by the facets that they are made of.
    """

    def __init__(
        self,
        store: Store,
        max_bytes: int,
        within: Callable[[], AbstractContextManager[object]] = nullcontext,
        limiter: RenderLimiter | None = None,
        fields_of: Callable[[Set[Facet] | None], Mapping[str, str]] = lambda _made_of: {},
    ) -> None:
        self._store, self._within, self._fields_of = store, within, fields_of
        bytes_of = {cost: max_bytes // part for cost, part in PARTS.items()}
        bytes_of[Cost.COMMON] = max_bytes - sum(bytes_of.values())
        self._lrus = {cost: SizeBoundedLRU(size) for cost, size in bytes_of.items()}
        self._limiter = limiter or RenderLimiter(UNLIMITED)
        self.state = CacheState()
        self._lock = Lock()
        self._rendering = _RenderingThreads()
        self._uses = itertools.count(1)
        self._seen: Version | None = None
        self.watched = False
        # When the documents were last known to be those of the last commit, on the monotonic clock.
        self.current_at: float | None = None
        # Why the last refresh failed; "" where it went well. It may name files.
        self.problem = ""

    def get(self, key: Hashable, render: Render, cost: Cost = Cost.COMMON) -> Document:
        """Return the document under `key`; the earlier one, while the store cannot be read or a thread makes a new one.

        A document that has to be made waits for a slot of its `cost`. Raises what `render` raises, and StoreError or
        TooBusy where there is no earlier one.
        """
        entry = self.state.entries.get(key)
        if entry is not None:
            entry.used = next(self._uses)
            if self._is_current(entry) or self._rendering.are_rendering(key):
                return entry.document
        try:
            # A thread that waits for another one takes a place, but no slot.
            with self._limiter.place(cost), self._rendering.lock(key) as lock, self._limiter.waiting(cost, lock):
                made = self.known(key)
                if made is not None:
                    return made.document
                with self._limiter.slot(cost):
                    entry = self.state.entries.get(key)
                    with self._store.read() as snapshot:
                        version = snapshot.version()
                        if entry is not None and entry.at == version:
                            entry.stale = False
                            return entry.document
                        rendered = render(snapshot)
                    document = self._finish(rendered, key, entry.document if entry else None)
                    if not rendered.is_provisional:
                        self._put(key, CachedDocument(document, render, version, next(self._uses), cost=cost))
                    return document
        except StoreError:
            if entry is None:
                raise
            return entry.document

    def _finish(self, rendered: Rendered, key: Hashable, previous: Document | None) -> Document:
        headers = {**rendered.headers, **self._fields_of(rendered.made_of)}
        return finish(replace(rendered, headers=headers), key, previous)

    @property
    def seen(self) -> Version | None:
        """The version of the store at the last refresh; None before the first one."""
        return self._seen

    def _is_current(self, entry: CachedDocument) -> bool:
        if self.watched:
            return not entry.stale
        try:
            with self._store.read() as snapshot:
                return entry.at == snapshot.version()
        except StoreError:
            # Nothing newer can be made of a store that cannot be read.
            return True

    def known(self, key: Hashable) -> CachedDocument | None:
        """What is held under `key` and known to be right, without asking anybody."""
        entry = self.state.entries.get(key)
        if entry is None or entry.stale or not self.watched:
            return None
        entry.used = next(self._uses)
        return entry

    def _put(self, key: Hashable, made: CachedDocument) -> None:
        """Hold what was rendered, unless a thread has rendered it of a newer commit meanwhile."""
        with self._lock:
            # Where its snapshot is older than the last refresh, that one did not see it.
            made.stale = self._seen is not None and made.at.is_before(self._seen)
            entries = self.state.entries
            before = entries.get(key)
            if before is None or not made.at.is_before(before.at):
                entries[key] = made
                if self._evict(entries, key, made) or before is not None:
                    self.state = self.state.without_answers()

    def _evict(self, entries: dict[Hashable, CachedDocument], key: Hashable, made: CachedDocument) -> bool:
        """Take out of `entries` what has no room beside a new one of them; whether there was any."""
        lru = self._lru(made)
        lru.put(key, made)
        gone = list(lru.evict(key))
        for each in gone:
            del entries[each]
        return bool(gone)

    def _lru(self, entry: CachedDocument) -> SizeBoundedLRU:
        return self._lrus[entry.cost]

    def mark_all_outdated(self) -> None:
        """Compare no document with the store by its version any more: it may be an older copy that has gone on since.

        Two histories of one store have the same numbers. The documents are served until a refresh has made them again.
        """
        with self._lock:
            self._seen = None
            for entry in self.state.entries.values():
                entry.at = Version("", 0, 0)

    def refresh(self) -> None:
        """Bring the documents up to the store's last commit; readers see all of it at once. Raises StoreError."""
        with self._store.read() as snapshot:
            version = snapshot.version()
            if version == self._seen:
                return
            with self._lock:
                entries = {**self.state.entries}
            outdated = [(key, entry) for key, entry in entries.items() if not entry.stale and entry.at != version]
            since = {at: snapshot.touched_since(at) for at in {entry.at for _, entry in outdated}}
            touched = []
            for key, entry in outdated:
                if since[entry.at].includes(entry.document.made_of):
                    touched.append((key, entry))
                else:
                    entry.at = version
            touched.sort(key=lambda each: -each[1].used)
            fresh, lost = self._rendered(snapshot, version, touched)
        with self._lock:
            self._seen = version
            entries = {**self.state.entries}
            # For these there was no time, or the search was too slow: the next request for one renders it.
            stale = {
                key: replace(entry, stale=True)
                for key, entry in touched
                if key not in fresh and key not in lost and entries.get(key) is entry
            }
            for key in lost & entries.keys():
                self._lru(entries[key]).remove(key)
                del entries[key]
            for key, entry in {**stale, **fresh}.items():
                # A thread may have rendered it of a newer commit meanwhile.
                if key not in entries or not entry.at.is_before(entries[key].at):
                    entries[key] = entry
                    self._evict(entries, key, entry)
            self.state = self.state.with_entries(
                entries, have_addresses_changed=any(each.everything for each in since.values())
            )

    def _rendered(
        self, snapshot: Snapshot, version: Version, entries: list[tuple[Hashable, CachedDocument]]
    ) -> tuple[dict[Hashable, CachedDocument], set[Hashable]]:
        """What was made again while there is time, and the keys of what is not cached: nothing to show, or not all."""
        fresh: dict[Hashable, CachedDocument] = {}
        lost: set[Hashable] = set()
        end = time.monotonic() + REFRESH_SECONDS
        for key, entry in entries:
            if fresh and time.monotonic() > end:
                break
            snapshot.reset_search_time()
            try:
                # A store in trouble is no error of this document: all are kept, and the refresh fails as a whole.
                with self._within(), self._store.translated():
                    rendered = entry.render(snapshot)
                    document = self._finish(rendered, key, entry.document)
            except SearchTooSlow:
                continue
            except StoreError:
                raise
            except (RequestError, UnknownFacet, HTTPException):
                lost.add(key)
            except Exception:
                # Raises if the store cannot be read any more, as when its connection was lost: nothing is wrong with
                # the document, which is served on.
                snapshot.version()
                log.exception("cannot render %r again", key)
                lost.add(key)
            else:
                if rendered.is_provisional:
                    lost.add(key)
                    continue
                fresh[key] = CachedDocument(document, entry.render, version, entry.used, cost=entry.cost)
        return fresh, lost


class _RenderingThreads:
    """Who is making what: one thread a key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._busy: dict[Hashable, tuple[Lock, int]] = {}

    @contextmanager
    def lock(self, key: Hashable) -> Iterator[Lock]:
        """The lock of those that make `key`, as long as there are any."""
        with self._lock:
            mine, waiting = self._busy.get(key, (Lock(), 0))
            self._busy[key] = (mine, waiting + 1)
        try:
            yield mine
        finally:
            with self._lock:
                mine, waiting = self._busy[key]
                if waiting == 1:
                    del self._busy[key]
                else:
                    self._busy[key] = (mine, waiting - 1)

    def are_rendering(self, key: Hashable) -> bool:
        """Whether a thread makes `key` just now."""
        return key in self._busy


class UncachedDocuments(DocumentCache):
    """Renders each document again for each request.

    In a preview, a page shows the problems of the last sync too; an export asks for each document once.
    """

    def __init__(self, store: Store, limiter: RenderLimiter) -> None:
        super().__init__(store, 0, limiter=limiter)
        self._uncached, self._slots = store, limiter

    def get(self, key: Hashable, render: Render, cost: Cost = Cost.COMMON) -> Document:
        """Return the document. Raises what `render` raises, StoreError and TooBusy."""
        with self._slots.place(cost), self._slots.slot(cost), self._uncached.read() as snapshot:
            return finish(render(snapshot), key)
