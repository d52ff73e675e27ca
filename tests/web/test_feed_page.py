"""A feed opened in a browser is a page at its own address; everything else gets the document, byte for byte."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
import segno
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event
from werkzeug.test import TestResponse

from feedsvc.web.pages.feed import feed_filters
from feedsvc.web.pages.feed.qr_code import qr_code
from tests.conftest import SITE_TOML, Publication
from tests.sqlite_store import engine_of
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
    assert page.css_first("#feed-url").text() == f"{BASE}{resource.path}"  # type: ignore[union-attr]


def test_the_qr_code_has_the_address_in_it(poller: FlaskClient) -> None:
    """It is compared with one that is made here: no dependency of ours reads pictures."""
    page = page_of(poller, "/feeds/chips.atom?lang=zh-Hant")
    drawn = [node.attributes["d"] for node in page.css(".qr svg path")]
    expected = segno.make_qr(f"{BASE}/feeds/chips.atom?lang=zh-Hant", error="m", boost_error=False)
    assert str(drawn[-1]) in expected.svg_inline(border=3, omitsize=True, dark="#000", light="#fff")


def test_an_address_that_is_too_long_has_no_qr_code(poller: FlaskClient) -> None:
    query = "&".join(f"not=author:{number:0100}" for number in range(20))
    assert qr_code(f"{BASE}/feeds/chips.atom?{query}&{query}") is None


def test_an_entry_is_shown_as_a_reader_does(poller: FlaskClient) -> None:
    page = page_of(poller, "/feeds/chips.atom?lang=zh-Hant")
    card = page.css_first("article.card")
    assert card is not None
    assert (card.attributes["lang"], card.css_first("h3").text()) == ("zh-Hant", "推論延遲")  # type: ignore[union-attr]


def test_ways_on_are_below_the_readers(poller: FlaskClient) -> None:
    page = page_of(poller, "/feeds/chips.atom")
    assert hrefs(page, ".subscribe .ways a") == [
        "#slice",
        f"{BASE}/topics/chips",
        f"{BASE}/feeds/chips.atom?view=source",
    ]
    assert page.css_first("#slice") is not None
    assert page.css_first(".subscribe #own") is not None


@pytest.mark.parametrize(
    ("path", "heading", "conditions"),
    [
        ("/feeds/chips.atom", "Chips", []),
        ("/feeds/all.atom", "Test Weekly", []),
        ("/feeds/all.atom?tag=nvidia", "Test Weekly", ["about nvidia"]),
        (
            "/feeds/chips.json?lang=en&not=tag:oracle&since=2026-01-01&limit=5&body=summary&topic=cloud",
            "Chips",
            ["also Cloud", "in English", "without oracle", "since 2026-01-01", "at most 5 articles", "summaries only"],
        ),
    ],
)
def test_the_heading_is_short_and_each_condition_is_by_itself(
    narrowed: FlaskClient, path: str, heading: str, conditions: list[str]
) -> None:
    for page in (page_of(narrowed, path), page_of(narrowed, f"/subscribe?feed={quote(path.removeprefix('/feeds/'))}")):
        assert [node.text() for node in page.css("h1, .conditions li")] == [heading, *conditions]


def test_of_many_topics_the_first_and_the_chosen_one_are_shown_at_once(publication: Publication) -> None:
    topics = "".join(f'[topics.t{number}]\ntitle = "t{number}"\n' for number in range(3, 13))
    publication.write("site.toml", f"{SITE_TOML}\n{topics}")
    publication.sync()
    page = page_of(publication.client(), "/feeds/t12.atom?ui=en")
    row = page.css(".controls > div")[0]
    folded = [node.text() for node in row.css("details a")]
    assert len(row.css("a")) == 13
    assert len(folded) == 4
    assert "t12" not in folded
    assert row.css("summary")[0].text() == "4 more"


@over(FEEDS)
def test_the_document_can_be_seen(poller: FlaskClient, resource: Resource) -> None:
    """`?view=source`: the document, in a browser as well; the page leads to it."""
    (source,) = [href for href in hrefs(page_of(poller, resource.path), "a") if "view=source" in href]
    assert source == f"{BASE}{resource.path}?view=source"
    answer, plain = opened(poller, f"{resource.path}?view=source"), ask(poller, resource.path)
    assert (answer.data, answer.headers["ETag"], answer.headers["Vary"]) == (plain.data, plain.headers["ETag"], VARY)


def test_a_view_that_there_is_none_of(poller: FlaskClient) -> None:
    answer = ask(poller, "/feeds/chips.atom?view=sauce")
    assert (answer.status_code, answer.text) == (400, "parameter 'view': unknown 'sauce' (did you mean 'source'?)\n")


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


def test_the_page_has_no_validators(poller: FlaskClient) -> None:
    """`no-store`: a cache that ignores Vary cannot freshen the document it holds with the fields of the page."""
    document = ask(poller, "/feeds/chips.atom").headers
    asked = {"If-None-Match": document["ETag"]}, {"If-None-Match": "*"}, {"If-Match": '"x"'}
    for conditions in (*asked, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
        answer = poller.get("/feeds/chips.atom", headers={**NAVIGATION, **conditions})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert not {"ETag", "Last-Modified"} & set(answer.headers.keys())


def test_subscribe_links(poller: FlaskClient) -> None:
    """One tap: each leads to the page of a reader that adds this feed, or to a program on this machine."""
    found = hrefs(page_of(poller, "/feeds/chips.atom"), ".buttons a")
    encoded = "https%3A%2F%2Fexample.org%2Ffeeds%2Fchips.atom"
    assert found == [
        f"https://feedly.com/i/subscription/feed%2F{encoded}",
        f"https://www.inoreader.com/?add_feed={encoded}",
        f"https://www.newsblur.com/?url={encoded}",
        f"https://theoldreader.com/feeds/subscribe?url={encoded}",
        f"follow://add?type=url&url={encoded}",
        "feed:https://example.org/feeds/chips.atom",
    ]


def choices(page: LexborHTMLParser, name: str) -> dict[str, str]:
    """A control's choices, by what they are called: the address below /feeds/, without the page's own language."""
    (row,) = [row for row in page.css(".controls > div") if row.css("dt")[0].text() == name]
    return {
        " ".join(node.text().split()): (node.attributes["href"] or "").removeprefix(f"{BASE}/feeds/")
        for node in row.css("a")
    }


def chosen(page: LexborHTMLParser) -> list[str]:
    return [node.text() for node in page.css(".controls [aria-current]")]


@pytest.fixture(scope="module")
def narrowed(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of a publication in two languages, with tags, authors, and what an address has to encode."""
    made = Publication(tmp_path_factory.mktemp("narrowed"))
    made.article("one", "Inference.", language="en", tags="[nvidia, 'C++ & <b>']", authors="[Ann]")
    made.article("two", "推論", language="zh-Hant", tags="[nvidia]", authors="[Bob]")
    made.article("three", language="en", tags="[oracle]", topics="[cloud]")
    made.sync()
    made.store.close()
    return made.client()


