"""Every kind of page in Chromium: accessibility, validity, size, layout shift and typography."""

from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page, Response, Route

from feedsvc.web.openapi.operations import GROUPS
from tests.browser.site import FOREIGN, PAGES, TOKEN, signed_in, with_ui
from tests.browser.tools import HTML_VALIDATE, invalid_html, require, violations

pytestmark = pytest.mark.browser
every_page = pytest.mark.parametrize("name", PAGES)
LANGUAGES: Final = ("zh-Hant", "en")
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
# An animation that follows the scrolling of its own element (the fade at its edges) moves nothing.
MOVING: Final = """[...document.querySelectorAll("*")].filter((each) => {
    const { animationName, animationTimeline, transitionDuration } = getComputedStyle(each);
    const isMoving = animationName !== "none" && animationTimeline === "auto";
    return isMoving || transitionDuration.split(", ").some((each) => each !== "0s");
}).map((each) => `${each.tagName} .${each.className}`)"""
MOST_BYTES: Final = 30_000
MOST_BYTES_OF_FONTS: Final = 240_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
@every_page
def test_nothing_is_in_anybodys_way(site: str, browser: Browser, name: str, width: int, scheme: Any) -> None:
    """axe-core: 0 violations, by day and by night, in both languages, small and large; nothing scrolls sideways."""
    context = signed_in(browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for language in LANGUAGES:
        page = context.new_page()
        page.goto(f"{site}{with_ui(PAGES[name], language)}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.close()
    context.close()


def test_html_is_valid(site: str, browser: Browser, tmp_path: Path) -> None:
    """html-validate: 0 errors, over every kind of page in both languages."""
    require(HTML_VALIDATE)
    (tmp_path / "pages").mkdir()
    context = signed_in(browser)
    for name, path in PAGES.items():
        for language in LANGUAGES:
            answer = context.request.get(f"{site}{with_ui(path, language)}", headers={"Sec-Fetch-Dest": "document"})
            (tmp_path / "pages" / f"{name}-{language}.html").write_text(answer.text())
    context.close()
    assert invalid_html(tmp_path / "pages", tmp_path / "report.json") == []


@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
def test_the_description_of_the_api(site: str, browser: Browser, width: int, tmp_path: Path) -> None:
    """axe-core and html-validate find nothing, and nothing scrolls sideways."""
    require(HTML_VALIDATE)
    paths = ("/docs", *(f"/docs/{group}" for group in GROUPS))
    for scheme, path in product(SCHEMES, paths):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.goto(f"{site}{path}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(
            "[...document.querySelectorAll('pre')].every((each) => each.scrollWidth <= each.clientWidth)"
        )
        page.close()
    (tmp_path / "pages").mkdir()
    page = browser.new_page()
    for path in paths:
        name = path.strip("/").replace("/", "-")
        (tmp_path / "pages" / f"{name}.html").write_text(page.context.request.get(f"{site}{path}").text())
    assert invalid_html(tmp_path / "pages", tmp_path / "report.json") == []


@every_page
def test_budgets(site: str, browser: Browser, name: str) -> None:
    """One request for HTML, one for CSS (and the copy button's script), under 30 kB, no shift.

    Each has validators, but for what nobody may keep.
    """
    context = signed_in(browser)
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  # a built-in method cannot be marked
    page.goto(f"{site}{with_ui(PAGES[name], 'zh-Hant')}")
    page.wait_for_load_state("networkidle")
    # Fonts are kept for ever.
    fonts = [each for each in answers if each.request.resource_type == "font"]
    assert all("immutable" in each.headers["cache-control"] for each in fonts)
    assert sum(len(each.body()) for each in fonts) < MOST_BYTES_OF_FONTS
    seen = [each for each in answers if each.status != 401 and each.request.resource_type not in ("image", "font")]
    kinds = [each.request.resource_type for each in seen]
    # The responses to the two come in either order.
    assert (kinds[0], sorted(kinds[1:])) == (
        "document",
        [*(["script"] if name.startswith("feed") else []), "stylesheet"],
    )
    sizes = [each.request.sizes() for each in seen]
    assert sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes) < MOST_BYTES
    assert sum(len(each.body()) for each in seen[:1]) < MOST_BYTES
    kept = [each for each in seen if "no-store" not in each.headers["cache-control"]]
    assert len(kept) == len(seen) - (name.startswith(("error", "feed", "status", "subscribe")))
    assert all({"etag", "last-modified"} <= set(each.headers) for each in kept)
    assert not any("set-cookie" in each.headers for each in answers)
    # A font that arrives late may break a line elsewhere: 0.032 at most, where all fonts are half a second late.
    assert shifted(page) < 0.04
    context.close()


def shifted(page: Page) -> float:
    """How much the layout has shifted so far; 0 is not at all."""
    found = page.evaluate(
        """() => new Promise((done) => {
            const entries = [];
            const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
            observer.observe({type: "layout-shift", buffered: true});
            requestAnimationFrame(() => requestAnimationFrame(() => done(entries.map((each) => each.value))));
        })"""
    )
    return float(sum(found))


def test_a_layout_that_shifts_is_seen(browser: Browser) -> None:
    """The measure itself works."""
    page = browser.new_page()
    page.set_content("<p>a<p id=b>b")
    page.evaluate("new Promise((done) => setTimeout(done, 600))")
    page.evaluate("document.body.prepend(Object.assign(document.createElement('div'), {style: 'height: 300px'}))")
    assert shifted(page) > 0
    page.close()


CHARACTERS_PER_LINE: Final = """(selector) => {
    const lines = [];
    for (const paragraph of document.querySelectorAll(selector)) {
        const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
        const tops = new Map();
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            for (let at = 0; at < node.length; at++) {
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + 1);
                const top = Math.round(range.getBoundingClientRect().bottom / 8);
                tops.set(top, (tops.get(top) ?? 0) + 1);
            }
        }
        lines.push(...[...tops.values()].slice(0, -1));
    }
    return lines.sort((a, b) => a - b)[Math.floor(lines.length * .75)];
}"""


ROOM: Final = """async () => {
    const picture = document.querySelector(".text img");
    const { width, height } = picture.getBoundingClientRect();
    return [width / document.querySelector(".text").getBoundingClientRect().width, width / height];
}"""


@pytest.mark.parametrize(
    ("size", "shape"), [((1500, 1000), 1.5), ((1600, 900), 16 / 9), ((800, 1600), 0.5), ((60, 40), 1.5)]
)
def test_room_is_kept_for_a_picture_of_unknown_size(
    site: str, browser: Browser, size: tuple[int, int], shape: float
) -> None:
    """As wide as the text and of a common shape; once it is there, its own. Of that shape, nothing moves."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    waiting: list[Route] = []
    page.route(FOREIGN, lambda route: waiting.append(route))  # noqa: PLW0108  # a built-in method cannot be marked
    with page.expect_request(FOREIGN):
        page.goto(f"{site}/articles/foreign", wait_until="domcontentloaded")
    assert page.evaluate(ROOM) == pytest.approx([1, 1.5], abs=0.01)
    # Letters of a font that is late are a little narrower or wider than those of its substitute.
    page.evaluate("document.fonts.ready.then(() => true)")
    before = shifted(page)
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}"/>'.format(*size)
    with page.expect_response(FOREIGN):
        waiting[0].fulfill(body=picture, content_type="image/svg+xml")
    page.evaluate("document.querySelector('.text img').decode()")
    assert page.evaluate(ROOM) == pytest.approx([1, shape], abs=0.01)
    # scale-down: what is smaller than its room is not drawn larger than it is.
    assert page.evaluate("getComputedStyle(document.querySelector('.text img')).objectFit") == "scale-down"
    assert (shifted(page) == before) is (shape == 1.5)
    page.close()


def test_a_title_breaks_behind_a_phrase(site: str, browser: Browser) -> None:
    """圖解：為什麼有人不把晶圓切開 is too long for a phone's line: its second begins behind the colon."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{site}{PAGES['article-picture']}")
    tops = page.evaluate("[...document.querySelectorAll('h1 span')].map((each) => each.getBoundingClientRect().top)")
    assert len(tops) == 2
    assert tops[0] < tops[1]
    page.close()


@pytest.mark.parametrize(("name", "least", "most"), [("article-zh", 34, 42), ("article-en", 58, 74)])
def test_a_line_is_as_long_as_one_likes_to_read(site: str, browser: Browser, name: str, least: int, most: int) -> None:
    """About 38 Han or 66 Latin characters on a desktop."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{site}{PAGES[name]}")
    assert least <= page.evaluate(CHARACTERS_PER_LINE, ".text > p") <= most
    page.close()


TAPPED: Final = """header.site a, footer.site a, button:not(.ref button), .button, .act a, .controls a, .beside a,
    .tags a, .feeds a, .found a, ol.latest a, .facts a, input:not([type=hidden]):not([type=radio]), .choices label"""
TOO_SMALL: Final = """(selector) => [...document.querySelectorAll(selector)]
    .map((each) => [each.getBoundingClientRect().height, `${each.className} ${each.textContent}`])
    .filter(([height]) => height > 0 && height < 43.5)"""


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 2560])
def test_targets_are_large_enough_for_a_finger(site: str, browser: Browser, width: int) -> None:
    """44 px for what one taps, but for links and marks within sentences (WCAG 2.5.8 asks for 24)."""
    context = signed_in(browser, viewport={"width": width, "height": 900})
    for name in ("home", "feed", "article-everything", "search", "subscribe"):
        page = context.new_page()
        page.goto(f"{site}{PAGES[name]}")
        assert page.evaluate(TOO_SMALL, TAPPED) == [], name
        page.close()
    context.close()


def test_less_motion_where_less_is_wanted(site: str, browser: Browser) -> None:
    context = signed_in(browser, reduced_motion="reduce")
    page = context.new_page()
    for name in ("home", "feed", "article-everything", "search", "status"):
        page.goto(f"{site}{PAGES[name]}")
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        assert page.evaluate(MOVING) == [], name
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) == ["A .skip"]
    context.close()


def test_on_paper(site: str, browser: Browser) -> None:
    """The text and where its links lead, without what only a screen has a use for."""
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(f"{site}{PAGES['article-everything']}")
    assert not page.locator(".feeds").is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
    behind = "(link) => getComputedStyle(document.querySelector(link), '::after').content"
    assert page.evaluate(behind, ".text a[href^=http]") != "none"
    assert page.evaluate(behind, ".text sup a") == "none"
    assert page.locator(".u-url").inner_text() == f"{site}/articles/everything"
    assert page.evaluate("getComputedStyle(document.querySelector('.text pre')).whiteSpace") == "pre-wrap"
    page.goto(f"{site}{PAGES['feed']}")
    assert page.locator("#latest").is_visible()
    assert not page.locator(".controls").is_visible()
    page.close()


def test_each_language_is_set_in_its_own_face(site: str, browser: Browser) -> None:
    page = browser.new_page()
    faces = {}
    for name in ("article-zh", "article-en", "article-ja", "article-he"):
        page.goto(f"{site}{with_ui(PAGES[name], 'en')}")
        faces[name] = page.evaluate("getComputedStyle(document.querySelector('.text')).fontFamily")
        style = "getComputedStyle(document.querySelector('.text')).textAlign"
        assert page.evaluate(style) == "start"
    assert "PingFang TC" in faces["article-zh"]
    assert "Hiragino Sans" in faces["article-ja"]
    assert faces["article-en"].startswith('"Feedsvc Serif", ')
    assert "Arial Hebrew" in faces["article-he"]
    page.close()


@pytest.mark.parametrize("ui", LANGUAGES)
def test_a_text_keeps_the_manners_of_its_own_language(site: str, browser: Browser, ui: str) -> None:
    """Dots of emphasis and corner brackets belong to a text's language, not to that of the page around it."""
    page = browser.new_page()
    style = """(selector) => {
        const found = getComputedStyle(document.querySelector(selector));
        return [found.textEmphasisStyle, found.quotes];
    }"""
    page.goto(f"{site}{with_ui(PAGES['article-everything'], ui)}")
    assert page.evaluate(style, ".text em")[0] == "none"
    assert "「" not in page.evaluate(style, ".text q")[1]
    page.goto(f"{site}{with_ui(PAGES['article-ja'], ui)}")
    assert page.evaluate(style, ".text em")[0] == "sesame"
    page.close()


def test_the_token_is_asked_for(site: str, browser: Browser) -> None:
    page = browser.new_page()
    answer = page.context.request.get(f"{site}/status")
    assert answer.status == 401
    assert TOKEN not in answer.text()
    page.close()
