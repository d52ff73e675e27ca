"""Media files in object storage, read through a local cache."""

import hashlib
import io
import time
from collections.abc import Collection, Iterable, Mapping, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from threading import BoundedSemaphore, Lock, Thread
from typing import BinaryIO, Final

from feedsvc.errors import StorageUnavailable
from feedsvc.media.chunk_cache import ChunkCache
from feedsvc.media.storage import IMMUTABLE, PUBLIC_NAME, SourceLost
from feedsvc.storage.object_storage import PAUSE_SECONDS, ObjectStorage
from feedsvc.terminal import logger

log = logger("feedsvc.media")

# What is read at once. A player that asks for the end of a long video waits for one chunk, not for all before it.
CHUNK: Final = 4 * 1024 * 1024
# A smaller file is put by one request. A larger one is read in pieces, and its upload ends where they are wrong.
WHOLE: Final = 8 * 1024 * 1024
# What a page that is being made may wait for an image, and how many such requests may be under way.
BRIEF_SECONDS: Final = 2.0
_BRIEF_REQUESTS: Final = 8
# Objects that one request lists.
_PAGE: Final = 1000


class MediaObjects:
    """The media files that are objects of `storage`, directly below its URL."""

    is_remote = True
    # An upload waits for the network most of the time.
    concurrency = 8

    def __init__(self, storage: ObjectStorage, cache: ChunkCache) -> None:
        self.storage, self._cache = storage, cache
        # The number of requests that the last list of all objects took.
        self._pages = 1
        # The requests for beginnings that are under way, and until when there is none, since one took too long.
        self._brief = BoundedSemaphore(_BRIEF_REQUESTS)
        self._hurried_until = 0.0
        # Threads that want the same chunk fetch it once.
        self._fetching = [Lock() for _ in range(32)]

    def __str__(self) -> str:
        """Return the URL."""
        return str(self.storage)

    @property
    def problem(self) -> str:
        """The last failure of the storage in this process, "" after a success."""
        return self.storage.problem

    def put(self, name: str, media_type: str, pieces: Iterable[bytes], /) -> None:
        """See `MediaStorage.put`."""
        checked = _checked(name, pieces)
        first: list[bytes] = []
        size = 0
        for piece in checked:
            first.append(piece)
            size += len(piece)
            if size > WHOLE:
                break
        attributes = {"Content-Type": media_type, "Cache-Control": IMMUTABLE}
        data = b"".join(first)
        self.storage.put(name, data if size <= WHOLE else chain([data], checked), attributes)

    def missing(self, lengths: Mapping[str, int]) -> set[str]:
        """See `MediaStorage.missing`. Raises StorageUnavailable where that is not known."""
        if len(lengths) > self._pages:
            found: Mapping[str, int | None] = self._lengths()
        else:
            with ThreadPoolExecutor(self.concurrency) as pool:
                found = dict(zip(lengths, pool.map(self.storage.length, lengths), strict=True))
        return {name for name, length in lengths.items() if found.get(name) != length}

    def unreadable(self, names: Collection[str]) -> set[str]:
        """Read a byte of one of the files: the right to list a bucket is not the right to read what is in it.

        Return no name: rights are those of the bucket. Raises StorageUnavailable if it may not be read.
        """
        if names:
            with suppress(FileNotFoundError):
                self.storage.get(min(names), 0, 1)
        return set()

    def _lengths(self) -> dict[str, int]:
        found = self.storage.lengths()
        self._pages = 1 + len(found) // _PAGE
        return found

    def delete(self, names: Collection[str]) -> None:
        """See `MediaStorage.delete`."""
        try:
            self.storage.delete(names)
        except StorageUnavailable as error:
            log.warning("%s; no article uses %s (feedsvc sync --full deletes them)", error, ", ".join(sorted(names)))

    def delete_others(self, named: Set[str]) -> None:
        """See `MediaStorage.delete_others`. A failure is a warning: nothing that is published depends on it."""
        try:
            self.storage.delete([each for each in self._lengths() if each not in named and PUBLIC_NAME.fullmatch(each)])
        except StorageUnavailable as error:
            log.warning("%s; files that no article uses are not deleted", error)

    def prepare(self) -> None:
        """Do nothing: a bucket is made by its owner."""

    def open(self, name: str, length: int, /) -> "MediaObject":
        """Return a stream of a file, which reads nothing yet."""
        return MediaObject(self, name, length)

    def beginning(self, name: str) -> BinaryIO:
        """Return the first chunk of a file. Raises StorageUnavailable, and does so after BRIEF_SECONDS at the latest.

        A page that is being made can do without the size of an image, and a thread that makes pages cannot wait. After
        a request that took too long, no other one is made for PAUSE_SECONDS.
        """
        if found := self.cached(name, 0, None):
            return found
        if time.monotonic() < self._hurried_until or not self._brief.acquire(blocking=False):
            raise StorageUnavailable(f"{self} is too slow for now")
        future: Future[BinaryIO] = Future()

        def fetch() -> None:
            try:
                file = self.fetch(name, 0, None)
            except StorageUnavailable as error:
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)
            else:
                if future.set_running_or_notify_cancel():
                    future.set_result(file)
                else:
                    file.close()
            finally:
                self._brief.release()

        Thread(target=fetch, name="feedsvc image size", daemon=True).start()
        try:
            return future.result(BRIEF_SECONDS)
        except TimeoutError:
            if not future.cancel():
                return future.result()
            self._hurried_until = time.monotonic() + PAUSE_SECONDS
            raise StorageUnavailable(f"{self} is too slow for now") from None

    def identity(self) -> None:
        """Return None: there is one storage at a URL."""

    def changed_at(self) -> int:
        """Return 0: no request tells it."""
        return 0

    def cached(self, name: str, chunk: int, length: int | None) -> BinaryIO | None:
        """Return a chunk of a file of `length` bytes from the cache; None if it is not there."""
        size = None if length is None else min(CHUNK, length - chunk * CHUNK)
        return self._cache.open(f"{name}.{chunk}", size)

    def fetch(self, name: str, chunk: int, length: int | None) -> BinaryIO:
        """Return a chunk from the object storage, and keep it in the cache. Raises StorageUnavailable.

        A file of one chunk is compared with its name, a longer one has the length that the store has.
        """
        with self._fetching[hash((name, chunk)) % len(self._fetching)]:
            if found := self.cached(name, chunk, length):
                return found
            try:
                data, whole = self.storage.get(name, chunk * CHUNK, (chunk + 1) * CHUNK)
            except FileNotFoundError as error:
                raise StorageUnavailable(f"{name} is missing from {self} (feedsvc sync makes it again)") from error
            if length not in (None, whole) or len(data) != min(CHUNK, whole - chunk * CHUNK):
                raise StorageUnavailable(f"{name} has another length in {self} (feedsvc sync makes it again)")
            if whole <= CHUNK and not hashlib.sha256(data).hexdigest().startswith(name.partition(".")[0]):
                raise StorageUnavailable(f"{name} is damaged in {self} (delete it there, then run feedsvc sync)")
            return self._cache.put(f"{name}.{chunk}", data)


