"""A feed opened in a browser is a page at its own address; everything else gets the document, byte for byte."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from tests.conftest import SITE_TOML, Publication
from tests.web.resources import BASE, FEEDS, Resource, ask, over

CLIENTS: Final[list[dict[str, Any]]] = tomllib.loads((Path(__file__).parent / "clients.toml").read_text("utf-8"))[
    "client"
]
every_client = pytest.mark.parametrize(
    "headers", [each["headers"] for each in CLIENTS], ids=[c["name"] for c in CLIENTS]
)
# What a navigation of Chromium 156 sends (tests/browser/test_feed_page.py has the browser itself).
NAVIGATION: Final = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-User": "?1",
}
VARY: Final = "Accept-Encoding, Sec-Fetch-Dest"


def opened(client: FlaskClient, path: str) -> TestResponse:
    """What a browser shows."""
    return client.get(path, headers=NAVIGATION)


def page_of(client: FlaskClient, path: str) -> LexborHTMLParser:
    answer = opened(client, path)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return LexborHTMLParser(answer.text)


def hrefs(page: LexborHTMLParser, selector: str) -> list[str]:
    return [node.attributes["href"] or "" for node in page.css(selector)]


def test_there_are_enough_clients() -> None:
    """At least 25 readers and bots, each with its source."""
    assert len({each["name"] for each in CLIENTS}) == len(CLIENTS) >= 25
    assert all(each["source"] and "User-Agent" in each["headers"] for each in CLIENTS)


@every_client
def test_every_client_gets_the_document(poller: FlaskClient, headers: dict[str, str]) -> None:
    """A reader is never handed HTML, whatever it says it accepts."""
    for resource in FEEDS:
        answer = poller.get(resource.path, headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, resource.media_type)
        assert answer.headers["Vary"] == VARY
        coding = answer.headers.get("Content-Encoding", "identity")
        plain = ask(poller, resource.path, Accept_Encoding=coding)
        assert (answer.data, answer.headers["ETag"]) == (plain.data, plain.headers["ETag"])


@pytest.mark.parametrize("destination", ["empty", "iframe", "embed", "image", "script", "xslt", "Document", ""])
@over(FEEDS)
def test_no_other_destination_gets_the_page(poller: FlaskClient, resource: Resource, destination: str) -> None:
    """fetch(), XHR and prefetch are "empty", frames are "iframe": the document."""
    answer = poller.get(resource.path, headers={**NAVIGATION, "Sec-Fetch-Dest": destination})
    assert answer.data == ask(poller, resource.path).data


@over(FEEDS)
def test_a_navigation_gets_the_page(poller: FlaskClient, resource: Resource) -> None:
    """At the same address, kept by nobody: some CDNs ignore Vary."""
    answer = opened(poller, resource.path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("private, no-store", VARY)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    page = LexborHTMLParser(answer.text)
    (field,) = page.css("input#feed-url")
    assert field.attributes["value"] == f"{BASE}{resource.path}"
    assert "readonly" in field.attributes


@over(FEEDS)
def test_the_document_can_be_seen(poller: FlaskClient, resource: Resource) -> None:
    """`?view=source`: the document, in a browser as well; the page leads to it."""
    (source,) = [href for href in hrefs(page_of(poller, resource.path), "a") if "view=source" in href]
    assert source == f"{BASE}{resource.path}?view=source"
    answer, plain = opened(poller, f"{resource.path}?view=source"), ask(poller, resource.path)
    assert (answer.data, answer.headers["ETag"], answer.headers["Vary"]) == (plain.data, plain.headers["ETag"], VARY)


def test_a_view_that_there_is_none_of(poller: FlaskClient) -> None:
    answer = ask(poller, "/feeds/chips.atom?view=sauce")
    assert (answer.status_code, answer.text) == (400, "parameter 'view': unknown 'sauce' (known: source)\n")


def test_what_somebody_copied_from_the_address_bar_is_a_feed(poller: FlaskClient) -> None:
    """The page's own parameters do not break a subscription."""
    assert ask(poller, "/feeds/chips.atom?ui=en").data == ask(poller, "/feeds/chips.atom").data


