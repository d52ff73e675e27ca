"""A CDN for tests: a cache that keeps every response until one of its surrogate keys is purged."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from werkzeug.test import TestResponse

# What of a response is not about its resource.
_UNCOMPARED = ("Date", "Surrogate-Key", "X-Request-Id")


@dataclass(frozen=True)
class Kept:
    """A response as the CDN keeps it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    keys: frozenset[str]

    @property
    def compared(self) -> tuple[object, ...]:
        """What readers get."""
        return self.status, [each for each in self.headers if each[0] not in _UNCOMPARED], self.body


def kept(response: TestResponse) -> Kept:
    """Return the response as the CDN keeps it."""
    keys = response.headers.get("Surrogate-Key", "").split(" ")
    return Kept(response.status_code, tuple(response.headers), response.data, frozenset(filter(None, keys)))


class FakeCdn:
    """Keeps responses whatever their Cache-Control, as Fastly does with `no-store` unless it is told otherwise."""

    def __init__(self, origin: Callable[[str], Kept]) -> None:
        self._origin = origin
        self.kept: dict[str, Kept] = {}

    def get(self, url: str) -> Kept:
        """Return what is kept, else ask the origin."""
        if url not in self.kept:
            self.kept[url] = self._origin(url)
        return self.kept[url]

    def purge(self, keys: Collection[str]) -> set[str]:
        """Forget the responses with one of these keys. Return their URLs."""
        gone = {url for url, each in self.kept.items() if not each.keys.isdisjoint(keys)}
        for url in gone:
            del self.kept[url]
        return gone
