"""/metrics: the figures of /status for Prometheus, in its text format. It needs a token."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.errors import StoreError
from feedsvc.hub.status import hub_numbers
from feedsvc.store.snapshot.overview import Overview
from feedsvc.store.writer_problems import problems_of
from feedsvc.store.writer_state import WriterState
from feedsvc.web.auth import require_token, vary
from feedsvc.web.context import context
from feedsvc.web.hub.metrics import HubCollector
from feedsvc.web.pages.feed.feed_page import PRIVATE
from feedsvc.web.stats.node_lag import NodeLag, node_lag
from feedsvc.web.stats.poll_counters import PollCounters

if TYPE_CHECKING:
    from prometheus_client import Metric

blueprint = Blueprint("metrics", __name__)
blueprint.after_request(vary)


@blueprint.get(routes.METRICS.rule)
def metrics() -> Response:
    """The figures of the store now, and the counts of all workers since the server started."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest  # noqa: PLC0415  # a slow import

    require_token(request)
    registry, here = CollectorRegistry(), context()
    try:
        with here.store.read() as snapshot:
            registry.register(_StoreCollector(snapshot.overview()))
            hub = snapshot.site().hub
            lag = node_lag(here.cache, here.store, snapshot)
        now = datetime.now(UTC)
        registry.register(_WriterCollector(here.store.writer_state(), now))
        # Where the primary is away, a node that reads a copy has all but these.
        with suppress(StoreError):
            numbers = hub_numbers(hub, here.subscriptions, now.timestamp())
            registry.register(HubCollector(numbers, now.timestamp()))
    except StoreError:
        # Where the database is on another machine, this node may serve on for long without it.
        if not isinstance(here.settings.store, str):
            raise
        lag = node_lag(here.cache, here.store, None)
    registry.register(_NodeCollector(lag))
    registry.register(_RefresherCollector(context().cache.problem))
    registry.register(_PollsCollector(context().polls))
    text = generate_latest(registry)
    return Response(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": PRIVATE})


class _PollsCollector:
    """Collects the counts of all workers."""

    def __init__(self, polls: PollCounters) -> None:
        self._polls = polls

    def collect(self) -> "list[Metric]":
        return self._polls.counted()


class _StoreCollector:
    """Collects the store's figures. They are read at each scrape, so that every worker reports the same."""

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


class _NodeCollector:
    """Collects how far behind its store the answering worker is."""

    def __init__(self, lag: NodeLag) -> None:
        self._lag = lag

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        lag = self._lag
        is_reached = float(lag.commits is not None)
        yield GaugeMetricFamily("feedsvc_node_store_ok", "1 when the worker that answers reaches the store", is_reached)
        says = "Seconds since the cached documents of the worker were those of the last commit, 0 if they are"
        yield GaugeMetricFamily("feedsvc_node_seconds_behind", says, lag.seconds)
        if lag.commits is not None:
            says = "Commits that the cached documents of the worker lack"
            yield GaugeMetricFamily("feedsvc_node_commits_behind", says, lag.commits)
        if lag.copy_seconds is not None:
            says = "Seconds by which the standby that the node reads may be behind its primary"
            yield GaugeMetricFamily("feedsvc_node_standby_seconds_behind", says, lag.copy_seconds)


class _RefresherCollector:
    """Collects whether the answering worker refreshes its cached documents; repeated scrapes reach each worker."""

    def __init__(self, problem: str) -> None:
        self._problem = problem

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        says = "1 when the worker that answers can refresh its cached documents"
        yield GaugeMetricFamily("feedsvc_refresher_ok", says, float(not self._problem))


class _WriterCollector:
    """Collects the writer's state. Before the writer's first start there are no figures: use `absent` in a rule."""

    def __init__(self, state: WriterState | None, now: datetime) -> None:
        self._state, self._now = state, now

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        state, now = self._state, self._now
        if state is None:
            return
        mode = GaugeMetricFamily("feedsvc_writer_watch_mode", "1 for how changes are noticed", labels=["mode"])
        for name in ("events", "polling"):
            mode.add_metric([name], float(state.watch_mode == name))
        yield mode
        problems = GaugeMetricFamily("feedsvc_writer_problem", "1 for each problem there is", labels=["problem"])
        for each in problems_of(state, now):
            problems.add_metric([each.name], 1)
        yield problems
        gauges = [
            ("last_seen_seconds", "Seconds since the writer last gave a sign of life", _age(state.seen_at, now)),
            ("last_success_seconds", "Seconds since a sync last went well", _age(state.succeeded_at, now)),
            ("lag_seconds", "Seconds that the oldest noticed change has waited for a sync", state.lag_seconds(now)),
            ("sync_seconds", "Seconds that the sync takes which runs now, else 0", _age(state.syncing_since, now, 0)),
            ("set_aside", "Files that the last sync set aside", state.set_aside),
            ("refused_removals", "Articles that the guard against mass removals keeps", state.refused),
            ("failures", "How many syncs in a row failed", state.error_count),
            ("starts", "Starts of the writer within an hour", len(state.starts)),
            ("site_toml_ok", "1 when site.toml can be used", float(not state.site_toml_error)),
        ]
        for name, says, value in gauges:
            yield GaugeMetricFamily(f"feedsvc_writer_{name}", says, value)


def _age(moment: datetime | None, now: datetime, otherwise: float = float("inf")) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment is not None else otherwise
