"""What readers say of themselves is bounded over all workers, and forgotten when it is not said again."""

import os
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest

from feedsvc.web.stats.metric_files import fold
from feedsvc.web.stats.poll_buffer import FeedKey
from feedsvc.web.stats.subscriber_counts import EXPIRES_SECONDS, MAX_STRANGERS, REPEATED_SECONDS, SubscriberCounts
from feedsvc.web.stats.user_agents import MAX_SUBSCRIBERS, report

CHIPS: FeedKey = ("chips", "atom")


@dataclass
class Clock:
    """In seconds, turned by tests."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def said(audience: SubscriberCounts) -> dict[str, int]:
    return {each.reader: each.subscribers for each in audience.said()}


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
    audience = SubscriberCounts(folder, clock)
    audience.hear({(CHIPS, "Feedly"): 5, (CHIPS, "Feedbin"): 7})
    clock.now += REPEATED_SECONDS + 1
    audience.hear({(CHIPS, "Feedly"): 5})
    clock.now += EXPIRES_SECONDS - REPEATED_SECONDS
    assert said(audience) == {"Feedly": 5}
    clock.now += REPEATED_SECONDS + 1
    assert said(audience) == {}


def test_the_stranger_not_heard_longest_leaves(folder: Path | None) -> None:
    """Whoever makes up readers keeps nobody out: who really asks is heard again."""
    clock = Clock()
    audience = SubscriberCounts(folder, clock)
    audience.hear({(CHIPS, "Feedly"): 5})
    for number in range(MAX_STRANGERS * 10):
        clock.now += 1
        audience.hear({(CHIPS, f"Fake{number}"): 1000})
    audience.hear({(CHIPS, "HonestReader"): 7})
    held = said(audience)
    assert (held["HonestReader"], held["Feedly"]) == (7, 5)
    assert len(held) == MAX_STRANGERS + 1
    assert "Fake0" not in held


def test_the_bound_is_one_for_all_workers(tmp_path: Path) -> None:
    """However many there are, and were."""
    for worker in range(5):
        SubscriberCounts(tmp_path).hear({(CHIPS, f"R{worker}-{number}"): 5 for number in range(80)})
    assert len(SubscriberCounts(tmp_path).said()) == MAX_STRANGERS


def test_a_disk_that_takes_nothing_costs_only_this(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    audience = SubscriberCounts(tmp_path / "nothing")
    audience.hear({(CHIPS, "Feedly"): 5})
    assert "what readers say of their subscribers is not kept" in caplog.text
    assert audience.said() == ()


def _count(folder: str, feed: str) -> None:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    from feedsvc.web.stats.feed_metrics import (
        FeedMetrics,  # prometheus-client looks at the variable when it is imported
    )
    from feedsvc.web.stats.poll_buffer import polled

    polls = FeedMetrics()
    polls.note(polled((feed, "atom"), "full", 3, 10), "")
    polls.write()


def test_files_of_ended_workers_become_one(tmp_path: Path) -> None:
    """Each new worker tidies up: sums stay, files do not pile up."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    for feed in ("chips", "cloud", "chips", "chips"):
        worker = get_context("spawn").Process(target=_count, args=(str(tmp_path), feed))
        worker.start()
        worker.join()
        assert worker.exitcode == 0
        assert len(list(tmp_path.glob("counter_*.db"))) <= 2
    fold(tmp_path)
    fold(tmp_path)
    assert [each.name for each in tmp_path.glob("*.db")] == ["counter_0.db"]
    metrics = MultiProcessCollector(CollectorRegistry(), str(tmp_path)).collect()  # type: ignore[no-untyped-call]
    counted = {
        sample.labels["feed"]: sample.value
        for metric in metrics
        for sample in metric.samples
        if sample.name == "feedsvc_polls_total"
    }
    assert counted == {"chips": 3, "cloud": 1}
