"""Error pages are HTML for a browser, one line of text otherwise (issue 2; DESIGN: A browser is not a feed reader)."""

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from tests.conftest import Publication
from tests.web.resources import FEEDS, LISTS, Resource, ask, over

BROWSER = {
    "Sec_Fetch_Dest": "document",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
READER = {"Accept": "text/html, application/atom+xml, */*"}


@pytest.mark.parametrize("path", ["/nothing", "/articles/nothing", "/topics/x", "/?page=0", "/media/x.png"])
@pytest.mark.parametrize("headers", [BROWSER, READER, {"Accept": "text/html"}], ids=["browser", "reader", "html"])
def test_html_for_a_browser(poller: FlaskClient, path: str, headers: dict[str, str]) -> None:
    """Outside the feeds Accept: text/html is enough; the page says the same as the line."""
    line, answer = ask(poller, path), ask(poller, path, **headers)
    assert answer.status_code == line.status_code
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = LexborHTMLParser(answer.text)
    shown = page.css_first("p.detail")
    assert shown is not None
    assert shown.text() == f"{line.status_code}: {line.text.strip()}"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize(
    "path", ["/feeds/nothing.atom", "/feeds/all.xml", "/feeds/all.rss?x=1", "/feeds.opml?format=x"]
)
def test_below_feeds_only_a_navigation_gets_html(poller: FlaskClient, path: str) -> None:
    """`Accept` is not used for this, since readers send browser-like `Accept`."""
    assert ask(poller, path, **READER).headers["Content-Type"] == "text/plain; charset=utf-8"
    assert ask(poller, path, **BROWSER).headers["Content-Type"] == "text/html; charset=utf-8"


@over([*FEEDS, *LISTS])
def test_a_feed_is_never_html_by_accept(poller: FlaskClient, resource: Resource) -> None:
    """A feed URL never answers HTML to anything else."""
    for accepted in ("text/html,*/*", "text/html", "text/html,application/xhtml+xml"):
        answer = ask(poller, resource.path, Accept=accepted)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, resource.media_type)


def test_what_is_asked_for_is_shown_as_text(poller: FlaskClient) -> None:
    """Promise 5: nothing unsafe leaves."""
    answer = ask(poller, "/topics/%3Cscript%3Ealert(1)%3C%2Fscript%3E", **BROWSER)
    page = LexborHTMLParser(ask(poller, "/topics/%3Cb%20onclick=x%3E", **BROWSER).text)
    assert answer.status_code == 404
    assert page.css_first("b, [onclick]") is None
    assert page.css_first("p.detail") is not None


@pytest.mark.parametrize(
    ("wanted", "ui", "heading"),
    [
        ("zh-TW", "zh-Hant", "找不到這一頁"),
        ("en", "en", "There is no such page"),
        ("fr", "en", "There is no such page"),
    ],
)
def test_in_the_language_of_the_browser(poller: FlaskClient, wanted: str, ui: str, heading: str) -> None:
    """Pages in the reader's language where there is a translation."""
    answer = ask(poller, "/nothing", Accept="text/html", Accept_Language=wanted)
    page = LexborHTMLParser(answer.text)
    html, title = page.css_first("html"), page.css_first("h1")
    assert html is not None
    assert title is not None
    assert (html.attributes["lang"], title.text()) == (ui, heading)
    assert answer.headers["Content-Language"] == ui
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/", "/topics/chips", "/articles/hello", "/feeds/all.atom"])
def test_without_a_store(publication: Publication, path: str) -> None:
    """A page that says to try again needs nothing from the store; its links are relative, so they need no base_url."""
    answer = ask(publication.client(), path, **BROWSER, Accept_Language="zh-Hant")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    page = LexborHTMLParser(answer.text)
    link, style = page.css_first("main a"), page.css_first("link[rel=stylesheet]")
    assert link is not None
    assert style is not None
    up = "./" if path == "/" else "../"
    assert link.attributes["href"] == up
    assert (style.attributes["href"] or "").startswith(f"{up}static/site-")


@pytest.mark.parametrize(("ui", "said"), [("en", "mistyped"), ("zh-Hant", "網址可能打錯了")])
def test_what_to_do_instead_in_the_language_of_the_reader(poller: FlaskClient, ui: str, said: str) -> None:
    """The line of text is for scripts; people are told in their own language, with a way on."""
    page = LexborHTMLParser(ask(poller, f"/articles/nothing?ui={ui}", Accept="text/html").text)
    (advice,) = page.css("p.standfirst")
    assert said in advice.text()
    assert [node.attributes["href"] for node in page.css("main a")] == ["../", "../search"]


def test_a_fault_of_ours_says_nothing_about_itself(filled: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """500, not to be kept by anyone; the traceback is for the log."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("feedsvc.web.feeds.assemble", fail)
    answer = ask(filled.client(), "/feeds/all.atom")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error\n")
    assert answer.headers["Cache-Control"] == "no-store"
