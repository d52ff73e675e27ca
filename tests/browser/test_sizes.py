"""Pages of a publication with three articles, and of one with 300 under thirty topics, on a phone."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.browser.screenshots import PUBLICATIONS
from tests.browser.site import serving, signed_in, with_ui
from tests.browser.test_fit import STICKS_OUT
from tests.browser.tools import HTML_VALIDATE, invalid_html, require, violations

pytestmark = pytest.mark.browser
# Chips of a list that scrolls are as high as those of one that does not.
HIGH: Final = """[...document.querySelectorAll(".controls a, .tags a")]
    .filter((each) => each.getBoundingClientRect().height > 60).map((each) => each.textContent)"""
# Of the front page on a phone: the row of topics, the languages, and the first title.
ROW_AND_LEAD: Final = """["nav .topics", ".languages", "ol.articles h2"].map((each) => {
    const { left, right, width } = document.querySelector(each).getBoundingClientRect();
    return { left, right, width };
})"""
# The right edges of an article on a desktop.
EDGES: Final = """[".h-entry > .head", ".text", ".text p", ".feeds"].map(
    (each) => Math.round(document.querySelector(each).getBoundingClientRect().right))"""
# Errors that need another application, and pages that other tests look at.
ELSEWHERE: Final = ("error-403", "error-503", "embed", "docs", "status", "article")


@pytest.mark.parametrize("size", ["3", "300"])
def test_pages_are_right_at_each_size(size: str, browser: Browser, tmp_path: Path) -> None:
    """axe-core and html-validate find nothing, nothing sticks out, and the months of one month are no list."""
    require(HTML_VALIDATE)
    (tmp_path / "pages").mkdir()
    shown = PUBLICATIONS[size]
    kinds = {name: kind for name, kind in shown.kinds.items() if not name.startswith(ELSEWHERE)}
    with serving(tmp_path / "root", fill=shown.fill) as site:
        context = signed_in(browser, viewport={"width": 390, "height": 844})
        page = context.new_page()
        for name, kind in kinds.items():
            answer = page.goto(f"{site}{with_ui(kind.path, 'en')}")
            assert answer is not None
            assert answer.status == kind.status, name
            (tmp_path / "pages" / f"{name}.html").write_text(answer.text())
            assert violations(page) == [], name
            assert page.evaluate(STICKS_OUT) == [], name
            assert page.evaluate(HIGH) == [], name
        page.goto(site)
        assert page.locator(".months").count() == (1 if size == "300" else 0)
        topics, languages, title = page.evaluate(ROW_AND_LEAD)
        assert topics["right"] <= languages["left"]
        assert title["width"] > 300
        if size == "300":
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(f"{site}/articles/plain-en")
            assert len(set(page.evaluate(EDGES))) == 1
        context.close()
    assert invalid_html(tmp_path / "pages", tmp_path / "report.json") == []
