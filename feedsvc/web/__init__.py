"""The Flask application: blueprints over a store, with finished documents waiting in between."""

from flask import Flask, Response, request
from flask_babel import Babel

from feedsvc.config import Settings, load_settings
from feedsvc.feeds.entry_cache import EntryCache
from feedsvc.store import Store
from feedsvc.terminal import logger
from feedsvc.web import error_handlers, feeds, health, media, opml, sitemap, static
from feedsvc.web.cache.document_cache import DocumentCache
from feedsvc.web.cache.refresher import Refresher
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.context import KEY, Context
from feedsvc.web.converters import NameConverter
from feedsvc.web.openapi import views as openapi
from feedsvc.web.pages import embed, subscribe, ui_language, views
from feedsvc.web.query_params import MeantRequest
from feedsvc.web.render_limiter import RenderLimiter, limits_of_threads
from feedsvc.web.responses import ALLOWED, PREFLIGHT, SHARED, always, drop_impossible_dates
from feedsvc.web.stats import metrics, status
from feedsvc.web.stats.feed_metrics import FeedMetrics
from feedsvc.web.stats.middleware import PollMiddleware


def create_app(
    settings: Settings | None = None, *, watching: bool = False, limiter: RenderLimiter | None = None
) -> Flask:
    """The application for `settings`, by default those of the environment. Opens nothing yet.

    A `watching` one starts a thread at its first request that sees commits come in; the others ask at each request.
    Without a `limiter` it is one for a server that has as many threads for each process as the settings say.
    """
    settings = settings or load_settings()
    store, polls = Store(settings.store, settings.search_seconds), FeedMetrics()
    app = Flask("feedsvc.web", static_folder=None)
    # Flask's own logger: it logs the paths that clients ask for.
    logger(app.logger.name)
    app.request_class = MeantRequest
    limiter = limiter or RenderLimiter(limits_of_threads(settings.threads))
    documents = DocumentCache(store, settings.cache_bytes, app.app_context, limiter)
    app.extensions[KEY] = Context(settings, store, documents, EntryCache(settings.cache_bytes // 4), polls, limiter)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ui_language.TRANSLATIONS)
    # Werkzeug's slash redirects would put the Host header into a Location.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["name"] = NameConverter
    Babel(app, default_locale=ui_language.SOURCE_LANGUAGE)
    for module in (feeds, opml, views, subscribe, media, static, health, sitemap, openapi, embed, status, metrics):
        app.register_blueprint(module.blueprint)
    error_handlers.register(app)
    app.before_request(lambda: drop_impossible_dates(request))
    app.after_request(_complete)
    freshness = Refresher(documents, store.commit_signal()) if watching else None
    app.wsgi_app = ResponseCache(PollMiddleware(app.wsgi_app, polls), documents, polls, freshness)  # type: ignore[method-assign]
    return app


def _complete(response: Response) -> Response:
    """Add the header fields that every response has. The error handlers and Flask itself also make responses."""
    for name, value in always(request.path).items():
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS" and response.status_code == 200:
        # Flask answers it, with the type of a page and its methods in no order.
        del response.headers["Content-Type"]
        response.headers["Allow"] = ALLOWED
        # No answer to OPTIONS is cacheable (RFC 9110 §9.3.7), and some caches know no method.
        response.headers["Cache-Control"] = "no-store"
        if request.path.startswith(SHARED):
            response.headers.update(PREFLIGHT)
    return response
