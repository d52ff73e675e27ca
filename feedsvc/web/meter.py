"""The outermost WSGI layer: counts every request for a feed, whoever answered it. A few microseconds each."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

from feedsvc.feeds.formats import FORMATS
from feedsvc.web.answers import PAGE_PARAMETERS, WHOLE, is_ignored
from feedsvc.web.polls import Polls
from feedsvc.web.subscribers import report
from feedsvc.web.tally import OTHER, FeedKey, Poll, Result

# werkzeug answers the second like the first.
FEEDS: Final = ("/feeds/", "//feeds/")

Headers = list[tuple[str, str]]
_PATH: Final = re.compile(rf"//?feeds/([^/]{{1,200}})\.({'|'.join(FORMATS)})/?")
_RESULTS: Final[dict[str, Result]] = {"200": "full", "304": "unchanged"}


class Meter:
    """Over the WSGI application `application`."""

    def __init__(self, application: Callable[..., Iterable[bytes]], polls: Polls) -> None:
        self.application, self._polls = application, polls

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Count a feed's request when its answer begins; everything else passes."""
        if not environ["PATH_INFO"].startswith(FEEDS):
            return self.application(environ, start_response)

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Any:
            self._count(environ, status[:3], headers)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self.application(environ, begin)

    def _count(self, environ: dict[str, Any], status: str, headers: Headers) -> None:
        length, is_page = _look(headers)
        if environ["REQUEST_METHOD"] != "GET" or is_page:
            return
        result = _RESULTS.get(status, "error")
        sent = length if result == "full" else 0
        saved = max(0, environ.get(WHOLE, sent) - sent) if result != "error" else 0
        key = _key(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        self._polls.count(key, Poll(result, sent, saved), report(environ.get("HTTP_USER_AGENT", "")))


@lru_cache(maxsize=4096)
def _key(path: str, query: str) -> FeedKey:
    """Which feed is asked for. With parameters that choose among its articles it is another one."""
    found = _PATH.fullmatch(path)
    names = (name for name, _ in parse_qsl(query, keep_blank_values=True))
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
