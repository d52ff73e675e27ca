"""Measure the WebSub hub: its rate beside Flask-WebSub's, the time from a save to deliveries, and polls meanwhile.

Each subscriber has a secret, and shares one of 250 addresses of loopback as its host with others.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from bench.building import sync
from bench.freshness import percentile
from bench.measure import Row, of_pairs, polls_per_second
from bench.publication import article, write
from bench.servers import RIVALS, VENV, Server, feedsvc, free_port, running
from feedsvc.config import load_settings
from feedsvc.store.subscriptions import FILE, Subscriptions
from feedsvc.store.subscriptions.values import key_of

ARTICLES: Final = 200
FEED: Final = "/feeds/chips.atom"
HOSTS: Final = 250
THREADS: Final = 64
WAIT_SECONDS: Final = 300
# Up to so many subscribers, a delivery is to arrive within a second; 10 s otherwise.
SMALL: Final = 100
_ENVIRONMENT: Final = {"FEEDSVC_HUB_ALLOW_LOOPBACK": "1"}


class _Publication:
    """A publication in a folder with `number` subscribers at a port, in a process of their own."""

    def __init__(self, folder: Path, port: int, number: int) -> None:
        self.content, self.number = folder / "content", number
        self._subscribers = f"http://127.0.0.1:{port}"
        self.callbacks = [f"http://127.0.0.{1 + each % HOSTS}:{port}/{each}" for each in range(number)]
        write(self.content, ARTICLES)
        sync(self.content)
        self._subscribe()

    def _subscribe(self) -> None:
        """Add the subscriptions as rows, as if each had been verified. They have no version yet."""
        settings = load_settings(content=self.content)
        with closing(Subscriptions(settings.store, settings.state)) as rows:
            rows.deliveries.feeds()
        now = time.time()
        topic = f"https://bench.example{FEED}"
        with closing(sqlite3.connect(settings.state / FILE, timeout=60)) as connection, connection:
            connection.executemany(
                "INSERT INTO hub_subscriptions (key, feed, callback, topic, secret, created_at, lease_ends_at,"
                " delivered_tag) VALUES (?, ?, ?, ?, ?, ?, ?, '')",
                [
                    (key_of(FEED, url), FEED, url, topic, f"secret {number}", now, now + 86_400)
                    for number, url in enumerate(self.callbacks)
                ],
            )

    def save(self, mark: str) -> float:
        """Save an article with `mark` in its title. Return the time of that (of the monotonic clock)."""
        self.expect(mark)
        body = article(1)[1].partition(b"\n---\n")[2]
        head = f"---\ntitle: {mark}\npublished: 2026-01-01 00:00\ntopics: [chips]\ntags: [x]\nlanguage: en\n---\n"
        (self.content / "articles/fresh.md").write_bytes(head.encode() + body)
        return time.monotonic()

    def expect(self, mark: str) -> None:
        """Let deliveries of documents with `mark` count from now on."""
        _read(f"{self._subscribers}/expect/{mark}")

    def arrived(self) -> list[float]:
        """Return when each delivery arrived, the first one first."""
        return sorted(json.loads(_read(f"{self._subscribers}/arrived")).values())

    def wait(self, *, some: bool = False) -> list[float]:
        """Return `arrived` when all deliveries have, or, with `some`, the first. Raises RuntimeError after a time."""
        deadline = time.monotonic() + WAIT_SECONDS
        while len(found := self.arrived()) < (1 if some else self.number):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(found)} of {self.number} deliveries arrived (BENCH_LOG=1 shows why)")
            time.sleep(0.2)
        return found

    def times_of(self, mark: str) -> list[float]:
        """Save an article, and return the seconds until each subscriber has it."""
        saved = self.save(mark)
        return [each - saved for each in self.wait()]

    def document(self) -> bytes:
        """Return the last document."""
        return _read(f"{self._subscribers}/document")


def rows(at_once: int, sizes: tuple[int, ...], saves: int, poll_seconds: float) -> Iterator[Row]:
    """Measure rates with `at_once` subscribers, and the times of `saves` with each of `sizes`, the last the largest."""
    with _made(at_once) as made:
        rates = list(_rates(made, saves))
    name, rival = f"deliveries to {at_once:,} subscribers", "Flask-WebSub and Celery"
    yield of_pairs(name, rates, rival=rival, unit="/s", aim="≥ 20×")
    for number in sizes:
        aim = 1_000.0 if number <= SMALL else 10_000.0
        with _made(number) as made, feedsvc(made.content, FEED, pinned=False, env=_ENVIRONMENT) as server:
            made.wait()
            # The first save is a warm-up.
            rounds = [made.times_of(f"Mark{each}x") for each in range(saves + 1)][1:]
            pairs: list[tuple[float, float]] = [(percentile(times, 95), aim) for times in rounds]
            yield of_pairs(
                f"save to delivery, {number:,} subscribers: p95", pairs, rival="aim", unit="ms", aim="≤ 1.0×"
            )
            if number == sizes[-1]:
                yield _polls(made, server, poll_seconds)


@contextmanager
def _made(number: int) -> Iterator[_Publication]:
    """Make a publication with so many subscribers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        port = free_port()
        command: list[str | Path] = [sys.executable, "-m", "bench.subscribers", str(port)]
        stack.enter_context(running("subscribers", command, port, "/arrived", pinned=False))
        yield _Publication(folder, port, number)


