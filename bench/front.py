"""Measure the cost of a poll in Python, in one process: `python -m bench.front`. granian's Rust code is not included.

The rival is an application that returns the same response from memory; the difference is the cost of our code. Each
figure is the minimum of many rounds, since other load on the machine only adds time.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from granian.wsgi import _callback_wrapper as as_called

from bench.publication import write
from feedsvc.config import load_settings
from feedsvc.server.granian_worker import Runner, WorkerPool
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import sync
from feedsvc.web import create_app
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.context import KEY
from feedsvc.web.stats.poll_buffer import polled
from feedsvc.web.stats.poll_counters import PollCounters

ARTICLES: Final = 60
POLLS: Final = 250
TURNS: Final = 1_000
_GET: Final = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/feeds/all.atom",
    "QUERY_STRING": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.url_scheme": "http",
    "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_USER_AGENT": "Miniflux/2.2 (+https://miniflux.app)",
    "HTTP_ACCEPT_ENCODING": "gzip",
}


class _Connection:
    """Receives a response like granian's object: in one piece, or in parts."""

    def __init__(self) -> None:
        self.status = 0
        self.fields: list[tuple[str, str]] = []
        self.body = b""

    def response_bytes(self, status: int, fields: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.fields, self.body = status, fields, body

    def response_iter(self, status: int, fields: list[tuple[str, str]], parts: Any) -> None:
        self.response_bytes(status, fields, b"".join(iter(parts.__next__, None)))


def main() -> None:
    """Print the microseconds for a poll in each case, and the cost of counting in the counting thread."""
    with _feedsvc() as ours:
        full = _answer(ours, _GET)
        conditional = {**_GET, "HTTP_IF_NONE_MATCH": dict(full.fields)["ETag"]}
        bare = _answer(ours, conditional)
        assert (full.status, bare.status) == (200, 304)
        rival = _from_memory(full, bare)
        for name, asked in (("304 by ETag", conditional), ("200 with gzip", _GET)):
            mine, theirs = _least(ours, rival, asked)
            print(f"{name:14} feedsvc {mine:.2f} µs, from memory {theirs:.2f} µs: {mine - theirs:.2f} µs are ours")
    print(f"counted after  {min(_counting() for _ in range(20)):.2f} µs")


@contextmanager
def _feedsvc() -> Iterator[Callable[..., Any]]:
    """Return the application as granian's worker calls it, with the feed in the cache and a running refresher."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        settings = load_settings({}, content=Path(name) / "content")
        write(settings.content, ARTICLES)
        store = Store(settings.store_file)
        sync(settings, load_site(settings.content, None, settings.own_url), store, datetime.now(UTC))
        app = create_app(settings)
        app.extensions[KEY].cache.watched = True
        assert isinstance(app.wsgi_app, ResponseCache)
        # Flask answers the first; from then on the document is cached.
        as_called(app, {})(_Connection(), dict(_GET))
        yield Runner(app.wsgi_app, WorkerPool(1))
        store.close()


def _from_memory(full: _Connection, bare: _Connection) -> Callable[..., Any]:
    tag = dict(full.fields)["ETag"]

    def app(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ.get("HTTP_IF_NONE_MATCH") == tag:
            start_response("304 Not Modified", bare.fields)
            return []
        start_response("200 OK", full.fields)
        return [full.body]

    return as_called(app, {})  # type: ignore[no-any-return]  # granian does not say


def _counting() -> float:
    """Return the cost of counting one of 20,000 polls a second."""
    polls, poll = PollCounters(), polled(("all", "atom"), "unchanged", 0, 400_000)
    for _ in range(20_000):
        polls.note(poll, _GET["HTTP_USER_AGENT"])
    begun = time.perf_counter()
    polls.write()
    return (time.perf_counter() - begun) / 20_000 * 1e6


def _answer(app: Callable[..., Any], asked: Mapping[str, str]) -> _Connection:
    connection = _Connection()
    app(connection, dict(asked))
    return connection


def _least(ours: Callable[..., Any], theirs: Callable[..., Any], asked: Mapping[str, str]) -> tuple[float, float]:
    turns = [(_microseconds(ours, asked), _microseconds(theirs, asked)) for _ in range(TURNS)]
    return min(mine for mine, _ in turns), min(theirs for _, theirs in turns)


def _microseconds(app: Callable[..., Any], asked: Mapping[str, str]) -> float:
    """Return the microseconds of a poll. Names and values are new strings each time, as from a connection."""
    wire = [(name.encode(), text.encode()) for name, text in asked.items()]
    scopes = [{name.decode(): text.decode() for name, text in wire} for _ in range(POLLS)]
    connection = _Connection()
    begun = time.perf_counter()
    for scope in scopes:
        app(connection, scope)
    return (time.perf_counter() - begun) / POLLS * 1e6


if __name__ == "__main__":
    main()
