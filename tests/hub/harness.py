"""A publication with its hub: the application that takes requests, and a delivery worker in a thread."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.hub.outgoing import Sender
from feedsvc.hub.worker import DeliveryWorker
from feedsvc.store.subscriptions import FILE, HubNumbers, Subscriptions
from tests.conftest import Publication
from tests.hub.subscribers import Subscribers
from tests.live import wait_for

FEED = "https://example.org/feeds/chips.atom"


class Hub:
    """The hub of a publication, with subscribers."""

    def __init__(self, publication: Publication, subscribers: Subscribers) -> None:
        self.publication, self.subscribers = publication, subscribers
        publication.settings = replace(publication.settings, hub_allow_loopback=1)
        publication.article("first")
        publication.sync()
        self.rows = Subscriptions(publication.settings.store, publication.settings.state)
        self.client: FlaskClient = publication.client()
        self._sender = Sender()
        self.stop, self._threads = threading.Event(), list[threading.Thread]()

    def post(self, callback: str, topic: str = FEED, mode: str = "subscribe", **more: str) -> TestResponse:
        """Send a request; `more` are parameters without their "hub."."""
        form = {"hub.callback": callback, "hub.mode": mode, "hub.topic": topic}
        return self.client.post("/hub", data=form | {f"hub.{name}": value for name, value in more.items()})

    def work(self, threads: int = 8) -> threading.Thread:
        """Start a delivery worker."""
        send = partial(self._sender.send, allow_loopback=True)
        worker = DeliveryWorker(self.publication.store, self.rows, send, threads, tests_itself=False)
        self._threads.append(threading.Thread(target=worker.run, args=(self.stop,)))
        self._threads[-1].start()
        return self._threads[-1]

    def subscribe(self, name: str, topic: str = FEED, **more: str) -> None:
        """Subscribe a callback, and wait until that counts."""
        before = self.total("verified")
        assert self.post(self.subscribers.url(name), topic, **more).status_code == 202
        wait_for(lambda: self.total("verified") > before, "the subscription is verified", 120)

    def publish(self, name: str, **fields: str) -> None:
        """Publish an article."""
        self.publication.article(name, **fields)
        self.publication.sync()

    def numbers(self) -> HubNumbers:
        """Return the numbers now."""
        return self.rows.numbers(time.time())

    def total(self, name: str) -> int:
        """Return a total."""
        return self.numbers().counters.get(name, 0)

    def delivered(self, number: int) -> None:
        """Wait until so many deliveries are saved."""
        wait_for(lambda: self.total("deliveries") >= number, f"{number} deliveries", 120)

    def subscriptions(self) -> list[dict[str, Any]]:
        """Return the rows of subscriptions."""
        with closing(sqlite3.connect(self.publication.settings.state / FILE)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM hub_subscriptions ORDER BY id")]

    def change(self, statement: str) -> None:
        """Change rows, as time would."""
        with closing(sqlite3.connect(self.publication.settings.state / FILE, timeout=30)) as connection, connection:
            connection.execute(statement)

    def close(self) -> None:
        """End the workers."""
        self.stop.set()
        for thread in self._threads:
            thread.join()
        self.rows.close()
        self._sender.close()


@contextmanager
def hub_of(publication: Publication) -> Iterator[Hub]:
    """Yield the hub of a publication without a worker."""
    subscribers = Subscribers()
    hub = Hub(publication, subscribers)
    try:
        yield hub
    finally:
        hub.close()
        subscribers.close()