def test_controls_are_addresses(narrowed: FlaskClient) -> None:
    """Topic, language, tag, format: each a link to another feed in the same language, what is chosen now marked."""
    page = page_of(narrowed, "/feeds/chips.atom?tag=nvidia&ui=zh-Hant")
    assert choices(page, "主題") == {
        "所有主題": "all.atom?tag=nvidia&ui=zh-Hant",
        "晶片": "chips.atom?tag=nvidia&ui=zh-Hant",
        "Cloud": "cloud.atom?tag=nvidia&ui=zh-Hant",
    }
    assert choices(page, "語言") == {
        "所有語言": "chips.atom?tag=nvidia&ui=zh-Hant",
        "英文": "chips.atom?tag=nvidia&lang=en&ui=zh-Hant",
        "繁體中文": "chips.atom?tag=nvidia&lang=zh-Hant&ui=zh-Hant",
    }
    assert choices(page, "標籤") == {
        "所有標籤": "chips.atom?ui=zh-Hant",
        "nvidia": "chips.atom?tag=nvidia&ui=zh-Hant",
        "C++ & <b>": "chips.atom?tag=C%2B%2B%20%26%20%3Cb%3E&ui=zh-Hant",
    }
    assert choices(page, "格式")["JSON Feed"] == "chips.json?tag=nvidia&ui=zh-Hant"
    assert chosen(page) == ["晶片", "所有語言", "nvidia", "Atom"]
    for href in hrefs(page, ".controls a"):
        assert opened(narrowed, href.removeprefix(BASE)).status_code == 200


