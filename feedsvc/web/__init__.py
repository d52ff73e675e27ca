"""The Flask application: blueprints over a store, with finished documents waiting in between."""

from flask import Flask, Response, request
from flask_babel import Babel

from feedsvc.config import Settings, load_settings
from feedsvc.store import Store
from feedsvc.web import failures, feeds, interface, media, metrics, pages, service, static, status, subscribe
from feedsvc.web.answers import ALLOWED, CORS, PREFLIGHT, SHARED, check_parameters, drop_impossible_dates
from feedsvc.web.context import KEY, Context
from feedsvc.web.feed_page import VARY
from feedsvc.web.meter import Meter
from feedsvc.web.polls import Polls
from feedsvc.web.response_cache import ResponseCache


def create_app(settings: Settings | None = None) -> Flask:
    """The application for `settings`, by default those of the environment. Opens nothing yet."""
    settings = settings or load_settings()
    store, polls = Store(settings.store), Polls()
    app = Flask("feedsvc.web", static_folder=None)
    app.extensions[KEY] = Context(settings, store, ResponseCache(store, settings.cache_bytes), polls)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(interface.TRANSLATIONS)
    # Werkzeug's slash redirects would put the Host header into a Location.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    Babel(app, locale_selector=interface.locale_selector)
    for module in (feeds, pages, subscribe, media, static, service, status, metrics):
        app.register_blueprint(module.blueprint)
    failures.register(app)
    app.before_request(lambda: drop_impossible_dates(request))
    app.before_request(lambda: check_parameters(request))
    app.after_request(_complete)
    # Outermost, and last: it counts what no other layer lets through to Flask.
    app.wsgi_app = Meter(app.wsgi_app, polls)  # type: ignore[method-assign]
    return app


def _complete(response: Response) -> Response:
    """What every answer carries, whoever made it."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Vary", VARY if request.path.startswith("/feeds/") else "Accept-Encoding")
    if request.path.startswith(SHARED):
        response.headers.update(CORS)
    if request.method == "OPTIONS" and response.status_code == 200:
        # Flask answers it, with the type of a page and its methods in no order.
        del response.headers["Content-Type"]
        response.headers["Allow"] = ALLOWED
        if request.path.startswith(SHARED):
            response.headers.update(PREFLIGHT)
    return response
