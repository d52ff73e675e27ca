"""The frame and the element of docs/how-to/embed.md in Chromium, on a page of another origin."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Publication
from tests.web.served import served

pytestmark = pytest.mark.browser

HOSTILE = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "<img src=x onerror=hacked()>",
    "home_page_url": "javascript:hacked()",
    "language": "x y",
    "items": [
        {"id": "1", "title": "<script>hacked()</script>", "url": "javascript:hacked()", "date_published": "x"},
        {"id": "2", "title": "שלום", "url": "data:text/html,<script>hacked()</script>", "language": '"><b>'},
        {"id": "3", "content_html": "<img src=x onerror=hacked()>", "url": "https://example.org/fine"},
    ],
}


@contextmanager
def other_site(pages: dict[str, str]) -> Iterator[str]:
    """A server of another origin that has these pages."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            kind = "application/feed+json" if self.path.endswith(".json") else "text/html"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.hacked = []  # type: ignore[attr-defined]
    opened.expose_function("hacked", lambda: opened.hacked.append(1))  # type: ignore[attr-defined]
    yield opened
    opened.close()


def test_the_frame_shows_in_a_page_of_another_origin(page: Page, publication: Publication) -> None:
    publication.article("one", title="晶片 <b>", language="zh-Hant")
    with (
        served(publication) as (base, _),
        other_site({"/": f'<iframe src="{base}/embed/chips?theme=dark"></iframe>'}) as url,
    ):
        page.goto(url)
        frame = page.frame_locator("iframe")
        frame.locator("li a").wait_for()
        assert frame.locator("li a").all_inner_texts() == ["晶片 <b>"]
        assert frame.locator("li a").get_attribute("href") == f"{base}/articles/one"
        assert frame.locator("body").evaluate("body => getComputedStyle(body).margin") == "0px"


def test_the_element_shows_a_feed_of_another_origin(page: Page, publication: Publication) -> None:
    for number in range(4):
        publication.article(f"n{number}", title=f"第{number}篇，離岸風場的帳單", language="zh-Hant")
    with served(publication) as (base, _):
        element = (
            f'<script src="{base}/embed.js"></script><feed-list src="{base}/feeds/chips.json?lang=zh-Hant" number="3">'
        )
        with other_site({"/": element}) as url:
            page.goto(url)
            page.locator("feed-list li").first.wait_for()
            assert page.locator("feed-list li a").all_inner_texts() == [
                f"第{number}篇，離岸風場的帳單" for number in range(3)
            ]
            # A line breaks between words, and not before punctuation.
            clauses = page.locator("feed-list li a").first.locator("span").all_inner_texts()
            assert clauses == ["第0篇，", "離岸風場的帳單"]
            pieces = page.locator("feed-list li a").first.evaluate("link => link.innerHTML").split("<wbr>")
            assert any(each.endswith("離岸") for each in pieces)
            assert not any(each.startswith("，") for each in pieces)
            # A clause that fits is on one line; a title of one clause is cut off after three lines.
            display = "each => getComputedStyle(each).display"
            assert page.locator("feed-list li a span").first.evaluate(display) == "inline-block"
            page.locator("feed-list li a span").first.evaluate("each => each.nextSibling.remove()")
            assert page.locator("feed-list li a span").first.evaluate(display) == "inline"
            assert page.locator("feed-list header > *").all_inner_texts() == ["晶片，繁體中文", "測試週刊"]
            more = page.locator("feed-list .more a")
            assert (more.inner_text(), more.get_attribute("href")) == ("更多《測試週刊》的文章", f"{base}/topics/chips")
            assert page.locator("feed-list time").first.inner_text() == "2026年10月1日"
            page.evaluate("document.querySelector('feed-list').setAttribute('number', '1')")
            page.wait_for_function("document.querySelector('feed-list').shadowRoot.querySelectorAll('li').length === 1")


@pytest.mark.parametrize(
    ("language", "marked", "text"),
    [
        ("en-GB", "en", "More from $& <b>"),
        ("zh-TW", "zh-Hant", "更多《$& <b>》的文章"),
        ("ja", "en", "More from $& <b>"),
        ("", "en", "More from $& <b>"),
    ],
)
def test_the_last_link_of_the_element_is_in_the_language_of_the_feed_if_the_interface_has_it(
    page: Page, publication: Publication, language: str, marked: str, text: str
) -> None:
    feed = {**HOSTILE, "title": "A – $& <b>", "home_page_url": "https://example.org/", "language": language}
    with served(publication) as (base, _):
        element = f'<script src="{base}/embed.js"></script><feed-list src="/feed.json"></feed-list>'
        with other_site({"/": element, "/feed.json": json.dumps(feed)}) as url:
            page.goto(url)
            last = page.locator("feed-list .more")
            assert (last.get_attribute("lang"), last.inner_text()) == (marked, text)


