"""What the hub did and has to do, in lines for `feedsvc status` and /status."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from feedsvc.model import Hub
from feedsvc.store.subscriptions import HubNumbers, Subscriptions

# Feeds with the most subscribers.
MAX_FEEDS = 20


def hub_numbers(hub: Hub, subscriptions: Subscriptions, now: float) -> HubNumbers | None:
    """Return the numbers at `now`, in seconds since 1970 (UTC); None for a publication without hubs."""
    return subscriptions.numbers(now) if hub.enabled or hub.also else None


def hub_lines(hub: Hub, numbers: HubNumbers | None) -> Iterator[str]:
    """Yield a line for each thing to know about the hub; warnings begin with "warning:"."""
    if numbers is None:
        yield "hub: off (set base_url, or enabled in [hub] of site.toml)"
        return
    if hub.enabled:
        total, feeds = sum(numbers.subscribers.values()), len(numbers.subscribers)
        yield f"hub: {total} subscriptions of {feeds} feeds, {numbers.pending} requests wait to be verified"
        done = numbers.counters
        since = ""
        if numbers.oldest_due_at is not None:
            moment = datetime.fromtimestamp(numbers.oldest_due_at, UTC).isoformat(timespec="seconds")
            since = f", the oldest version of {moment}"
        yield (
            f"hub: {done.get('deliveries', 0)} deliveries, {done.get('failures', 0)} failures; {numbers.due} are due, "
            f"of which {numbers.failing} failed{since}"
        )
        test = numbers.self_test
        at = datetime.fromtimestamp(test.begun_at, UTC).isoformat(timespec="seconds") if test else ""
        if test is None:
            yield "hub: no self-test has ended yet (feedsvc serve and feedsvc deliver run one hourly)"
        elif test.problem:
            yield f"warning: hub: self-test of {at}: {test.problem}"
        else:
            yield f"hub: self-test of {at}: subscribed and delivered within {test.seconds or 0.0:.1f} s"
        for feed, number in sorted(numbers.subscribers.items(), key=lambda each: (-each[1], each[0]))[:MAX_FEEDS]:
            yield f"hub: {number} of {feed}"
    for url in hub.also:
        problem = numbers.outside_problems.get(url)
        yield (
            f"warning: hub {url} cannot be told of changes: {problem}" if problem else f"hub: {url} is told of changes"
        )


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
