"""A publication behind a server with one fault: what a proxy or a CDN in front of feedsvc may do to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from tests.conftest import SITE_TOML, Publication

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>\n'


@dataclass
class Answer:
    """A response on its way through the proxy, which a fault changes."""

    path: str
    status: str
    headers: Headers
    body: bytes
    asked: dict[str, Any]

    @property
    def is_feed(self) -> bool:
        return self.path.startswith("/feeds/")


def _unchanged(_given: Any) -> None:
    """Change nothing."""


@dataclass
class Fault:
    """What a proxy does to a request before feedsvc gets it, and to the response."""

    before: Callable[[dict[str, Any]], None] = _unchanged
    after: Callable[[Answer], None] = _unchanged


@dataclass
class Proxy:
    """The server in front. `fault` may be changed while it runs; `base_url` is its address."""

    publication: Publication
    base_url: str = ""
    port: int = 0
    fault: Fault = field(default_factory=Fault)

    def __post_init__(self) -> None:
        self._app = self.publication.client().application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        asked = dict(environ)
        self.fault.before(environ)
        chunks, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        answer = Answer(asked["PATH_INFO"], status, headers, b"".join(chunks), asked)
        answer.headers["Date"] = http_date(datetime.now(UTC))
        self.fault.after(answer)
        if answer.body:
            answer.headers["Content-Length"] = str(len(answer.body))
        start_response(answer.status, list(answer.headers))
        return [answer.body]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """The proxy writes Date."""
        self.send_response_only(code, message)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nobody reads it."""


@contextmanager
def proxied(root: Path, tls: tuple[Path, Path] | None = None, base_url: str = "") -> Iterator[Proxy]:
    """Yield a proxy in front of a publication with a picture, whose writer has just been seen."""
    publication = Publication(root, now=datetime.now(UTC) - timedelta(days=1))
    old = "2020-01-02 10:00"
    publication.article("hello/index", "Hello.", title="Hello", image="pic.svg", published=old)
    publication.write("articles/hello/pic.svg", PICTURE)
    publication.article("other", "你好，世界。" * 200, topics="[chips, cloud]", published=old)
    publication.sync()
    publication.store.writer_record().write()
    proxy = Proxy(publication)
    files = (str(tls[0]), str(tls[1])) if tls is not None else None
    server = make_server("127.0.0.1", 0, proxy, threaded=True, request_handler=_Quiet, ssl_context=files)
    proxy.port = server.server_port
    proxy.base_url = base_url or f"http{'s' if tls else ''}://127.0.0.1:{proxy.port}"
    publication.write("site.toml", SITE_TOML.replace("https://example.org", proxy.base_url))
    publication.sync()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        publication.store.close()


def drop(name: str) -> Callable[[Answer], None]:
    """Drop a header field of responses for feeds."""
    return lambda answer: answer.headers.remove(name) if answer.is_feed else None


def _old(answer: Answer) -> None:
    if answer.is_feed:
        answer.headers["Age"] = "999999"
        answer.headers["Date"] = http_date(datetime.now(UTC) - timedelta(seconds=999_999))


def _hour_ago(answer: Answer) -> None:
    answer.headers["Date"] = http_date(datetime.now(UTC) - timedelta(hours=1))


def _stale(answer: Answer) -> None:
    if answer.is_feed and "Last-Modified" in answer.headers:
        answer.headers["Last-Modified"] = http_date(datetime.now(UTC) - timedelta(days=400))
        if "HTTP_IF_MODIFIED_SINCE" in answer.asked:
            answer.status, answer.body = "304 Not Modified", b""


def _bad_brotli(answer: Answer) -> None:
    if answer.headers.get("Content-Encoding") == "br":
        answer.body = answer.body[:-9]


def _error_page(answer: Answer) -> None:
    if answer.status.startswith("404") and answer.is_feed:
        answer.status, answer.body = "200 OK", b"<h1>Oops</h1>"


def _forbidding(answer: Answer) -> None:
    if answer.path == "/robots.txt":
        answer.body = answer.body.replace(b"Allow: /", b"Disallow: /feeds/")


def _without_head(answer: Answer) -> None:
    if answer.asked["REQUEST_METHOD"] == "HEAD":
        answer.status = "405 Method Not Allowed"


def _challenge(answer: Answer) -> None:
    if answer.asked.get("HTTP_USER_AGENT", "").startswith("curl"):
        answer.status, answer.body = "403 Forbidden", b"<h1>Are you human?</h1>"
        answer.headers["Content-Type"] = "text/html"


def _cookie(answer: Answer) -> None:
    answer.headers["Set-Cookie"] = "lb=1; Path=/"


def _open(answer: Answer) -> None:
    if answer.path == "/metrics":
        answer.status = "200 OK"


def _down(answer: Answer) -> None:
    if answer.path == "/readyz":
        answer.status = "503 Service Unavailable"


