"""Errors as answers: a page for a browser, one line of text for everything else."""

from flask import Flask, Request, Response, g, render_template_string, request
from werkzeug.exceptions import HTTPException, InternalServerError

from feedsvc.errors import RequestError, StoreError
from feedsvc.web import interface
from feedsvc.web.answers import CORS

RETRY_AFTER_SECONDS = 5
_PAGE = """<!doctype html>
<html lang="{{ ui }}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ status }}</title>
<h1>{{ status }}</h1>
<p lang="en">{{ text }}</p>
</html>
"""


def register(app: Flask) -> None:
    """Answer every error of ours and of HTTP's."""
    app.register_error_handler(RequestError, lambda error: _answer(error.status, str(error)))
    app.register_error_handler(StoreError, _unavailable)
    app.register_error_handler(HTTPException, _http)


def _unavailable(_error: Exception) -> Response:
    # Never 404 or 410 while the store is away: readers would drop the feed.
    response = _answer(503, "not ready, try again shortly")
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _http(error: HTTPException) -> Response:
    response = _answer(error.code or InternalServerError.code, error.description or error.name)
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _answer(status: int, text: str) -> Response:
    one_line = " ".join(text.split())
    if wants_page(request):
        ui = str(g.get("ui", interface.SOURCE_LANGUAGE))
        response = Response(
            render_template_string(_PAGE, status=status, text=one_line, ui=ui),
            status,
            content_type="text/html; charset=utf-8",
        )
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    else:
        response = Response(f"{one_line}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Encoding, Accept, Sec-Fetch-Dest"
    if request.path.startswith("/feeds"):
        response.headers.update(CORS)
    return response


def wants_page(request: Request) -> bool:
    """Whether a browser asks to show something.

    Sec-Fetch-Dest says so; `Accept` counts outside the feeds alone, since feed readers send browser-like ones.
    """
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return True
    return not request.path.startswith("/feeds") and "text/html" in request.headers.get("Accept", "")
