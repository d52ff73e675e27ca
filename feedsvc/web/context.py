"""What the views reach through the application: store, documents, entries, counters, settings, the limiter."""

from dataclasses import dataclass
from typing import Final

from flask import current_app

from feedsvc.config import Settings
from feedsvc.documents.context import RenderContext
from feedsvc.feeds.entry_cache import EntryCache
from feedsvc.store import Store
from feedsvc.web.cache.document_cache import DocumentCache
from feedsvc.web.render_limiter import RenderLimiter
from feedsvc.web.stats.feed_metrics import FeedMetrics

KEY: Final = "feedsvc"


@dataclass(frozen=True, slots=True)
class Context:
    """One application's parts."""

    settings: Settings
    store: Store
    cache: DocumentCache
    entries: EntryCache
    polls: FeedMetrics
    limiter: RenderLimiter


def context() -> Context:
    """The parts of the application that answers this request."""
    found = current_app.extensions[KEY]
    assert isinstance(found, Context)
    return found


def render_context() -> RenderContext:
    """What documents are rendered with."""
    return RenderContext(entries=context().entries)


def cache() -> DocumentCache:
    """Its documents."""
    return context().cache
