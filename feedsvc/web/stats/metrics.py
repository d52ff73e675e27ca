"""/metrics: the figures of /status for Prometheus, in its text format. It needs a token."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from feedsvc.store.overview import Overview, overview
from feedsvc.web.auth import require_token, vary
from feedsvc.web.context import context
from feedsvc.web.pages.feed_page import PRIVATE
from feedsvc.web.stats.feed_metrics import FeedMetrics

if TYPE_CHECKING:
    from prometheus_client import Metric

blueprint = Blueprint("metrics", __name__)
blueprint.after_request(vary)


@blueprint.get("/metrics")
def metrics() -> Response:
    """What stands in the store now, and what all workers counted since the server started."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest  # noqa: PLC0415  # see polls

    require_token(request)
    with context().store.read() as snapshot:
        seen = overview(snapshot)
    registry = CollectorRegistry()
    registry.register(_StoreCollector(seen))
    registry.register(_PollsCollector(context().polls))
    text = generate_latest(registry)
    return Response(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": PRIVATE})


class _PollsCollector:
    """What all workers counted."""

    def __init__(self, polls: FeedMetrics) -> None:
        self._polls = polls

    def collect(self) -> "list[Metric]":
        return self._polls.counted()


class _StoreCollector:
    """The store's figures: read at each scrape, so that every worker says the same."""

    def __init__(self, seen: Overview) -> None:
        self._seen = seen

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        seen = self._seen
        articles = GaugeMetricFamily("feedsvc_articles", "Articles by topic and language", labels=["topic", "language"])
        for (topic, language), count in seen.articles.items():
            articles.add_metric([topic, language], count)
        yield articles
        yield GaugeMetricFamily("feedsvc_published_articles", "Articles, each counted once", seen.total)
        yield GaugeMetricFamily("feedsvc_scheduled_articles", "Articles that wait for their time", seen.scheduled_count)
        yield GaugeMetricFamily("feedsvc_set_aside_files", "Files that are set aside", seen.set_aside_count)
        if seen.synced is not None:
            at = seen.synced.timestamp()
            yield GaugeMetricFamily("feedsvc_last_sync_timestamp_seconds", "When the last sync was done", at)
