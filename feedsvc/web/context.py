"""What the views reach through the application: store, documents, entries, counters, settings, the limiter."""

from dataclasses import dataclass
from typing import Final

from flask import current_app

from feedsvc.config import Settings
from feedsvc.feeds.kept import Kept
from feedsvc.store import Store
from feedsvc.web.document_cache import DocumentCache
from feedsvc.web.polls import Polls
from feedsvc.web.render_limiter import RenderLimiter

KEY: Final = "feedsvc"


@dataclass(frozen=True, slots=True)
class Context:
    """One application's parts."""

    settings: Settings
    store: Store
    cache: DocumentCache
    entries: Kept
    polls: Polls
    limiter: RenderLimiter


def context() -> Context:
    """The parts of the application that answers this request."""
    found = current_app.extensions[KEY]
    assert isinstance(found, Context)
    return found


def cache() -> DocumentCache:
    """Its documents."""
    return context().cache
