"""The pages are good HTML, and nothing in them comes from elsewhere."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.web.pages.list_page import PAGE_SIZE
from tests.conftest import Publication
from tests.web.resources import BASE, FEED_TYPES, PICTURE_NAME, ask

VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
PATHS: Final = [
    "/",
    "/topics/chips",
    "/topics/cloud",
    "/tags/sand",
    "/authors/Test%20desk",
    "/months/2026-10",
    "/search",
    "/articles/hello",
    "/articles/推論",
    "/nothing",
]
# A block of data is no script, and needs no leave from the CSP.
SCRIPT: Final = "script:not([type='application/ld+json'])"
every_page = pytest.mark.parametrize("path", [f"{path}?ui={ui}" for path in PATHS for ui in ("en", "zh-Hant")])


def page_at(client: FlaskClient, path: str) -> LexborHTMLParser:
    """The parsed page."""
    return LexborHTMLParser(ask(client, path, Accept="text/html").text)


def one(page: LexborHTMLParser, selector: str) -> LexborNode:
    """The only element that the selector finds."""
    (found,) = page.css(selector)
    return found


class Balance(HTMLParser):
    """Notes elements that are closed out of turn or not at all: browsers mend them, in ways one did not mean."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


@every_page
def test_every_element_is_closed_in_turn(poller: FlaskClient, path: str) -> None:
    """What is written is what is meant."""
    balance = Balance()
    text = ask(poller, path, Accept="text/html").text
    balance.feed(text)
    assert text.startswith("<!doctype html>\n<html lang=")
    assert (balance.wrong, balance.open) == ([], [])


@every_page
def test_the_basics(poller: FlaskClient, path: str) -> None:
    """One heading, a language, a direction, a title, an encoding in the first bytes, ids that are unique."""
    page = page_at(poller, path)
    html = one(page, "html")
    assert (html.attributes["lang"], html.attributes["dir"]) == (path.partition("?ui=")[2], "ltr")
    assert one(page, "h1").text(strip=True)
    assert one(page, "title").text(strip=True)
    assert one(page, "meta[charset]").attributes["charset"] == "utf-8"
    assert one(page, "meta[name=viewport]").attributes["content"] == "width=device-width, initial-scale=1"
    assert one(page, "main").tag == "main"
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    for node in page.css("[aria-labelledby], a.skip"):
        target = node.attributes.get("aria-labelledby") or (node.attributes["href"] or "")[1:]
        assert target in ids


