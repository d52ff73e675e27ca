"""Measure the time from saving a file to the first poll that shows the change."""

import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPException
from math import nan
from pathlib import Path
from typing import Final
from urllib.error import HTTPError

from bench.building import for_hugo, hugo_site, sync
from bench.measure import RivalFault, Row, of_pairs, rival_guard
from bench.publication import article, write
from bench.servers import VENV, feedsvc, free_port, running

WAIT_SECONDS: Final = 60
AIM_MS: Final = 250.0


def rows(sizes: tuple[int, ...], saves: int, hugo_at: int) -> Iterator[Row]:
    """Measure median and 95th percentile at each size, relative to the first size; and `hugo server` at `hugo_at`."""
    found = {size: _ours(size, saves) for size in sizes}
    for size, times in found.items():
        for percent in (50, 95):
            pair = (percentile(times, percent), AIM_MS)
            name = f"save to poll, {size:,} articles: p{percent}"
            yield of_pairs(name, [pair], rival="aim", unit="ms", aim="≤ 1.0×" if percent == 95 else "")
    first, last = sizes[0], sizes[-1]
    pair = (percentile(found[last], 95), percentile(found[first], 95))
    yield of_pairs(f"save to poll, {last:,} articles: p95", [pair], rival=f"at {first:,}", unit="ms", aim="≤ 1.3×")
    name, mine = f"save to poll, {hugo_at:,} articles: p50", percentile(_ours(hugo_at, saves), 50)
    try:
        with rival_guard():
            theirs, fault = percentile(_hugo(hugo_at, max(3, saves // 5)), 50), ""
    except RivalFault as error:
        theirs, fault = nan, str(error)
    yield replace(of_pairs(name, [(mine, theirs)], rival="hugo server", unit="ms"), fault=fault)


def percentile(times: list[float], percent: int) -> float:
    """Return the percentile of at least two times. The times are in seconds, the result in milliseconds."""
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1] * 1000


def _ours(articles: int, saves: int) -> list[float]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        write(folder / "content", articles)
        sync(folder / "content")
        server = stack.enter_context(feedsvc(folder / "content", "/feeds/chips.atom", pinned=False))
        return _times(folder / "content/articles", server.url, saves, lambda data: data)


def _hugo(articles: int, saves: int) -> list[float]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        write(folder / "content", articles)
        hugo_site(folder / "content", folder / "hugo")
        port = free_port()
        command: list[str | Path] = [
            VENV / "bin/hugo",
            "server",
            "--source",
            folder / "hugo",
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
        ]
        command += ["--disableFastRender", "--disableLiveReload", "--appendPort=false", "--baseURL", "/", "--quiet"]
        server = stack.enter_context(running("hugo server", command, port, "/topics/chips/index.xml", pinned=False))
        return _times(folder / "hugo/content/articles", server.url, saves, for_hugo)


def _times(articles: Path, url: str, saves: int, written: Callable[[bytes], bytes]) -> list[float]:
    """Return the seconds from each of `saves` to the poll that shows it. The first save is a warm-up."""
    found = []
    for number in range(saves + 1):
        mark = f"Mark{number:04}x"
        body = article(1)[1].partition(b"\n---\n")[2]
        head = f"---\ntitle: {mark}\npublished: 2026-01-01 0{number % 10}:00\ntopics: [chips]\ntags: [x]\nlanguage: en"
        (articles / "fresh.md").write_bytes(written(head.encode() + b"\n---\n" + body))
        begun = time.perf_counter()
        _until_shown(url, mark.encode())
        found.append(time.perf_counter() - begun)
        # A period that is no multiple of the intervals of the programs.
        time.sleep(0.3 + (number * 37 % 100) / 1000)
    return found[1:]


def _until_shown(url: str, mark: bytes) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while mark not in _answer(url):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{url} never showed what was saved")
        time.sleep(0.005)


def _answer(url: str) -> bytes:
    """Return the body, or nothing if the server rewrites the file while it sends it, as `hugo server` does."""
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310
            return bytes(answer.read())
    except (HTTPException, HTTPError):
        return b""
