"""The WSGI layer that counts the requests for feeds that Flask answers; what stands in front of it counts its own."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from feedsvc import routes
from feedsvc.feeds.formats import FORMATS
from feedsvc.tracking import is_ignored
from feedsvc.web.query_params import PAGE_PARAMETERS, meant
from feedsvc.web.responses import WHOLE
from feedsvc.web.stats.feed_metrics import FeedMetrics
from feedsvc.web.stats.poll_buffer import OTHER, FeedKey, Result, polled

# werkzeug answers the second like the first.
_FEEDS: Final = (routes.FEED.prefix, f"/{routes.FEED.prefix}")

Headers = list[tuple[str, str]]
_PATH: Final = re.compile(rf"/?{routes.FEED.prefix}([^/]{{1,200}})\.({'|'.join(FORMATS)})/?")
_RESULTS: Final[dict[str, Result]] = {"200": "full", "304": "unchanged"}


class PollMiddleware:
    """Over the WSGI application `application`."""

    def __init__(self, application: Callable[..., Iterable[bytes]], polls: FeedMetrics) -> None:
        self.application, self._polls = application, polls

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Count a feed's request when its answer begins; everything else passes."""
        feed = feed_asked(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        if feed is None or environ["REQUEST_METHOD"] != "GET":
            return self.application(environ, start_response)

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Any:
            length, is_page = _look(headers)
            # Whoever follows a redirect is counted where it leads.
            if not is_page and status[:3] != "301":
                result = _RESULTS.get(status[:3], "error")
                poll = polled(feed, result, length, environ.get(WHOLE, length))
                self._polls.note(poll, environ.get("HTTP_USER_AGENT", ""))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self.application(environ, begin)


def feed_asked(path: str, query: str) -> FeedKey | None:
    """Which feed is asked for; with parameters that choose among its articles it is another one. None for no feed."""
    if not path.startswith(_FEEDS):
        return None
    found = _PATH.fullmatch(path)
    names = (meant(name) for name, _ in parse_qsl(query, keep_blank_values=True))
    if found is None or not all(is_ignored(name) or name in PAGE_PARAMETERS for name in names):
        return OTHER
    return found[1], found[2]


def _look(headers: Headers) -> tuple[int, bool]:
    """Content-Length, and whether it is a page. Names as this application writes them."""
    length, is_page = 0, False
    for name, text in headers:
        if name == "Content-Length":
            length = int(text)
        elif name == "Content-Type":
            is_page = text.startswith("text/html")
    return length, is_page
