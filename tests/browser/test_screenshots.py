"""`make screenshots` takes the kinds of pages that are asked for, and puts their variants on contact sheets."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser.screenshots import PUBLICATIONS, chosen, take
from tests.browser.sheets import BEGINNING, END, shortened

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("only", "taken"),
    [
        ([], True),
        (["home"], True),
        (["home@300"], True),
        (["*@300"], True),
        (["error-*", "home"], True),
        (["hom"], False),
        (["home@3"], False),
        (["error-*"], False),
    ],
)
def test_patterns_choose_kinds(only: list[str], taken: bool) -> None:
    assert chosen("home", "300", only) is taken


def test_each_size_has_each_kind() -> None:
    """Three articles and one of each kind are two publications."""
    three = {*PUBLICATIONS["3"].kinds, *PUBLICATIONS["3-with-kinds"].kinds, "home-page-3"}
    assert three == set(PUBLICATIONS["300"].kinds) == set(PUBLICATIONS["30000"].kinds)


def test_a_tall_page_loses_its_middle() -> None:
    tall = Image.new("RGB", (2, 5000), "white")
    tall.putpixel((0, 0), (1, 2, 3))
    tall.putpixel((1, 4999), (4, 5, 6))
    short = shortened(tall)
    assert BEGINNING + END < short.height < 5000
    assert (short.getpixel((0, 0)), short.getpixel((1, short.height - 1))) == ((1, 2, 3), (4, 5, 6))
    assert shortened(short) is short


def test_a_sheet_has_every_variant(browser: Browser, tmp_path: Path) -> None:
    """Two languages and two colour schemes on a sheet of each size; a second run uses the publication of the first."""
    for _ in range(2):
        take(browser, tmp_path, ["error-400@3"])
    assert len(list((tmp_path / "pages").glob("error-400@3-*.png"))) == 8
    sheets = sorted(each.name for each in tmp_path.glob("*.png"))
    assert sheets == ["error-400@3-desktop.png", "error-400@3-phone.png"]
    assert all(name in (tmp_path / "index.html").read_text() for name in sheets)
    with Image.open(tmp_path / "error-400@3-phone.png") as sheet:
        assert sheet.width > 4 * 390
