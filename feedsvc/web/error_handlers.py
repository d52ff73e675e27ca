"""Errors as answers: a page for a browser, one line of text for everything else."""

from contextlib import suppress
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, Request, Response, current_app, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import Gone, HTTPException, InternalServerError, MethodNotAllowed, NotFound

from feedsvc import routes
from feedsvc.errors import (
    GoneTopic,
    RenamedTopic,
    RequestError,
    SearchTooSlow,
    StoreError,
    TooBusy,
    UnknownFacet,
    UnknownResource,
)
from feedsvc.feeds.redirects import Reach
from feedsvc.model import Article
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.terminal import RepeatedProblems
from feedsvc.web.context import context
from feedsvc.web.old_addresses import redirected
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.page import CONTENT_SECURITY_POLICY, REFERRER_POLICY, page_context, shared_values
from feedsvc.web.pages.views import static_page
from feedsvc.web.redirects import FormerAddress, moved, renamed
from feedsvc.web.responses import allowed
from feedsvc.web.static import STYLE_NAME
from feedsvc.web.stats.request_ids import REQUEST_ID, request_id_of

RETRY_AFTER_SECONDS = 5
_PROBLEMS = RepeatedProblems()
# The same search will not be faster in a moment.
SLOW_RETRY_AFTER_SECONDS = 60
# The articles on the page of an error, and the slugs on each side of a wrong one that are compared with it.
NEAREST: Final = 3
BESIDE: Final = 20


def register(app: Flask) -> None:
    """Answer every error of ours and of HTTP's."""
    app.register_error_handler(RequestError, lambda error: _answer(error.status, str(error)))
    app.register_error_handler(UnknownFacet, _unknown_facet)
    app.register_error_handler(RenamedTopic, renamed)
    app.register_error_handler(FormerAddress, lambda error: _redirect(Reach.EXACT) or moved(error.url))
    app.register_error_handler(StoreError, _unavailable)
    app.register_error_handler(SearchTooSlow, lambda error: _overloaded(error, SLOW_RETRY_AFTER_SECONDS))
    app.register_error_handler(TooBusy, lambda error: _overloaded(error, RETRY_AFTER_SECONDS))
    app.register_error_handler(UnknownResource, lambda error: _redirect() or _answer(error.status, str(error)))
    app.register_error_handler(GoneTopic, lambda error: _gone(error.status, str(error)))
    app.register_error_handler(Gone, lambda error: _gone(410, error.description or error.name))
    app.register_error_handler(NotFound, _no_such_page)
    app.register_error_handler(MethodNotAllowed, _method)
    app.register_error_handler(HTTPException, _http)


def _unknown_facet(error: UnknownFacet) -> Response:
    # In a feed's address, facets have the names that they have in the store.
    return _answer(400, f"parameter {('not' if error.excluded else error.facet)!r}: {error}")


def _unavailable(error: StoreError) -> Response:
    # Never 404 or 410 while the store is away: readers would drop the feed.
    _log(error)
    return _try_later("not ready, try again shortly", RETRY_AFTER_SECONDS)


def _overloaded(error: StoreError, seconds: int) -> Response:
    _log(error)
    return _try_later(str(error), seconds)


def _log(error: StoreError) -> None:
    """Log why a request gets 503, once for many requests that get it for the same reason."""
    problem = _PROBLEMS.due(str(error))
    if problem is not None:
        current_app.logger.warning("503 for %s: %s%s", request.path, error, problem)


def _try_later(text: str, seconds: int) -> Response:
    response = _answer(503, text)
    response.headers["Retry-After"] = str(seconds)
    return response


def _no_such_page(_error: NotFound) -> Response:
    try:
        with context().store.read() as snapshot:
            home = snapshot.site().addresses.home
    except StoreError as error:
        return _unavailable(error)
    try:
        # A page of the publication is at an address that no route has: routes come first, then pages, then redirects.
        page = static_page()
    except MethodNotAllowed as error:
        return _method(error)
    return page or _redirect() or _answer(404, f"no such page (see {home})")


def _gone(status: int, text: str) -> Response:
    # Only what site.toml says of this very address: a pattern would hide what was removed.
    return _redirect(Reach.EXACT) or _answer(status, text)


def _redirect(reach: Reach = Reach.ALL) -> Response | None:
    """The redirect from an address that there is nothing at, or what there is to say of it; None for an unknown one."""
    try:
        return redirected(request, reach)
    except StoreError as error:
        return _unavailable(error)
    except MethodNotAllowed as error:
        return _method(error)
    except Gone as error:
        return _answer(410, error.description or error.name)


def _method(_error: MethodNotAllowed) -> Response:
    methods = allowed(request.path)
    response = _answer(405, f"this method is not allowed (use {methods})")
    response.headers["Allow"] = methods
    return response


def _http(error: HTTPException) -> Response:
    written = error.description if error.description != type(error).description else error.name
    response = _answer(error.code or InternalServerError.code, written or "")
    for name, value in error.get_headers(request.environ):
        if name in ("Content-Range", "WWW-Authenticate"):
            response.headers.add(name, value)
    return response


