"""Measure the WebSub hub: its rate beside Flask-WebSub's, the time from a save to deliveries, and polls meanwhile.

Each subscriber has a secret, and shares one of 250 addresses of loopback as its host with others. They are one process
of the lowest priority, since subscribers are other machines.
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
from itertools import count
from pathlib import Path
from typing import Final

from bench.building import sync
from bench.freshness import percentile
from bench.measure import Row, of_pairs, paired, polls_per_second
from bench.publication import article, write
from bench.servers import RIVALS, VENV, Server, feedsvc, free_port, running
from feedsvc.config import load_settings
from feedsvc.processes.priority import lower_priority
from feedsvc.store.subscriptions import FILE, Subscriptions
from feedsvc.store.subscriptions.values import key_of

ARTICLES: Final = 200
FEED: Final = "/feeds/chips.atom"
SHORT_FEED: Final = "/feeds/chips.atom?limit=10"
HOSTS: Final = 250
THREADS: Final = 64
WAIT_SECONDS: Final = 300
# Up to so many subscribers, a delivery is to arrive within a second; 10 s otherwise.
SMALL: Final = 100
_ENVIRONMENT: Final = {"FEEDSVC_HUB_ALLOW_LOOPBACK": "1"}


class _Publication:
    """A publication in a folder with `number` subscribers to `feed` at a port, in a process of their own."""

    def __init__(self, folder: Path, port: int, number: int, feed: str) -> None:
        self.content, self.number, self.feed = folder / "content", number, feed
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
        topic = f"https://bench.example{self.feed}"
        with closing(sqlite3.connect(settings.state / FILE, timeout=60)) as connection, connection:
            connection.executemany(
                "INSERT INTO hub_subscriptions (key, feed, callback, topic, secret, created_at, lease_ends_at,"
                " delivered_tag) VALUES (?, ?, ?, ?, ?, ?, ?, '')",
                [
                    (key_of(self.feed, url), self.feed, url, topic, f"secret {number}", now, now + 86_400)
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
    for feed in (FEED, SHORT_FEED):
        yield _rate_row(at_once, feed, saves)
    for number in sizes:
        aim = 1_000.0 if number <= SMALL else 10_000.0
        with _made(number) as made, feedsvc(made.content, FEED, pinned=False, env=_ENVIRONMENT):
            made.wait()
            # The first save is a warm-up.
            rounds = [made.times_of(f"Mark{each}x") for each in range(saves + 1)][1:]
            pairs: list[tuple[float, float]] = [(percentile(times, 95), aim) for times in rounds]
            yield of_pairs(
                f"save to delivery, {number:,} subscribers: p95", pairs, rival="aim", unit="ms", aim="≤ 1.0×"
            )
    # One core serves and delivers, the other one polls and subscribes.
    with _made(sizes[-1]) as made, feedsvc(made.content, FEED, env=_ENVIRONMENT) as server:
        made.wait()
        yield _polls(made, server, poll_seconds)


@contextmanager
def _made(number: int, feed: str = FEED) -> Iterator[_Publication]:
    """Make a publication with so many subscribers to `feed`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        port = free_port()
        command: list[str | Path] = [sys.executable, "-m", "bench.subscribers", str(port)]
        subscribers = stack.enter_context(running("subscribers", command, port, "/arrived", pinned=False))
        lower_priority(subscribers.pid, 19)
        yield _Publication(folder, port, number, feed)


def _rate_row(number: int, feed: str, rounds: int) -> Row:
    """Compare deliveries per second of a worker of ours, and of Flask-WebSub's hub."""
    with _made(number, feed) as made, ExitStack() as stack:
        stack.enter_context(_process([sys.executable, "-m", "feedsvc", "deliver", "--content", str(made.content)]))
        made.wait()
        rival, marks = _FlaskWebSub(made, stack), count()

        def ours() -> float:
            made.save(f"Mark{next(marks)}x")
            sync(made.content)
            return _rate(made.wait())

        name = f"deliveries of {round(len(made.document()) / 1000)} kB to {number:,} subscribers"
        return paired(name, ours, "Flask-WebSub and Celery", rival.rate, unit="/s", rounds=rounds, aim="≥ 20×")


class _FlaskWebSub:
    """Flask-WebSub's hub with the same subscribers. It is started at the first delivery, and ended with `stack`."""

    def __init__(self, made: _Publication, stack: ExitStack) -> None:
        self._made, self._stack, self._marks = made, stack, count()
        self._process: subprocess.Popen[str] | None = None

    def rate(self) -> float:
        """Let it deliver a new version of the last document, and return the deliveries per second."""
        if self._process is None:
            callbacks = self._made.content.parent / "callbacks"
            callbacks.write_text("\n".join(self._made.callbacks))
            hub = [VENV / "bin/python", RIVALS / "websub_hub.py", callbacks, str(THREADS)]
            self._process = self._stack.enter_context(_process([str(each) for each in hub]))
            assert self._process.stdout is not None
            self._process.stdout.readline()
        assert self._process.stdin is not None
        mark = f"Rival{next(self._marks)}x"
        document = self._made.content.parent / mark
        document.write_bytes(self._made.document() + f"<!-- {mark} -->".encode())
        self._made.expect(mark)
        self._process.stdin.write(f"{document}\n")
        self._process.stdin.flush()
        return _rate(self._made.wait())


def _rate(arrived: list[float]) -> float:
    return (len(arrived) - 1) / (arrived[-1] - arrived[0])


def _polls(made: _Publication, server: Server, seconds: float) -> Row:
    """Measure polls before a delivery and while it goes on, three times."""
    pairs, went_on = [], ""
    for number in range(3):
        quiet = polls_per_second(server.url, {"Accept-Encoding": "gzip"}, seconds)
        made.save(f"Polled{number}x")
        made.wait(some=True)
        pairs.append((polls_per_second(server.url, {"Accept-Encoding": "gzip"}, seconds), quiet))
        if len(made.arrived()) == made.number:
            went_on = ", which ended before"
        made.wait()
    name = f"polls during a delivery to {made.number:,} subscribers{went_on}"
    return of_pairs(name, pairs, rival="without deliveries", unit="/s", aim="≥ 0.8×")


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
