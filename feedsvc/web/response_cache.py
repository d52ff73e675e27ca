"""Finished answers in front of Flask: a poll for a document that is held costs a few look-ups.

GET and HEAD with a plain condition are answered here. Everything else goes on to Flask, which leaves the document it
answered with in the request's environment: so an address is known here after it was asked for once.
"""

import re
import time
from collections.abc import Hashable, Iterable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from werkzeug.http import http_date

from feedsvc.web.answers import ANSWERED, WHOLE
from feedsvc.web.document import Document
from feedsvc.web.document_cache import DocumentCache, Entry
from feedsvc.web.finished import Answer, Fields, Finished, in_order, second_of
from feedsvc.web.freshness import Freshness
from feedsvc.web.negotiation import PREFERRED, choose_coding

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

MAX_ADDRESSES: Final = 20_000
MAX_LENGTH: Final = 1_000
OK: Final = "200 OK"
NOT_MODIFIED: Final = "304 Not Modified"
# Conditions and parts that Flask works out.
_NOT_PLAIN: Final = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE", "HTTP_RANGE")
_ONE_TAG: Final = re.compile(r'(?:W/)?"[!#-+\--\[\]-~]+"')
_SHOWN_BY: Final = "HTTP_SEC_FETCH_DEST"

Address = tuple[str, str]
Environment = dict[str, Any]


class ResponseCache:
    """A WSGI application (PEP 3333) over `app`.

    `freshness` is started by the first request, so in the process that serves and not in one it was forked from.
    """

    def __init__(self, app: "WSGIApplication", documents: DocumentCache, freshness: Freshness | None = None) -> None:
        self._app, self._documents, self._freshness = app, documents, freshness
        self._addresses: dict[Address, Hashable] = {}
        self._generation = documents.generation
        self._lock = Lock()
        self._begun = freshness is None
        self._clock = (0, "")

    def __call__(self, environ: Environment, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if not self._begun:
            self._begin()
        entry = self._held(environ)
        answer = None if entry is None else self._plain_answer(environ, entry)
        if entry is None or answer is None:
            return self._ask(environ, start_response)
        status, fields, body = answer
        environ[WHOLE] = entry.document.length
        start_response(status, fields)
        return (body,) if body and environ["REQUEST_METHOD"] == "GET" else ()

    def _begin(self) -> None:
        with self._lock:
            if not self._begun and self._freshness is not None:
                self._freshness.start()
            self._begun = True

    def close(self) -> None:
        """Stop watching: from here on each request asks the store."""
        with self._lock:
            if self._begun and self._freshness is not None:
                self._freshness.stop()

    def _held(self, environ: Environment) -> Entry | None:
        """The document that the request asks for, if it is held and known to be right."""
        if self._generation != self._documents.generation:
            self._generation = self._documents.generation
            self._addresses = {}
        key = self._addresses.get((environ["PATH_INFO"], environ.get("QUERY_STRING", "")))
        if key is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        entry = self._documents.known(key)
        if entry is not None and entry.finished is None:
            entry.finished = Finished(entry.document, environ["PATH_INFO"])
        return entry

    def _plain_answer(self, environ: Environment, entry: Entry) -> tuple[str, Fields, bytes] | None:
        """Status, fields and body; None when it takes Flask to tell."""
        for name in _NOT_PLAIN:
            if name in environ:
                return None
        coding = _coding(environ.get("HTTP_ACCEPT_ENCODING"))
        second, date = self._now()
        done = entry.finished
        if coding is None or environ.get(_SHOWN_BY) == "document" or done is None or second < done.last_modified_second:
            return None
        answer = done.answer(coding)
        modified = _is_modified(environ, answer, done)
        if modified is None:
            return None
        if modified:
            return OK, [*answer.fields, ("Date", date)], answer.body
        return NOT_MODIFIED, [*answer.bare_fields, ("Date", date)], b""

    def _now(self) -> tuple[int, str]:
        second = int(time.time())
        if self._clock[0] != second:
            self._clock = (second, http_date(second))
        return self._clock

    def _ask(self, environ: Environment, start_response: "StartResponse") -> Iterable[bytes]:
        """Flask's answer."""

        def begin(status: str, fields: Fields, *error: Any) -> Any:
            return start_response(status, in_order(fields), *error)

        answer = self._app(environ, begin)
        document = environ.get(ANSWERED)
        if isinstance(document, Document) and environ.get(_SHOWN_BY) != "document":
            self._learn(environ["PATH_INFO"], environ.get("QUERY_STRING", ""), document)
        return answer

    def _learn(self, path: str, query: str, document: Document) -> None:
        if len(path) + len(query) > MAX_LENGTH:
            return
        with self._lock:
            if len(self._addresses) >= MAX_ADDRESSES:
                del self._addresses[next(iter(self._addresses))]
            self._addresses[path, query] = document.key


@lru_cache(maxsize=512)
def _known_coding(accept_encoding: str | None) -> str | None:
    return choose_coding(accept_encoding, PREFERRED)


def _coding(accept_encoding: str | None) -> str | None:
    """The coding for that header; None for one that is not usual, or for which there is none."""
    if accept_encoding is not None and len(accept_encoding) > 200:
        return None
    return _known_coding(accept_encoding)


def _is_modified(environ: Environment, answer: Answer, done: Finished) -> bool | None:
    """RFC 9110 §13.1.2–3 for one entity tag or a date; None for what is not as plain."""
    tag = environ.get("HTTP_IF_NONE_MATCH")
    if tag is not None:
        if tag == answer.etag:
            return False
        return tag.removeprefix("W/") != answer.etag if _ONE_TAG.fullmatch(tag) else None
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is None or since == done.last_modified:
        return since is None
    second = second_of(since)
    return None if second is None else second < done.last_modified_second
