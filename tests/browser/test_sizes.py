"""Pages of a publication with three articles, and of one with 300 under thirty topics: accessibility, markup, size."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from feedsvc.web import create_app
from tests.browser.screenshots import PUBLICATIONS, SIZES, fit_for
from tests.browser.site import TOKEN, Site, serving, signed_in, with_ui
from tests.browser.test_fit import SCHEMES, STICKS_OUT
from tests.browser.test_pages import MOST_BYTES
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
# Pages of other sites that embed lists, which test_embed looks at.
ELSEWHERE: Final = ("embed",)
# Those, and errors that need another application.
WITHOUT_BUDGET: Final = (*ELSEWHERE, "error-403", "error-503")
# Bytes of HTML without a content coding.
MOST_BYTES_OF_HTML: Final = 29_000


@pytest.fixture(params=["3", "300"])
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def served(size: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    if size == "300":
        yield request.getfixturevalue("hundreds")
    else:
        with serving(tmp_path / "root", fill=PUBLICATIONS[size].fill) as site:
            yield site


def look_at(page: Page, name: str) -> None:
    """axe-core finds nothing on a phone by day and on a desktop by night, and nothing sticks out of any window.

    test_pages tries both colour schemes in both sizes, with the real content.
    """
    for (each, (width, height)), scheme in zip(SIZES.items(), SCHEMES, strict=True):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], (name, each, scheme)
    # 1280 px at 400%, at 200% and at 100%, and a phone.
    for width in (320, 640, 1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(STICKS_OUT) == [], (name, width)
    assert page.evaluate(HIGH) == [], name


def test_pages_are_right_at_each_size(size: str, served: Site, browser: Browser, tmp_path: Path) -> None:
    """axe-core and html-validate find nothing, nothing sticks out, and the months of one month are no list."""
    require(HTML_VALIDATE)
    (tmp_path / "pages").mkdir()
    kinds = {name: kind for name, kind in PUBLICATIONS[size].kinds.items() if not name.startswith(ELSEWHERE)}
    context = signed_in(browser)
    page = context.new_page()
    for name, kind in kinds.items():
        with fit_for(name, served):
            path = kind.path.replace("CODE", "en")
            answer = page.goto(f"{served}{path if kind.is_of_text else with_ui(path, 'en')}")
            assert answer is not None
            assert answer.status == kind.status, name
            (tmp_path / "pages" / f"{name}.html").write_text(answer.text())
            look_at(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served)
    assert page.locator(".months").count() == (1 if size == "300" else 0)
    topics, languages, title = page.evaluate(ROW_AND_LEAD)
    assert topics["right"] <= languages["left"]
    assert title["width"] > 300
    if size == "300":
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{served}/articles/plain-en")
        assert len(set(page.evaluate(EDGES))) == 1
    context.close()
    assert invalid_html(tmp_path / "pages", tmp_path / "report.json") == []


def test_budgets_at_each_size(size: str, served: Site) -> None:
    """HTML and CSS of each kind are less than 30 kB as they are sent, and HTML is before it is compressed, too."""
    client = create_app(served.publication.settings).test_client()
    sent: dict[str, int] = {}
    plain: dict[str, int] = {}
    for name, kind in PUBLICATIONS[size].kinds.items():
        if name.startswith(WITHOUT_BUDGET):
            continue
        for code, language in (("zh", "zh-Hant"), ("en", "en")):
            path = kind.path.replace("CODE", code)
            headers = {"Accept": "text/html", "Sec-Fetch-Dest": "document"}
            got = partial(client.get, path if kind.is_of_text else with_ui(path, language), auth=("", TOKEN))
            page, coded = got(headers=headers), got(headers=headers | {"Accept-Encoding": "gzip"})
            assert page.status_code == kind.status, name
            styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
            assert styles, name
            key = f"{name} {language}"
            plain[key] = len(page.data)
            sent[key] = len(coded.data) + sum(
                len(client.get(each, headers={"Accept-Encoding": "gzip"}).data) for each in styles
            )
    assert {name: found for name, found in sent.items() if found >= MOST_BYTES} == {}
    assert {name: found for name, found in plain.items() if found >= MOST_BYTES_OF_HTML} == {}
