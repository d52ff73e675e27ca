"""What is not cached is made by a few threads at a time: what is cached never waits behind it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from threading import Event, Lock

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from feedsvc.errors import TooBusy
from feedsvc.slices.grammar import is_search, parse
from feedsvc.store import Snapshot
from feedsvc.web import create_app
from feedsvc.web.render_limiter import Budget, Cost, Limits, RenderLimiter, cost_of, limits_of_pool, limits_of_threads
from tests.conftest import Publication
from tests.web.resources import ask

THREADS = 4
COSTS = {
    "q=ai": Cost.SEARCH,
    "not=tag:a": Cost.SEARCH,
    "topic=cloud": Cost.SEARCH,
    "tag=a&tag=b": Cost.SEARCH,
    "tag=a&lang=en": Cost.SEARCH,
    "q=ai&limit=5": Cost.SEARCH,
    "": Cost.COMMON,
    "lang=en": Cost.COMMON,
    "tag=a": Cost.COMMON,
    "body=summary": Cost.COMMON,
    "since=2026-01-01": Cost.RARE,
    "until=2026-01-01": Cost.RARE,
    "limit=5": Cost.RARE,
    "tag=a&since=2026-01-01&until=2026-02-01&limit=5": Cost.RARE,
}


@pytest.mark.parametrize(("query", "cost"), COSTS.items())
def test_the_cost_of_a_slice(query: str, cost: Cost) -> None:
    pairs = [tuple(each.split("=")) for each in query.split("&") if each]
    slice_ = parse("chips", pairs)  # type: ignore[arg-type]
    assert cost_of(slice_) is cost
    assert is_search(slice_) is (cost is Cost.SEARCH)
    assert cost_of(slice_, rare=True) is (Cost.SEARCH if cost is Cost.SEARCH else Cost.RARE)


def taken(limiter: RenderLimiter, cost: Cost, hold: ExitStack) -> int:
    """How many more places of a class there are; all are taken."""
    number = 0
    try:
        while True:
            hold.enter_context(limiter.place(cost))
            number += 1
    except TooBusy:
        return number


@pytest.mark.parametrize("threads", range(1, 9))
@pytest.mark.parametrize("cost", Cost)
def test_one_thread_stays_free(threads: int, cost: Cost) -> None:
    """Where a server has so many threads for everything, a class never takes all of them."""
    with ExitStack() as hold:
        limiter = RenderLimiter(limits_of_threads(threads))
        assert 1 <= taken(limiter, cost, hold) <= max(1, threads - 1)


@pytest.mark.parametrize("threads", range(3, 9))
def test_all_classes_together_leave_a_thread(threads: int) -> None:
    with ExitStack() as hold:
        limiter = RenderLimiter(limits_of_threads(threads))
        others = sum(taken(limiter, cost, hold) for cost in (Cost.SEARCH, Cost.RARE, Cost.DOWNLOAD))
        common = taken(limiter, Cost.COMMON, hold)
        assert (others + common, common >= 1) == (threads - 1, True) or threads == 3


def test_a_reader_may_subscribe_to_many_feeds_at_once() -> None:
    """30 feeds, of which none is cached after a commit: each gets a place."""
    with ExitStack() as hold:
        assert taken(RenderLimiter(limits_of_pool(THREADS, 32)), Cost.COMMON, hold) >= 30


def small(slots: int, seconds: float) -> RenderLimiter:
    return RenderLimiter(Limits(slots, 16, {cost: Budget(4, seconds) for cost in Cost}))


@pytest.mark.parametrize("cost", [Cost.RARE, Cost.SEARCH])
def test_a_slot_is_for_common_documents_alone(cost: Cost) -> None:
    limiter = small(2, 0.01)
    with limiter.slot(cost):
        with pytest.raises(TooBusy, match=r"^too many .+ at a time \(try again shortly\)$"), limiter.slot(cost):
            pytest.fail("it began")
        with limiter.slot(Cost.COMMON), pytest.raises(TooBusy), limiter.slot(Cost.COMMON):
            pytest.fail("it began")
    with limiter.slot(cost):
        pass


def test_errors_give_back_what_was_taken() -> None:
    limiter = small(1, 0.01)
    for _ in range(10):
        with pytest.raises(ZeroDivisionError), limiter.place(Cost.RARE), limiter.slot(Cost.RARE):
            raise ZeroDivisionError
    with ExitStack() as hold:
        assert taken(limiter, Cost.RARE, hold) == 4
        hold.enter_context(limiter.slot(Cost.RARE))


def test_a_thread_that_waits_is_idle() -> None:
    """So that another one may work; and it gets the slot as soon as there is one."""
    waits, begun = Event(), Event()

    class Idle:
        def __enter__(self) -> None:
            waits.set()

        def __exit__(self, *_: object) -> None:
            pass

    limiter = RenderLimiter(Limits(1, 16, {cost: Budget(4, 60) for cost in Cost}), Idle)

    def wait() -> None:
        with limiter.slot(Cost.COMMON):
            begun.set()

    with ThreadPoolExecutor(1) as pool:
        with limiter.slot(Cost.RARE):
            assert not waits.is_set()
            done = pool.submit(wait)
            assert waits.wait(60)
            assert not begun.is_set()
        done.result(60)


def test_another_threads_work_is_waited_for_with_an_end() -> None:
    limiter, lock = small(1, 0.01), Lock()
    with lock, pytest.raises(TooBusy), limiter.waiting(Cost.COMMON, lock):
        pytest.fail("it began")
    with limiter.waiting(Cost.COMMON, lock):
        assert lock.locked()
    assert not lock.locked()


class Worker:
    """A worker whose documents are not made until it is told, once all that is cached is cached."""

    def __init__(self, app: Flask) -> None:
        self.app, self.pool = app, ThreadPoolExecutor(THREADS)
        self.begun, self.end = Event(), Event()

    def ask(self, path: str, **fields: str) -> "Future[TestResponse]":
        return self.pool.submit(lambda: ask(self.app.test_client(), path, **fields))


CACHED = ["/feeds/chips.atom", "/feeds/chips.atom?q=text", "/feeds/chips.atom?since=2026-01-01", "/"]


@pytest.fixture(params=["watched", "unwatched"])
def worker(request: pytest.FixtureRequest, filled: Publication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    client = create_app(replace(filled.settings, threads=THREADS)).test_client()
    made = Worker(client.application)
    if request.param == "watched":
        documents = client.application.extensions["feedsvc"].cache
        documents.watched = True
        documents.refresh()
    for path in CACHED:
        assert ask(client, path).status_code == 200
    check: Callable[[Snapshot], object] = Snapshot.site

    def slow(snapshot: Snapshot) -> object:
        made.begun.set()
        assert made.end.wait(60)
        return check(snapshot)

    monkeypatch.setattr(Snapshot, "site", slow)
    try:
        yield made
    finally:
        made.end.set()
        made.pool.shutdown()


COLD = {
    "a tag": "/feeds/all.json?tag=x{}",
    "since": "/feeds/all.json?since=2026-01-{:02}",
    "until": "/feeds/all.json?until=2026-01-{:02}",
    "limit": "/feeds/all.json?limit={}",
    "archives": "/feeds/all/2026-{:02}.atom",
    "later pages": "/?page={}",
    "sitemap": "/sitemap-{}.xml",
    "words": "/feeds/all.json?q=w{}",
    "search": "/search?q=w{}",
    "embed": "/embed/all?q=w{}",
    "embed since": "/embed/all?since=2026-01-{:02}",
    "OPML": "/feeds.opml?since=2026-01-{:02}",
    "tags": "/tags/tag{}",
    "articles": "/articles/a{}",
}


@pytest.mark.parametrize("cold", COLD.values(), ids=COLD)
def test_what_is_cached_is_answered_whatever_is_made(worker: Worker, cold: str) -> None:
    """Twelve ask for what is not cached, and none of it gets done: polls, conditional or not, and probes are."""
    asked = [worker.ask(cold.format(number)) for number in range(2, 14)]
    assert worker.begun.wait(60)
    for path in CACHED:
        first = worker.ask(path).result(60)
        assert first.status_code == 200, path
        assert worker.ask(path, If_None_Match=first.headers["ETag"]).result(60).status_code == 304
    assert worker.ask("/healthz").result(60).status_code == 200
    refused = [each.result(60) for each in asked if each.done()]
    assert len(refused) >= 12 - (THREADS - 1)
    assert {each.status_code for each in refused} == {503}
    assert {(each.headers["Retry-After"], each.headers["Cache-Control"]) for each in refused} == {("5", "no-store")}


def test_the_last_document_is_given_where_a_new_one_cannot_be_made(filled: Publication) -> None:
    """A commit came, and all places are taken: a poller gets what was right a moment ago, never 503."""
    client = filled.client()
    before = ask(client, "/feeds/chips.atom")
    filled.article("later")
    filled.sync()
    with ExitStack() as hold:
        taken(client.application.extensions["feedsvc"].limiter, Cost.COMMON, hold)
        assert ask(client, "/feeds/chips.atom").data == before.data
        assert ask(client, "/feeds/chips.rss").status_code == 503
    assert ask(client, "/feeds/chips.atom").data != before.data