class MediaObject(io.RawIOBase):
    """A stream of a file in object storage. Reading gets chunks as they are needed, and raises StorageUnavailable."""

    def __init__(self, objects: MediaObjects, name: str, length: int) -> None:
        super().__init__()
        self._objects, self._name, self._length = objects, name, length
        self._at = 0
        self._chunks: dict[int, BinaryIO] = {}

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Change the position, and return it. This reads nothing."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def is_local(self, start: int, stop: int) -> bool:
        """Return whether the bytes from `start` to `stop` can be read without a request; keep them open if so."""
        for chunk in _chunks(start, stop):
            if chunk not in self._chunks:
                found = self._objects.cached(self._name, chunk, self._length)
                if found is None:
                    return False
                self._chunks[chunk] = found
        return True

    def fetch(self, start: int, stop: int) -> None:
        """Get the bytes from `start` to `stop`, and keep them open until they are read. Raises StorageUnavailable."""
        for chunk in _chunks(start, stop):
            if chunk not in self._chunks:
                self._chunks[chunk] = self._objects.cached(self._name, chunk, self._length) or self._objects.fetch(
                    self._name, chunk, self._length
                )

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Read up to the end of the chunk at the position. Return the number of bytes, 0 at the end."""
        if self._at >= self._length:
            return 0
        chunk, offset = divmod(self._at, CHUNK)
        for each in [each for each in self._chunks if each < chunk]:
            self._chunks.pop(each).close()
        self.fetch(self._at, self._at + 1)
        file = self._chunks[chunk]
        file.seek(offset)
        data = file.read(min(len(buffer), CHUNK - offset, self._length - self._at))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the open chunks."""
        for each in self._chunks.values():
            each.close()
        self._chunks.clear()
        super().close()


def _chunks(start: int, stop: int) -> range:
    return range(start // CHUNK, (max(start + 1, stop) - 1) // CHUNK + 1)


def _checked(name: str, pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Yield the pieces. Raise SourceLost before the last one if they are not what `name` says."""
    digest, before = hashlib.sha256(), b""
    for piece in pieces:
        digest.update(piece)
        if before:
            yield before
        before = piece
    if not digest.hexdigest().startswith(name.partition(".")[0]):
        raise SourceLost("it changed while it was copied")
    yield before