def _answer(status: int, text: str) -> Response:
    one_line = " ".join(text.split())
    if wants_page(request):
        response = error_page(status, one_line)
    else:
        response = Response(f"{one_line}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Encoding, Accept, Sec-Fetch-Dest"
    if status >= 500:
        response.headers[REQUEST_ID] = request_id_of(request.environ)
    return response


def error_page(status: int, text: str) -> Response:
    """Return the page of an error, in the language of the page that is missing, linked by the site's own paths.

    Without a store, the page is that of the site as this process showed it last. A process that has shown none knows
    no site: then the page is English, unless another language is asked for, its links are relative, and it has neither
    masthead nor navigation.
    """
    ui = ui_language.wanted(request)
    values: dict[str, Any] = {}
    site = context().last.site
    nearest: tuple[list[Article], bool] = ([], False)
    with suppress(StoreError), context().store.read() as snapshot:
        site, nearest = snapshot.site(), _nearest(snapshot, status)
    if site is None:
        # As browsers count: a slash that was encoded is none. WSGI has it decoded, only some servers as it was sent.
        sent = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.path
        root = "../" * (sent.partition("?")[0].count("/") - 1) or "./"
        search: str | None = f"{root}{routes.SEARCH.path()[1:]}"
        ui = ui or ui_language.SOURCE_LANGUAGE
    else:
        own_ui = ui_language.language_of(site)
        ui = ui or own_ui
        page = page_context(site, ui, own_ui)
        root = page.root(routes.HOME.path())
        search = page.search if page.base.is_static else None
        # Nothing that anybody may write into an address is in the page, in links least of all.
        own = page.base.absolute(quote(request.path, safe="/-._~")) if page.base.is_static else ""
        values = shared_values(page, own) | {"search_page": page.search, "is_error": True}
        values |= {"nearest": nearest[0], "is_near": nearest[1]}
    with ui_language.ui_locale(ui):
        heading, advice = _heading_and_advice(status)
        # The line of text is for scripts and for who wrote the address; it says nothing that helps other people.
        detail = f"request {request_id_of(request.environ)}" if status >= 500 else text if status == 400 else ""
        values |= {"heading": heading, "status": status, "advice": advice, "detail": detail, "search": search}
        values = {"style": f"{root}{routes.STATIC.path(name=STYLE_NAME)[1:]}"} | values | {"home": root}
        html = render_template("error.html", **{"ui": ui} | values)
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = ui
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["Referrer-Policy"] = REFERRER_POLICY
    return response


def _nearest(snapshot: Snapshot, status: int) -> tuple[list[Article], bool]:
    """Return articles for the page of an error, and whether they have nearly the slug of its path; else the newest.

    Only pages of a service that say that there is nothing show some.
    Only the slugs beside the last part of the path are compared, since anybody may ask for any path at any rate.
    """
    if status not in (404, 410) or snapshot.site().exported is not None:
        return [], False
    wanted = request.path.rstrip("/").rpartition("/")[2]
    slugs = get_close_matches(wanted[:200], snapshot.slugs.beside(wanted, BESIDE), n=NEAREST, cutoff=0.6)
    near = [each for each in map(snapshot.slugs.at, slugs) if isinstance(each, Article)]
    return (near, True) if near else (snapshot.slices.articles(Slice(), NEAREST), False)


def _heading_and_advice(status: int) -> tuple[str, str]:
    """Return what happened, and what to do instead, for people."""
    closed = gettext("This topic was closed")
    removed = {
        **dict.fromkeys((routes.TOPIC.prefix, routes.FEED.prefix, routes.EMBED.prefix), closed),
        routes.ARTICLE.prefix: gettext("This article was removed"),
        routes.HOME.prefix: gettext("This page was removed"),
    }
    headings = {
        401: gettext("This page needs a token"),
        403: gettext("This page is not public"),
        404: gettext("There is no such page"),
        410: next(gone for beginning, gone in removed.items() if request.path.startswith(beginning)),
        500: gettext("Something went wrong"),
        503: gettext("Not ready, try again shortly"),
    }
    # Where a page of this kind says more than that it is missing.
    missing = {
        routes.TAG.prefix: gettext("No article has this tag any more, or none ever had it."),
        routes.AUTHOR.prefix: gettext("No article is by anybody of this name."),
        routes.TOPIC.prefix: gettext("This publication has no such topic."),
        routes.FEED.prefix: gettext("This publication has no such feed."),
        routes.MONTH.prefix: gettext("Nothing was published in that month."),
    }
    says = next((says for beginning, says in missing.items() if f"{request.path}/".startswith(beginning)), None)
    advice = {
        400: gettext("Something in this address cannot be read."),
        403: gettext("It is for the people who run this publication."),
        404: says or gettext("Its address may be mistyped or cut short, or there never was one."),
        410: gettext("It will not come back. Others may be about the same."),
        503: gettext("The site is starting or very busy. Load the page again in a few seconds."),
    }
    return str(headings.get(status) or gettext("This cannot be answered")), str(advice.get(status, ""))


def wants_page(request: Request) -> bool:
    """Whether a browser asks to show something.

    Sec-Fetch-Dest says so; `Accept` counts outside the feeds alone, since feed readers send browser-like ones.
    """
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return True
    return not request.path.startswith(routes.FEEDS) and "text/html" in request.headers.get("Accept", "")
