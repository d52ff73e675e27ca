"""The answers a document gives, worked out once: what waits in front of Flask.

Flask's answer to the same request is the same, field by field and in the same order; a test compares the two.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from werkzeug.datastructures import Headers
from werkzeug.http import http_date, parse_date, quote_etag, remove_entity_headers

from feedsvc.documents.compression import IDENTITY
from feedsvc.documents.document import Document
from feedsvc.web.responses import always
from feedsvc.web.stats.poll_buffer import Poll

Fields = list[tuple[str, str]]
_ONE_TAG: Final = re.compile(r'(?:W/)?"[!#-+\--\[\]-~]+"')
# A date in any of its forms is shorter (RFC 9110 §5.6.7).
_LONGEST_DATE: Final = 60


class DatedHeaders(NamedTuple):
    """The fields of the 200 and of the 304 with the Date of that second, which counts from 1970 in UTC."""

    second: int
    fields: Fields
    bare_fields: Fields


class PreparedResponse:
    """A document in one content coding."""

    __slots__ = ("_bare_fields", "_fields", "_modified", "_modified_second", "body", "dated", "etag")

    def __init__(self, document: Document, coding: str, common: Mapping[str, str]) -> None:
        self.body = document.bodies[coding]
        self.etag = quote_etag(document.etag(coding))
        self._modified = http_date(document.last_modified)
        self._modified_second = int(document.last_modified.timestamp())
        headers = Headers({"Content-Type": document.media_type, **common, **document.headers})
        if coding != IDENTITY:
            headers["Content-Encoding"] = coding
        headers.update({"Content-Length": str(len(self.body)), "ETag": self.etag, "Last-Modified": self._modified})
        self._fields = in_order(headers.to_wsgi_list())
        remove_entity_headers(headers)
        self._bare_fields = in_order(headers.to_wsgi_list())
        # Replaced as a whole: a thread never sees the fields of one second with the number of another.
        self.dated = DatedHeaders(-1, [], [])

    def at(self, second: int) -> DatedHeaders | None:
        """As it is sent in that second; None while Last-Modified would be later than Date (RFC 9110 §8.8.2.1)."""
        if second < self._modified_second:
            return None
        date = ("Date", _http_date(second))
        self.dated = dated = DatedHeaders(second, [*self._fields, date], [*self._bare_fields, date])
        return dated

    def is_modified(self, tag: str | None, since: str | None) -> bool | None:
        """RFC 9110 §13.1.2–3 for one entity tag or a date; None for what is not as plain."""
        if tag is not None:
            if tag == self.etag:
                return False
            return tag.removeprefix("W/") != self.etag if _ONE_TAG.fullmatch(tag) else None
        if since is None or since == self._modified:
            return since is None
        second = _second_of(since) if len(since) <= _LONGEST_DATE else None
        return None if second is None else second < self._modified_second


class PreparedDocument:
    """A document's answers by content coding, each made when first asked for."""

    __slots__ = ("_always", "_answers", "_document")

    def __init__(self, document: Document, path: str) -> None:
        self._document, self._always = document, always(path)
        self._answers: dict[str, PreparedResponse] = {}

    def answer(self, coding: str) -> PreparedResponse:
        """In that coding."""
        found = self._answers.get(coding)
        if found is None:
            found = self._answers[coding] = PreparedResponse(self._document, coding, self._always)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CacheHit:
    """What is sent at one address to one method, and how that counts where it is a feed: as a 200 or as a 304.

    `key` is the document's; `body` has one part or, for HEAD, none.
    """

    key: Hashable
    answer: PreparedResponse
    body: bytes
    full: Poll | None = None
    unchanged: Poll | None = None


def in_order(fields: Fields) -> Fields:
    """In the one order that all answers have them: by name, and last of all when it was made."""
    return sorted(fields, key=lambda field: (field[0] == "Date", field))


_http_date = lru_cache(maxsize=2)(http_date)


@lru_cache(maxsize=1024)
def _second_of(date: str) -> int | None:
    """The second that a date in a header names; None where it is no date, or none of a year that can be."""
    try:
        found = parse_date(date)
    except OverflowError:
        return None
    return None if found is None else int(found.timestamp())