def test_a_control_changes_its_own_side_of_the_slice_alone(narrowed: FlaskClient) -> None:
    """The rest stays as it is; the first choice takes that side away."""
    path = "/feeds/chips.json?tag=nvidia&lang=en&q=inference&not=tag%3Aoracle&limit=5"
    page = page_of(narrowed, path)
    kept = "not=tag:oracle&q=inference&limit=5"
    assert choices(page, "Language")["All languages"] == f"chips.json?tag=nvidia&{kept}"
    assert choices(page, "Tag")["All tags"] == f"chips.json?lang=en&{kept}"
    assert choices(page, "Topic")["All topics"] == f"all.json?tag=nvidia&lang=en&{kept}"
    assert choices(page, "Also") == {
        "without oracle ×": "chips.json?tag=nvidia&lang=en&q=inference&limit=5",
        "at most 5 articles ×": "chips.json?tag=nvidia&lang=en&not=tag:oracle&q=inference",
    }
    assert choices(page, "Words") == {"Without these words ×": "chips.json?tag=nvidia&lang=en&not=tag:oracle&limit=5"}


def test_everything_that_is_chosen_can_be_taken_away(narrowed: FlaskClient) -> None:
    """Going by the links alone, any slice leads back to everything."""
    asked = (
        "topic=cloud&tag=nvidia&tag=oracle&author=Ann&author=Bob&lang=en&lang=zh-Hant&not=tag:oracle&not=topic:cloud"
    )
    path = f"/feeds/all.rss?{asked}&q=a+b&since=2026-01-01&until=2026-12-31&limit=3&body=summary"
    while path != "/feeds/all.rss":
        page = page_of(narrowed, path)
        names = ("All topics", "All languages", "All tags")
        links = [
            node.attributes["href"] or ""
            for node in page.css(".controls a")
            if "removes" in (node.attributes.get("class") or "")
            or (node.text() in names and "aria-current" not in node.attributes)
        ]
        assert links, path
        assert all(len(href) < len(f"{BASE}{path}") for href in links)
        path = links[0].removeprefix(BASE)


def test_words_are_asked_for_by_a_form_that_keeps_the_rest(narrowed: FlaskClient) -> None:
    page = page_of(narrowed, "/feeds/all.atom?tag=nvidia&tag=C%2B%2B%20%26%20%3Cb%3E&lang=en&q=Inference&ui=zh-Hant")
    (form,) = page.css(".controls form")
    assert (form.attributes["action"], form.attributes.get("method")) == ("/feeds/all.atom", None)
    sent = [(node.attributes["name"], node.attributes["value"]) for node in form.css("input")]
    assert sent == [
        ("tag", "C++ & <b>"),
        ("tag", "nvidia"),
        ("lang", "en"),
        ("ui", "zh-Hant"),
        ("q", "inference"),
    ]
    answer = narrowed.get(form.attributes["action"] or "", query_string=sent, headers=NAVIGATION)
    assert hrefs(LexborHTMLParser(answer.text), ".latest a") == [f"{BASE}/articles/one?ui=zh-Hant"]
    empty = narrowed.get("/feeds/chips.atom", query_string={"q": " "}, headers=NAVIGATION)
    assert LexborHTMLParser(empty.text).css("#feed-url")[0].text() == f"{BASE}/feeds/chips.atom"


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("all.atom", "All 3 articles of Test Weekly.", "《測試週刊》全部3篇文章。"),
        (
            "chips.atom?lang=en&tag=nvidia&limit=5&body=summary",
            "The only article of Test Weekly: Chips, in English, about nvidia. Without their full texts.",
            "《測試週刊》全部1篇文章：晶片，英文，關於 nvidia。不含全文。",
        ),
        (
            "all.json?q=推論",
            "The only article of Test Weekly: with “推論”.",
            "《測試週刊》全部1篇文章：含「推論」。",
        ),
    ],
)
def test_the_whole_slice_is_said_in_words(narrowed: FlaskClient, path: str, english: str, chinese: str) -> None:
    separator = "&" if "?" in path else "?"
    for ui, said in (("en", english), ("zh-Hant", chinese)):
        page = page_of(narrowed, f"/feeds/{path}{separator}ui={ui}")
        assert page.css(".slice > p")[0].text() == said


