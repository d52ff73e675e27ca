"""The outermost WSGI layer: counts every request for a feed, whoever answered it. A few microseconds each."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from feedsvc.feeds.formats import FORMATS
from feedsvc.web.answers import PAGE_PARAMETERS, WHOLE, is_ignored
from feedsvc.web.polls import OTHER, FeedKey, Polls
from feedsvc.web.subscribers import report

FEEDS: Final = "/feeds/"

Headers = list[tuple[str, str]]
_PATH: Final = re.compile(rf"/feeds/([^/]{{1,200}})\.({'|'.join(FORMATS)})/?")
_RESULTS: Final = {"200": "full", "304": "unchanged"}


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
        if environ["REQUEST_METHOD"] != "GET" or _is_page(headers):
            return
        result = _RESULTS.get(status, "error")
        key = _key(environ)
        if result == "error" and not self._polls.knows(key):
            key = OTHER
        counters = self._polls.feed(key)
        counters.results[result].inc()
        if result == "error":
            return
        sent = _length(headers) if result == "full" else 0
        counters.sent.inc(sent)
        counters.saved.inc(max(0, environ.get(WHOLE, sent) - sent))
        said = report(environ.get("HTTP_USER_AGENT", ""))
        if said is not None and key is not OTHER:
            self._polls.report(key, said)


def _key(environ: dict[str, Any]) -> FeedKey:
    """Which feed is asked for. With parameters that choose among its articles it is another one."""
    found = _PATH.fullmatch(environ["PATH_INFO"])
    names = (name for name, _ in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if found is None or not all(is_ignored(name) or name in PAGE_PARAMETERS for name in names):
        return OTHER
    return found[1], found[2]


def _is_page(headers: Headers) -> bool:
    return any(name.lower() == "content-type" and text.startswith("text/html") for name, text in headers)


def _length(headers: Headers) -> int:
    return next((int(text) for name, text in headers if name.lower() == "content-length"), 0)
