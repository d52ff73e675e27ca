"""Permanent redirects: what is at another address of ours now (RFC 9110 §15.4.2)."""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from flask import Response, current_app, request

from feedsvc.errors import RenamedTopic
from feedsvc.text import lowered
from feedsvc.web.query_params import query_pairs

# The names in our routes that a topic's name may stand for.
_NAMED: Final = ("name", "topic")


# Caches keep a redirect for an hour, so that a mistake can be corrected.
MOVED_CACHE_CONTROL: Final = "public, max-age=3600"


class FormerAddress(Exception):
    """The page of this address is at `url`, as the store knows, unless site.toml says otherwise."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def moved(url: str) -> Response:
    """Return the 301 to an absolute `url` of ours."""
    response = Response(f"moved to {url}\n", 301, content_type="text/plain; charset=utf-8")
    response.headers.update({"Location": url, "Cache-Control": MOVED_CACHE_CONTROL})
    return response


def renamed(error: RenamedTopic) -> Response:
    """Return the 301 to the same address with the topics' present names in its path and in its query.

    Location is made of our route, base_url and the query's pairs: nothing in it comes from a header.
    """
    names, endpoint = error.names, request.endpoint
    assert endpoint is not None
    given = request.view_args or {}
    path = {key: present_name(value, names) if key in _NAMED else value for key, value in given.items()}
    query = present_pairs(query_pairs(request), names)
    address = current_app.url_map.bind("").build(endpoint, path)
    return moved(f"{error.base_url}{address}{'?' if query else ''}{urlencode(query, quote_via=quote, safe=':')}")


def present_name(name: str, names: Mapping[str, str]) -> str:
    """Return a topic's present name; `names` has it by former name, in lower case."""
    return names.get(lowered(name), name)


def present_pairs(pairs: Iterable[tuple[str, str]], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return a query's pairs with topics' present names in `topic` and `not`."""
    present: list[tuple[str, str]] = []
    for key, value in pairs:
        facet, colon, name = value.partition(":")
        if key == "topic":
            present.append((key, present_name(value.strip(), names)))
        elif key == "not" and colon and facet == "topic":
            present.append((key, f"topic:{present_name(name, names)}"))
        else:
            present.append((key, value))
    return present
