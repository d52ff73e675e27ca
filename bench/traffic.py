"""Measure the bytes that an hourly poller receives on a day with one new article."""

import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench.measure import Row, of_pairs, rival_guard
from bench.polls import fetch
from bench.publication import article, write
from bench.servers import Server, feedsvc, nginx
from bench.waiting import until

ARTICLES: Final = 200
_CURSOR: Final = re.compile(r"[?&]after=([^>&]+)")
POLLS: Final = 24


def rows() -> Iterator[Row]:
    """Count all bytes sent, with status lines and header fields, to a feed reader and to a script with a cursor."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        write(folder / "content", ARTICLES)
        ours = stack.enter_context(feedsvc(folder / "content", "/feeds/chips.atom", pinned=False))
        body = fetch(ours.url, "gzip")[1]
        with rival_guard():
            files = stack.enter_context(
                nginx(folder, {"identity": b"x", "gzip": body}, "application/atom+xml", changing=True)
            )
        mine, theirs = _Poller(ours, ours.path, "br, gzip"), _Poller(files, "/feed-gzip", "gzip")
        follower = _Poller(ours, ours.path, "br, gzip", follows=True)
        for hour in range(POLLS):
            if hour == POLLS // 2:
                before = fetch(ours.url)[0]["ETag"]
                _publish(folder / "content")
                until(lambda: fetch(ours.url)[0]["ETag"] != before, "the new article")  # noqa: B023
                (folder / "feed-gzip").write_bytes(fetch(ours.url, "gzip")[1])
            mine.poll()
            follower.poll()
            with rival_guard():
                theirs.poll()
        assert mine.changes == theirs.changes == 2
        day = "bytes: 24 polls, one change"
        yield of_pairs(day, [(mine.bytes, theirs.bytes)], rival="nginx", unit="B", aim="≤ 0.7×")
        yield of_pairs(f"{day}, by cursor", [(follower.bytes, theirs.bytes)], rival="nginx", unit="B")


def _publish(content: Path) -> None:
    data = article(ARTICLES + 1)[1].replace(b"topics: [", b"topics: [chips, ").replace(b"chips, chips", b"chips")
    (content / "articles/new.md").write_bytes(data.replace(b", chips]", b"]"))


class _Poller:
    """Polls with the validators of the last response, and counts every byte that it receives.

    A poller that `follows` requests the changes after its cursor (docs/how-to/poll.md).
    """

    def __init__(self, server: Server, path: str, coding: str, *, follows: bool = False) -> None:
        self._port, self._path, self._coding, self._follows = server.port, path, coding, follows
        self._tag = ""
        self.bytes, self.changes = 0.0, 0

    def poll(self) -> None:
        """Poll once, on a new connection."""
        condition = f"If-None-Match: {self._tag}\r\n" if self._tag else ""
        asked = (
            f"GET {self._path} HTTP/1.1\r\nHost: bench.example\r\nAccept-Encoding: {self._coding}\r\n{condition}"
            "Connection: close\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            connection.sendall(asked.encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        self.bytes += len(answer)
        head = answer.partition(b"\r\n\r\n")[0].decode("latin-1")
        fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n"))
        }
        if head.split()[1] == "200":
            self.changes += 1
            self._tag = fields["etag"]
            next_ = f"?after={_CURSOR.findall(fields['link'])[0]}" if self._follows else ""
            if next_ and not self._path.endswith(next_):
                self._path, self._tag = f"{self._path.partition('?')[0]}{next_}", ""
