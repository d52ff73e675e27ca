"""The WSGI layer that counts the requests for feeds that Flask answers. The response cache counts its own answers."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from feedsvc import routes
from feedsvc.feeds.formats import FORMATS
from feedsvc.tracking import is_ignored
from feedsvc.web.query_params import PAGE_PARAMETERS, corrected_name
from feedsvc.web.responses import WHOLE
from feedsvc.web.stats.poll_buffer import OTHER, FeedKey, Result, polled
from feedsvc.web.stats.poll_counters import PollCounters

# werkzeug also answers a path with two slashes at its start.
_FEEDS: Final = (routes.FEED.prefix, f"/{routes.FEED.prefix}")

Headers = list[tuple[str, str]]
_PATH: Final = re.compile(rf"/?{routes.FEED.prefix}([^/]{{1,200}})\.({'|'.join(FORMATS)})/?")
_RESULTS: Final[dict[str, Result]] = {"200": "full", "304": "unchanged"}


class PollMiddleware:
    """Wraps the WSGI application `application`."""

    def __init__(self, application: Callable[..., Iterable[bytes]], polls: PollCounters) -> None:
        self.application, self._polls = application, polls

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, and count it if it is a GET for a feed. The count happens when the answer begins."""
        feed = requested_feed(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        if feed is None or environ["REQUEST_METHOD"] != "GET":
            return self.application(environ, start_response)

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Any:
            length, is_page = 0, False
            # The application writes the names in this case.
            for name, text in headers:
                if name == "Content-Length":
                    length = int(text)
                elif name == "Content-Type":
                    is_page = text.startswith("text/html")
            # A reader that follows a redirect is counted at the redirect's target.
            if not is_page and status[:3] != "301":
                result = _RESULTS.get(status[:3], "error")
                poll = polled(feed, result, length, environ.get(WHOLE, length))
                self._polls.note(poll, environ.get("HTTP_USER_AGENT", ""))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self.application(environ, begin)


def requested_feed(path: str, query: str) -> FeedKey | None:
    """Return the requested feed; `OTHER` for a URL with parameters that select articles; None for a path of no feed."""
    if not path.startswith(_FEEDS):
        return None
    found = _PATH.fullmatch(path)
    names = (corrected_name(name) for name, _ in parse_qsl(query, keep_blank_values=True))
    if found is None or not all(is_ignored(name) or name in PAGE_PARAMETERS for name in names):
        return OTHER
    return found[1], found[2]
