"""Content codings of a document: its bytes as they are, gzip and br (RFC 9110 §8.4)."""

import gzip
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import Final

import brotli

# RFC 9110 §8.4: bytes without a content coding.
IDENTITY: Final = "identity"
# `python -m bench.codings` shows what a higher one costs: for br a twentieth of the bytes for four times the time, for
# gzip a fiftieth for nearly twice the time.
BROTLI_QUALITY: Final = 6
GZIP_LEVEL: Final = 4
# Archives are larger, and fetched once by a new subscriber. For half the time, a lower level costs a fifteenth of the
# bytes: an export compresses all of them.
LARGE: Final = 128 * 1024
_FAST_BROTLI_QUALITY: Final = 4
_FAST_GZIP_LEVEL: Final = 2
# The base-2 logarithms of the window of brotli, whose default is the last but for two. Its tables grow with the window,
# and making them takes a quarter of the time of a page or an archive (decision 0350).
_WINDOWS: Final = (16, 20)


def _brotli(body: bytes, quality: int) -> bytes:
    smallest, largest = _WINDOWS
    window = min(max(len(body).bit_length(), smallest), largest)
    compressed_body: bytes = brotli.compress(body, quality=quality, lgwin=window)
    return compressed_body


_CODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": partial(_brotli, quality=BROTLI_QUALITY),
    "gzip": partial(gzip.compress, compresslevel=GZIP_LEVEL, mtime=0),
}
_FAST_CODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": partial(_brotli, quality=_FAST_BROTLI_QUALITY),
    "gzip": partial(gzip.compress, compresslevel=_FAST_GZIP_LEVEL, mtime=0),
}


def compressed(body: bytes, coding: str) -> bytes:
    """Return `body` in a content coding, as one of many documents that are compressed at once."""
    return (_FAST_CODERS if len(body) >= LARGE else _CODERS)[coding](body)


class Bodies:
    """The bytes of one document in each content coding, coded once, when first asked for."""

    __slots__ = ("_coded", "_lock")

    def __init__(self, identity: bytes) -> None:
        self._coded = {IDENTITY: identity}
        self._lock = Lock()

    def __getitem__(self, coding: str) -> bytes:
        found = self._coded.get(coding)
        if found is not None:
            return found
        with self._lock:
            if coding not in self._coded:
                self._coded[coding] = _CODERS[coding](self._coded[IDENTITY])
            return self._coded[coding]

    @property
    def used(self) -> tuple[str, ...]:
        """The codings that were asked for."""
        return tuple(self._coded)

    @property
    def size(self) -> int:
        """In bytes, as if all codings were there: text shrinks to less than half."""
        return 2 * len(self._coded[IDENTITY])
