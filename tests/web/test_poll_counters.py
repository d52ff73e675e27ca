"""Every poll is counted, whoever answers it: results, bytes sent and saved, what readers say of themselves."""

from collections.abc import Iterable
from threading import Event, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web import create_app
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.context import KEY
from feedsvc.web.responses import WHOLE
from feedsvc.web.stats.middleware import PollMiddleware
from feedsvc.web.stats.poll_buffer import OTHER, FeedKey, polled
from feedsvc.web.stats.poll_counters import Figures, PollCounters
from feedsvc.web.stats.subscriber_totals import MAX_UNKNOWN_READERS
from feedsvc.web.stats.user_agent_subscribers import LONGEST, report
from tests.conftest import Publication
from tests.web.resources import ask
from tests.web.test_feed_page import CLIENTS, NAVIGATION

FEED = "/feeds/chips.atom"
CHIPS: FeedKey = ("chips", "atom")


@pytest.fixture
def client(filled: Publication) -> FlaskClient:
    return filled.client()


def figures(client: FlaskClient) -> dict[FeedKey, Figures]:
    polls = client.application.extensions[KEY].polls
    assert isinstance(polls, PollCounters)
    return polls.figures()


def test_results_and_bytes(client: FlaskClient) -> None:
    """Saved is what the whole document would have been, without a coding, less what was sent; for a 304 all of it."""
    whole = len(ask(client, FEED).data)
    packed = ask(client, FEED, Accept_Encoding="br")
    ask(client, FEED, Accept_Encoding="br", If_None_Match=packed.headers["ETag"])
    assert figures(client) == {
        CHIPS: Figures(full=2, unchanged=1, sent=whole + len(packed.data), saved=2 * whole - len(packed.data))
    }


@pytest.mark.parametrize("path", [FEED, f"{FEED}?_=1&utm_source=x&ui=en", f"{FEED}/", "/feeds/%63hips.atom"])
def test_one_feed_by_whatever_address(client: FlaskClient, path: str) -> None:
    """Cache-busters and slashes make no other feed of it."""
    assert ask(client, path).status_code == 200
    assert set(figures(client)) == {CHIPS}


@pytest.mark.parametrize("path", ["/feeds/nothing.atom", "/feeds/chips.xml", f"{FEED}?x=1", "/feeds/a/b"])
def test_everything_else_is_one_other(client: FlaskClient, path: str) -> None:
    """Nobody fills the figures with names of theirs; what has parameters of ours is another feed."""
    ask(client, path)
    assert set(figures(client)) == {OTHER}


def test_an_error_of_a_feed_that_exists_is_its_own(client: FlaskClient) -> None:
    ask(client, FEED)
    ask(client, FEED, If_Match='"old"')
    assert (figures(client)[CHIPS].full, figures(client)[CHIPS].error) == (1, 1)


def test_what_is_no_poll_is_not_counted(client: FlaskClient) -> None:
    """A person who looks at a feed's page, a HEAD, a preflight, a page."""
    client.get(FEED, headers=NAVIGATION)
    ask(client, FEED, "HEAD")
    ask(client, FEED, "OPTIONS")
    ask(client, "/topics/chips")
    ask(client, "/feeds.opml")
    assert figures(client) == {}


def test_subscribers_are_the_newest_of_each_reader(client: FlaskClient) -> None:
    """A known reader's newest figure counts, and theirs add up; what others say is no part of it."""
    for agent in ("Feedly/1.0 (x; 16 subscribers; y)", "Feedly/1.0 (x; 14 subscribers; y)", "Other/1 (3 subscribers)"):
        ask(client, FEED, User_Agent=agent)
    ask(client, "/feeds/chips.rss", User_Agent="Feedly/1.0 (x; 2 subscribers; y)")
    assert figures(client)[CHIPS].subscribers == 14
    assert figures(client)["chips", "rss"].subscribers == 2


def test_strangers_are_bounded_and_keep_nobody_out(client: FlaskClient) -> None:
    """Anybody can make up readers; those we know are counted nevertheless."""
    for number in range(MAX_UNKNOWN_READERS + 5):
        ask(client, FEED, User_Agent=f"Made-up{number}/1 (1 subscriber)")
    ask(client, FEED, User_Agent="Feedly/1.0 (100 subscribers)")
    assert figures(client)[CHIPS].subscribers == 100
    assert len(client.application.extensions[KEY].polls.subscriber_totals.reports()) == MAX_UNKNOWN_READERS + 1