@every_page
def test_headings_go_down_one_by_one(poller: FlaskClient, path: str) -> None:
    """h1, h2, h3: no level is left out (WCAG technique G141)."""
    levels = [int((node.tag or "")[1]) for node in page_at(poller, path).css("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@every_page
def test_nothing_inline_and_nothing_from_elsewhere(poller: FlaskClient, path: str) -> None:
    """15. A CSP without inline script; no web fonts, no trackers."""
    page = page_at(poller, path)
    assert page.css(f"{SCRIPT}, style, iframe, object, embed, base, [style], [srcset]") == []
    for node in page.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")]
    fetched = [*attributes(page, "link[rel=stylesheet]", "href"), *attributes(page, "img", "src")]
    assert fetched
    for url in fetched:
        assert url.startswith((f"{BASE}/media/", "/media/", "/static/", "./static/", "../static/")), url


def attributes(page: LexborHTMLParser, selector: str, name: str) -> Iterator[str]:
    """That attribute of every element found."""
    return (node.attributes[name] or "" for node in page.css(selector))


@pytest.mark.parametrize(
    ("path", "slices"),
    [
        ("/", ["all"]),
        ("/topics/chips", ["chips"]),
        ("/articles/hello", ["chips"]),
        ("/articles/推論", ["chips", "cloud"]),
    ],
)
def test_each_page_advertises_its_feeds_and_shows_them(poller: FlaskClient, path: str, slices: list[str]) -> None:
    """Each advertises its feeds by `<link rel="alternate">` and shows them."""
    page = page_at(poller, path)
    wanted = {
        (media_type, f"{BASE}/feeds/{name}.{suffix}") for name in slices for suffix, media_type in FEED_TYPES.items()
    }
    selector = "link[rel=alternate][type]"
    advertised = list(zip(attributes(page, selector, "type"), attributes(page, selector, "href"), strict=True))
    assert (set(advertised), len(advertised)) == (wanted, len(wanted))
    # The others are on the page of all feeds.
    main = {(media_type, url) for media_type, url in wanted if f"/{slices[0]}." in url}
    assert main == set(
        zip(attributes(page, ".feeds a[type]", "type"), attributes(page, ".feeds a[type]", "href"), strict=True)
    )
    assert all(attributes(page, selector, "title"))


@pytest.mark.parametrize("path", ["/", "/topics/chips", "/topics/chips/", "/articles/hello", "/articles/推論"])
def test_the_canonical_address(poller: FlaskClient, path: str) -> None:
    """One page, one address, in ASCII."""
    href = one(page_at(poller, f"{path}?ui=en&utm_source=x"), "link[rel=canonical]").attributes["href"]
    plain = path if path == "/" else path.rstrip("/").replace("推論", "%E6%8E%A8%E8%AB%96")
    assert href == BASE + plain


def test_a_canonical_address_of_its_own(publication: Publication) -> None:
    """`canonical:` in front matter names where the article stood first."""
    publication.article("copy", canonical="https://first.example/a?b=1&c=2")
    publication.sync()
    page = page_at(publication.client(), "/articles/copy")
    assert one(page, "link[rel=canonical]").attributes["href"] == "https://first.example/a?b=1&c=2"


def test_the_address_on_paper_is_one_that_people_read(publication: Publication) -> None:
    """Its link is percent-encoded (RFC 3986 §2.1)."""
    publication.article("推論延遲", title="推論延遲", language="zh-Hant")
    publication.sync()
    path = f"/articles/{quote('推論延遲')}"
    found = one(LexborHTMLParser(ask(publication.client(), path).text), ".head .u-url")
    assert (found.text(), found.attributes["href"]) == (f"{BASE}/articles/推論延遲", f"{BASE}{path}")


def test_translations_point_at_each_other(publication: Publication) -> None:
    """`hreflang` in the head, and a link in words; both with the language."""
    publication.article("one", language="en", title="One")
    publication.article("yi", language="zh-Hant", title="一", translation_of="one")
    publication.sync()
    client = publication.client()
    for slug, other, language in (("one", "yi", "zh-Hant"), ("yi", "one", "en")):
        page = page_at(client, f"/articles/{slug}")
        found = one(page, "article .facts a[hreflang]").attributes
        assert (found["href"], found["hreflang"]) == (f"{BASE}/articles/{other}", language)
        # A page stands among its own alternates, else search engines ignore them.
        heads = [node.attributes for node in page.css("link[rel=alternate][hreflang]")]
        assert {(each["hreflang"], each["href"]) for each in heads} == {
            ("en", f"{BASE}/articles/one"),
            ("zh-Hant", f"{BASE}/articles/yi"),
        }


def test_markup_in_a_title_is_text(publication: Publication) -> None:
    """Promise 5: titles and summaries are plain text inside and are escaped once."""
    title = 'A < B & "C" <b>'
    publication.article("markup", title=f"'{title}'", summary="'<i>&amp;</i>'", authors="['<script>']")
    publication.sync()
    for path in ("/", "/articles/markup"):
        page = page_at(publication.client(), path)
        assert one(page, "h1" if "articles" in path else "h2.p-name").text() == title
        assert "<i>&amp;</i>" in page.text()
        assert page.css("b, i, script:not([type='application/ld+json'])") == []


def test_the_image_of_an_article_is_shown_once(publication: Publication) -> None:
    """Its image leads the article, unless the text shows it already."""
    url = "https://pictures.example/a.png?x=1&y=2"
    publication.article("shown", f"![a]({url})", image=url)
    publication.article("led", "Text.", image=url)
    publication.sync()
    for slug in ("shown", "led"):
        assert one(page_at(publication.client(), f"/articles/{slug}"), "img").attributes["src"] == url


def test_the_image_of_an_article_has_its_caption(publication: Publication) -> None:
    """It is plain text. A picture that the text shows has none, and `check` says so."""
    url = "https://pictures.example/a.png"
    image = f"{{src: '{url}', alt: A, caption: 'Hall <b> & 廠'}}"
    publication.article("led", "Text.", image=image)
    publication.article("shown", f"![a]({url})", image=image)
    report = publication.sync()
    client = publication.client()
    page = page_at(client, "/articles/led")
    assert one(page, "figure.lead figcaption").text() == "Hall <b> & 廠"
    linked = json.loads(one(page, "script[type='application/ld+json']").text())
    assert linked["image"] == [{"@type": "ImageObject", "url": url, "caption": "Hall <b> & 廠"}]
    assert page_at(client, "/articles/shown").css("figcaption") == []
    assert "<figcaption>Hall &lt;b&gt; & 廠</figcaption>" not in ask(client, "/articles/shown").text
    (problem,) = report.problems
    assert problem.path == "articles/shown.md"
    assert problem.finding.message.startswith("the caption is not shown, since the text shows the picture itself (")


def test_the_picture_of_a_bundle(poller: FlaskClient) -> None:
    """A bundle's images are served and linked."""
    image = one(page_at(poller, "/articles/hello"), "img").attributes
    assert (image["src"], image["alt"]) == (f"{BASE}/media/{PICTURE_NAME}", "a circle")


def test_lists_are_paged(publication: Publication) -> None:
    """Newest first, each article on one page, and a way back and forth."""
    for number in range(PAGE_SIZE + 2):
        publication.article(f"a{number:02}", published=f"2026-09-{number % 28 + 1:02} 10:{number:02}")
    publication.sync()
    client = publication.client()
    first, second = page_at(client, "/"), page_at(client, "/?page=2")
    shown = [*attributes(first, "h2.p-name a", "href"), *attributes(second, "h2.p-name a", "href")]
    assert (len(shown), len(set(shown))) == (PAGE_SIZE + 2, PAGE_SIZE + 2)
    assert one(first, "a[rel=next]").attributes["href"] == f"{BASE}/?page=2"
    assert one(second, "a[rel=prev]").attributes["href"] == f"{BASE}/"
    assert one(second, "link[rel=canonical]").attributes["href"] == f"{BASE}/?page=2"
    assert ask(client, "/?page=3").text == "no page 3 (see https://example.org/)\n"


def test_a_page_without_articles_says_so(publication: Publication) -> None:
    """An empty page is a page."""
    publication.sync()
    assert "Nothing is published here yet." in ask(publication.client(), "/topics/cloud").text


SUBSCRIBE: Final = "header.site a.follow"


@pytest.mark.parametrize(
    ("path", "feed"),
    [
        ("/", "all.atom"),
        ("/topics/cloud", "cloud.atom"),
        ("/tags/sand", "all.atom?tag=sand"),
        ("/months/2026-10", "all.atom"),
        ("/articles/hello", "chips.atom"),
        ("/search", "all.atom"),
        ("/subscribe?feed=cloud.rss", "cloud.rss"),
    ],
)
@pytest.mark.parametrize("ui", ["en", "zh-Hant"])
def test_every_page_begins_with_a_way_to_subscribe(poller: FlaskClient, path: str, feed: str, ui: str) -> None:
    """To the page of the feed of what it shows, in the language that was asked for; so do all links of that kind."""
    page = page_at(poller, f"{path}{'&' if '?' in path else '?'}ui={ui}")
    asked = "" if ui == "en" else f"{'&' if '?' in feed else '?'}ui={ui}"
    assert one(page, SUBSCRIBE).attributes["href"] == f"{BASE}/feeds/{feed}{asked}"
    for href in attributes(page, ".feeds a", "href"):
        assert ("ui=zh-Hant" in href) == (ui == "zh-Hant")


@pytest.mark.parametrize("path", ["/", "/topics/chips", "/tags/sand", "/articles/hello", "/articles/推論"])
def test_the_same_words_lead_to_a_subscription_everywhere(poller: FlaskClient, path: str) -> None:
    page = page_at(poller, f"{path}?ui=zh-Hant")
    assert "如何訂閱" in [node.text() for node in page.css(".feeds a")]
    assert "本站不必註冊" in page.css(".feeds > p")[0].text()


def test_long_summaries_are_shortened_in_lists_and_heads(publication: Publication) -> None:
    """A page of twenty stays below 30 kB; an article's own page shows all of its summary."""
    summary = "晶圓廠的產能，" * 270
    for number in range(PAGE_SIZE):
        publication.article(f"a{number:02}", title="標題", summary=summary, language="zh-Hant")
    publication.sync()
    client = publication.client()
    assert len(ask(client, "/?ui=zh-Hant").data) < 30_000
    page = page_at(client, "/articles/a00")
    assert one(page, ".standfirst").text() == summary
    for selector in ("meta[name=description]", "meta[property='og:description']"):
        shown = one(page, selector).attributes["content"] or ""
        assert len(shown) <= 221
        assert shown.endswith("…")


@pytest.mark.parametrize(
    ("names", "ui", "expected"),
    [
        ("Ann", "en", "By Ann"),
        ("Ann, Bob", "en", "By Ann and Bob"),
        ("Ann, Bob, Cyd", "en", "By Ann, Bob and Cyd"),
        ("Ann, Bob, Cyd", "zh-Hant", "文／Ann、Bob、Cyd"),
    ],
)
def test_a_byline_names_all_authors(publication: Publication, names: str, ui: str, expected: str) -> None:
    publication.article("one", authors=f"[{names}]")
    publication.sync()
    page = page_at(publication.client(), f"/articles/one?ui={ui}")
    assert page.css("article .facts > span")[0].text() == expected
    assert len(page.css("article .facts a[rel=author]")) == len(names.split(","))


def test_what_is_in_another_language_says_so(publication: Publication) -> None:
    """Articles in lists, with the language's name; texts of the publication that it has in one language only."""
    publication.article("one", language="ja", title="題")
    publication.article("two", language="en")
    publication.sync()
    client = publication.client()
    marks = page_at(client, "/").css("ol.articles .language")
    assert [(node.text(), node.attributes["lang"]) for node in marks] == [("日本語", "ja")]
    chinese = page_at(client, "/topics/chips?ui=zh-Hant")
    assert one(chinese, ".head .standfirst").attributes["lang"] == "en"
    assert "lang" not in one(chinese, "h1").attributes
    assert one(chinese, ".topics li span").attributes == {"lang": "en", "dir": "ltr"}
    assert "lang" not in one(page_at(client, "/topics/chips"), ".head .standfirst").attributes


@pytest.mark.parametrize(
    ("published", "ui", "tooltip"),
    [
        ("2026-10-01 08:30", "zh-Hant", "2026年10月1日 星期四 08:30 GMT+08:00"),
        ("2026-10-01", "en", "Thursday, October 1, 2026"),
    ],
)
def test_the_tooltip_of_a_date(publication: Publication, published: str, ui: str, tooltip: str) -> None:
    """A date without a time has none there either."""
    publication.article("one", published=published)
    publication.sync()
    assert one(page_at(publication.client(), f"/?ui={ui}"), "time").attributes["title"] == tooltip
