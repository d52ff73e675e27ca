"""`make screenshots`: every kind of page in Chinese and English, phone and desktop size, light and dark colours."""

import sys
import tempfile
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.site import PAGES, serving, signed_in, with_ui

# The site's `base_url`; its pictures are requested from the server's own address.
NAME: Final = "https://silicon.example"
SIZES: Final = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SHOW_PICTURES: Final = """() => Promise.all([...document.images].map((each) => {
    each.loading = "eager";
    return each.decode();
}))"""
LANGUAGES: Final = ("zh-Hant", "en")


def main(folder: Path, only: list[str]) -> None:
    """Write `<page>-<language>-<size>-<scheme>.png` for every page (or `only` some) below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as root, serving(Path(root), NAME) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for size in SIZES:
            for scheme in SCHEMES:
                for name in only or PAGES:
                    for language in LANGUAGES:
                        _take(browser, address, PAGES[name], folder / f"{name}-{language}-{size}-{scheme}.png")
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