@pytest.mark.parametrize("client_", CLIENTS, ids=[each["name"] for each in CLIENTS])
def test_what_real_readers_say(client_: dict[str, Any]) -> None:
    said = report(client_["headers"]["User-Agent"])
    expected = client_.get("subscribers")
    assert (said and {"reader": said.reader, "count": said.subscribers}) == expected


@given(st.text(max_size=300))
def test_any_user_agent(text: str) -> None:
    """Nothing that is sent there breaks anything, and a count stays a number of people."""
    for agent in (text, f"{text} 12 subscribers", f"{text}/1 (99999999999 subscribers)"):
        said = report(agent)
        assert said is None or (0 <= said.subscribers < 10**9 and len(said.reader) <= 40)


def test_answers_in_front_of_flask_say_what_they_saved(filled: Publication) -> None:
    """A hot document is answered without Flask, and counted with the whole of its size."""
    app = create_app(filled.settings)
    client = app.test_client()
    whole = len(ask(client, FEED).data)
    app.extensions[KEY].cache.watched = True
    front = app.wsgi_app
    assert isinstance(front, ResponseCache)
    tag = ask(client, FEED).headers["ETag"]
    monitored, front._app = front._app, lambda *_: pytest.fail("Flask was asked")
    assert ask(client, FEED, If_None_Match=tag).status_code == 304
    front._app = monitored
    assert figures(client)[CHIPS] == Figures(full=2, unchanged=1, sent=2 * whole, saved=whole)


def test_no_poll_is_lost_between_threads() -> None:
    """Nobody waits for a lock to be counted, and each is counted once, whenever the figures are brought on."""
    polls, poll = PollCounters(), polled(CHIPS, "unchanged", 0, 3)
    done = Event()

    def note() -> None:
        for _ in range(2_000):
            polls.note(poll, "Feedly/1.0 (5 subscribers)")

    def write() -> None:
        while not done.is_set():
            polls.write()

    writer, pollers = Thread(target=write), [Thread(target=note) for _ in range(8)]
    for thread in (writer, *pollers):
        thread.start()
    for thread in pollers:
        thread.join()
    done.set()
    writer.join()
    assert polls.figures() == {CHIPS: Figures(unchanged=16_000, saved=48_000, subscribers=5)}


def test_a_last_poll_is_brought_on_by_itself(monkeypatch: pytest.MonkeyPatch, filled: Publication) -> None:
    """Also when no other one follows."""
    monkeypatch.setattr("feedsvc.web.stats.poll_counters.DELAY_SECONDS", 0.01)
    polls, written = PollCounters(), Event()
    write = polls.write

    def write_and_say() -> None:
        write()
        written.set()

    monkeypatch.setattr(polls, "write", write_and_say)
    for _ in range(3):
        polls.note(polled(CHIPS, "full", 1, 1), "")
        assert written.wait(300)
        written.clear()
    assert polls.figures()[CHIPS].full == 3


def test_polls_that_cannot_be_brought_on_cost_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk may hang: then the oldest are forgotten."""
    monkeypatch.setattr("feedsvc.web.stats.poll_counters.MAX_QUEUED", 10)
    polls = PollCounters()
    for number in range(25):
        polls.note(polled(CHIPS, "full", number, number), "Feedly/1.0 (5 subscribers)")
    assert polls.figures() == {CHIPS: Figures(full=10, sent=sum(range(15, 25)), subscribers=5)}


def test_what_is_said_far_behind_is_not_heard() -> None:
    """What is kept of a User-Agent has an end; nobody needs as much."""
    assert report(f"Feedly/1.0 {'x' * LONGEST} (5 subscribers)") is None
    assert report(f"Feedly/1.0 (5 subscribers) {'x' * LONGEST}") == ("Feedly", 5)


def test_it_sees_what_flask_does_not() -> None:
    """Whatever answers below it is counted."""

    def hot(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[WHOLE] = 1000
        start_response("304 Not Modified", [("ETag", '"x"')])
        return []

    polls = PollCounters()
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": FEED, "QUERY_STRING": ""}
    answer = PollMiddleware(hot, polls)(environ, lambda *_: None)
    assert list(answer) == []
    assert polls.figures() == {CHIPS: Figures(unchanged=1, saved=1000)}
