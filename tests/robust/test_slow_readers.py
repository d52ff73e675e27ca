"""Clients that read slowly or nothing take no thread that answers, and what they took is given back.

Counts, no times: against a server of one worker, whose every thread they would take.
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event

import pytest

from feedsvc.server.granian_worker import WorkerPool
from tests.live import Server, wait_for
from tests.robust.wire import connect, get, hear, say, statuses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="TCP_USER_TIMEOUT")

FEED = "/feeds/all.atom"
# What fits into the buffers of two sockets and of the server must not be all of it.
SIZE = 24 * 1024 * 1024
DOWNLOADS = 8


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server with a large file, and the path of that."""
    settings = {"FEEDSVC_WORKERS": "1", "FEEDSVC_DOWNLOADS": str(DOWNLOADS), "FEEDSVC_WRITE_SECONDS": "2"}
    server = Server(tmp_path_factory.mktemp("slow"), settings=settings)
    try:
        (server.content / "articles" / "talk.mp4").write_bytes(
            b"\0\0\0\x18ftypmp42" + os.urandom(1024) * (SIZE // 1024)
        )
        server.write("talk.md", "---\ntitle: Talk\npublished: 2026-10-05\ntopics: [chips]\n---\n[talk](talk.mp4)\n")
        wait_for(lambda: server.get("/articles/talk") == 200, "the article")
        page = server.read("/articles/talk").decode()
        name = page.split("/media/", 1)[1].split('"', 1)[0]
        assert server.get(FEED) == 200
        yield server, f"/media/{name}"
    finally:
        server.end()


def asking(stack: ExitStack, server: Server, path: str) -> socket.socket:
    """A connection that asked for `path` and reads nothing; its window is small."""
    made = socket.socket()
    stack.enter_context(made)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(60)
    made.connect(("127.0.0.1", server.port))
    made.sendall(get(path))
    return made


def polled(server: Server) -> None:
    """Polls of what is cached, conditional ones, and probes are answered."""
    whole = say(server.port, get(FEED))
    tag = whole.split(b"etag: ", 1)[1].split(b"\r\n", 1)[0].decode()
    for _ in range(20):
        assert statuses(say(server.port, get(FEED))) == [200]
        assert statuses(say(server.port, get(FEED, f"If-None-Match: {tag}"))) == [304]
        assert statuses(say(server.port, get("/healthz"))) == [200]
        assert statuses(say(server.port, get("/readyz"))) == [200]


@pytest.mark.parametrize("number", [16, 40])
def test_who_reads_nothing_holds_up_nobody_and_is_cut_off(served: tuple[Server, str], number: int) -> None:
    """More than there are threads: the rest is told to come again; all is given back when its time is over."""
    server, path = served
    with ExitStack() as stack:
        silent = [asking(stack, server, path) for _ in range(number)]
        polled(server)
        # What does not get a place is answered at once, in full.
        refused = [each for each in silent if each.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 503"]
        assert len(refused) == number - DOWNLOADS
        assert b"retry-after: 5" in hear(refused[0]).lower()
        polled(server)
        # Nobody closed anything on this side, and yet all places come free.
        wait_for(lambda: all_get_places(server, path), "all places", 60)
    polled(server)


def all_get_places(server: Server, path: str) -> bool:
    """Whether as many as may download can begin to."""
    with ExitStack() as stack:
        asked = [asking(stack, server, path) for _ in range(DOWNLOADS)]
        return [each.recv(12, socket.MSG_PEEK) for each in asked] == [b"HTTP/1.1 200"] * DOWNLOADS


def test_who_reads_slowly_gets_all_of_it(served: tuple[Server, str]) -> None:
    """Each of as many as may be, a little at a time, while others poll."""
    server, path = served
    # Those of the test before may still hold their places.
    wait_for(lambda: all_get_places(server, path), "all places", 60)
    wait_for(lambda: statuses(say(server.port, get(path, "Range: bytes=0-999999"))) == [206], "a place", 60)
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(server.port)) for _ in range(4)]
        for each in slow:
            each.sendall(get(path))
        heard = [0] * len(slow)
        for turn in range(20):
            for number, each in enumerate(slow):
                heard[number] += len(each.recv(65536))
            if turn % 10 == 0:
                polled(server)
        bodies = [heard[number] + len(hear(each)) for number, each in enumerate(slow)]
        assert all(SIZE < body < SIZE + 2000 for body in bodies)


def test_a_pool_runs_no_more_than_may_work() -> None:
    """A thread that is idle lets another one work; `submit` says what it refuses."""
    pool, end, idle, second, blocked = WorkerPool(1, max_backlog=1), Event(), Event(), Event(), Event()

    def first() -> None:
        with pool.idle():
            idle.set()
            assert end.wait(60)

    assert pool.submit(first)
    assert idle.wait(60)

    def work() -> None:
        second.set()
        assert blocked.wait(60)

    assert pool.submit(work)
    assert second.wait(60)
    assert pool.submit(end.set)
    assert not pool.submit(end.set)
    assert not end.is_set()
    blocked.set()
    assert end.wait(60)
