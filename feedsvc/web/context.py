"""What the views reach through the application: store, documents, entries, counters, settings, media, the limiter."""

from dataclasses import dataclass, field
from typing import Final

from flask import current_app

from feedsvc.config import Settings
from feedsvc.documents.context import RenderContext
from feedsvc.feeds.entry_cache import EntryCache
from feedsvc.media.storage import MediaStorage
from feedsvc.model import Site
from feedsvc.store import Store
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.web.cache.document_cache import DocumentCache
from feedsvc.web.cache.surrogate_keys import SurrogateKeys
from feedsvc.web.render_limiter import RenderLimiter
from feedsvc.web.stats.poll_counters import PollCounters

KEY: Final = "feedsvc"


@dataclass(slots=True)
class LastSite:
    """The publication as the last page of this process showed it, for pages while the store cannot be read."""

    site: Site | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """One application's parts."""

    settings: Settings
    media: MediaStorage
    store: Store
    cache: DocumentCache
    entries: EntryCache
    polls: PollCounters
    limiter: RenderLimiter
    surrogate_keys: SurrogateKeys
    subscriptions: Subscriptions
    last: LastSite = field(default_factory=LastSite)


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
