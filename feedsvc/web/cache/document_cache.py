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
        """The document under `key`; the last one made, while the store cannot be read or another thread makes it.

        One that has to be made waits for a slot of its `cost`. Raises what `render` raises, and StoreError where
        nothing is held.
        """
        entry = self.held.entries.get(key)
        if entry is not None:
            entry.used = next(self._uses)
            if self._is_right(entry) or self._makers.are_at(key):
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

    def _is_right(self, entry: CachedDocument) -> bool:
        """Whether what is held is of the last commit, or nobody can tell, since the store cannot be read."""
        if self.watched:
            return not entry.stale
        try:
            with self._store.read() as snapshot:
                return entry.at == snapshot.version()
        except StoreError:
            return True

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
        self._keep(key, CachedDocument(document, render, version, next(self._uses), cost=cost))
        return document

    def _keep(self, key: Hashable, made: CachedDocument) -> None:
        with self._lock:
            # Of a snapshot taken before the last refresh: that one passed it by.
            made.stale = self._seen is not None and made.at.is_before(self._seen)
            held = self.held.entries
            before = held.get(key)
            if before is not None and made.at.is_before(before.at):
                return
            held[key] = made
            if self._crowd_out(held, key, made) or before is not None:
                self.held = self.held.without_answers()

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

    def _become(self, made: Mapping[Hashable, CachedDocument], lost: Set[Hashable], *, moved: bool) -> None:
        """Put entries in and take out `lost`, in one step. What a key shows never goes back to an older commit."""
        entries = {**self.held.entries}
        for key in lost & entries.keys():
            self._room(entries[key]).take_out(key)
            del entries[key]
        for key, entry in made.items():
            if key not in entries or not entry.at.is_before(entries[key].at):
                entries[key] = entry
                self._crowd_out(entries, key, entry)
        self.held = self.held.followed_by(entries, moved=moved)

    def start_over(self) -> None:
        """Compare no document with the store by its version any more: it may be an older copy that has gone on since.

        Two histories of one store have the same numbers. The documents are served until a refresh has made them again.
        """
        with self._lock:
            self._seen = None
            for entry in self.held.entries.values():
                entry.at = Version("", 0, 0)

    def refresh(self) -> None:
        """Bring what is held up to the store's last commit; readers see all of it at once. Raises StoreError."""
        with self._store.read() as snapshot:
            version = snapshot.version()
            if version == self._seen:
                return
            touched, everything = self._touched(snapshot, version)
            fresh, lost = self._rendered(snapshot, version, touched)
        with self._lock:
            self._seen = version
            held = self.held.entries
            passed_by = [(key, entry) for key, entry in touched if key not in fresh and held.get(key) is entry]
            stale = {key: replace(entry, stale=True) for key, entry in passed_by}
            self._become({**stale, **fresh}, lost, moved=everything)

    def _touched(self, snapshot: Snapshot, version: Version) -> tuple[list[tuple[Hashable, CachedDocument]], bool]:
        """What may have changed, last used first, and whether everything may; the rest is of `version` from now on."""
        with self._lock:
            entries = list(self.held.entries.items())
        held = [(key, entry) for key, entry in entries if not entry.stale and entry.at != version]
        since = {at: snapshot.touched_since(at) for at in {entry.at for _, entry in held}}
        found = []
        for key, entry in held:
            if since[entry.at].includes(entry.document.made_of):
                found.append((key, entry))
            else:
                entry.at = version
        found.sort(key=lambda each: -each[1].used)
        return found, any(each.everything for each in since.values())

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
            self._leave(key)

    def are_at(self, key: Hashable) -> bool:
        """Whether a thread makes `key` just now."""
        return key in self._busy

    def _leave(self, key: Hashable) -> None:
        with self._lock:
            mine, waiting = self._busy[key]
            if waiting == 1:
                del self._busy[key]
            else:
                self._busy[key] = (mine, waiting - 1)
