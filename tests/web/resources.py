"""Every kind of resource that is served, as a table; each rule of docs/http.md is tried on all of them.

/healthz and /readyz are not in it: they are probes, answered with no-store, and need no validators.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.web.static import SCRIPT_NAME, STYLE_NAME
from tests.conftest import Publication

BASE: Final = "https://example.org"
PICTURE: Final = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>\n'
PICTURE_NAME: Final = f"{hashlib.sha256(PICTURE).hexdigest()[:32]}.svg"
FEED_TYPES: Final = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """`kind`: feed, list (the OPML), page, service (robots.txt, the sitemap) or file (its name is its content)."""

    path: str
    kind: str
    media_type: str


FEEDS: Final = [
    Resource(f"/feeds/{name}.{suffix}", "feed", f"{media_type}; charset=utf-8")
    for name in ("all", "chips", "cloud")
    for suffix, media_type in FEED_TYPES.items()
]
SLICES: Final = [
    Resource("/feeds/chips.atom?lang=zh-Hant", "feed", "application/atom+xml; charset=utf-8"),
]
ARCHIVES: Final = [
    Resource("/feeds/chips/2026-10.rss", "feed", "application/rss+xml; charset=utf-8"),
    Resource("/feeds/all/2026-10.json?lang=en", "feed", "application/feed+json; charset=utf-8"),
]
LISTS: Final = [
    Resource(path, "list", "text/x-opml; charset=utf-8") for path in ("/feeds.opml", "/feeds.opml?format=rss")
]
PAGES: Final = [
    Resource(path, "page", "text/html; charset=utf-8")
    for path in (
        "/",
        "/topics/chips",
        "/tags/sand",
        "/authors/Test%20desk",
        "/months/2026-10",
        "/feeds",
        "/articles/hello",
        "/articles/%E6%8E%A8%E8%AB%96",
    )
]
SERVICE: Final = [
    Resource("/robots.txt", "service", "text/plain; charset=utf-8"),
    Resource("/sitemap.xml", "service", "application/xml; charset=utf-8"),
]
PICTURE_FILE: Final = Resource(f"/media/{PICTURE_NAME}", "file", "image/svg+xml; charset=utf-8")
STYLE: Final = Resource(f"/static/{STYLE_NAME}", "file", "text/css; charset=utf-8")
SCRIPT: Final = Resource(f"/static/{SCRIPT_NAME}", "file", "text/javascript; charset=utf-8")
# What the store decides, and what is rendered from it (so not the bytes of files).
FROM_STORE: Final = [*FEEDS, *SLICES, *ARCHIVES, *LISTS, *PAGES, *SERVICE, PICTURE_FILE]
RENDERED: Final = [*FEEDS, *SLICES, *ARCHIVES, *LISTS, *PAGES, *SERVICE]
# What the program says of itself, and what other sites show.
DESCRIBED: Final = [
    Resource("/openapi.json", "described", "application/json"),
    Resource("/docs", "described", "text/html; charset=utf-8"),
    Resource("/docs/feeds", "described", "text/html; charset=utf-8"),
    Resource(
        "/.well-known/api-catalog",
        "described",
        'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
    ),
    Resource("/embed.js", "described", "text/javascript; charset=utf-8"),
    Resource("/embed/chips", "described", "text/html; charset=utf-8"),
]
RESOURCES: Final = [*FROM_STORE, STYLE, SCRIPT, *DESCRIBED]


def over(resources: list[Resource]) -> pytest.MarkDecorator:
    """Parametrize a test over resources, each named by its path."""
    return pytest.mark.parametrize("resource", resources, ids=[each.path for each in resources])


def fill(publication: Publication) -> None:
    """The publication that the table is about: two articles, one of them a bundle with a picture and an old name."""
    publication.article(
        "hello/index", "Hello, ![a circle](pic.svg).", title="Hello", aliases="[old]", language="en", tags="[sand]"
    )
    publication.write("articles/hello/pic.svg", PICTURE)
    publication.article("推論", "你好，世界。", title="推論延遲", topics="[chips, cloud]", language="zh-Hant")


def delete_store(publication: Publication) -> None:
    """What an operator does who wants it built anew."""
    publication.store.close()
    for file in publication.settings.store_file.parent.glob("store.sqlite3*"):
        file.unlink()


def ask(client: FlaskClient, path: str, method: str = "GET", **headers: str) -> TestResponse:
    """One request. `If_None_Match="*"` is the header If-None-Match."""
    written = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.open(path, method=method, headers=written, buffered=True)


def fields(answer: TestResponse) -> dict[str, str]:
    """The header fields of an answer, but for the time it was made."""
    return {name: text for name, text in answer.headers.items() if name != "Date"}