def _rates(made: _Publication, rounds: int) -> Iterator[tuple[float, float]]:
    """Yield deliveries per second of a worker of ours, and of Flask-WebSub's hub."""
    deliver = [sys.executable, "-m", "feedsvc", "deliver", "--content", str(made.content)]
    with _process(deliver):
        made.wait()
        document = made.document()
        callbacks = made.content.parent / "callbacks"
        callbacks.write_text("\n".join(made.callbacks))
        hub = [VENV / "bin/python", RIVALS / "websub_hub.py", callbacks, str(THREADS)]
        with _process([str(each) for each in hub]) as rival:
            assert rival.stdin is not None
            assert rival.stdout is not None
            rival.stdout.readline()
            for number in range(rounds):
                mark = f"Mark{number}x"
                made.save(mark)
                sync(made.content)
                ours = _rate(made.wait())
                mark = f"Rival{number}x"
                made.expect(mark)
                (made.content.parent / mark).write_bytes(document + f"<!-- {mark} -->".encode())
                rival.stdin.write(f"{made.content.parent / mark}\n")
                rival.stdin.flush()
                yield ours, _rate(made.wait())


def _rate(arrived: list[float]) -> float:
    return (len(arrived) - 1) / (arrived[-1] - arrived[0])


def _polls(made: _Publication, server: Server, seconds: float) -> Row:
    """Measure polls while the largest delivery goes on, and before."""
    quiet = polls_per_second(server.url, {"Accept-Encoding": "gzip"}, seconds)
    made.save("Polledx")
    made.wait(some=True)
    during = polls_per_second(server.url, {"Accept-Encoding": "gzip"}, seconds)
    went_on = "" if len(made.arrived()) < made.number else ", which ended before"
    made.wait()
    name = f"polls during a delivery to {made.number:,} subscribers{went_on}"
    return of_pairs(name, [(during, quiet)], rival="without deliveries", unit="/s", aim="≥ 0.8×")


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a process with pipes until the end of the block."""
    log = None if os.environ.get("BENCH_LOG") else subprocess.DEVNULL
    pipe, env = subprocess.PIPE, {**os.environ, **_ENVIRONMENT}
    with subprocess.Popen(command, env=env, text=True, stdin=pipe, stdout=pipe, stderr=log) as process:
        try:
            yield process
        finally:
            process.terminate()


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
        return bytes(answer.read())
