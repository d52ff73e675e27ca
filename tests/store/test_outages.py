"""A database that is away and comes back: processes that go on log its beginning and its end."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace

import pytest

from feedsvc.hub.worker import DeliveryWorker
from feedsvc.store import Store
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.terminal import OneWarning, logger
from feedsvc.web import create_app
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.context import KEY
from tests.conftest import Publication
from tests.live import wait_for
from tests.postgresql_server import Server
from tests.sync.watchers import until, watching
from tests.web.resources import ask


@pytest.fixture
def engine() -> str:
    """Use PostgreSQL alone."""
    return "postgresql"


@contextmanager
def web_node(publication: Publication) -> Iterator[None]:
    """Run a web node that has cached a document."""
    app = create_app(publication.settings, watching=True)
    assert isinstance(app.wsgi_app, ResponseCache)
    assert ask(app.test_client(), "/feeds/all.atom").status_code == 200
    wait_for(lambda: app.extensions[KEY].cache.watched, "the refresher")
    yield
    app.wsgi_app.close()
    app.extensions[KEY].store.close()


@contextmanager
def writer(publication: Publication) -> Iterator[None]:
    """Run the writer."""
    with watching(replace(publication.settings, watch="poll")):
        wait_for(publication.store.is_written, "the writer")
        yield


@contextmanager
def standby(publication: Publication, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Run a watcher that stands by, since this test has the lock until the database goes away."""
    stop, held = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(Store(publication.settings.store)) as store, store.writer_lock(threading.Event()):
            held.set()
            stop.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(120)
    with watching(replace(publication.settings, watch="poll")):
        wait_for(lambda: "this one stands by" in caplog.text, "the standby")
        yield
    stop.set()
    holder.join()


@contextmanager
def delivery_worker(publication: Publication) -> Iterator[None]:
    """Run a delivery worker of the hub."""
    stop, started = threading.Event(), threading.Event()
    with (
        closing(Store(publication.settings.store)) as store,
        closing(Subscriptions(publication.settings.store, publication.settings.state)) as subscriptions,
    ):
        worker = DeliveryWorker(store, subscriptions, lambda *_given, **_named: None, 1, tests_itself=False)  # type: ignore[arg-type]

        def run() -> None:
            started.set()
            worker.run(stop)

        thread = threading.Thread(target=run)
        thread.start()
        wait_for(lambda: worker._site is not None, "its first look")
        yield
        stop.set()
        thread.join()


RUNNING: dict[str, tuple[Callable[..., AbstractContextManager[None]], str, str]] = {
    "web node": (web_node, "(the cached documents are served; it is tried again)", "the store can be read again"),
    "writer": (writer, "(this watcher stands by)", "answers again"),
    "standby": (standby, "; it is tried again", "answers again"),
    "delivery worker": (delivery_worker, "it is tried again)", "the hub delivers again"),
}


@pytest.mark.parametrize("name", RUNNING)
def test_the_end_of_an_outage_is_logged_once_with_its_duration(
    publication: Publication, postgresql: Server, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    process, begins, ends = RUNNING[name]
    caplog.set_level(logging.INFO)
    publication.article("one")
    publication.sync()
    database = publication.store._engine.name.rpartition("/")[2]
    with process(publication, caplog) if process is standby else process(publication):
        caplog.clear()
        postgresql.close(database)
        said = wait_for(lambda: [each for each in caplog.messages if each.endswith(begins)], "the beginning")
        assert f"/{database}: " in said[0]
        postgresql.reopen(database)
        wait_for(lambda: ends in caplog.text, "the end")
        publication.article("two")
        publication.sync()
        until(publication, "one", "two")
    over = [each for each in caplog.messages if ends in each]
    assert len(over) == 1
    assert re.search(rf"{ends} \(after \d+ s\)$", over[0])
    # In a log that leaves out what is less than a warning.
    (level,) = (record.levelno for record in caplog.records if ends in record.message)
    assert level == logging.WARNING


def test_what_was_not_away_is_not_back(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    warning = OneWarning(logger("feedsvc.test"), lambda: now)
    warning.clear("it is back")
    assert not caplog.messages
    warning.warn("away")
    now = 160.4
    warning.warn("away for another reason")
    warning.clear("it is back")
    warning.clear("it is back")
    assert caplog.messages == ["away", "away for another reason", "it is back (after 60 s)"]
    warning.warn("away")
    now = 161.0
    warning.clear()
    assert caplog.messages[3:] == ["away"]