@pytest.mark.parametrize(("width", "height"), [(320, 520), (300, 320), (640, 900)])
@pytest.mark.parametrize("query", ["limit=10&ui=en", "limit=10&pictures=yes&lang=zh-Hant"])
def test_no_line_of_a_frame_is_cut(page: Page, publication: Publication, width: int, height: int, query: str) -> None:
    """Articles that do not fit are in further columns; by keyboard, one after another comes into view."""
    for number in range(10):
        language = "en" if number % 3 == 0 and "lang" not in query else "zh-Hant"
        title = (
            "第 {}：離岸風場的帳單與冬天的風，以及一張沒有公開的時程表" if language != "en" else "Number {}, quite long"
        )
        image = {} if number % 2 else {"image": "https://pictures.example/a.png"}
        publication.article(f"n{number}", title=title.format(number), language=language, **image)
    publication.sync()
    page.set_viewport_size({"width": width, "height": height})
    with served(publication) as (base, _):
        page.goto(f"{base}/embed/chips?{query}")
        cut = """() => {
            const seen = document.querySelector("ol").getBoundingClientRect();
            const last = document.querySelector(".more").getBoundingClientRect();
            const rows = [...document.querySelectorAll("li")].map((each) => each.getBoundingClientRect());
            const shown = rows.filter((each) => each.left >= seen.left - 1 && each.right <= seen.right + 1);
            const whole = shown.filter((each) => each.top >= seen.top - 1 && each.bottom <= seen.bottom + 1);
            const isWhole = last.bottom <= innerHeight && document.body.scrollHeight <= innerHeight;
            return [shown.length - whole.length, whole.length > 0, isWhole];
        }"""
        assert page.evaluate(cut) == [0, True, True]
        for link in page.locator("li a").all():
            link.focus()
            box = link.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        # The browser scrolls to the beginning of a column.
        page.wait_for_function(
            """[...document.querySelectorAll("li")].some((each) => Math.abs(
                each.getBoundingClientRect().left - document.querySelector("ol").getBoundingClientRect().left) < 1)"""
        )
        assert page.evaluate(cut) == [0, True, True]


def test_the_element_takes_nothing_of_a_feed_for_markup(page: Page, publication: Publication) -> None:
    with served(publication) as (base, _):
        element = f'<script src="{base}/embed.js"></script><feed-list src="/hostile.json"></feed-list>'
        with other_site({"/": element, "/hostile.json": json.dumps(HOSTILE)}) as url:
            page.goto(url)
            page.locator("feed-list li").first.wait_for()
            root = "document.querySelector('feed-list').shadowRoot"
            assert page.evaluate(f"[...{root}.querySelectorAll('img, script, b')].length") == 0
            assert page.evaluate(f"[...{root}.querySelectorAll('a')].map(a => a.href)") == ["https://example.org/fine"]
            for link in page.locator("feed-list span").all():
                link.click()
            assert page.hacked == []  # type: ignore[attr-defined]


def test_the_element_shows_pictures_and_a_theme(page: Page, publication: Publication) -> None:
    publication.article("one", image="https://pictures.example/a.png")
    publication.article("two", image="javascript:hacked()")
    with served(publication) as (base, _):
        element = (
            f'<script src="{base}/embed.js"></script>'
            f'<feed-list src="{base}/feeds/chips.json" theme="dark" pictures style="--feed-list-accent: rgb(1, 2, 3)">'
        )
        with other_site({"/": element}) as url:
            page.goto(url)
            page.locator("feed-list img").first.wait_for(state="attached")
            sources = page.locator("feed-list img").evaluate_all("images => images.map(each => [each.src, each.alt])")
            assert sources == [["https://pictures.example/a.png", ""]]
            box = page.locator("feed-list .feed-list")
            assert box.evaluate("box => getComputedStyle(box).colorScheme") == "dark"
            assert box.evaluate("box => getComputedStyle(box).borderTopColor") == "rgb(1, 2, 3)"
            page.evaluate("document.querySelector('feed-list').removeAttribute('pictures')")
            page.wait_for_function("!document.querySelector('feed-list').shadowRoot.querySelector('img')")


def test_the_element_says_where_the_feed_is_when_it_cannot_be_read(page: Page, publication: Publication) -> None:
    with served(publication) as (base, _):
        element = f'<script src="{base}/embed.js"></script><feed-list src="{base}/feeds/chip.json"></feed-list>'
        with other_site({"/": element}) as url:
            page.goto(url)
            page.locator("feed-list a").wait_for()
            assert page.locator("feed-list a").get_attribute("href") == f"{base}/feeds/chip.json"


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Taipei", "Pacific/Kiritimati"])
def test_the_frame_and_the_element_show_the_same_day(browser: Browser, publication: Publication, zone: str) -> None:
    publication.article("date", published="2026-10-15")
    publication.article("early", published="2026-10-15 04:00")
    publication.article("late", published="2026-10-15 23:00")
    publication.sync()
    with served(publication) as (ours, _):
        frame = browser.new_context(timezone_id=zone, locale="en").new_page()
        frame.goto(f"{ours}/embed/all?ui=en")
        assert frame.locator("time").all_inner_texts() == ["October 15, 2026"] * 3
        element = f'<script src="{ours}/embed.js"></script><feed-list src="{ours}/feeds/all.json"></feed-list>'
        with other_site({"/": element}) as theirs:
            frame.goto(theirs)
            frame.locator("feed-list time").first.wait_for()
            assert frame.locator("feed-list time").all_inner_texts() == ["October 15, 2026"] * 3
        frame.context.close()
