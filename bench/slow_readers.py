"""Measure polls while clients download slowly, or request new documents: `python -m bench.slow_readers`.

The server has one worker. The number of failed polls is the result; times can only be compared with each other.
"""

import os
import re
import socket
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench.publication import write
from bench.servers import Server, feedsvc

ARTICLES: Final = 2_000
POLLS: Final = 300
SIZE: Final = 24 * 1024 * 1024
ARTICLE: Final = "---\ntitle: Talk\npublished: 2026-10-05\ntopics: [chips]\n---\n[talk](talk.mp4)\n"


def main() -> None:
    """Print the number of failed polls and the durations for each load."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        content = Path(name) / "content"
        write(content, ARTICLES)
        (content / "articles" / "talk.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + os.urandom(SIZE))
        (content / "articles" / "talk.md").write_text(ARTICLE)
        with feedsvc(content, pinned=False) as server:
            file = re.search(r"/media/[\w.]+", _get(server, "/articles/talk")[1].decode())
            assert file is not None
            _report("nothing else", server)
            for number in (16, 40):
                with _silent(server, file[0], number):
                    _report(f"{number} that read nothing", server)
            for path in (
                "/feeds/all.json?limit={}",
                "/feeds/all.atom?until=2026-10-01&tag=none{}",
                "/feeds/all.json?q=w{}",
            ):
                with _asking(server, path):
                    _report(f"8 that ask for {path}", server)


@contextmanager
def _silent(server: Server, path: str, number: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(number):
            made = stack.enter_context(socket.socket())
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            made.connect(("127.0.0.1", server.port))
            made.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        yield


@contextmanager
def _asking(server: Server, path: str) -> Iterator[None]:
    """Run eight clients that request new documents until the block ends."""
    end = threading.Event()

    def ask(first: int) -> None:
        number = first
        while not end.is_set():
            number += 8
            _get(server, path.format(number % 200 + 1 if "limit" in path else number))

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(8)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        end.set()
        for each in threads:
            each.join()


def _report(load: str, server: Server) -> None:
    polls: list[Callable[[], int]] = [lambda: _get(server, server.path)[0], lambda: _get(server, "/healthz")[0]]
    took, failed = [], 0
    for number in range(POLLS):
        begun = time.perf_counter()
        failed += polls[number % 10 == 0]() != 200
        took.append(time.perf_counter() - begun)
    took.sort()
    median, late = statistics.median(took) * 1e3, took[-POLLS // 100] * 1e3
    print(f"{load:60} failed {failed} of {POLLS}, p50 {median:.1f} ms, p99 {late:.1f} ms", flush=True)


def _get(server: Server, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""
    except OSError:
        return 0, b""


if __name__ == "__main__":
    main()
