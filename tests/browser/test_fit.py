"""Every page fits the narrowest window, the largest letters and paper, also with extreme articles."""

from collections.abc import Iterator
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import odd, site
from tests.browser.site import Site, serving, signed_in, with_ui
from tests.browser.tools import violations
from tests.conftest import Publication
from tests.web.served import served

pytestmark = pytest.mark.browser
LANGUAGES: Final = ("zh-Hant", "en")
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
# /docs speaks English alone, and what is embedded is a page of another site's.
REAL: Final = site.PAGES | {"docs": "/docs", "embed": "/embed/chips"}
# But for what scrolls by itself, what is out of sight until it has the focus, and annotations, which are cut off.
STICKS_OUT: Final = """() => {
    const width = document.documentElement.clientWidth;
    const isMeant = (each) => each.parentElement.closest(".scroll, pre") || each.closest(".skip, ruby");
    const found = [];
    for (const each of document.querySelectorAll("body *")) {
        const { left, right } = each.getBoundingClientRect();
        if (left < right && (right > width + 1 || left < -1) && !isMeant(each)) {
            found.push(`${each.tagName} .${each.className}: ${Math.round(left)} to ${Math.round(right)}`);
        }
    }
    for (const each of document.querySelectorAll("body *")) {
        const isCut = getComputedStyle(each).overflowX === "hidden" && each.clientWidth > 1;
        if (isCut && each.scrollWidth > each.clientWidth + 1) {
            found.push(`${each.tagName} .${each.className}: ${each.scrollWidth - each.clientWidth} px are cut off`);
        }
    }
    const whole = document.documentElement.scrollWidth;
    return whole > width ? [`${whole} px in all`, ...found] : found;
}"""


@pytest.fixture(scope="module")
def odd_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The address of a publication of what nobody should write."""
    with serving(tmp_path_factory.mktemp("odd"), fill=odd.fill) as served:
        yield served


def window(browser: Browser, width: int, height: int = 640) -> BrowserContext:
    """Somebody who has the token; other hosts have nothing."""
    context = signed_in(browser, viewport={"width": width, "height": height})
    context.route("https://example.org/**", lambda route: route.fulfill(status=404))
    return context


def sticking_out(page: Page, root: str, pages: dict[str, str], script: str = "") -> dict[str, list[str]]:
    """What sticks out of each page, in each language, after `script`."""
    found = {}
    for name, path in pages.items():
        for language in LANGUAGES:
            page.goto(f"{root}{with_ui(path, language)}")
            if script:
                page.evaluate(script)
            found[f"{name} {language}"] = page.evaluate(STICKS_OUT)
    return {name: each for name, each in found.items() if each}


@pytest.mark.parametrize("width", [280, 320, 340, 640, 2560])
def test_nothing_sticks_out_of_a_window(site: str, browser: Browser, width: int) -> None:
    """320 px is a desk's 1280 at a zoom of 400% (WCAG 1.4.10), 640 one at 200%."""
    context = window(browser, width, 256)
    assert sticking_out(context.new_page(), site, REAL) == {}
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_sticks_out_in_large_letters(site: str, browser: Browser, width: int) -> None:
    """Text of twice the size (WCAG 1.4.4) on a phone."""
    context = window(browser, width)
    assert sticking_out(context.new_page(), site, REAL, "document.documentElement.style.fontSize = '200%'") == {}
    context.close()


