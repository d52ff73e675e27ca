"""Searches never take every thread of a worker: whoever polls what is held gets one."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from feedsvc.errors import SearchTooBusy
from feedsvc.feeds.slices import is_search, parse
from feedsvc.store.slicing import SliceReader
from feedsvc.web import create_app
from feedsvc.web.turnstile import Turnstile
from tests.conftest import Publication
from tests.web.resources import ask

THREADS = 4


@pytest.mark.parametrize(
    ("threads", "at_once", "in_line"), [(0, 1, 0), (1, 1, 0), (2, 1, 0), (3, 1, 1), (4, 2, 1), (8, 4, 3)]
)
def test_one_thread_stays_free(threads: int, at_once: int, in_line: int) -> None:
    turnstile = Turnstile(threads, 1)
    assert (turnstile.at_once, turnstile.in_line) == (at_once, in_line)
    assert at_once + in_line < threads or threads < 2


def test_whoever_waits_too_long_is_sent_away() -> None:
    turnstile = Turnstile(3, 0.01)
    with turnstile.turn(), pytest.raises(SearchTooBusy, match=r"too many searches at a time \(try again shortly\)"):
        turnstile.turn().__enter__()
    with turnstile.turn():
        pass


SEARCHES = {
    "q=ai": True,
    "not=tag:a": True,
    "topic=cloud": True,
    "tag=a&tag=b": True,
    "tag=a&lang=en": True,
    "lang=en": False,
    "tag=a&since=2026-01-01&limit=5": False,
}


@pytest.mark.parametrize(("query", "is_one"), SEARCHES.items())
def test_what_has_to_be_looked_for(query: str, is_one: bool) -> None:
    pairs = [tuple(each.split("=")) for each in query.split("&")]
    assert is_search(parse("chips", pairs)) is is_one  # type: ignore[arg-type]


class Searching:
    """A worker whose searches last until they are told to end."""

    def __init__(self, app: Flask) -> None:
        self.app, self.pool = app, ThreadPoolExecutor(THREADS)
        self.begun, self.end = Event(), Event()

    def ask(self, path: str) -> "Future[TestResponse]":
        return self.pool.submit(lambda: ask(self.app.test_client(), path))


@pytest.fixture
def searching(filled: Publication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Searching]:
    client = create_app(replace(filled.settings, threads=THREADS, search_seconds=60)).test_client()
    for path in ("/feeds/chips.atom", "/feeds/chips.atom?q=text"):
        assert ask(client, path).status_code == 200
    made = Searching(client.application)
    looking = SliceReader._finds

    def slow(*asked: object) -> object:
        made.begun.set()
        assert made.end.wait(60)
        return looking(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(SliceReader, "_finds", slow)
    with _ended(made):
        yield made


@contextmanager
def _ended(made: Searching) -> Iterator[None]:
    try:
        yield
    finally:
        made.end.set()
        made.pool.shutdown()


PLACES = ["/feeds/all.json?q=w{}", "/feeds/all.json?q=same", "/search?q=w{}", "/embed/all?q=w{}"]


@pytest.mark.parametrize("place", PLACES)
def test_a_poll_gets_a_thread_whatever_is_searched(searching: Searching, place: str) -> None:
    """Two search, one waits, the rest is told to come again, so that the fourth thread answers."""
    asked = [searching.ask(place.format(number)) for number in range(12)]
    poll = searching.ask("/feeds/chips.atom")
    assert poll.result(60).status_code == 200
    assert searching.begun.wait(60)
    refused = [each.result(60) for each in asked if each.done()]
    assert [each.status_code for each in refused] == [503] * 9
    assert {(each.headers["Retry-After"], each.headers["Cache-Control"]) for each in refused} == {("5", "no-store")}
    searching.end.set()
    assert [each.result(60).status_code for each in asked].count(200) == 3


def test_a_search_that_is_held_is_no_search(searching: Searching) -> None:
    for number in range(3):
        searching.ask(f"/feeds/all.json?q=w{number}")
    assert searching.ask("/feeds/chips.atom?q=text").result(60).status_code == 200
