"""What readers say of themselves is bounded over all workers, and forgotten when it is not said again."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from feedsvc.web.stats.poll_buffer import FeedKey
from feedsvc.web.stats.subscriber_totals import EXPIRES_SECONDS, MAX_UNKNOWN_READERS, REPEATED_SECONDS, SubscriberTotals
from feedsvc.web.stats.user_agent_subscribers import MAX_SUBSCRIBERS, report

CHIPS: FeedKey = ("chips", "atom")


@dataclass
class Clock:
    """In seconds, turned by tests."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def said(totals: SubscriberTotals) -> dict[str, int]:
    return {each.reader: each.subscribers for each in totals.reports()}


@pytest.fixture(params=["a file of all workers", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return None if request.param == "memory" else tmp_path


@pytest.mark.parametrize(
    ("user_agent", "subscribers"),
    [
        ("Feedly/1.0 (1,234 subscribers)", 1234),
        ("Feedly/1.0 (1,000,000 subscribers)", MAX_SUBSCRIBERS),
        ("Feedly 0 subscribers", 0),
        ("Feedly -5 subscribers", None),
        ("Feedly +5 subscribers", None),
        ("Feedly 1,23 subscribers", None),
        ("Feedly 1.234 subscribers", None),
        ("Feedly/1.0 (1000001 subscribers)", None),
        ("Feedly/1.0 (999999999 subscribers)", None),
    ],
)
def test_a_count_is_one_that_can_be(user_agent: str, subscribers: int | None) -> None:
    heard = report(user_agent)
    assert (heard and heard.subscribers) == subscribers


def test_what_is_not_said_again_expires(folder: Path | None) -> None:
    clock = Clock()
    totals = SubscriberTotals(folder, clock)
    totals.record({(CHIPS, "Feedly"): 5, (CHIPS, "Feedbin"): 7})
    clock.now += REPEATED_SECONDS + 1
    totals.record({(CHIPS, "Feedly"): 5})
    clock.now += EXPIRES_SECONDS - REPEATED_SECONDS
    assert said(totals) == {"Feedly": 5}
    clock.now += REPEATED_SECONDS + 1
    assert said(totals) == {}


def test_the_stranger_not_heard_longest_leaves(folder: Path | None) -> None:
    """Whoever makes up readers keeps nobody out: who really asks is heard again."""
    clock = Clock()
    totals = SubscriberTotals(folder, clock)
    totals.record({(CHIPS, "Feedly"): 5})
    for number in range(MAX_UNKNOWN_READERS * 10):
        clock.now += 1
        totals.record({(CHIPS, f"Fake{number}"): 1000})
    totals.record({(CHIPS, "HonestReader"): 7})
    held = said(totals)
    assert (held["HonestReader"], held["Feedly"]) == (7, 5)
    assert len(held) == MAX_UNKNOWN_READERS + 1
    assert "Fake0" not in held


def test_the_bound_is_one_for_all_workers(tmp_path: Path) -> None:
    """However many there are, and were."""
    for worker in range(5):
        SubscriberTotals(tmp_path).record({(CHIPS, f"R{worker}-{number}"): 5 for number in range(80)})
    assert len(SubscriberTotals(tmp_path).reports()) == MAX_UNKNOWN_READERS


def test_a_disk_that_takes_nothing_costs_only_this(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    totals = SubscriberTotals(tmp_path / "nothing")
    for _ in range(3):
        totals.record({(CHIPS, "Feedly"): 5})
    assert caplog.text.count("what readers say of their subscribers is not kept") == 1
    assert totals.reports() == ()


@pytest.mark.parametrize("text", ["", "[[1]]", '[["chips", "atom"', "\udcff"])
def test_a_file_that_a_crash_cut_short_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "subscribers.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    totals = SubscriberTotals(tmp_path)
    assert totals.reports() == ()
    totals.record({(CHIPS, "Feedly"): 5})
    assert said(totals) == {"Feedly": 5}