def test_all_links_of_the_page_are_of_the_slice(narrowed: FlaskClient) -> None:
    """To subscribe, to see the document, to be found by a reader; in the one spelling that an address has."""
    page = page_of(narrowed, "/feeds/chips.atom?tag=nvidia&lang=EN&tag=nvidia&utm_source=x")
    own = f"{BASE}/feeds/chips.atom?tag=nvidia&lang=en"
    assert page.css("#feed-url")[0].text() == own
    assert f"{own}&view=source" in hrefs(page, "a")
    assert hrefs(page, ".buttons a")[-1] == f"feed:{own}"
    formats = [f"{BASE}/feeds/chips.{suffix}?tag=nvidia&lang=en" for suffix in ("atom", "rss", "json")]
    assert hrefs(page, "link[rel=alternate]") == formats
    (feed,) = page.css("form.own input[name=feed]")
    assert feed.attributes["value"] == "chips.atom?tag=nvidia&lang=en"
    assert hrefs(page, ".latest a") == [f"{BASE}/articles/one"]


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("all.atom", "/"),
        ("chips.rss?limit=3", "/topics/chips"),
        ("all.atom?tag=C%2B%2B%20%26%20%3Cb%3E", "/tags/C%2B%2B%20%26%20%3Cb%3E"),
        ("all.atom?author=Ann", "/authors/Ann"),
        ("all.atom?q=推論", "/search?q=%E6%8E%A8%E8%AB%96"),
        ("chips.atom?tag=nvidia", None),
        ("all.atom?tag=nvidia&tag=oracle", None),
        ("all.atom?lang=en", None),
    ],
)
def test_a_page_with_just_these_articles(narrowed: FlaskClient, path: str, leads_to: str | None) -> None:
    """Where there is one, the feed's page leads there."""
    found = [
        node.attributes["href"]
        for node in page_of(narrowed, f"/feeds/{path}").css(".ways a")
        if node.text() == "Web version"
    ]
    assert found == ([f"{BASE}{leads_to}"] if leads_to else [])


def test_a_slice_without_articles_says_so(narrowed: FlaskClient) -> None:
    """At the head of the page."""
    page = page_of(narrowed, "/feeds/chips.atom?tag=oracle")
    assert page.css(".head .empty")[0].text().startswith("Nothing here yet. You can subscribe now")
    assert page.css("#latest") == []


def test_no_language_to_choose_where_there_is_one(publication: Publication) -> None:
    """Nor a tag where there is none."""
    publication.article("one", language="en")
    publication.sync()
    page = page_of(publication.client(), "/feeds/all.atom")
    assert [node.text() for node in page.css(".controls dt")] == ["Topic", "Words", "Format"]
    page = page_of(publication.client(), "/feeds/all.atom?lang=en")
    assert choices(page, "Language") == {"All languages": "all.atom", "English": "all.atom?lang=en"}


@contextmanager
def statements(publication: Publication, client: FlaskClient) -> Iterator[list[str]]:
    """Everything the application asks its store within."""
    engine = engine_of(client.application.extensions["feedsvc"].store)
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_choices_cost_no_more_where_there_are_more(publication: Publication) -> None:
    """One look at the newest articles, and one into the index of words, however many languages there are."""
    asked = []
    for languages in (["en"], ["ja", "ko", "th", "fr", "de", "zh-Hant"]):
        for language in languages:
            publication.article(language, "words", language=language, tags=f"[{language}]")
        publication.sync()
        client = publication.client()
        with statements(publication, client) as found:
            page = page_of(client, "/feeds/all.atom?q=words")
        asked.append(len(found))
        assert sum(each.count("MATCH") for each in found) == 1
    assert len(choices(page, "Language")) == 8
    assert asked[0] == asked[1]