SPACED: Final = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
        p { margin-bottom: 2em !important; }`);
    document.adoptedStyleSheets.push(sheet);
}"""


def test_nothing_sticks_out_in_spaced_text(site: str, browser: Browser) -> None:
    """The spaces between letters, words, lines and paragraphs that a reader may set (WCAG 1.4.12)."""
    context = window(browser, 320)
    assert sticking_out(context.new_page(), site, REAL, SPACED) == {}
    context.close()


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_nothing_odd_sticks_out(odd_site: str, browser: Browser, width: int) -> None:
    """Words, titles, tags, names, annotations and lists without an end."""
    context = window(browser, width)
    assert sticking_out(context.new_page(), odd_site, odd.PAGES) == {}
    context.close()


PILE: Final = """(selector) => {
    document.querySelector(selector).prepend("Z" + "\u0316".repeat(60) + "\u0301".repeat(60));
}"""


@pytest.mark.parametrize(
    ("name", "marked", "beside"),
    [("marks", "h1", "header.site"), ("home", "li:nth-child(2) h2 a", "li:first-child .h-entry")],
)
def test_piled_marks_paint_over_nobody_else(
    odd_site: str, browser: Browser, name: str, marked: str, beside: str
) -> None:
    """Marks by the dozen on one letter of a title leave the head of the page and other entries as they are."""
    context = window(browser, 1280, 900)
    page = context.new_page()
    page.goto(f"{odd_site}{odd.PAGES[name]}")
    before = page.locator(beside).screenshot(animations="disabled")
    page.evaluate(PILE, marked)
    assert page.locator(beside).screenshot(animations="disabled") == before
    context.close()


def test_no_picture_is_taller_than_a_few_screens(odd_site: str, browser: Browser) -> None:
    """One of 1 to 100,000 keeps its shape within that; an ordinary one has the room and the shape that it had."""
    context = window(browser, 1280, 900)
    page = context.new_page()
    page.goto(f"{odd_site}{odd.PAGES['tall']}")
    pictures = page.evaluate(
        "[...document.images].map((each) => [each.offsetHeight, getComputedStyle(each).objectFit])"
    )
    assert len(pictures) > len({each[0] for each in pictures}) > 2
    assert all(height <= 4 * 900 and fit == "contain" for height, fit in pictures)
    ordinary = page.locator(".text p > img.alone[height='400']").bounding_box()
    assert ordinary is not None
    assert ordinary["width"] / ordinary["height"] == pytest.approx(1.5, abs=0.01)
    context.close()


def test_everything_fits_on_paper(odd_site: str, browser: Browser) -> None:
    """Columns that no paper is wide enough for go on below, lines of code break, pictures are no taller than it."""
    context = window(browser, 794, 1123)
    page = context.new_page()
    page.emulate_media(media="print")
    paper = STICKS_OUT.replace('.closest(".scroll, pre")', '.closest(".nothing")')
    for name in ("table", "words", "tall"):
        page.goto(f"{odd_site}{odd.PAGES[name]}")
        assert page.evaluate(paper) == [], name
    assert page.evaluate("Math.max(...[...document.images].map((each) => each.offsetHeight))") < 1123
    page.goto(f"{odd_site}{odd.PAGES['words']}")
    behind = "getComputedStyle(document.querySelector('.u-syndication'), '::after').content"
    assert f"https://{'l' * 60}." in page.evaluate(behind)
    context.close()


NARROWEST_COLUMN: Final = """() => {
    const headers = [...document.querySelectorAll("thead th")];
    return headers.map((each) => {
        const range = document.createRange();
        range.selectNodeContents(each);
        return new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size;
    });
}"""


def test_a_printed_table_breaks_no_word_of_its_head(site: str, browser: Browser) -> None:
    """Two of its columns have a header of one word each."""
    context = window(browser, 600, 1123)
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{site}{REAL['article-everything']}")
    assert page.evaluate(NARROWEST_COLUMN)[:2] == [1, 1]
    context.close()


def test_paper_has_what_is_folded_and_no_controls(site: str, browser: Browser) -> None:
    """The words of a search are there; the address of a link is set from left to right in Arabic too."""
    context = window(browser, 794, 1123)
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{site}{REAL['article-everything']}")
    expect(page.get_by_text("There is more.")).to_be_visible()
    behind = "getComputedStyle(document.querySelector('.text a[href^=http]'), '::after').content"
    assert page.evaluate(behind) == '" \u2066<https://example.net/>\u2069"'
    for name in ("home", "topic", "search", "search-empty", "feed", "subscribe", "all-feeds", "error", "article-zh"):
        page.goto(f"{site}{REAL[name]}")
        for kind in ("button", "select", "nav", "input[type=radio]", ".button"):
            expect(page.locator(kind).locator("visible=true"), f"{kind} of {name}").to_have_count(0)
    page.goto(f"{site}{REAL['search']}")
    expect(page.locator("#q")).to_be_visible()
    page.goto(f"{site}{REAL['search-empty']}")
    expect(page.locator("#q")).to_be_hidden()
    context.close()


def test_right_to_left(odd_site: str, browser: Browser) -> None:
    """Text begins at the right edge in tables and lists, the line of a quotation is there, and code stays as it is."""
    context = window(browser, 1280)
    page = context.new_page()
    page.goto(f"{odd_site}{odd.PAGES['rtl']}")
    style = "(selector) => { const each = getComputedStyle(document.querySelector(selector)); return [%s]; }"
    assert page.evaluate(style % "each.paddingRight, each.textAlign, each.direction", "th") == ["0px", "start", "rtl"]
    assert page.evaluate(style % "each.borderRightWidth, each.borderLeftWidth", "blockquote") == ["3px", "0px"]
    assert page.evaluate(style % "each.direction", ".text pre") == ["ltr"]
    assert page.evaluate(style % "each.direction", ".h-entry > .head > .facts") == ["ltr"]
    context.close()


@pytest.mark.parametrize(("language", "is_rtl"), [("ar", True), ("he", True), ("en", False)])
@pytest.mark.parametrize("ui", LANGUAGES)
def test_the_articles_before_and_after_are_in_the_direction_of_reading(
    publication: Publication, browser: Browser, language: str, is_rtl: bool, ui: str
) -> None:
    """On a desktop, the earlier one is where a line begins. Label and title are on the same side, also on a phone."""
    titles = {"ar": "بيت الريح في الشمال", "he": "הרוח בצפון", "en": "Wind in the north"}
    for number in range(3):
        publication.article(
            f"n{number}", title=titles[language], language=language, published=f"2026-03-0{number + 1} 10:00"
        )
    publication.sync()
    edges = """(name) => {
        const link = document.querySelector(`.beside .${name}`);
        const { left, right, top } = link.getBoundingClientRect();
        const texts = [...link.querySelectorAll("span")].map((each) => {
            const range = document.createRange();
            range.selectNodeContents(each);
            return range.getBoundingClientRect();
        });
        const sides = texts.map((each) => each.left - left < right - each.right ? "left" : "right");
        return { left, top, sides };
    }"""
    with served(publication) as (base, _):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{base}/articles/n1?ui={ui}")
        older, newer = page.evaluate(edges, "older"), page.evaluate(edges, "newer")
        assert (older["left"] > newer["left"], older["top"] == newer["top"]) == (is_rtl, True)
        begin, end = ("right", "left") if is_rtl else ("left", "right")
        assert (set(older["sides"]), set(newer["sides"])) == ({begin}, {end})
        page.set_viewport_size({"width": 390, "height": 800})
        older, newer = page.evaluate(edges, "older"), page.evaluate(edges, "newer")
        assert older["top"] < newer["top"]
        assert (set(older["sides"]), set(newer["sides"])) == ({begin}, {begin})
        page.close()


@pytest.mark.parametrize("more", ["", "theme=light", "theme=dark", "pictures=yes&limit=3"])
def test_what_is_embedded_is_in_nobodys_way(site: str, browser: Browser, more: str) -> None:
    """axe-core: 0 violations in a page for other sites' frames, in each colour scheme."""
    context = window(browser, 320)
    page = context.new_page()
    page.goto(f"{site}{REAL['embed']}?{more}")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme
    context.close()
