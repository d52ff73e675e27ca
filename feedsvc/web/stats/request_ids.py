"""The id of a request that cannot be answered: it is in the response, on the page and in the log."""

import logging
import re
import secrets
from collections.abc import MutableMapping
from typing import Any, Final

from flask import has_request_context, request

REQUEST_ID: Final = "X-Request-Id"
# What proxies make, such as $request_id of nginx. No other text of a client gets into the log and the page.
_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_KEY: Final = "feedsvc.request_id"


def request_id_of(environ: MutableMapping[str, Any]) -> str:
    """Return the id of a request (PEP 3333): the one that a proxy gave it, else a new one, which is kept in it."""
    if _KEY not in environ:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ[_KEY] = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    return str(environ[_KEY])


class RequestIds(logging.Filter):
    """Adds the id of the present request to what a logger logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place, and accept it."""
        if has_request_context():
            given = getattr(record, "fields", {})
            record.fields = {"path": request.path, **given, "request_id": request_id_of(request.environ)}
        return True
