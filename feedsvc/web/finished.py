"""The answers a document gives, worked out once: what waits in front of Flask.

Flask's answer to the same request is the same, field by field and in the same order; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from werkzeug.datastructures import Headers
from werkzeug.http import http_date, parse_date, quote_etag, remove_entity_headers

from feedsvc.web.answers import always
from feedsvc.web.document import Document
from feedsvc.web.negotiation import IDENTITY

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """In one content coding. `fields` are those of the 200, `bare_fields` those of the 304; neither has a Date."""

    etag: str
    body: bytes
    fields: Fields
    bare_fields: Fields


class Finished:
    """A document's answers by content coding, each made when first asked for.

    `last_modified_second` counts from 1970, in UTC.
    """

    __slots__ = ("_always", "_answers", "_document", "last_modified", "last_modified_second")

    def __init__(self, document: Document, path: str) -> None:
        self._document, self._always = document, always(path)
        self._answers: dict[str, Answer] = {}
        self.last_modified = http_date(document.last_modified)
        self.last_modified_second = int(document.last_modified.timestamp())

    def answer(self, coding: str) -> Answer:
        """In that coding."""
        found = self._answers.get(coding)
        if found is None:
            found = self._answers[coding] = _answer(self._document, coding, self._always, self.last_modified)
        return found


def _answer(document: Document, coding: str, common: Mapping[str, str], modified: str) -> Answer:
    body = document.bodies[coding]
    etag = quote_etag(document.etag(coding))
    headers = Headers({"Content-Type": document.media_type, **common, **document.headers})
    if coding != IDENTITY:
        headers["Content-Encoding"] = coding
    headers.update({"Content-Length": str(len(body)), "ETag": etag, "Last-Modified": modified})
    fields = in_order(headers.to_wsgi_list())
    remove_entity_headers(headers)
    return Answer(etag, body, fields, in_order(headers.to_wsgi_list()))


def in_order(fields: Fields) -> Fields:
    """In the one order that all answers have them: by name, and last of all when it was made."""
    return sorted(fields, key=lambda field: (field[0] == "Date", field))


@lru_cache(maxsize=1024)
def second_of(date: str) -> int | None:
    """The second that a date in a header names; None where it is no date, or none of a year that can be."""
    try:
        found = parse_date(date)
    except OverflowError:
        return None
    return None if found is None else int(found.timestamp())