def test_a_control_that_is_too_slow_is_left_out(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page opens; what is chosen can be taken away."""
    monkeypatch.setattr(feed_filters, "SECONDS", 0)
    publication.article("one", "words", language="en", tags="[a]")
    publication.article("two", "words", language="ja", tags="[b]")
    publication.sync()
    page = page_of(publication.client(), "/feeds/all.atom?q=words&tag=a")
    assert [node.text() for node in page.css(".controls dt")] == ["Topic", "Tag", "Words", "Format"]
    assert choices(page, "Tag") == {"All tags": "all.atom?q=words", "a": "all.atom?tag=a&q=words"}
    assert len(page.css("ol.latest li")) == 1


def test_what_the_page_says(poller: FlaskClient) -> None:
    """What it is, the slice in words, its articles, how fresh it is; in both languages."""
    english, chinese = (page_of(poller, f"/feeds/chips.rss?ui={ui}") for ui in ("en", "zh-Hant"))
    text = " ".join((english.body.text() if english.body else "").split())
    assert "Chips – Test Weekly" in text
    assert "All 2 articles of Test Weekly on the topic Chips." in text
    assert "Last changed on November 1, 2026, 20:01." in text
    assert "every 15 minutes" in text
    assert [node.text() for node in english.css(".latest a")] == ["推論延遲", "Hello"]
    # As in all lists: the date, and then the language where it is another one.
    assert [node.tag for node in english.css(".latest li:first-child > *")] == ["a", "time", "span"]
    assert [node.text() for node in english.css(".latest .language")] == ["繁體中文"]
    assert "《Test Weekly》" not in text
    assert "《測試週刊》「晶片」主題全部2篇文章。" in (chinese.body.text() if chinese.body else "")


def test_a_slice_cut_off_says_how_many_it_shows(narrowed: FlaskClient) -> None:
    assert page_of(narrowed, "/feeds/all.atom?limit=2").css(".slice > p")[0].text() == (
        "The newest 2 articles of Test Weekly."
    )


def test_changes_opened_in_a_browser_are_named(poller: FlaskClient) -> None:
    """`after` is for scripts: the page is the feed's, says so, and leads to the changes."""
    link = poller.get("/feeds/chips.atom").headers["Link"].partition(">")[0].removeprefix(f"<{BASE}")
    page = page_of(poller, link)
    (note,) = page.css(".note")
    assert link.partition("after=")[2] in note.text()
    changes, explained = hrefs(page, ".note a")
    assert (changes, explained) == (f"{BASE}{link}&view=source", f"{BASE}/docs#cursor")
    assert opened(poller, changes.removeprefix(BASE)).mimetype == "application/atom+xml"
    assert page_of(poller, "/feeds/chips.atom").css(".note") == []


def test_who_knows_no_reader_is_told_what_one_is(poller: FlaskClient) -> None:
    page = page_of(poller, "/feeds/chips.atom")
    beginners, by_hand = page.css(".subscribe > p")
    assert "such as NetNewsWire or Reeder. Readwise Reader takes the address by hand" in by_hand.text()
    assert "A feed reader is" in beginners.text()
    assert "Feedly" in beginners.text()
    assert "This site wants no account" in page.css(".address p")[0].text()


def test_an_empty_feed_has_a_page(publication: Publication) -> None:
    publication.sync()
    page = opened(publication.client(), "/feeds/cloud.json").text
    assert "Nothing here yet." in page
    assert "Articles to come of Test Weekly on the topic Cloud." in page


def test_below_a_path(publication: Publication) -> None:
    """A publication at https://example.org/news: what the page fetches and sends stands below that path."""
    publication.write("site.toml", SITE_TOML.replace('"https://example.org"', '"https://example.org/news"'))
    publication.sync()
    page = page_of(publication.client(), "/feeds/chips.atom")
    (script,), (own, words) = page.css("script[src]"), page.css("form")
    assert (script.attributes["src"] or "").startswith("/news/static/copy-")
    assert (own.attributes["action"], words.attributes["action"]) == ("/news/subscribe", "/news/feeds/chips.atom")


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
        ("freshrss", "https://rss.example.org/i/", f"https://rss.example.org/i/?c=feed&a=add&url_rss={FEED}"),
        ("freshrss", "rss.example.org/f/p/i/?a=normal", f"https://rss.example.org/f/p/i/?c=feed&a=add&url_rss={FEED}"),
        ("freshrss", "rss.example.org/i/index.php", f"https://rss.example.org/i/?c=feed&a=add&url_rss={FEED}"),
        ("freshrss", "rss.example.org/wifi/", f"https://rss.example.org/wifi/i/?c=feed&a=add&url_rss={FEED}"),
        ("miniflux", "https://rss.example.org/unread", f"https://rss.example.org/bookmarklet?uri={FEED}"),
        ("miniflux", "rss.example.org/m/feed/7/entries", f"https://rss.example.org/m/bookmarklet?uri={FEED}"),
        ("miniflux", "rss.example.org/feeds/unread/entry/9", f"https://rss.example.org/feeds/bookmarklet?uri={FEED}"),
        ("miniflux", "rss.example.org/category/3/edit", f"https://rss.example.org/bookmarklet?uri={FEED}"),
        ("miniflux", "rss.example.org/my-unread", f"https://rss.example.org/my-unread/bookmarklet?uri={FEED}"),
        ("miniflux", "rss.example.org/i", f"https://rss.example.org/i/bookmarklet?uri={FEED}"),
        ("miniflux", "localhost:8080", f"http://localhost:8080/bookmarklet?uri={FEED}"),
        ("miniflux", "192.168.1.9/unread", f"http://192.168.1.9/bookmarklet?uri={FEED}"),
        ("miniflux", "[fd00::9]:8080", f"http://[fd00::9]:8080/bookmarklet?uri={FEED}"),
        ("miniflux", "nas.local", f"http://nas.local/bookmarklet?uri={FEED}"),
        ("miniflux", "nas", f"http://nas/bookmarklet?uri={FEED}"),
        ("miniflux", "https://localhost", f"https://localhost/bookmarklet?uri={FEED}"),
        ("miniflux", "8.8.8.8", f"https://8.8.8.8/bookmarklet?uri={FEED}"),
        ("miniflux", "ＨＴＴＰＳ://rss.example.net", f"https://rss.example.net/bookmarklet?uri={FEED}"),
        ("miniflux", "ｒｓｓ．ｅｘａｍｐｌｅ．ｎｅｔ", f"https://rss.example.net/bookmarklet?uri={FEED}"),
        ("miniflux", "https:/rss.example.net", f"https://rss.example.net/bookmarklet?uri={FEED}"),
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
    "at",
    [
        "javascript:alert(1)",
        "javascript://example.net/%0Aalert(1)",
        "ftp://example.net",
        "data:text/html,x",
        "https://me:secret@example.net",
        "https://",
        "",
        "x" * 501,
    ],
)
@pytest.mark.parametrize(("ui", "said"), [("en", "not the address of a reader"), ("zh-Hant", "這不是閱讀器的網址")])
def test_an_address_that_is_none(poller: FlaskClient, at: str, ui: str, said: str) -> None:
    """The form comes back with what was written, and what is wrong with it in the page's language; no link is made."""
    page = LexborHTMLParser(subscribing(poller, reader="freshrss", at=at, ui=ui).text)
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
        ({"ui": "xx"}, 200),
    ],
)
def test_only_our_own_feeds_and_readers_we_know(poller: FlaskClient, parameters: dict[str, str], status: int) -> None:
    """Nobody makes a page of ours recommend a feed of theirs."""
    assert subscribing(poller, **parameters).status_code == status


