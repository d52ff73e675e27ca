"""Serve a publication with every kind of page: the real content/, and articles for the kinds that it lacks."""

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import WSGIRequestHandler, make_server

from feedsvc.web import create_app
from tests.conftest import Publication

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT: Final = Path(__file__).parents[2] / "content"
TOKEN: Final = "a-token-for-tests"
EVERYTHING: Final = """\
# A heading of the first level

Prose with *emphasis*, **weight**, `code`, a [link](https://example.net/), <mark>a mark</mark>,
<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>, <q>words</q>, H<sub>2</sub>O and a note.[^1]

### One level is left out

| Process | Wafers | Share of the whole market | Remarks that make the table wider than a phone |
|---|---|---|---|
| N3 | 12 | 3% | Everything that is said here is made up, and long |

![A drawing of a wafer](wafer.svg)

> Somebody else said this, at some length, so that it takes more than one line on a phone.

```python
def a_function_whose_line_is_longer_than_a_phone_is_wide(first, second, third): return first + second + third
```

1. One
2. Two
   - Three

***

## The second level

<details><summary>More</summary><p>There is more.</p></details>

[^1]: Here it is.
"""
# A picture of another host, whose size nobody knows before it is there.
FOREIGN: Final = "https://pictures.example/wafer.svg"
# What a slice may ask for that has no control of its own.
BESIDES: Final = (
    "author=A.+Writer",
    "not=tag:tsmc",
    "since=2026-01-01",
    "until=2026-12-31",
    "limit=20",
    "body=summary",
)
# Every kind of page by its name; each is looked at in every interface language.
PAGES: Final = {
    "home": "/",
    "topic": "/topics/chips",
    "tag": "/tags/nvidia",
    "author": "/authors/%E7%9F%BD%E8%B7%AF%E7%B7%A8%E8%BC%AF%E9%83%A8",
    "month": "/months/2026-08",
    "search": "/search?q=nvidia",
    "search-empty": "/search",
    "article-zh": "/articles/%E6%8E%A8%E8%AB%96%E5%BB%B6%E9%81%B2",
    "article-en": "/articles/arizona-price-of-certainty",
    "article-picture": "/articles/wafer-scale-explained",
    "article-everything": "/articles/everything",
    "article-he": "/articles/hebrew",
    "article-ja": "/articles/japanese",
    "page": "/about",
    "feed": "/feeds/chips.atom",
    "feed-all": "/feeds/all.json",
    "feed-slice": f"/feeds/chips.atom?lang=en&tag=nvidia&q=prose&{'&'.join(BESIDES)}",
    "feed-nothing": "/feeds/cloud.rss?lang=he",
    "subscribe": "/subscribe?feed=chips.atom&reader=miniflux&at=rss.example.org",
    "subscribe-wrong": "/subscribe?feed=chips.atom&reader=freshrss&at=ftp%3A%2F%2Fexample.org",
    "all-feeds": "/feeds",
    "error": "/articles/nothing",
    "error-near": "/articles/arizona-price-of-certanty",
    "error-parameter": "/?page=x",
    "status": "/status",
}


def with_ui(path: str, language: str) -> str:
    """The page in that interface language."""
    return f"{path}{'&' if '?' in path else '?'}ui={language}"


def signed_in(browser: Browser, **options: Any) -> BrowserContext:
    """A context of somebody who has the token."""
    return browser.new_context(http_credentials={"username": "", "password": TOKEN}, **options)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # its name in werkzeug
        """Nothing: the tests say what went wrong."""


class Site(str):
    """The address of a site. `destinations` are the Sec-Fetch-Dest of requests for feeds, None where it was missing.

    `/embedding?<markup>` is a page of that markup, without a Content-Security-Policy. `use` serves another application.
    """

    destinations: list[str | None]
    publication: Publication
    use: Callable[["WSGIApplication"], None]


class _Recorder:
    def __init__(self, application: "WSGIApplication", destinations: list[str | None]) -> None:
        self._application, self._destinations = application, destinations

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/feeds/"):
            self._destinations.append(environ.get("HTTP_SEC_FETCH_DEST"))
        if environ["PATH_INFO"] == "/embedding":
            start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return [f"<!doctype html><title>x</title>{unquote(environ['QUERY_STRING'])}".encode()]
        return self._application(environ, start_response)


@contextmanager
def serving(
    root: Path, base_url: str | None = None, fill: Callable[[Publication, str], None] | None = None
) -> Iterator[Site]:
    """The site, which calls itself `base_url` (its own address by default); it ends with the block.

    `fill` writes what it publishes, the real content and more by default.
    """
    publication = Publication(root)
    with make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        (fill or _fill)(publication, base_url or address)
        site = Site(address)
        site.destinations = []
        publication.settings = replace(publication.settings, status_token=TOKEN)
        site.publication = publication

        def use(application: "WSGIApplication") -> None:
            server.app = _Recorder(application, site.destinations)

        site.use = use
        use(create_app(publication.settings))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
            publication.store.close()


def _fill(publication: Publication, base_url: str) -> None:
    shutil.copytree(CONTENT, publication.settings.content, dirs_exist_ok=True)
    written = (CONTENT / "site.toml").read_text()
    publication.write("site.toml", f'base_url = "{base_url}"\n{written}')
    picture = (CONTENT / "articles/2026/09/wafer-scale-explained/wafer.svg").read_bytes()
    publication.write("articles/everything/wafer.svg", picture)
    publication.article(
        "everything/index",
        EVERYTHING,
        title="Everything an article can hold",
        summary="One of each, to see how it is set.",
        language="en",
        tags="[nvidia, typography, 'C++/CLI']",
        authors="[{name: 'A. Writer', uri: 'https://example.net/'}, 'B. Writer']",
        image="wafer.svg",
        enclosure="{url: 'https://example.net/talk.mp3', type: audio/mpeg, length: 1234567}",
        canonical="https://first.example/a-long-time-ago",
        updated="2026-10-20 12:00",
        disclosure="A machine translated it, and a person read it.",
        topics="[chips, cloud]",
    )
    publication.article(
        "foreign", f"![A wafer]({FOREIGN})\n\nWhat stands below it.", title="A picture of another host", language="en"
    )
    publication.article("hebrew", "## כותרת\n\nשלום עולם, זה טקסט בעברית.", title="שלום עולם", language="he")
    publication.article("japanese", "## 見出し\n\n半導体の*微細化*が進む。", title="半導体の前工程", language="ja")
    about = "---\ntitle: About this weekly\nlanguage: en\n---\nWho writes it.\n\n## Who\n\n- A. Writer\n"
    publication.write("pages/about.md", about)
    publication.article("later", title="要到明年才見得到的文章", published="2027-03-01 09:30")
    publication.article("wrong", title="Wrong", topics="[chip]", published="soon")
    publication.sync()
