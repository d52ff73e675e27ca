"""Every page fits the narrowest window, the largest letters and paper, also with extreme articles."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import odd, site
from tests.browser.site import Site, serving, signed_in, with_ui
from tests.browser.tools import violations

pytestmark = pytest.mark.browser
LANGUAGES: Final = ("zh-Hant", "en")
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


@pytest.mark.parametrize("width", [320, 1280])
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


def test_what_is_embedded_is_in_nobodys_way(site: str, browser: Browser) -> None:
    """axe-core: 0 violations in a page for other sites' frames."""
    context = window(browser, 320)
    page = context.new_page()
    page.goto(f"{site}{REAL['embed']}")
    assert violations(page) == []
    context.close()