@pytest.mark.parametrize(
    "path", ["/feeds/chips.atom", "/feeds/nothing.atom", "/feeds/chips.atom?x=1", "/feeds/chips.xml"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("browser", [True, False])
def test_every_answer_says_what_chose_it(poller: FlaskClient, path: str, method: str, browser: bool) -> None:
    """`Vary: Accept-Encoding, Sec-Fetch-Dest` on every answer there, errors and 304s among them."""
    answer = poller.open(path, method=method, headers=NAVIGATION if browser else {})
    assert {"Accept-Encoding", "Sec-Fetch-Dest"} <= {each.strip() for each in answer.headers["Vary"].split(",")}
    tag = ask(poller, "/feeds/chips.atom").headers["ETag"]
    again = ask(poller, "/feeds/chips.atom", If_None_Match=tag)
    assert (again.status_code, again.headers["Vary"]) == (304, VARY)


def test_an_etag_of_the_document_is_none_of_the_page(poller: FlaskClient) -> None:
    """A browser that revalidates what fetch() got is shown the page, not nothing."""
    tag = ask(poller, "/feeds/chips.atom").headers["ETag"]
    answer = poller.get("/feeds/chips.atom", headers={**NAVIGATION, "If-None-Match": tag})
    assert answer.status_code == 200


def test_subscribe_links(poller: FlaskClient) -> None:
    """One tap: each leads to the page of a reader that adds this feed, or to a program on this machine."""
    found = hrefs(page_of(poller, "/feeds/chips.atom"), ".buttons a")
    encoded = "https%3A%2F%2Fexample.org%2Ffeeds%2Fchips.atom"
    assert found == [
        f"https://feedly.com/i/subscription/feed%2F{encoded}",
        f"https://www.inoreader.com/?add_feed={encoded}",
        f"https://www.newsblur.com/?url={encoded}",
        f"https://theoldreader.com/feeds/subscribe?url={encoded}",
        "feed:https://example.org/feeds/chips.atom",
    ]


def test_controls_are_addresses(poller: FlaskClient) -> None:
    """Topic and format: each a link to another feed in the same language, with what is chosen now marked."""
    page = page_of(poller, "/feeds/chips.atom?ui=zh-Hant")
    found = hrefs(page, ".controls a")
    paths = ["all.atom", "chips.atom", "cloud.atom", "chips.atom", "chips.rss", "chips.json"]
    assert found == [f"{BASE}/feeds/{path}?ui=zh-Hant" for path in paths]
    assert [node.text() for node in page.css(".controls [aria-current]")] == ["晶片", "Atom"]
    for href in found:
        assert opened(poller, href.removeprefix(BASE)).status_code == 200


def test_what_the_page_says(poller: FlaskClient) -> None:
    """What it is, the slice in words, its articles, how fresh it is; in both languages."""
    english, chinese = (page_of(poller, f"/feeds/chips.rss?ui={ui}") for ui in ("en", "zh-Hant"))
    text = " ".join((english.body.text() if english.body else "").split())
    assert "Chips – Test Weekly" in text
    assert "The newest 50 articles of Test Weekly about Chips." in text
    assert "Last changed on November 1, 2026 20:01 GMT+08:00." in text
    assert "every 15 minutes" in text
    assert [node.text() for node in english.css(".latest a")] == ["推論延遲", "Hello"]
    assert "《Test Weekly》" not in text
    assert "《測試週刊》「晶片」主題最新的50篇文章。" in (chinese.body.text() if chinese.body else "")


def test_an_empty_feed_has_a_page(publication: Publication) -> None:
    publication.sync()
    assert "Nothing is published here yet." in opened(publication.client(), "/feeds/cloud.json").text


def test_below_a_path(publication: Publication) -> None:
    """A publication at https://example.org/news: what the page fetches and sends stands below that path."""
    publication.write("site.toml", SITE_TOML.replace('"https://example.org"', '"https://example.org/news"'))
    publication.sync()
    page = page_of(publication.client(), "/feeds/chips.atom")
    (script,), (form,) = page.css("script[src]"), page.css("form")
    assert (script.attributes["src"] or "").startswith("/news/static/copy-")
    assert form.attributes["action"] == "/news/subscribe"


def subscribing(client: FlaskClient, **parameters: str) -> TestResponse:
    return client.get("/subscribe", query_string={"feed": "chips.atom", "ui": "en", **parameters}, headers=NAVIGATION)


FEED: Final = "https%3A%2F%2Fexample.org%2Ffeeds%2Fchips.atom"


@pytest.mark.parametrize(
    ("reader", "at", "link"),
    [
        ("miniflux", "https://rss.example.net", f"https://rss.example.net/bookmarklet?uri={FEED}"),
        ("miniflux", " rss.example.net/ ", f"https://rss.example.net/bookmarklet?uri={FEED}"),
        ("miniflux", "http://192.168.1.9:8080/m/?x#y", f"http://192.168.1.9:8080/m/bookmarklet?uri={FEED}"),
        ("freshrss", "https://閱讀.example", f"https://xn--yb3ar4r.example/i/?c=feed&a=add&url_rss={FEED}"),
        ("freshrss", "HTTPS://EXAMPLE.net:443/%7Eme/", f"https://example.net/%7Eme/i/?c=feed&a=add&url_rss={FEED}"),
    ],
)
def test_a_reader_of_ones_own(poller: FlaskClient, reader: str, at: str, link: str) -> None:
    """The form answers a page with the link, never a redirect; it tells no other site where the reader stands."""
    answer = subscribing(poller, reader=reader, at=at)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Location" not in answer.headers
    assert hrefs(LexborHTMLParser(answer.text), ".box a") == [link]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("javascript:alert(1)", "no http or https address"),
        ("javascript://example.net/%0Aalert(1)", "no http or https address"),
        ("ftp://example.net", "no http or https address"),
        ("data:text/html,x", "no http or https address"),
        ("https://me:secret@example.net", "leave the name and the password out"),
        ("https://", "no http or https address"),
        ("", "is missing"),
        ("x" * 501, "is missing"),
    ],
)
def test_an_address_that_is_none(poller: FlaskClient, at: str, said: str) -> None:
    """The form comes back with what was written, and what is wrong with it; no link is made."""
    page = LexborHTMLParser(subscribing(poller, reader="freshrss", at=at).text)
    (wrong,), (field,) = page.css("#wrong"), page.css("#at")
    assert said in wrong.text()
    assert field.attributes["value"] == at
    assert hrefs(page, ".box a") == []
    assert [node.attributes["value"] for node in page.css("input[checked]")] == ["freshrss"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"feed": "https://evil.example/"}, 404),
        ({"feed": "chip.atom"}, 404),
        ({"reader": "x"}, 400),
        ({"ui": "xx"}, 400),
    ],
)
def test_only_our_own_feeds_and_readers_we_know(poller: FlaskClient, parameters: dict[str, str], status: int) -> None:
    """Nobody makes a page of ours recommend a feed of theirs."""
    assert subscribing(poller, **parameters).status_code == status


def test_markup_in_what_was_written_is_text(poller: FlaskClient) -> None:
    answer = subscribing(poller, reader="miniflux", at='"><script>alert(1)</script>')
    assert LexborHTMLParser(answer.text).css("script") == []
