"""`make screenshots`: every kind of page in Chinese and English, phone and desktop size, light and dark colours.

The pages are those of three sizes of publication: three articles, the real content, three hundred articles.
"""

import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.site import PAGES, serving, signed_in, with_ui
from tests.browser.sizes import PAGES_OF_FEW, PAGES_OF_MANY, few, many

# The site's `base_url`; its pictures are requested from the server's own address.
NAME: Final = "https://silicon.example"
SIZES: Final = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SHOW_PICTURES: Final = """() => Promise.all([...document.images].map((each) => {
    each.loading = "eager";
    return each.decode();
}))"""
LANGUAGES: Final = ("zh-Hant", "en")
# What fills each publication (None is the real content), and its pages.
PUBLICATIONS: Final = ((None, PAGES), (few, PAGES_OF_FEW), (many, PAGES_OF_MANY))


def main(folder: Path, only: list[str]) -> None:
    """Write `<page>-<language>-<size>-<scheme>.png` for every page (or `only` some) below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for fill, pages in PUBLICATIONS:
            wanted = {name: path for name, path in pages.items() if not only or name in only}
            if not wanted:
                continue
            with tempfile.TemporaryDirectory() as root, serving(Path(root), NAME, fill) as address:
                for size, scheme, (name, path), language in product(SIZES, SCHEMES, wanted.items(), LANGUAGES):
                    _take(browser, address, path, folder / f"{name}-{language}-{size}-{scheme}.png")
        browser.close()


def _take(browser: Browser, address: str, path: str, file: Path) -> None:
    *name, size, scheme = file.stem.split("-")
    language = "zh-Hant" if name[-1] == "Hant" else "en"
    width, height = SIZES[size]
    context = signed_in(browser, viewport={"width": width, "height": height}, color_scheme=scheme)
    context.route(
        f"{NAME}/**",
        lambda route: route.fulfill(response=context.request.get(route.request.url.replace(NAME, address))),
    )
    page = context.new_page()
    page.goto(f"{address}{with_ui(path, language)}")
    # Pictures load when they come into view, and all of the page is.
    page.evaluate(SHOW_PICTURES)
    page.screenshot(path=file, full_page=True)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
