"""The figures of the hub for Prometheus: rows that all nodes share, so that every node reports the same."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from feedsvc.store.subscriptions import HubNumbers

if TYPE_CHECKING:
    from prometheus_client import Metric

# Totals, by their name in the rows.
_TOTALS: Final = {
    "deliveries": "Documents that subscribers took",
    "failures": "Deliveries that failed",
    "verified": "Subscriptions that were verified",
    "refused": "Requests that were not verified",
    "unsubscribed": "Subscriptions that their subscribers ended",
    "denied": "Denials that were told",
    "ended": "Subscriptions that ended by 410 or with their feed",
    "expired": "Subscriptions whose lease ended",
    "pings": "Requests that told outside hubs of changes",
    "ping_failures": "Attempts to tell outside hubs that failed",
}


class HubCollector:
    """Collects the figures at `now`, in seconds since 1970 (UTC). None stands for a publication without hubs."""

    def __init__(self, numbers: HubNumbers | None, now: float) -> None:
        self._numbers, self._now = numbers, now

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415

        numbers = self._numbers
        if numbers is None:
            return
        subscribers = GaugeMetricFamily("feedsvc_hub_subscriptions", "Subscriptions by feed", labels=["feed"])
        for feed, number in numbers.subscribers.items():
            subscribers.add_metric([feed], number)
        yield subscribers
        oldest = self._now - numbers.oldest_due_at if numbers.oldest_due_at is not None else 0.0
        gauges = [
            ("due", "Subscriptions that do not have the current version yet", numbers.due),
            ("failing", "Subscriptions without the current version to which deliveries failed", numbers.failing),
            ("pending_requests", "Requests that wait to be verified", numbers.pending),
            ("oldest_due_seconds", "Age of the oldest version that a subscriber waits for", max(0.0, oldest)),
        ]
        test = numbers.self_test
        if test is not None:
            gauges.append(("self_test_ok", "1 when the last self-test went well", float(not test.problem)))
            gauges.append(("self_test_timestamp_seconds", "When the last self-test began", test.begun_at))
            if test.seconds is not None:
                gauges.append(("self_test_seconds", "Round trip of the last self-test", test.seconds))
        for name, says, value in gauges:
            yield GaugeMetricFamily(f"feedsvc_hub_{name}", says, value)
        for name, says in _TOTALS.items():
            yield CounterMetricFamily(f"feedsvc_hub_{name}", says, numbers.counters.get(name, 0))
