"""The pages of an export, behind real nginx in Chromium: validity and accessibility."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.browser.tools import invalid_html, violations
from tests.conftest import Publication
from tests.export.publications import exported, fill
from tests.export.servers import nginx

pytestmark = pytest.mark.browser
# One of each kind that an export changes.
PAGES: Final = (
    "/",
    "/page/2",
    "/zh-Hant/",
    "/topics/chips",
    "/articles/n1",
    "/feeds/chips.html",
    "/zh-Hant/feeds/all/lang-en.html",
    "/embed/chips",
    "/about",
    "/feeds",
    "/zh-Hant/feeds",
    "/docs",
    "/docs/feeds",
    "/nothing",
    "/articles/bye",
)


@pytest.fixture
def out(publication: Publication, tmp_path: Path) -> Path:
    fill(publication)
    exported(publication, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def url(out: Path, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "server").mkdir()
    with nginx(out, tmp_path / "server") as found:
        yield found


def test_html_is_valid(out: Path, tmp_path: Path) -> None:
    """html-validate: 0 errors in all pages of the export."""
    assert len(list(out.rglob("*.html"))) > 100
    assert invalid_html(out, tmp_path / "report.json") == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_in_anybodys_way(url: str, browser: Browser, path: str) -> None:
    """axe-core: 0 violations on a phone; nothing scrolls sideways."""
    context = browser.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{url}{path}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.parametrize("path", ["/", "/feeds/chips.html", "/articles/n1"])
def test_the_policy_of_the_server_refuses_nothing(url: str, browser: Browser, path: str) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{url}{path}")
    page.wait_for_load_state("networkidle")
    assert [each for each in refused if "Content Security Policy" in each] == []
    page.close()