def test_subscribing_to_a_slice(poller: FlaskClient) -> None:
    """Its full address below /feeds/, in any spelling; what comes of it is in the one that it has."""
    answer = subscribing(poller, feed="chips.json?lang=EN&tag=sand&tag=", reader="miniflux", at="rss.example.net")
    page = LexborHTMLParser(answer.text)
    own = "https%3A%2F%2Fexample.org%2Ffeeds%2Fchips.json%3Ftag%3Dsand%26lang%3Den"
    assert hrefs(page, ".box a") == [f"https://rss.example.net/bookmarklet?uri={own}"]
    assert page.css("input[name=feed]")[0].attributes["value"] == "chips.json?tag=sand&lang=en"
    assert hrefs(page, "main > .act a") == [f"{BASE}/feeds/chips.json?tag=sand&lang=en"]


@pytest.mark.parametrize(
    ("feed", "status", "said"),
    [
        ("chips.atom?x=1", 400, "unknown parameter"),
        ("chips.atom?tag=sandy", 400, "no article has the tag"),
        ("chips.atom?topic=clod", 400, "unknown topic"),
        ("chips.atom?after=x-1", 400, "remove it"),
        ("chips.html?tag=sand", 404, "no feed"),
        ("?tag=sand", 404, "no feed"),
        ("chip.atom?tag=sand", 404, "unknown topic"),
    ],
)
def test_subscribing_to_what_is_no_slice(poller: FlaskClient, feed: str, status: int, said: str) -> None:
    """It is judged as the feed itself would be."""
    answer = poller.get("/subscribe", query_string={"feed": feed})
    assert answer.status_code == status
    assert said in answer.text


def test_another_language_keeps_what_was_written(poller: FlaskClient) -> None:
    page = LexborHTMLParser(subscribing(poller, reader="freshrss", at="rss.example.net").text)
    (other,) = hrefs(page, "header.site a[hreflang]")
    again = LexborHTMLParser(poller.get(other.removeprefix(BASE)).text)
    assert again.css_first("html").attributes["lang"] == "zh-Hant"  # type: ignore[union-attr]
    assert hrefs(again, ".box a") == hrefs(page, ".box a") != []
    assert [node.attributes["value"] for node in again.css("input[checked], #at")] == ["freshrss", "rss.example.net"]


def test_markup_in_what_was_written_is_text(poller: FlaskClient) -> None:
    answer = subscribing(poller, reader="miniflux", at='"><script>alert(1)</script>')
    assert LexborHTMLParser(answer.text).css("script") == []
