"""Kill the delivery worker at random points while articles are published, and count what each subscriber received.

`make soak-hub` has 10,000 subscribers on this machine and 100 kills; tests/hub/test_soak.py is the short form. Of the
subscribers, 1% fail at first, 1% are slow and 1% answer 410. Each living one must end with the current version.
"""

import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from feedsvc.documents.entity_tag import entity_tag
from feedsvc.store.subscriptions import FILE, Subscriptions
from feedsvc.store.subscriptions.values import key_of
from tests.conftest import Publication
from tests.hub.subscribers import Answer, Received, Subscribers
from tests.live import ROOT, environment, wait_for

FEED: Final = "/feeds/chips.atom"
SLOW_SECONDS: Final = 0.5
CONNECTIONS: Final = 64


@dataclass
class Soak:
    """Subscribers by number, what they received, and the kills."""

    publication: Publication
    number: int
    kills: int
    received: dict[int, list[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def kind(self, number: int) -> str:
        """Return how a subscriber behaves."""
        return {0: "failing", 1: "slow", 2: "gone"}.get(number % 100, "good")

    def answer(self, request: Received) -> Answer:
        """Answer a delivery, and note the tag of its document."""
        number = int(request.path.rpartition("/")[2])
        kind = self.kind(number)
        with self.lock:
            seen = self.received.setdefault(number, [])
            seen.append(entity_tag(request.body))
            first = len(seen) == 1
        if kind == "slow":
            time.sleep(SLOW_SECONDS)
        if kind == "gone":
            return 410, {}, b""
        return (503 if kind == "failing" and first else 204), {}, b""

    def insert(self, subscribers: Subscribers) -> None:
        """Add the subscriptions, which have no version yet, as rows."""
        with closing(Subscriptions(self.publication.settings.store, self.publication.settings.state)) as rows:
            rows.deliveries.feeds()
        with closing(sqlite3.connect(self.publication.settings.state / FILE)) as connection, connection:
            connection.executemany(
                "INSERT INTO hub_subscriptions (key, feed, callback, topic, created_at, lease_ends_at, delivered_tag)"
                " VALUES (?, ?, ?, ?, ?, ?, '')",
                [
                    (key_of(FEED, url), FEED, url, f"https://example.org{FEED}", time.time(), time.time() + 86400)
                    for url in (subscribers.url(f"soak/{number}") for number in range(self.number))
                ],
            )

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a delivery worker as a process of its own."""
        settings = self.publication.settings
        places = {"FEEDSVC_STORE": str(settings.store), "FEEDSVC_CONTENT": str(settings.content)}
        given = {**environment(), **places, "FEEDSVC_HUB_ALLOW_LOOPBACK": "1"}
        given["FEEDSVC_HUB_CONNECTIONS"] = str(CONNECTIONS)
        command = [sys.executable, "-m", "feedsvc", "deliver"]
        return subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self) -> None:
        """Publish and kill; then let one worker finish."""
        generator = random.Random(self.number)
        subscribers = Subscribers()
        subscribers.callback("soak", self.answer)
        try:
            self.insert(subscribers)
            for kill in range(self.kills):
                self.publication.article(f"article-{kill}")
                self.publication.sync()
                worker, before = self.worker(), self.total()
                # Of the whole duration of a round, from the start of the process on.
                wait_for(lambda known=before: self.total() > known or self.is_done(), "the worker works", 60)  # type: ignore[misc]
                time.sleep(generator.uniform(0, 0.3))
                worker.kill()
                worker.wait()
            worker = self.worker()
            try:
                wait_for(self.is_done, "every living subscriber has the current version", 600)
            finally:
                worker.terminate()
                worker.wait(60)
        finally:
            subscribers.close()

    def total(self) -> int:
        """Return how many deliveries arrived."""
        with self.lock:
            return sum(map(len, self.received.values()))

    def current(self) -> str:
        """Return the tag of the current version."""
        return entity_tag(self.publication.client().get(FEED).data)

    def is_done(self) -> bool:
        """Return whether the rows of all living subscribers have the current version, and the others are deleted."""
        with closing(sqlite3.connect(self.publication.settings.state / FILE)) as connection:
            rows = Counter(tag for (tag,) in connection.execute("SELECT delivered_tag FROM hub_subscriptions"))
        gone = sum(self.kind(number) == "gone" for number in range(self.number))
        return rows == {self.current(): self.number - gone}

    def missing(self) -> Sequence[int]:
        """Return the living subscribers whose last delivery was not the current version."""
        current = self.current()
        living = (number for number in range(self.number) if self.kind(number) != "gone")
        return [number for number in living if self.received.get(number, [""])[-1] != current]

    def duplicates(self) -> int:
        """Return how many deliveries repeated a version that the subscriber had taken, so not one answered 503."""
        return sum(
            len(seen) - len(set(seen)) - (self.kind(number) == "failing" and seen[0] in seen[1:])
            for number, seen in self.received.items()
            if self.kind(number) != "gone"
        )

    def allowed_duplicates(self) -> int:
        """Return the deliveries that were in flight at the kills: claimed, and not saved."""
        return self.kills * CONNECTIONS


def main() -> None:
    """Run the long form, and print the counts."""
    number, kills = map(int, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        publication = Publication(Path(folder))
        publication.article("first")
        publication.sync()
        soak = Soak(publication, number, kills)
        begun = time.monotonic()
        soak.run()
        print(f"{number} subscribers, {kills} kills, {soak.total()} deliveries in {time.monotonic() - begun:.0f} s")
        print(f"{len(soak.missing())} without the current version, {soak.duplicates()} duplicates")
        sys.exit(bool(soak.missing() or soak.duplicates() > soak.allowed_duplicates()))


if __name__ == "__main__":
    main()
