"""500 pollers on open connections while changes come in: none sees an error, a mixed document, or the past again."""

import asyncio
import hashlib
import re
import tempfile
import time
from collections.abc import Iterator
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
class Seen:
    """What the pollers saw: `polls` counts answers, `wrong` says what must not be."""

    polls: int = 0
    wrong: list[str] = field(default_factory=list)


def rows(pollers: int, changes: int, quiet_seconds: float, workers: int = 2) -> Iterator[Row]:
    """The rate while changes come, one every 100 ms, beside the rate when none do. Raises AssertionError on a fault."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        write(folder / "content", ARTICLES)
        save(folder / "content", 0)
        server = stack.enter_context(feedsvc(folder / "content", PATHS[0], workers=workers, pinned=False))
        quiet, busy = asyncio.run(_both(server, folder / "content", pollers, changes, quiet_seconds))
    assert not quiet[1].wrong + busy[1].wrong, (quiet[1].wrong + busy[1].wrong)[:5]
    yield of_pairs(
        f"polls of {pollers} pollers during {changes} changes",
        [(busy[0], quiet[0])],
        rival="without changes",
        unit="/s",
        aim="≥ 0.8×",
    )


def save(content: Path, number: int) -> None:
    """Save the article that carries the number of the change."""
    (content / "articles/fresh.md").write_text(
        f"---\ntitle: Mark{number:05}x\npublished: 2026-01-01 00:00\ntopics: [chips, cloud]\n---\nChange {number}.\n"
    )


async def _both(
    server: Server, content: Path, pollers: int, changes: int, quiet_seconds: float
) -> tuple[tuple[float, Seen], tuple[float, Seen]]:
    quiet = await _measured(server, pollers, asyncio.sleep(quiet_seconds))
    busy = await _measured(server, pollers, _change(content, changes))
    return quiet, busy


async def _change(content: Path, changes: int) -> None:
    begun = time.monotonic()
    for number in range(1, changes + 1):
        save(content, number)
        await asyncio.sleep(max(0, begun + number * 0.1 - time.monotonic()))


async def _measured(server: Server, pollers: int, meanwhile: "asyncio.Future[None] | object") -> tuple[float, Seen]:
    """Polls a second while something else happens, and what was seen."""
    seen, done = Seen(), asyncio.Event()
    tasks = [asyncio.create_task(_poll(server, PATHS[number % len(PATHS)], seen, done)) for number in range(pollers)]
    await asyncio.sleep(1)  # until all are connected
    before, begun = seen.polls, time.monotonic()
    await meanwhile  # type: ignore[misc]
    rate = (seen.polls - before) / (time.monotonic() - begun)
    done.set()
    await asyncio.gather(*tasks)
    return rate, seen


async def _poll(server: Server, path: str, seen: Seen, done: asyncio.Event) -> None:
    """Poll on one connection, each time with what the last answer gave."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    tag, number = "", -1
    try:
        while not done.is_set():
            condition = f"If-None-Match: {tag}\r\n" if tag else ""
            writer.write(f"GET {path} HTTP/1.1\r\nHost: bench.example\r\n{condition}\r\n".encode())
            status, fields, body = await _answer(reader)
            seen.polls += 1
            if status == 304:
                continue
            found = _MARK.search(body)
            if status != 200 or found is None:
                seen.wrong.append(f"{path}: {status}, {body[:100]!r}")
                return
            tag = fields["etag"]
            if hashlib.sha256(body).hexdigest()[:32] != tag.strip('"'):
                seen.wrong.append(f"{path}: {tag} is not of its body")
            if int(found[1]) < number:
                seen.wrong.append(f"{path}: change {int(found[1])} after {number}")
            number = int(found[1])
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        seen.wrong.append(f"{path}: {error!r}")
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    status = int(head[0].split()[1])
    body = await reader.readexactly(int(fields["content-length"])) if status == 200 else b""
    return status, fields, body
