"""The search page without script: filters in one row, orders beside the count, and ways on where nothing is found."""

import re

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_filters_are_one_row(site: str, browser: Browser, width: int) -> None:
    """So is the number of results with their orders, but for the smallest phones."""
    page = browser.new_page(viewport={"width": width, "height": 700})
    for ui in ("en", "zh-Hant"):
        page.goto(f"{site}/search?q=nvidia&ui={ui}")
        tops = page.evaluate("[...document.querySelectorAll('select')].map((each) => each.getBoundingClientRect().top)")
        assert (len(tops), len(set(tops))) == (2, 1)
        assert width < 390 or page.locator(".found").evaluate("(each) => each.clientHeight") < 60
    page.close()


def test_a_search_by_keyboard_alone(site: str, browser: Browser) -> None:
    """From the words over the filters to the orders; each is seen to have the focus. Enter searches."""
    page = browser.new_page()
    page.goto(f"{site}/search?q=nvidia&ui=en")
    page.locator("#q").focus()
    found = []
    for _ in range(4):
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUSED))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", found
    assert found == ["Search", "in-topic", "in-lang", "Newest first"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=relevance**")
    expect(page.locator(".found [aria-current]")).to_have_text("Best match first")
    page.locator("#in-topic").focus()
    page.keyboard.type("Cloud")
    page.locator("#q").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**topic=cloud**")
    expect(page.locator(".found [aria-current]")).to_have_text("Best match first")
    page.close()


def test_ways_on_without_script(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/search?q=nvidia+qqqq&topic=chips&lang=en&ui=en")
    page.get_by_role("link", name="Search for nvidia alone").click()
    expect(page.locator("ol.articles > li").first).to_be_visible()
    expect(page.locator("#in-topic")).to_have_value("chips")
    page.goto(f"{site}/search?ui=en")
    page.locator("form ~ p a").first.click()
    expect(page).to_have_url(re.compile(r"/search\?q="))
    expect(page.locator("mark").first).to_be_visible()
    context.close()
