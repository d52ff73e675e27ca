"""A web node whose database hangs serves cached documents, answers 503 for all else, and recovers."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from feedsvc.store.postgresql import responsiveness
from feedsvc.web import create_app
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.context import KEY
from tests.cluster.proxy import Proxy
from tests.conftest import Publication
from tests.live import wait_for
from tests.postgresql_server import Server
from tests.web.resources import ask

CACHED, UNCACHED = "/feeds/all.atom", "/feeds/chips.json"


@pytest.fixture
def published(tmp_path: Path, postgresql: Server) -> Iterator[Publication]:
    """A publication whose writer reaches its database."""
    name = postgresql.new_database()
    made = Publication(tmp_path, place=postgresql.url(name, tcp=True))
    made.article("one")
    made.sync()
    yield made
    made.store.close()
    postgresql.drop(name)


@pytest.fixture
def proxy(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Yield the network between a node and the database."""
    monkeypatch.setattr(responsiveness, "SILENT_SECONDS", 0.2)
    with closing(Proxy(postgresql.port)) as made:
        yield made


@pytest.fixture
def node(published: Publication, proxy: Proxy, postgresql: Server) -> Iterator[Flask]:
    """Yield a node behind that network, which has cached one document."""
    place = str(published.settings.store).replace(str(postgresql.port), str(proxy.port))
    app = create_app(replace(published.settings, store=f"{place}connect_timeout=2"), watching=True)
    cache = app.wsgi_app
    assert isinstance(cache, ResponseCache)
    assert ask(app.test_client(), CACHED).status_code == 200
    documents = app.extensions[KEY].cache
    wait_for(lambda: documents.watched, "the refresher")
    yield app
    cache.close()
    app.extensions[KEY].store.close()


def in_thread(task: Callable[[], TestResponse]) -> list[TestResponse]:
    """Run a request that may wait; the list gets its response."""
    found: list[TestResponse] = []
    Thread(target=lambda: found.append(task()), daemon=True).start()
    return found


def cached_poll(node: Flask) -> None:
    """Poll the cached document with and without its ETag."""
    full = ask(node.test_client(), CACHED)
    assert full.status_code == 200
    assert ask(node.test_client(), CACHED, If_None_Match=full.headers["ETag"]).status_code == 304


@pytest.mark.parametrize("ends_connections", [True, False], ids=["connections end", "connections go on"])
def test_a_node_serves_what_it_has_and_recovers(
    published: Publication, node: Flask, proxy: Proxy, *, ends_connections: bool
) -> None:
    proxy.cut()
    waiting = in_thread(lambda: ask(node.test_client(), UNCACHED))
    while not waiting:
        # The proxy passes nothing on, so a poll with a round trip would not end.
        cached_poll(node)
    for response in (*waiting, ask(node.test_client(), UNCACHED), ask(node.test_client(), "/readyz")):
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
    cached_poll(node)
    published.article("two")
    published.sync()
    if ends_connections:
        proxy.mend()
    else:
        proxy.resume()
    wait_for(lambda: b"two" in ask(node.test_client(), CACHED).data, "the commit that the node missed")
    assert ask(node.test_client(), UNCACHED).status_code == 200


def test_a_refresher_that_waits_is_not_taken_for_one_that_hangs(
    published: Publication,
    node: Flask,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The database hangs while documents are rendered again: they are served as they were."""
    documents = node.extensions[KEY].cache
    render = documents._rendered

    def hanging(*given: object) -> object:
        proxy.cut()
        return render(*given)

    monkeypatch.setattr(documents, "_rendered", hanging)
    published.article("two")
    published.sync()
    wait_for(lambda: documents.problem, "the refresh is given up")
    assert "cannot render" not in caplog.text
    cached_poll(node)
    assert documents.watched, (documents.problem, caplog.text)
    monkeypatch.setattr(documents, "_rendered", render)
    proxy.mend()
    wait_for(lambda: b"two" in ask(node.test_client(), CACHED).data, "the commit")
