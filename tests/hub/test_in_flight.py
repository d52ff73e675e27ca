"""How much a worker claims ahead, and what becomes of that when it ends."""

import threading

import pytest

from feedsvc.hub.in_flight import AHEAD_SECONDS, MAX_AHEAD, InFlight
from tests.hub.harness import Hub
from tests.hub.subscribers import Answer, Received


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def worked(in_flight: InFlight, number: int) -> None:
    """Send so many first deliveries."""
    for _ in range(number):
        in_flight.begin("first")
        in_flight.end("first")


def test_a_worker_claims_ahead_what_it_sent_lately() -> None:
    clock = Clock()
    in_flight = InFlight(8, clock)
    assert in_flight.room("first") == 8
    worked(in_flight, 100)
    assert in_flight.room("first") == 8
    clock.now += AHEAD_SECONDS
    assert in_flight.room("first") == 108
    for _ in range(59):
        in_flight.begin("first")
    # Nothing is claimed until half of what waits has begun, then as much as that.
    assert in_flight.room("first") == 0
    in_flight.end("first")
    assert in_flight.room("first") == 50
    # Threads that are held by subscribers which do not answer get no more than one each.
    clock.now += AHEAD_SECONDS
    assert in_flight.room("first") == 0
    clock.now += AHEAD_SECONDS
    assert in_flight.room("first") == 0
    worked(in_flight, MAX_AHEAD + 1)
    clock.now += AHEAD_SECONDS
    assert in_flight.room("first") == 8 + MAX_AHEAD - 58


def test_deliveries_that_wait_take_no_room_of_other_requests() -> None:
    in_flight = InFlight(8, Clock())
    for _ in range(8):
        in_flight.begin("first")
    assert (in_flight.room("other"), in_flight.room("again")) == (2, 4)
    for _ in range(8):
        in_flight.begin("again")
    assert (in_flight.room("other"), in_flight.room("again")) == (2, 0)


def test_a_worker_that_ends_gives_back_what_waits(idle_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub, is_asked, is_ended = idle_hub, threading.Event(), threading.Event()

    def slow(request: Received) -> Answer:
        if request.method == "GET":
            return 200, {}, request["hub.challenge"].encode()
        is_asked.set()
        is_ended.wait()
        return 204, {}, b""

    monkeypatch.setattr(InFlight, "room", lambda self, kind: 10 - self._numbers[kind])
    callbacks = [hub.subscribers.callback(f"s{number}", slow) for number in range(5)]
    worker = hub.work(threads=1)
    for number in range(5):
        hub.subscribe(f"s{number}")
    hub.publish("second")
    is_asked.wait()
    hub.stop.set()
    is_ended.set()
    worker.join()
    # There is one thread more, for the self-test.
    assert 1 <= sum(len(each.deliveries) for each in callbacks) <= 2
    rows = hub.subscriptions()
    assert sum(row["delivered_at"] is None for row in rows) >= 3
    assert [row["claim"] for row in rows] == [""] * 5
