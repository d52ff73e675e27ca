"""The limits that prevent the hub from being used to flood others, and their memory."""

from dataclasses import dataclass
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.hub.limits import RateLimit, SubscriptionLimits, network_of, source_of
from feedsvc.web.hub import views
from tests.hub.harness import FEED, Hub


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_and_then_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(at_once=100, per_second=2.0, burst=5, clock=clock)
    assert [limit.enter("a") for _ in range(7)] == [0.0] * 5 + [0.5, 0.5]
    clock.now += 0.5
    assert [limit.enter("a"), limit.enter("a")] == [0.0, 0.5]
    clock.now += 1000
    assert [limit.enter("a") for _ in range(6)] == [0.0] * 5 + [0.5]


def test_keys_have_limits_of_their_own() -> None:
    limit = RateLimit(at_once=1, per_second=1.0, burst=1, clock=Clock())
    assert [limit.enter("a"), limit.enter("b"), limit.enter("a")] == [0.0, 0.0, 1.0]


def test_uses_at_once() -> None:
    limit = RateLimit(at_once=2, per_second=1.0, burst=100, clock=Clock())
    assert [limit.enter("a") for _ in range(3)] == [0.0, 0.0, 1.0]
    limit.leave("a")
    assert [limit.enter("a") for _ in range(2)] == [0.0, 1.0]


def test_memory_is_bounded_and_no_key_is_forgotten_early() -> None:
    """A new burst for a key that was forgotten would be a way around the limit."""
    clock = Clock()
    limit = RateLimit(at_once=5, per_second=1.0, burst=10, max_keys=100, clock=clock)
    for number in range(100):
        assert limit.enter(number) == 0.0
        limit.leave(number)
    assert [limit.enter(f"new {number}") for number in range(1000)] == [1.0] * 1000
    assert len(limit) == 100
    clock.now += 1.0
    assert [limit.enter(f"new {number}") for number in range(101)] == [0.0] * 100 + [1.0]
    assert len(limit) == 100


def test_a_key_in_use_is_not_forgotten() -> None:
    clock = Clock()
    limit = RateLimit(at_once=5, per_second=1.0, burst=10, max_keys=2, clock=clock)
    assert [limit.enter("a"), limit.enter("b")] == [0.0, 0.0]
    clock.now += 1000
    assert limit.enter("c") == 1.0
    limit.leave("a")
    assert limit.enter("c") == 0.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), max_size=200))
def test_no_more_than_burst_and_rate_in_any_time(uses: list[tuple[str, float]]) -> None:
    clock = Clock()
    limit = RateLimit(at_once=1000, per_second=2.0, burst=4, max_keys=2, clock=clock)
    begun: dict[str, list[float]] = {}
    for key, pause in uses:
        clock.now += pause
        if limit.enter(key) == 0.0:
            limit.leave(key)
            begun.setdefault(key, []).append(clock.now)
    for times in begun.values():
        for first, start in enumerate(times):
            for last in range(first, len(times)):
                assert last - first + 1 <= 4 + 2.0 * (times[last] - start) + 1e-6


def test_subscriptions_of_one_source() -> None:
    """One client cannot make the hub ask many hosts."""
    limits = SubscriptionLimits(Clock())
    admitted = [limits.admit("9.9.9.9", f"h{number}.example") for number in range(1000)]
    assert admitted.count(0.0) == 100
    assert limits.admit("9.9.9.10", "h1.example") == 0.0


def test_subscriptions_of_one_callback_host() -> None:
    """Many clients cannot make the hub ask one host often."""
    limits = SubscriptionLimits(Clock())
    admitted = [limits.admit(f"9.9.{number}.9", "victim.example") for number in range(256)]
    assert admitted.count(0.0) == 100
    assert limits.admit("9.9.1.9", "VICTIM.example") > 0.0


def test_subscriptions_in_total() -> None:
    limits = SubscriptionLimits(Clock(), in_total=50)
    assert [limits.admit(f"9.9.9.{number}", f"h{number}.example") for number in range(51)] == [0.0] * 50 + [1.0]
    limits.done("9.9.9.0", "h0.example")
    # The place is free; its rate allows no other in this second.
    assert limits.admit("9.9.9.99", "h99.example") == pytest.approx(0.01)


def test_a_refused_subscription_holds_nothing() -> None:
    clock = Clock()
    limits = SubscriptionLimits(clock)
    while limits.admit("9.9.9.9", "a.example") == 0.0:
        pass
    for _ in range(100):
        limits.done("9.9.9.9", "a.example")
    clock.now += 1000
    admitted = [limits.admit(f"9.9.9.{number}", "a.example") for number in range(200)]
    assert admitted.count(0.0) == 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("9.9.9.9", "9.9.9.9"),
        ("2620:fe::fe", "2620:fe::/64"),
        ("2620:fe:0:0:ffff:ffff:ffff:ffff", "2620:fe::/64"),
        ("::ffff:9.9.9.9", "9.9.9.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_what_is_limited_as_one_client(address: str, network: str) -> None:
    assert network_of(address) == network


TRUSTED = [ip_network("127.0.0.0/8"), ip_network("::1/128"), ip_network("10.0.0.0/24")]


@pytest.mark.parametrize(
    ("connected", "forwarded_for", "source"),
    [
        ("9.9.9.9", "", "9.9.9.9"),
        ("9.9.9.9", "8.8.8.8", "9.9.9.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8, 10.0.0.7", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8, 10.0.1.7", "10.0.1.7"),
        ("::1", "2620:fe::fe", "2620:fe::fe"),
        ("", "8.8.8.8", "8.8.8.8"),
        ("", "", ""),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "8.8.8.8, unknown", "127.0.0.1"),
        ("127.0.0.1", "a, , 10.0.0.1,", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.1,127.0.0.1", "10.0.0.1"),
    ],
)
def test_the_source_of_a_request(connected: str, forwarded_for: str, source: str) -> None:
    assert source_of(connected, forwarded_for, TRUSTED) == source


def test_each_client_of_a_proxy_has_its_own_limit(idle_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the private network says who asks; what a stranger writes into the field itself counts for nothing."""
    monkeypatch.setattr(views, "_LIMITS", SubscriptionLimits(Clock()))
    numbers = iter(range(10_000))

    def status(connected: str, forwarded_for: str) -> int:
        number = next(numbers)
        form = {"hub.callback": f"http://9.{number // 200}.{number % 200}.9/", "hub.mode": "subscribe"}
        answer = idle_hub.client.post(
            "/hub",
            data={**form, "hub.topic": FEED},
            headers={"X-Forwarded-For": forwarded_for},
            environ_base={"REMOTE_ADDR": connected},
        )
        return answer.status_code

    while (found := status("10.0.0.5", "8.8.8.8")) == 202:
        assert next(numbers) < 5000
    assert found == 429
    assert status("10.0.0.5", "8.8.4.4") == 202
    while status("1.1.1.1", f"203.0.113.{next(numbers) % 200}") == 202:
        assert next(numbers) < 10_000
    assert status("1.1.1.1", "8.8.4.4") == 429
