"""Finished answers in front of Flask: a poll for a document that is held costs a few look-ups.

GET and HEAD with a plain condition are answered here. Everything else goes on to Flask, which leaves the document it
answered with in the request's environment: so an address is known here after it was asked for once.
"""

import time
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from feedsvc.documents.document import Document
from feedsvc.terminal import logger
from feedsvc.web.cache.document_cache import DocumentCache
from feedsvc.web.cache.prepared import CacheHit, DatedHeaders, Fields, PreparedDocument, in_order
from feedsvc.web.cache.refresher import Refresher
from feedsvc.web.cache.state import Address, CacheState, RequestKey
from feedsvc.web.negotiation import PREFERRED, choose_coding
from feedsvc.web.render_limiter import Cost
from feedsvc.web.responses import ANSWERED
from feedsvc.web.stats.middleware import requested_feed
from feedsvc.web.stats.poll_buffer import polled
from feedsvc.web.stats.poll_counters import PollCounters

log = logger("feedsvc.web")

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

MAX_ADDRESSES: Final = 20_000
# More than there is room for documents of that kind.
MAX_RARE_ADDRESSES: Final = 2_000
# With every Accept-Encoding that anybody sends.
MAX_READY: Final = 20_000
MAX_LENGTH: Final = 1_000
OK: Final = "200 OK"
NOT_MODIFIED: Final = "304 Not Modified"
_FETCH_DESTINATION: Final = "HTTP_SEC_FETCH_DEST"

Environment = dict[str, Any]
# Status, fields and body of a response.
Found = tuple[int, Fields, bytes]


class ResponseCache:
    """A WSGI application (PEP 3333) over `app`, which counts its polls by itself.

    `freshness` is started by the first request, so in the process that serves and not in one it was forked from.
    """

    def __init__(
        self, app: "WSGIApplication", documents: DocumentCache, polls: PollCounters, freshness: Refresher | None = None
    ) -> None:
        self._app, self._documents, self._polls, self._freshness = app, documents, polls, freshness
        self._lock = Lock()
        self._is_watching = freshness is None

    def __call__(self, environ: Environment, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        found = self.cached(environ)
        if found is not None:
            status, fields, body = found
            start_response(OK if status == 200 else NOT_MODIFIED, fields)
            # granian sends a list in one piece. A server may change it (PEP 3333).
            return [body] if body else []
        if not self._is_watching:
            self._start_watching()
        state = self._documents.state

        def begin(status: str, fields: Fields, *error: Any) -> Any:
            return start_response(status, in_order(fields), *error)

        answer = self._app(environ, begin)
        document = environ.get(ANSWERED)
        if isinstance(document, Document) and environ.get(_FETCH_DESTINATION) != "document":
            self._add_address(state, (environ["PATH_INFO"], environ.get("QUERY_STRING", "")), document)
        return answer

    def cached(self, environ: Environment) -> Found | None:
        """Return status, fields and body of a request that is answered without Flask, and count it; None for others.

        Waits for nothing.
        """
        # The way of nearly all of them, so it is in one piece, and without a lock: what others change meanwhile is
        # replaced as a whole. What is the same for many requests is worked out once after a change (`_prepare`) or once
        # a second (Date).
        documents = self._documents
        asked = (
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_ACCEPT_ENCODING"),
        )
        state = documents.state
        ready = state.ready.get(asked) or self._prepare(state, asked)
        if (
            ready is None
            or not documents.watched
            or "HTTP_IF_MATCH" in environ
            or "HTTP_IF_UNMODIFIED_SINCE" in environ
            or environ.get(_FETCH_DESTINATION) == "document"
        ):
            return None
        answer = ready.answer
        last, second = answer.dated, int(time.time())
        dated: DatedHeaders | None = last
        if last.second != second:
            # Once a second, so that is how exactly it is known here what was used last.
            dated = None if documents.known(ready.key) is None else answer.at(second)
        tag = environ.get("HTTP_IF_NONE_MATCH")
        modified = tag != answer.etag and answer.is_modified(tag, environ.get("HTTP_IF_MODIFIED_SINCE"))
        if dated is None or modified is None:
            return None
        poll = ready.full if modified else ready.unchanged
        if poll is not None:
            self._polls.note(poll, environ.get("HTTP_USER_AGENT", ""))
        if modified:
            return 200, [*dated.fields], ready.body
        return 304, [*dated.bare_fields], b""

    def close(self) -> None:
        """Stop watching: from here on each request asks the store."""
        with self._lock:
            if self._is_watching and self._freshness is not None:
                self._freshness.stop()

    def _prepare(self, state: CacheState, asked: RequestKey) -> CacheHit | None:
        """Return what is sent to such a request, and keep it in `state`; None if its document may not be current.

        None too for other methods, for an Accept-Encoding that is unusually long, and where no coding is acceptable.
        """
        method, path, query, accept_encoding = asked
        key = state.addresses.get((path, query)) or state.rare_addresses.get((path, query))
        if key is None or method not in ("GET", "HEAD"):
            return None
        # Longer ones would take much memory here and in `ready`.
        usual = accept_encoding is None or len(accept_encoding) <= 200
        coding = _chosen_coding(accept_encoding, PREFERRED) if usual else None
        entry = self._documents.known(key)
        if coding is None or entry is None:
            return None
        document = entry.document
        if entry.finished is None:
            entry.finished = PreparedDocument(document, path)
        answer = entry.finished.answer(coding)
        feed = requested_feed(path, query) if method == "GET" else None
        full = polled(feed, "full", len(answer.body), document.length) if feed else None
        unchanged = polled(feed, "unchanged", 0, document.length) if feed else None
        ready = CacheHit(document.key, answer, answer.body if method == "GET" else b"", full, unchanged)
        if len(state.ready) >= MAX_READY:
            state.ready.clear()
        state.ready[asked] = ready
        return ready

    def _start_watching(self) -> None:
        """Start the threads that watch the store, at the first request."""
        with self._lock:
            try:
                if not self._is_watching and self._freshness is not None:
                    self._freshness.start()
                self._is_watching = True
            except RuntimeError as error:
                # Until there is one, each request asks the store; the next one tries again.
                log.warning("%s (raise the limit of threads: systemd's TasksMax, ulimit -u)", error)

    def _add_address(self, state: CacheState, address: Address, document: Document) -> None:
        """Beside what was held when it was asked for: what has changed its meaning since is forgotten with that."""
        if sum(map(len, address)) > MAX_LENGTH:
            return
        entry = state.entries.get(document.key)
        is_common = entry is not None and entry.cost is Cost.COMMON
        known, limit = (state.addresses, MAX_ADDRESSES) if is_common else (state.rare_addresses, MAX_RARE_ADDRESSES)
        with self._lock:
            if len(known) >= limit:
                del known[next(iter(known))]
            known[address] = document.key


_chosen_coding = lru_cache(maxsize=512)(choose_coding)
