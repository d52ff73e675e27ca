"""Documents by what they show: rendered once per commit, bounded in bytes, least recently used out first.

Where something watches the store (`freshness`), what is held is right until `refresh` says otherwise, and nobody asks
the store. Where nothing does, each `get` asks it for its version.
"""

import itertools
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from threading import Lock
from typing import Final

from werkzeug.exceptions import HTTPException

from feedsvc.documents.document import Document, finish
from feedsvc.errors import RequestError, SearchTooSlow, StoreError, TooBusy, UnknownFacet
from feedsvc.lru import SizeBoundedLRU
from feedsvc.store import Snapshot, Store, Version
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
    """`within` gives renderers what they need where no request is being answered: an application's context."""

    def __init__(
        self,
        store: Store,
        max_bytes: int,
        within: Callable[[], AbstractContextManager[object]] = nullcontext,
        limiter: RenderLimiter | None = None,
    ) -> None:
        self._store, self._within = store, within
        bytes_of = {cost: max_bytes // part for cost, part in PARTS.items()}
        bytes_of[Cost.COMMON] = max_bytes - sum(bytes_of.values())
        self._rooms = {cost: SizeBoundedLRU(size) for cost, size in bytes_of.items()}
        self._limiter = limiter or RenderLimiter(UNLIMITED)
        self.held = CacheState()
        self._lock = Lock()
        self._makers = _Makers()
        self._uses = itertools.count(1)
        self._seen: Version | None = None
        self.watched = False
        # Why the last refresh failed; "" where it went well. It may name files.
        self.problem = ""

    def get(self, key: Hashable, render: Render, cost: Cost = Cost.COMMON) -> Document:
        """Return the document under `key`; the earlier one, while the store cannot be read or a thread makes a new one.

        A document that has to be made waits for a slot of its `cost`. Raises what `render` raises, and StoreError or
        TooBusy where there is no earlier one.
        """
        entry = self.held.entries.get(key)
        if entry is not None:
            entry.used = next(self._uses)
            if self.watched:
                is_current = not entry.stale
            else:
                try:
                    with self._store.read() as snapshot:
                        is_current = entry.at == snapshot.version()
                except StoreError:
                    # Nothing newer can be made of a store that cannot be read.
                    is_current = True
            if is_current or self._makers.are_at(key):
                return entry.document
        try:
            # A thread that waits for another one takes a place, but no slot.
            with self._limiter.place(cost), self._makers.lock(key) as lock, self._limiter.waiting(cost, lock):
                made = self.known(key)
                if made is not None:
                    return made.document
                with self._limiter.slot(cost):
                    return self._make(key, render, cost)
        except TooBusy:
            if entry is None:
                raise
            return entry.document

    def known(self, key: Hashable) -> CachedDocument | None:
        """What is held under `key` and known to be right, without asking anybody."""
        entry = self.held.entries.get(key)
        if entry is None or entry.stale or not self.watched:
            return None
        entry.used = next(self._uses)
        return entry

    def _make(self, key: Hashable, render: Render, cost: Cost) -> Document:
        held = self.held.entries.get(key)
        try:
            with self._store.read() as snapshot:
                version = snapshot.version()
                if held is not None and held.at == version:
                    held.stale = False
                    return held.document
                rendered = render(snapshot)
        except StoreError:
            if held is None:
                raise
            return held.document
        document = finish(rendered, key, held.document if held else None)
        made = CachedDocument(document, render, version, next(self._uses), cost=cost)
        with self._lock:
            # Where its snapshot is older than the last refresh, that one did not see it.
            made.stale = self._seen is not None and version.is_before(self._seen)
            entries = self.held.entries
            before = entries.get(key)
            if before is None or not version.is_before(before.at):
                entries[key] = made
                if self._crowd_out(entries, key, made) or before is not None:
                    self.held = self.held.without_answers()
        return document

    def _crowd_out(self, entries: dict[Hashable, CachedDocument], key: Hashable, made: CachedDocument) -> bool:
        """Take out of `entries` what has no room beside a new one of them; whether there was any."""
        room = self._room(made)
        room.put(key, made)
        gone = list(room.crowded_out(key))
        for each in gone:
            del entries[each]
        return bool(gone)

    def _room(self, entry: CachedDocument) -> SizeBoundedLRU:
        return self._rooms[entry.cost]

    def start_over(self) -> None:
        """Compare no document with the store by its version any more: it may be an older copy that has gone on since.

        Two histories of one store have the same numbers. The documents are served until a refresh has made them again.
        """
        with self._lock:
            self._seen = None
            for entry in self.held.entries.values():
                entry.at = Version("", 0, 0)

    def refresh(self) -> None:
        """Bring the documents up to the store's last commit; readers see all of it at once. Raises StoreError."""
        with self._store.read() as snapshot:
            version = snapshot.version()
            if version == self._seen:
                return
            with self._lock:
                entries = {**self.held.entries}
            held = [(key, entry) for key, entry in entries.items() if not entry.stale and entry.at != version]
            since = {at: snapshot.touched_since(at) for at in {entry.at for _, entry in held}}
            touched = []
            for key, entry in held:
                if since[entry.at].includes(entry.document.made_of):
                    touched.append((key, entry))
                else:
                    entry.at = version
            touched.sort(key=lambda each: -each[1].used)
            fresh, lost = self._rendered(snapshot, version, touched)
        with self._lock:
            self._seen = version
            entries = {**self.held.entries}
            # For these there was no time, or the search was too slow: the next request for one renders it.
            stale = {
                key: replace(entry, stale=True)
                for key, entry in touched
                if key not in fresh and key not in lost and entries.get(key) is entry
            }
            for key in lost & entries.keys():
                self._room(entries[key]).take_out(key)
                del entries[key]
            for key, entry in {**stale, **fresh}.items():
                # A thread may have rendered it of a newer commit meanwhile.
                if key not in entries or not entry.at.is_before(entries[key].at):
                    entries[key] = entry
                    self._crowd_out(entries, key, entry)
            self.held = self.held.followed_by(entries, moved=any(each.everything for each in since.values()))

    def _rendered(
        self, snapshot: Snapshot, version: Version, entries: list[tuple[Hashable, CachedDocument]]
    ) -> tuple[dict[Hashable, CachedDocument], set[Hashable]]:
        """What was made again while there is time, and the keys that show nothing any more: who asks next is told."""
        fresh: dict[Hashable, CachedDocument] = {}
        lost: set[Hashable] = set()
        end = time.monotonic() + REFRESH_SECONDS
        for key, entry in entries:
            if fresh and time.monotonic() > end:
                break
            snapshot.reset_search_time()
            try:
                with self._within():
                    document = finish(entry.render(snapshot), key, entry.document)
            except SearchTooSlow:
                continue
            except StoreError:
                raise
            except (RequestError, UnknownFacet, HTTPException):
                lost.add(key)
            except Exception:
                log.exception("cannot render %r again", key)
                lost.add(key)
            else:
                fresh[key] = CachedDocument(document, entry.render, version, entry.used, cost=entry.cost)
        return fresh, lost


class _Makers:
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

    def are_at(self, key: Hashable) -> bool:
        """Whether a thread makes `key` just now."""
        return key in self._busy