def _plain_xml(answer: Answer) -> None:
    if answer.path == "/feeds/chips.rss":
        answer.headers["Content-Type"] = "text/plain"


def _page_for_sitemap(answer: Answer) -> None:
    if answer.path == "/sitemap.xml":
        answer.body = b"<h1>Oops</h1>"
        answer.headers["Content-Type"] = "text/html"


def _weak(answer: Answer) -> None:
    if answer.is_feed and "ETag" in answer.headers:
        answer.headers["ETag"] = f"W/{answer.headers['ETag']}"


def _no_cache(answer: Answer) -> None:
    if answer.is_feed:
        answer.headers["Cache-Control"] = "no-cache"


def _longer(answer: Answer) -> None:
    if answer.is_feed:
        answer.headers["Cache-Control"] = "public, max-age=14400"


def _to_itself(answer: Answer) -> None:
    answer.status = "302 Found"
    answer.headers["Location"] = answer.path


def _bad_gateway(answer: Answer) -> None:
    answer.status = "502 Bad Gateway"


def _damaged(answer: Answer) -> None:
    if answer.path == "/feeds/all.rss":
        answer.body = answer.body.replace(b"</channel>", b"</chanel>")


def forget(*names: str) -> Callable[[dict[str, Any]], None]:
    """Drop header fields of requests."""

    def dropped(environ: dict[str, Any]) -> None:
        for name in names:
            environ.pop(name, None)

    return dropped


def _as_navigation(environ: dict[str, Any]) -> None:
    if environ["PATH_INFO"].startswith("/feeds/"):
        environ["HTTP_SEC_FETCH_DEST"] = "document"


# The fault, the check that names it, its status, and what the remedy says.
FAULTS: dict[str, tuple[Fault, str, str, str]] = {
    "strips ETag": (Fault(after=drop("ETag")), "etag", "error", "gzip off"),
    "weakens ETag": (Fault(after=_weak), "etag", "warning", "gzip off"),
    "ignores conditions": (
        Fault(before=forget("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")),
        "conditions",
        "error",
        "pass If-None-Match",
    ),
    "ignores dates": (Fault(before=forget("HTTP_IF_MODIFIED_SINCE")), "conditions", "error", "If-Modified-Since"),
    "drops Vary": (Fault(after=drop("Vary")), "vary", "error", "keep Vary"),
    "answers readers with pages": (Fault(before=_as_navigation), "readers", "error", "pass Sec-Fetch-Dest"),
    "drops Sec-Fetch-Dest": (Fault(before=forget("HTTP_SEC_FETCH_DEST")), "readers", "warning", "pass Sec-Fetch-Dest"),
    "asks curl whether it is human": (Fault(after=_challenge), "readers", "error", "no reader a page"),
    "compresses wrongly": (Fault(after=_bad_brotli), "compression", "error", "keep bodies"),
    "compresses nothing": (Fault(before=forget("HTTP_ACCEPT_ENCODING")), "compression", "warning", "Accept-Encoding"),
    "has an old cache": (Fault(after=_old), "age", "error", "empty the cache"),
    "serves an old state": (Fault(after=_stale), "freshness", "error", "this store"),
    "forbids caching": (Fault(after=_no_cache), "cache-control", "error", "keep Cache-Control"),
    "caches longer": (Fault(after=_longer), "cache-control", "warning", "keep Cache-Control"),
    "has a wrong clock": (Fault(after=_hour_ago), "clock", "error", "synchronize"),
    "has an error page with 200": (Fault(after=_error_page), "unknown-feed", "error", "proxy_intercept_errors"),
    "forbids robots": (Fault(after=_forbidding), "robots", "error", "remove the rule"),
    "has another sitemap": (Fault(after=_page_for_sitemap), "sitemap", "error", "pass the path"),
    "blocks HEAD": (Fault(after=_without_head), "head", "error", "pass HEAD"),
    "drops CORS": (Fault(after=drop("Access-Control-Allow-Origin")), "cors", "error", "Access-Control"),
    "sets cookies": (Fault(after=_cookie), "cookies", "warning", "switch it off"),
    "sends no parts": (Fault(before=forget("HTTP_RANGE")), "media", "warning", "pass Range"),
    "opens the metrics": (Fault(after=_open), "closed", "error", "FEEDSVC_STATUS_TOKEN"),
    "is not ready": (Fault(after=_down), "probes", "error", "feedsvc status"),
    "changes a media type": (Fault(after=_plain_xml), "feeds", "error", "keep Content-Type"),
    "damages a document": (Fault(after=_damaged), "publication", "error", "no rewriting"),
    "redirects in a circle": (Fault(after=_to_itself), "address", "error", "redirect http to https"),
    "has no server behind it": (Fault(after=_bad_gateway), "address", "error", "pass all paths"),
}
