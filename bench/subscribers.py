"""`python -m bench.subscribers PORT` takes deliveries on all addresses of loopback, and says when each one arrived.

Callback `/17` is that of subscriber 17. `GET /expect/MARK` begins a new round, in which deliveries count whose body
contains MARK; `GET /arrived` returns the times (of the monotonic clock of this machine) as JSON, by subscriber, and
`GET /document` the last document.
"""

import asyncio
import json
import re
import sys
import time
from typing import Final

_HEAD: Final = re.compile(rb"([A-Z]+) /([^ ]*) HTTP/1\.1\r\n")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: ?([0-9]+)\r\n", re.IGNORECASE)
_MAX_HEAD: Final = 16 * 1024


class Round:
    """The round that runs: its mark, and when each subscriber had the first document with it."""

    def __init__(self) -> None:
        self.mark, self.document, self.arrived = b"", b"", dict[str, float]()

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        """Return the body of the response."""
        if method == "POST":
            if self.mark in body:
                self.arrived.setdefault(target, time.monotonic())
                self.document = body.partition(b"\r\n\r\n")[2]
            return b""
        if target.startswith("expect/"):
            self.mark, self.arrived = target.removeprefix("expect/").encode(), {}
        if target == "document":
            return self.document
        return json.dumps(self.arrived).encode() if target == "arrived" else b"{}"


class Subscriber(asyncio.Protocol):
    """A connection, which is kept alive."""

    def __init__(self, current: Round) -> None:
        self._round, self._pieces, self._missing = current, list[bytes](), 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect a request, and answer it when it is whole."""
        self._pieces.append(data)
        if self._missing:
            self._missing -= len(data)
        else:
            head, end, body = b"".join(self._pieces)[:_MAX_HEAD].partition(b"\r\n\r\n")
            if not end:
                return
            length = _LENGTH.search(head + b"\r\n")
            received = sum(map(len, self._pieces)) - len(head) - len(end)
            self._missing = (int(length[1]) if length else 0) - received
        if self._missing == 0:
            whole = b"".join(self._pieces)
            self._pieces = []
            line = _HEAD.match(whole)
            assert line is not None, whole[:100]
            body = self._round.answer(line[1].decode(), line[2].decode(), whole)
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


async def serve(port: int) -> None:
    """Listen until the process ends."""
    current = Round()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Subscriber(current), "0.0.0.0", port, backlog=1024)  # noqa: S104
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
