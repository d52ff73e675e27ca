"""Pollers of a cluster: each keeps the validators and the view that it had, and checks every response against them."""

import asyncio
import hashlib
import random
import re
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

# Documents that each node caches, since every poller asks for them.
CACHED: Final = ("/feeds/all.atom", "/feeds/all.json", "/feeds/all.rss", "/feeds/chips.atom")
TITLE: Final = re.compile(rb"edit (\d+)<|\"title\": ?\"edit (\d+)\"")
BODY: Final = re.compile(rb"body (\d+)[^\d]")
RESPONSE_SECONDS: Final = 20.0


@dataclass
class Findings:
    """What the pollers found. `failed` are polls of cached documents that got neither 200 nor 304."""

    polls: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    mixed: Counter[str] = field(default_factory=Counter)
    went_back: Counter[str] = field(default_factory=Counter)
    unreachable: Counter[str] = field(default_factory=Counter)
    bytes_of: dict[str, str] = field(default_factory=dict)
    # When each edit was first seen, by node: seconds on the monotonic clock.
    seen: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))


class Poller:
    """Polls one document at one port, with its last ETag, over a kept connection."""

    def __init__(self, port: int, path: str, found: Findings, *, node: int | None) -> None:
        self._port, self._path, self._found, self._node = port, path, found, node
        self._etag, self._view = "", 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def poll(self) -> None:
        """Ask once, and check the response."""
        self._found.polls += 1
        try:
            status, etag, body = await asyncio.wait_for(self._ask(), RESPONSE_SECONDS)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            self.close()
            kind = type(error).__name__
            # A node that was killed cannot answer; through nginx another one does, and one that hangs has failed.
            is_gone = self._node is not None and isinstance(error, OSError | asyncio.IncompleteReadError)
            is_gone = is_gone and not isinstance(error, TimeoutError)
            (self._found.unreachable if is_gone else self._found.failed)[f"{self._where}: {kind}"] += 1
            return
        if status == 200:
            self._check(etag, body)
            self._etag = etag
        elif status != 304:
            self._found.failed[f"{self._where}: {status}"] += 1

    @property
    def _where(self) -> str:
        return f"node {self._node} {self._path}" if self._node is not None else f"nginx {self._path}"

    def _check(self, etag: str, body: bytes) -> None:
        digest = hashlib.sha256(body).hexdigest()
        if self._found.bytes_of.setdefault(f"{self._path} {etag}", digest) != digest:
            self._found.mixed[f"{self._where}: other bytes for one ETag"] += 1
        titles = sorted({int(each[0] or each[1]) for each in TITLE.findall(body)})
        bodies = {int(each) for each in BODY.findall(body)}
        if bodies and not bodies <= set(titles):
            self._found.mixed[f"{self._where}: title and text differ"] += 1
        view = titles[-1] if titles else 0
        if self._node is not None:
            if view < self._view:
                self._found.went_back[self._where] += 1
            at = time.monotonic()
            for number in range(self._view + 1, view + 1):
                self._found.seen[self._node].setdefault(number, at)
        self._view = view

    async def _ask(self) -> tuple[int, str, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        condition = f"If-None-Match: {self._etag}\r\n" if self._etag else ""
        writer.write(f"GET {self._path} HTTP/1.1\r\nHost: example.org\r\n{condition}\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split()[1])
        length = int(fields.get("content-length", "0")) if status != 304 else 0
        body = await reader.readexactly(length)
        if fields.get("connection", "").lower() == "close":
            self.close()
        return status, fields.get("etag", ""), body

    def close(self) -> None:
        """Close the connection; the next poll opens another one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Pollers:
    """`count` pollers in a thread, a quarter of them through nginx, the others at the nodes.

    Another one for each node is quick, and tells when each edit is first seen.
    """

    def __init__(self, ports: list[int], nginx_port: int | None, count: int, seconds: float) -> None:
        self.found = Findings()
        self._seconds = seconds
        self._quick = [Poller(port, CACHED[0], self.found, node=node) for node, port in enumerate(ports)]
        self._others: list[Poller] = []
        for number in range(count):
            node = number % (len(ports) + 1)
            path = CACHED[number // (len(ports) + 1) % len(CACHED)]
            if node < len(ports):
                self._others.append(Poller(ports[node], path, self.found, node=node))
            elif nginx_port is not None:
                self._others.append(Poller(nginx_port, path, self.found, node=None))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Findings:
        self._thread.start()
        return self.found

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        every = [(each, 0.02) for each in self._quick] + [(each, self._seconds) for each in self._others]
        await asyncio.gather(*(self._keep(each, seconds) for each, seconds in every))

    async def _keep(self, poller: Poller, seconds: float) -> None:
        await asyncio.sleep(random.uniform(0, seconds))  # only spreads them
        while not self._stop.is_set():
            await poller.poll()
            await asyncio.sleep(seconds)
        poller.close()
