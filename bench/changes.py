"""Run 500 pollers on open connections during changes: none may get an error, a mixed document or an older state.

The cost of the changes is measured with unconditional polls, whose responses have the same size with and without
changes. Conditional polls get almost only 304 without changes, and almost only whole documents with ten changes a
second.
"""

import asyncio
import gzip
import hashlib
import re
import tempfile
import time
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.measure import Row, of_pairs
from bench.publication import write
from bench.servers import Server, feedsvc

ARTICLES: Final = 200
PATHS: Final = ("/feeds/all.atom", "/feeds/chips.rss", "/feeds/cloud.json")
_MARK: Final = re.compile(rb"Mark(\d{5})x")


@dataclass
class Crowd:
    """A number of `pollers`; `conditional` ones send the ETag of their last response.

    `polls` counts responses, `wrong` has a line for each error. `bodies` has the number of the change and the hash of
    the body for each ETag.
    """

    server: Server
    pollers: int
    conditional: bool
    polls: int = 0
    wrong: list[str] = field(default_factory=list)
    bodies: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def number(self, path: str, tag: str, body: bytes) -> int:
        """Return the number of the change in a gzip body, and record its errors."""
        digest = hashlib.sha256(body).digest()
        if tag not in self.bodies:
            whole = gzip.decompress(body)
            if hashlib.sha256(whole).hexdigest()[:32] != tag.strip('"').removesuffix("-gzip"):
                self.wrong.append(f"{path}: {tag} is not of its body")
            found = _MARK.search(whole)
            if found is None:
                self.wrong.append(f"{path}: {tag} shows no change")
            self.bodies[tag] = (int(found[1]) if found else -1, digest)
        number, known = self.bodies[tag]
        if digest != known:
            self.wrong.append(f"{path}: two bodies of {tag}")
        return number


def rows(pollers: int, changes: int, quiet_seconds: float, workers: int = 2) -> Iterator[Row]:
    """Measure the rate of polls with a change every 100 ms, and without changes. Raises AssertionError on a fault."""
    for conditional in (False, True):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            write(folder / "content", ARTICLES)
            save(folder / "content", 0)
            server = stack.enter_context(feedsvc(folder / "content", PATHS[0], workers=workers, pinned=False))
            crowd = Crowd(server, pollers, conditional)
            pair = asyncio.run(_both(crowd, folder / "content", changes, quiet_seconds))
        assert not crowd.wrong, crowd.wrong[:5]
        yield of_pairs(
            f"polls of {pollers} pollers during {changes} changes, {'conditional' if conditional else 'whole'}",
            [pair],
            rival="without changes",
            unit="/s",
            aim="" if conditional else "≥ 0.8×",
        )


def save(content: Path, number: int) -> None:
    """Save the article with the number of the change in it."""
    (content / "articles/fresh.md").write_text(
        f"---\ntitle: Mark{number:05}x\npublished: 2026-01-01 00:00\ntopics: [chips, cloud]\n---\nChange {number}.\n"
    )


async def _both(crowd: Crowd, content: Path, changes: int, quiet_seconds: float) -> tuple[float, float]:
    quiet = await _measured(crowd, asyncio.sleep(quiet_seconds))
    return await _measured(crowd, _change(content, changes)), quiet


async def _change(content: Path, changes: int) -> None:
    begun = time.monotonic()
    for number in range(1, changes + 1):
        save(content, number)
        await asyncio.sleep(max(0, begun + number * 0.1 - time.monotonic()))


async def _measured(crowd: Crowd, meanwhile: Awaitable[None]) -> float:
    """Return the polls per second while the block runs."""
    done = asyncio.Event()
    tasks = [asyncio.create_task(_poll(crowd, PATHS[each % len(PATHS)], done)) for each in range(crowd.pollers)]
    await asyncio.sleep(1)  # until all are connected
    before, begun = crowd.polls, time.monotonic()
    await meanwhile
    rate = (crowd.polls - before) / (time.monotonic() - begun)
    done.set()
    await asyncio.gather(*tasks)
    return rate


async def _poll(crowd: Crowd, path: str, done: asyncio.Event) -> None:
    """Poll on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", crowd.server.port)
    tag, number = "", -1
    try:
        while not done.is_set():
            asked = "Host: bench.example\r\nAccept-Encoding: gzip\r\n"
            asked += f"If-None-Match: {tag}\r\n" if tag and crowd.conditional else ""
            writer.write(f"GET {path} HTTP/1.1\r\n{asked}\r\n".encode())
            status, fields, body = await _answer(reader)
            crowd.polls += 1
            if status == 304:
                continue
            if status != 200:
                crowd.wrong.append(f"{path}: {status}, {body[:100]!r}")
                return
            tag = fields["etag"]
            before, number = number, crowd.number(path, tag, body)
            if number < before:
                crowd.wrong.append(f"{path}: change {number} after {before}")
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        crowd.wrong.append(f"{path}: {error!r}")
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    status = int(head[0].split()[1])
    body = await reader.readexactly(int(fields["content-length"])) if status == 200 else b""
    return status, fields, body
