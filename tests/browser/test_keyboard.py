"""A page by keyboard alone: every control in the order of the page, seen while it has the focus, and no trap."""

from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.site import Site, signed_in, with_ui

pytestmark = pytest.mark.browser
# What a keyboard reaches, in the order of the document. A closed `details` and a style may hide it.
REACHED: Final = """[...document.querySelectorAll("a[href], button, input, select, summary, audio, video, [tabindex]")]
    .filter((each) => each.tabIndex >= 0 && each.type !== "hidden")
    .filter((each) => each.checkVisibility({ visibilityProperty: true }))
    .map((each) => `${each.tagName} ${each.id} ${each.textContent.trim()} ${each.getAttribute("href") ?? ""}`)"""
# What has the focus, and what is wrong about how it is seen: the ring, the window, and what lies over it.
FOCUSED: Final = """async () => {
    // A scrolled page is where it stays in the next frame.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    const each = document.activeElement;
    if (each === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    const { left, right, top, bottom, width, height } = each.getBoundingClientRect();
    const wrong = [];
    if (outlineStyle !== "solid" || parseFloat(outlineWidth) < 2) wrong.push(`ring: ${outlineStyle} ${outlineWidth}`);
    if (!width || !height) wrong.push("no size");
    if (left < 0 || right > innerWidth || top < 0 || bottom > innerHeight) wrong.push(`at ${left} to ${right}, ${top}`);
    const above = document.elementFromPoint(left + width / 2, top + height / 2);
    if (above && !each.contains(above) && !above.contains(each)) wrong.push(`below ${above.tagName}`);
    const strip = each.closest(".topics.scroll");
    if (strip && getComputedStyle(strip).maskImage !== "none") {
        // The row of topics is transparent at its edges.
        const box = strip.getBoundingClientRect();
        if (left < box.left || right > box.right - 16) wrong.push(`faded: ${right} of ${box.right}`);
    }
    const text = `${each.tagName} ${each.id} ${each.textContent.trim()} ${each.getAttribute("href") ?? ""}`;
    return [text, wrong];
}"""
PAGES: Final = ("/", "/topics/t00", "/search?q=text", "/feeds/t00.atom", "/feeds", "/articles/media-en", "/nothing")


@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", PAGES)
def test_the_order_of_focus(hundreds: Site, browser: Browser, path: str, width: int) -> None:
    """Tab reaches each control once in the order of the page, and shows it; Shift+Tab goes the same way back."""
    context = signed_in(browser, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{hundreds}{with_ui(path, 'en')}")
    expected = page.evaluate(REACHED)
    # A player has controls of its own inside, which are the browser's.
    assert len(expected) > 40
    found: list[str] = []
    stops = 0
    for _ in range(2 * len(expected)):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            break
        stops += 1
        text, wrong = focused
        assert wrong == [] or text.startswith(("AUDIO", "VIDEO")), (text, wrong)
        if found[-1:] != [text]:
            found.append(text)
    assert found == [each for before, each in zip(["", *expected], expected, strict=False) if each != before]
    assert found[0] == "A  Skip to the text #main"
    if not any(each.startswith(("AUDIO", "VIDEO")) for each in found):
        back: list[str] = []
        for _ in range(stops):
            page.keyboard.press("Shift+Tab")
            text, wrong = page.evaluate(FOCUSED)
            assert wrong == [], text
            back.append(text)
        assert [each for before, each in zip(["", *back], back, strict=False) if each != before] == found[::-1]
    context.close()


def test_the_skip_link(hundreds: Site, browser: Browser) -> None:
    """It is out of sight until it has the focus, and leads past the masthead to the first link of the text."""
    page = browser.new_page()
    page.goto(f"{hundreds}/?ui=en")
    skip = page.locator(".skip")
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator("main a:not(.thumb)").first).to_be_focused()
    page.close()


def test_a_year_opens_by_keyboard(hundreds: Site, browser: Browser) -> None:
    """The months of a closed year are no stops until Enter opens it."""
    page = browser.new_page()
    page.goto(f"{hundreds}/?ui=en")
    year = page.locator(".months details").nth(1)
    expect(year.locator("a").first).to_be_hidden()
    year.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(year.locator("a").first).to_be_focused()
    page.close()
