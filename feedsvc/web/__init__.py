"""The Flask application: blueprints over a store, with finished documents waiting in between."""

from functools import partial

from flask import Flask, Response, request
from flask_babel import Babel

from feedsvc import languages
from feedsvc.config import Settings, load_settings
from feedsvc.feeds.entry_cache import EntryCache
from feedsvc.media import media_storage
from feedsvc.store import Store
from feedsvc.store.server_lock import hold_server_lock
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.terminal import logger
from feedsvc.web import error_handlers, feeds, health, media, opml, preview, sitemap, static
from feedsvc.web.cache.document_cache import DocumentCache, UncachedDocuments
from feedsvc.web.cache.refresher import Refresher
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.cache.surrogate_keys import SurrogateKeys
from feedsvc.web.context import KEY, Context, context
from feedsvc.web.hub import views as hub
from feedsvc.web.openapi import views as openapi
from feedsvc.web.pages import embed, ui_language, views
from feedsvc.web.pages.feed import subscribe
from feedsvc.web.pages.line_breaks import phrases, spaced
from feedsvc.web.pages.page import is_other
from feedsvc.web.query_params import CorrectedRequest, NameConverter
from feedsvc.web.render_limiter import RenderLimiter, limits_of_threads
from feedsvc.web.responses import PREFLIGHT, SHARED, allowed, always, drop_impossible_dates
from feedsvc.web.stats import metrics_view, status_page
from feedsvc.web.stats.middleware import PollMiddleware
from feedsvc.web.stats.poll_counters import PollCounters
from feedsvc.web.stats.request_ids import RequestIds

# One for all applications: a logger takes each filter once.
_REQUEST_IDS = RequestIds()
_PAGES = (views, subscribe, embed, status_page)
_MODULES = (feeds, hub, opml, *_PAGES, media, static, health, sitemap, openapi, metrics_view)


def create_app(
    settings: Settings | None = None,
    *,
    watching: bool = False,
    limiter: RenderLimiter | None = None,
    exported: Store | None = None,
) -> Flask:
    """The application for `settings`, by default those of the environment. Opens nothing yet.

    A `watching` one starts a thread at its first request that sees commits come in; the others ask at each request.
    Without a `limiter` it is one for a server that has as many threads for each process as the settings say. With
    `settings.drafts` it is the application of a preview, which caches nothing and counts no polls. With `exported` it
    is that of an export, which reads this store and caches nothing either.
    """
    settings = settings or load_settings()
    # A store with drafts is never served to readers, also not after a copy to that place.
    place, original = (settings.read_store, settings.store) if settings.read_store else (settings.store, None)
    store = exported or Store(place, settings.search_seconds, refuses_previews=not settings.drafts, copy_of=original)
    polls = PollCounters()
    app = Flask("feedsvc.web", static_folder=None)
    # Flask's own logger: it logs the paths that clients ask for.
    logger(app.logger.name).addFilter(_REQUEST_IDS)
    app.request_class = CorrectedRequest
    surrogate_keys = SurrogateKeys(settings.surrogate_keys)
    limiter = limiter or RenderLimiter(limits_of_threads(settings.threads))
    if settings.drafts or exported is not None:
        documents: DocumentCache = UncachedDocuments(store, limiter)
    else:
        documents = DocumentCache(store, settings.cache_bytes, app.app_context, limiter, surrogate_keys.fields)
    # An export caches nothing else, and its archives have the entries of a whole period.
    entries = EntryCache(settings.cache_bytes // (4 if exported is None else 1))
    files = media_storage(settings)
    parts = (settings, files, store, documents, entries, polls, limiter, surrogate_keys)
    app.extensions[KEY] = Context(*parts, Subscriptions(settings.store, settings.state))
    if settings.drafts:
        preview.register(app)
    _register_views(app)
    if settings.drafts:
        app.wsgi_app = preview.UncachedApplication(app.wsgi_app)  # type: ignore[method-assign]
    if settings.drafts or exported is not None:
        return app
    freshness = Refresher(documents, store.commit_signal(), partial(hold_server_lock, place)) if watching else None
    app.wsgi_app = ResponseCache(PollMiddleware(app.wsgi_app, polls), documents, polls, freshness)  # type: ignore[method-assign]
    return app


def _register_views(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ui_language.TRANSLATIONS)
    # Werkzeug's slash redirects would put the Host header into a Location.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["name"] = NameConverter
    Babel(app, default_locale=ui_language.SOURCE_LANGUAGE)
    # Imported macros and pages of errors have them as well.
    app.jinja_env.globals.update(
        direction=languages.direction,
        is_other=is_other,
        language_name=ui_language.language_name,
        phrases=phrases,
        file_size=ui_language.file_size,
    )
    app.jinja_env.filters.update(spaced=spaced)
    for module in _MODULES:
        app.register_blueprint(module.blueprint)
    error_handlers.register(app)
    app.before_request(lambda: drop_impossible_dates(request))
    app.after_request(_complete)


def _complete(response: Response) -> Response:
    """Add the header fields that every response has. The error handlers and Flask itself also make responses."""
    common = {**always(request.path), **context().surrogate_keys.fields_at(request.path)}
    for name, value in common.items():
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS" and response.status_code == 200:
        # Flask answers it, with the type of a page and its methods in no order.
        del response.headers["Content-Type"]
        response.headers["Allow"] = allowed(request.path)
        # No answer to OPTIONS is cacheable (RFC 9110 §9.3.7), and some caches know no method.
        response.headers["Cache-Control"] = "no-store"
        if request.path.startswith(SHARED):
            response.headers.update(PREFLIGHT)
    return response
