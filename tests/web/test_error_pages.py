"""Error pages are HTML for a browser, one line of text otherwise (issue 2; DESIGN: A browser is not a feed reader)."""

from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from feedsvc.web.static import STYLE_NAME
from tests.conftest import SITE_TOML, Publication
from tests.sqlite_store import path_of
from tests.web.resources import FEEDS, LISTS, Resource, ask, over

BROWSER = {
    "Sec_Fetch_Dest": "document",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
READER = {"Accept": "text/html, application/atom+xml, */*"}


@pytest.mark.parametrize("path", ["/nothing", "/articles/nothing", "/topics/x", "/?page=0", "/media/x.png"])
@pytest.mark.parametrize("headers", [BROWSER, READER, {"Accept": "text/html"}], ids=["browser", "reader", "html"])
def test_html_for_a_browser(poller: FlaskClient, path: str, headers: dict[str, str]) -> None:
    """Outside the feeds Accept: text/html is enough. What the line says for scripts is on the page of a 400 alone."""
    line, answer = ask(poller, path), ask(poller, path, **headers)
    assert answer.status_code == line.status_code
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    shown = [node.text() for node in LexborHTMLParser(answer.text).css(".detail p")]
    assert shown == ([line.text.strip()] if line.status_code == 400 else [])
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
    assert page.css_first("h1") is not None


MISSING = {
    "/nothing": "網址可能打錯了、少了一截，或是本來就沒有這一頁。",
    "/articles/nothing": "網址可能打錯了、少了一截，或是本來就沒有這一頁。",
    "/tags/nothing": "目前沒有文章使用這個標籤。",
    "/authors/nobody": "沒有這個名字的作者所寫的文章。",
    "/topics/nothing": "這裡沒有這個主題。",
    "/months/2001-01": "那個月沒有發布文章。",
    "/feeds/nothing.atom": "這裡沒有這個訂閱源。",
    "/?page=0": "網址裡有無法辨識的部分。",
}


@pytest.mark.parametrize("path", MISSING)
@pytest.mark.parametrize("accepted", ["zh-TW", "en", "fr"])
def test_the_rule_of_all_pages_picks_the_language(poller: FlaskClient, path: str, accepted: str) -> None:
    """`?ui=`, else the site's; so nobody has to ask for Accept-Language to keep one apart."""
    separator = "&" if "?" in path else "?"
    for address, ui in ((path, "en"), (f"{path}{separator}ui=zh-TW", "zh-Hant"), (f"{path}{separator}ui=xx", "en")):
        answer = ask(poller, address, **BROWSER, Accept_Language=accepted)
        html = LexborHTMLParser(answer.text).css_first("html")
        assert html is not None
        assert html.attributes["lang"] == answer.headers["Content-Language"] == ui
        assert "Accept-Language" not in answer.headers["Vary"]


@pytest.mark.parametrize(("path", "explained"), MISSING.items())
def test_in_the_words_of_the_language(poller: FlaskClient, path: str, explained: str) -> None:
    """Nothing on the page is for developers, but for what is wrong with an address that somebody wrote."""
    address = f"{path}{'&' if '?' in path else '?'}ui=zh-Hant"
    line, page = ask(poller, address), LexborHTMLParser(ask(poller, address, **BROWSER).text)
    assert [node.text() for node in page.css("main p.standfirst")] == [explained]
    exact = [node.text() for node in page.css("main .detail p[lang=en]")]
    assert exact == ([line.text.strip()] if line.status_code == 400 else [])


@pytest.mark.parametrize("base", ["https://example.org", "https://example.org/below/it"])
@pytest.mark.parametrize("path", ["/tags/x%2Fy%2Fz", "/tags/%2Fx", "/nothing/here"])
def test_its_links_are_right_however_many_slashes_are_encoded(publication: Publication, base: str, path: str) -> None:
    """Below a base path, too; and as a browser counts, while there is no store to ask for it."""
    publication.write("site.toml", SITE_TOML.replace("https://example.org", base))
    answers = [ask(publication.client(), path, **BROWSER)]
    publication.sync()
    answers.append(ask(publication.client(), path, **BROWSER))
    assert [answer.status_code for answer in answers] == [503, 404]
    for answer in answers:
        page = LexborHTMLParser(answer.text)
        for node, expected in (("main .act a:not([href=''])", "/"), ("link[rel=stylesheet]", f"/static/{STYLE_NAME}")):
            found = page.css_first(node)
            assert found is not None
            assert urljoin(f"{base}{path}", found.attributes["href"] or "") == f"{base}{expected}"


@pytest.mark.parametrize("path", ["/", "/topics/chips", "/articles/hello", "/feeds/all.atom"])
def test_without_a_store(publication: Publication, path: str) -> None:
    """A page that says to try again needs nothing from the store; its links are relative, so they need no base_url."""
    answer = ask(publication.client(), path, **BROWSER, Accept_Language="zh-Hant")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    page = LexborHTMLParser(answer.text)
    link, style = page.css_first("main a:not([href=''])"), page.css_first("link[rel=stylesheet]")
    assert link is not None
    assert style is not None
    up = "./" if path == "/" else "../"
    assert link.attributes["href"] == up
    # The first thing to do is to load the same page again, whatever its address is.
    assert [node.attributes["href"] for node in page.css("main a.button")] == [""]
    assert (style.attributes["href"] or "").startswith(f"{up}static/site-")


def test_while_the_store_is_away_the_page_is_that_of_the_site(publication: Publication) -> None:
    """As the process showed it last; its style sheet is there as well."""
    publication.write("site.toml", f'{SITE_TOML}\n[theme]\naccent = "#1f5f8b"\n')
    publication.article("one", language="zh-Hant")
    publication.sync()
    client = publication.client()
    before = LexborHTMLParser(ask(client, "/articles/one").text)
    path_of(publication.store).unlink()
    answer = ask(client, "/articles/another?ui=zh-Hant", **BROWSER)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    page = LexborHTMLParser(answer.text)
    assert [node.text() for node in page.css("header.site .bar .name, header.site .topics a")] == [
        node.text() for node in before.css("header.site .bar .name, header.site .topics a")
    ]
    (style,) = page.css("link[rel=stylesheet]")
    assert style.attributes["href"] == before.css("link[rel=stylesheet]")[0].attributes["href"]
    assert ask(client, style.attributes["href"] or "").status_code == 200


@pytest.mark.parametrize(("ui", "said"), [("en", "mistyped"), ("zh-Hant", "網址可能打錯了")])
def test_what_to_do_instead_in_the_language_of_the_reader(poller: FlaskClient, ui: str, said: str) -> None:
    """The line of text is for scripts; people are told in their own language, with a way on."""
    page = LexborHTMLParser(ask(poller, f"/articles/nothing?ui={ui}", Accept="text/html").text)
    (advice,) = page.css("p.standfirst")
    assert said in advice.text()
    assert [node.attributes["href"] for node in page.css("main .act a")] == ["/"]
    (form,) = page.css("main form[role=search]")
    assert form.attributes["action"] == "/search"


@pytest.mark.parametrize("path", ["/articles/nothing", "/nothing", "/?page=0", "/status", "/topics/x"])
@pytest.mark.parametrize("ui", ["en", "zh-Hant"])
def test_the_masthead_is_that_of_every_page(poller: FlaskClient, path: str, ui: str) -> None:
    """The way on is where it always is."""
    asked = f"ui={ui}"
    pages = [
        LexborHTMLParser(ask(poller, f"{each}{'&' if '?' in each else '?'}{asked}", **BROWSER).text)
        for each in (path, "/articles/hello")
    ]
    shown = [[node.text() for node in page.css("header.site a")] for page in pages]
    assert shown[0] == shown[1]
    assert len(shown[0]) == 6


def test_somebody_who_finds_nothing_is_shown_what_is_near(publication: Publication) -> None:
    """An article with nearly the same slug, else the newest; at a cost that does not grow with the publication."""
    for number in range(50):
        publication.article(f"zz{number}", published=f"2026-09-{number % 28 + 1:02}")
    publication.article("the-price-of-certainty", title="The price of certainty", published="2026-01-01")
    publication.sync()
    client = publication.client()

    def offered(path: str) -> list[str]:
        page = LexborHTMLParser(ask(client, path, **BROWSER).text)
        return [(node.attributes["href"] or "").rpartition("/")[2] for node in page.css("main .latest a")]

    for path in ("/articles/the-price-of-certanty", "/articles/the-price-of", "/2019/05/the_price_of_certainty/"):
        assert offered(path) == ["the-price-of-certainty"], path
    assert len(offered("/articles/%F0%9F%92%A1")) == 3
    assert len(offered(f"/{'x' * 3000}")) == 3
    assert offered("/?page=0") == []


@pytest.mark.parametrize(("ui", "named"), [("en", ["繁體中文"]), ("zh-Hant", ["English"])])
def test_what_is_near_says_its_language(publication: Publication, ui: str, named: list[str]) -> None:
    """Where it is another one than that of the page."""
    publication.article("one", title="One", language="en")
    publication.article("two", title="二", language="zh-Hant")
    publication.sync()
    page = LexborHTMLParser(ask(publication.client(), f"/articles/nothing?ui={ui}", **BROWSER).text)
    assert len(page.css(".latest li")) == 2
    assert [node.text() for node in page.css(".latest .language")] == named


def test_what_was_removed_says_so(publication: Publication) -> None:
    """An article, a topic that is closed, another page."""
    publication.article("one")
    publication.article("two")
    gone = SITE_TOML.replace("\n[topics.chips]", '\ngone_topics = ["tea"]\n[topics.chips]')
    publication.write("site.toml", gone)
    publication.sync()
    (publication.settings.content / "articles" / "one.md").unlink()
    publication.sync()
    client = publication.client()
    for path, heading in (("/articles/one", "This article was removed"), ("/topics/tea", "This topic was closed")):
        answer = ask(client, path, **BROWSER)
        assert (answer.status_code, LexborHTMLParser(answer.text).css("h1")[0].text()) == (410, heading)


def test_a_fault_of_ours_says_nothing_about_itself(filled: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """500, not to be kept by anyone; the traceback is for the log."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("feedsvc.documents.feeds.assemble", fail)
    answer = ask(filled.client(), "/feeds/all.atom")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error\n")
    assert answer.headers["Cache-Control"] == "no-store"
