"""Finished documents by what they show: rendered once per commit, bounded in bytes, least recently used out first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from feedsvc.errors import StoreError
from feedsvc.store import Snapshot, Store
from feedsvc.web.document import Document, Rendered, finish

Render = Callable[[Snapshot], Rendered]


@dataclass(frozen=True, slots=True)
class _Held:
    version: tuple[str, int]
    document: Document

    @property
    def size(self) -> int:
        return sum(map(len, self.document.bodies.values()))


class ResponseCache:
    """Asks the store for its version at each `get`; at the same version a held document is still right."""

    def __init__(self, store: Store, max_bytes: int) -> None:
        self._store, self._max_bytes = store, max_bytes
        self._held: OrderedDict[Hashable, _Held] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable, render: Render) -> Document:
        """The document under `key`, of one snapshot; the last one made, while the store cannot be read.

        Raises what `render` raises, and StoreError where nothing is held.
        """
        held = self._look(key)
        try:
            with self._store.read() as snapshot:
                version = snapshot.version()
                if held is not None and held.version == version:
                    return held.document
                rendered = render(snapshot)
        except StoreError:
            if held is None:
                raise
            return held.document
        document = finish(rendered, held.document if held else None)
        self._keep(key, _Held(version, document))
        return document

    def _look(self, key: Hashable) -> _Held | None:
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
            return held

    def _keep(self, key: Hashable, held: _Held) -> None:
        with self._lock:
            old = self._held.pop(key, None)
            self._size += held.size - (old.size if old else 0)
            self._held[key] = held
            while self._size > self._max_bytes and len(self._held) > 1:
                _, dropped = self._held.popitem(last=False)
                self._size -= dropped.size
