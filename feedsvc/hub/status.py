"""What the hub did and has to do, in lines for `feedsvc status` and /status."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from feedsvc.model import Hub
from feedsvc.store.subscriptions import HubNumbers, Subscriptions
from feedsvc.text import Message, message

# Feeds with the most subscribers.
MAX_FEEDS = 20


def hub_numbers(hub: Hub, subscriptions: Subscriptions, now: float) -> HubNumbers | None:
    """Return the numbers at `now`, in seconds since 1970 (UTC); None for a publication without hubs."""
    return subscriptions.numbers(now) if hub.enabled or hub.also else None


def hub_lines(hub: Hub, numbers: HubNumbers | None) -> Iterator[Message]:
    """Yield a line for each thing to know about the hub; warnings begin with "warning:"."""
    if numbers is None:
        yield message("hub: off (set base_url, or enabled in [hub] of site.toml)")
        return
    if hub.enabled:
        yield message(
            "hub: %(subscriptions)s subscriptions of %(feeds)s feeds, %(pending)s requests wait to be verified",
            subscriptions=sum(numbers.subscribers.values()),
            feeds=len(numbers.subscribers),
            pending=numbers.pending,
        )
        done, oldest = numbers.counters, numbers.oldest_due_at
        yield message(
            "hub: %(deliveries)s deliveries, %(failures)s failures; %(due)s are due, of which %(failing)s "
            "failed%(since)s",
            deliveries=done.get("deliveries", 0),
            failures=done.get("failures", 0),
            due=numbers.due,
            failing=numbers.failing,
            since="" if oldest is None else message(", the oldest version of %(time)s", time=_shown(oldest)),
        )
        test = numbers.self_test
        if test is None:
            yield message("hub: no self-test has ended yet (feedsvc serve and feedsvc deliver run one hourly)")
        elif test.problem:
            at = _shown(test.begun_at)
            yield message("warning: hub: self-test of %(time)s: %(detail)s", time=at, detail=test.problem)
        else:
            yield message(
                "hub: self-test of %(time)s: subscribed and delivered within %(seconds)s s",
                time=_shown(test.begun_at),
                seconds=f"{test.seconds or 0.0:.1f}",
            )
        for feed, number in sorted(numbers.subscribers.items(), key=lambda each: (-each[1], each[0]))[:MAX_FEEDS]:
            yield message("hub: %(number)s of %(feed)s", number=number, feed=feed)
    for url in hub.also:
        if problem := numbers.outside_problems.get(url):
            yield message("warning: hub %(url)s cannot be told of changes: %(detail)s", url=url, detail=problem)
        else:
            yield message("hub: %(url)s is told of changes", url=url)


def _shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def hub_json(hub: Hub, numbers: HubNumbers | None) -> dict[str, Any]:
    """Return the same for scripts."""
    if numbers is None:
        return {"enabled": False}
    test = numbers.self_test
    return {
        "enabled": hub.enabled,
        "subscriptions": sum(numbers.subscribers.values()),
        "subscribers": dict(numbers.subscribers),
        "due": numbers.due,
        "failing": numbers.failing,
        "oldest_due_at": numbers.oldest_due_at,
        "pending": numbers.pending,
        "totals": dict(numbers.counters),
        "self_test": {"problem": test.problem, "seconds": test.seconds, "at": test.begun_at} if test else None,
        "outside_problems": {url: numbers.outside_problems.get(url, "") for url in hub.also},
    }
