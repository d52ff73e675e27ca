"""Footnotes are shown beside their marks without script, and below the text in print and in older browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.site import PAGES, with_ui

pytestmark = pytest.mark.browser
# Whether the mark is on the line of the character before it, at one width of the text after the other.
WIDTHS_THAT_PART_THEM = """() => {
    const text = document.querySelector(".text"), button = document.querySelector(".ref button");
    const before = button.closest("sup").previousSibling, range = document.createRange();
    range.setStart(before, before.length - 1);
    range.setEnd(before, before.length);
    const found = [];
    for (let width = 120; width < 700; width += 3) {
        text.style.width = `${width}px`;
        const { top, bottom } = range.getBoundingClientRect(), box = button.getBoundingClientRect();
        if (box.bottom < top || box.top > bottom) found.push(width);
    }
    return found;
}"""


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def page(site: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An article with a footnote, without script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": request.param, "height": 700})
    page = context.new_page()
    page.goto(f"{site}{with_ui(PAGES['article-everything'], 'en')}")
    yield page
    context.close()


def test_a_mark_shows_its_note_and_escape_hides_it(page: Page) -> None:
    """On a desktop below the mark, on a phone at the foot of the window. The address of the page stays the same."""
    mark, note, before = page.get_by_role("button", name="Note 1"), page.locator("li:popover-open"), page.url
    listed = page.locator("li[popover]")
    expect(page.locator(".ref a")).to_be_hidden()
    expect(listed).to_be_visible()
    mark.click()
    expect(note).to_be_in_viewport()
    assert "Here it is." in note.inner_text()
    found, window = note.bounding_box(), page.viewport_size
    at = mark.bounding_box()
    assert found
    assert at
    assert window
    if window["width"] > 1000:
        assert at["y"] < found["y"] < at["y"] + 100
        assert found["x"] < at["x"] < found["x"] + found["width"]
    else:
        assert (found["x"], found["width"]) == (0, window["width"])
        assert found["y"] + found["height"] == pytest.approx(window["height"], abs=1)
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    expect(listed).to_be_visible()
    assert page.url == before


def test_a_note_by_keyboard_alone(page: Page) -> None:
    """The button that closes it is next to the mark, and leads back there."""
    mark, close = page.get_by_role("button", name="Note 1"), page.get_by_role("button", name="Close")
    page.locator(".text a").first.focus()
    page.keyboard.press("Tab")
    expect(mark).to_be_focused()
    expect(mark).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(close).to_be_focused()
    expect(close).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    expect(page.locator("li:popover-open")).to_have_count(0)
    expect(mark).to_be_focused()
    # A closed note has no button that one would meet in its list.
    expect(close).to_have_count(0)


def test_a_click_elsewhere_hides_a_note(page: Page) -> None:
    page.get_by_role("button", name="Note 1").click()
    page.locator("h1").click(position={"x": 2, "y": 24})
    expect(page.locator("li:popover-open")).to_have_count(0)


def test_the_way_back_from_the_list(page: Page) -> None:
    page.get_by_role("link", name="↩").click()
    assert page.url.endswith("#c-fnref-1")
    expect(page.get_by_role("button", name="Note 1")).to_be_in_viewport()


def test_no_line_begins_with_a_mark(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site}{PAGES['article-everything']}")
    assert page.evaluate(WIDTHS_THAT_PART_THEM) == []
    page.close()


def test_print_has_the_list(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.locator("li[popover]")).to_be_visible()
    expect(page.locator(".ref a")).to_be_visible()
    for hidden in (".ref button", "li[popover] button", "li[popover] a[href='#c-fnref-1']"):
        expect(page.locator(hidden)).to_be_hidden()


def test_a_browser_without_popovers_has_links_to_the_list(page: Page) -> None:
    """The style sheet as such a browser reads it."""

    def without(route: Route) -> None:
        answer = route.fetch()
        css = answer.text()
        assert "selector(:popover-open)" in css
        route.fulfill(response=answer, body=css.replace("selector(:popover-open)", "selector(:unknown)"))

    page.route("**/*.css", without)
    page.reload()
    expect(page.locator("li[popover]")).to_be_visible()
    expect(page.locator(".ref button")).to_be_hidden()
    page.locator(".ref a").click()
    expect(page.locator("li[popover]")).to_be_in_viewport()
