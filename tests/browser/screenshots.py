"""`make screenshots`: every kind of page in Chinese and English, phone and desktop size, light and dark colours.

The pages are those of three sizes of publication (3, 300 and 30,000 articles), of the real content and of odd articles.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatch
from itertools import product
from pathlib import Path
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from feedsvc.web import create_app
from feedsvc.web.openapi.operations import GROUPS
from tests.browser import odd, site, sizes
from tests.browser.article_kinds import LANGUAGES
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.sheets import LAYOUT, write_index, write_sheet
from tests.browser.site import Site, serving, signed_in, with_ui
from tests.conftest import Publication

# The site's `base_url`; its pictures are requested from the server's own address.
NAME: Final = "https://silicon.example"
SIZES: Final = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
# The pictures of the page and of its elements `<feed-list>`.
SHOW_PICTURES: Final = """() => {
    const roots = [document, ...[...document.querySelectorAll("feed-list")].map((each) => each.shadowRoot)];
    return Promise.all(roots.flatMap((each) => [...each.querySelectorAll("img")]).map((each) => {
        each.loading = "eager";
        return each.decode().catch(() => null);
    }));
}"""
EMBEDDED: Final = "[...document.querySelectorAll('feed-list')].every((each) => each.shadowRoot?.querySelector('li'))"
_FRAMES: Final = "".join(
    f'<iframe title="x" width="320" height="520" style="border: 0" src="{NAME}/embed/all?limit=4&{more}"></iframe> '
    for more in ("ui=UI", "ui=UI&pictures=yes", "ui=UI&theme=dark")
)
_ELEMENTS: Final = f"""<meta name="viewport" content="width=device-width"><script src="{NAME}/embed.js" defer></script>
<style>feed-list {{ display: block; max-width: 26rem; margin: 1rem 0 }}</style>
<feed-list src="{NAME}/feeds/t00.json?lang=UI" number="3"></feed-list>
<feed-list src="{NAME}/feeds/t00.json?lang=UI" number="4" theme="dark" pictures></feed-list>"""


class Kind(NamedTuple):
    """A kind of page: its path, where UI is a language and CODE the end of a slug, and its status.

    With `is_of_text`, the page speaks the language of its text; another one says `?ui=`.
    """

    path: str
    status: int = 200
    is_of_text: bool = False


# What every publication of `sizes` has.
LISTS: Final = {
    "home": Kind("/"),
    "topic": Kind("/topics/t00"),
    "tag": Kind(f"/tags/{quote('離岸風電')}"),
    "author": Kind(f"/authors/{quote('Ada Marsh')}"),
    "month": Kind("/months/2026-10"),
    "feed": Kind("/feeds/t00.atom"),
    "feed-slice": Kind("/feeds/all.atom?lang=en&tag=offshore&q=text"),
    "feed-nothing": Kind(f"/feeds/t00.rss?lang=en&author={quote('林雨桐')}"),
    "feeds": Kind("/feeds"),
    "search-form": Kind("/search"),
    "search-results": Kind(f"/search?q={quote('電網')}"),
    "search-nothing": Kind("/search?q=unicorns"),
    "subscribe": Kind("/subscribe?feed=t00.atom&reader=miniflux&at=rss.example.org"),
    "error-404": Kind("/articles/nothing-of-that-name", 404),
    "error-410": Kind("/articles/removed-article", 410),
    "error-400": Kind("/?page=x", 400),
    "error-403": Kind("/status", 403),
    "error-503": Kind("/topics/all", 503),
    # Of a process that has not read the store once, and knows no publication.
    "error-503-at-start": Kind("/topics/all", 503),
    "embed-frame": Kind(f"/embedding?{quote(_FRAMES, safe='')}", is_of_text=True),
    "embed-element": Kind(f"/embedding?{quote(_ELEMENTS, safe='')}", is_of_text=True),
    "docs": Kind("/docs"),
    **{f"docs-{group}": Kind(f"/docs/{group}") for group in GROUPS},
    "static-page": Kind("/about"),
    "status": Kind("/status"),
}
PAGED: Final = {"home-page-3": Kind("/?page=3"), "error-404-near": Kind("/articles/a01", 404)}
ARTICLES: Final = {
    f"article-{kind}": Kind(f"/articles/{kind}-CODE", is_of_text=True)
    for kind in ("plain", "table", "media", "long-title", "no-summary", "picture")
} | {"article-rtl": Kind("/articles/rtl"), "article-in-another-language": Kind("/articles/plain-en")}


class Shown(NamedTuple):
    """A publication: what fills it (None is the real content), and its kinds of pages."""

    fill: Callable[[Publication, str], None] | None
    kinds: dict[str, Kind]


def _kinds_of(pages: dict[str, str]) -> dict[str, Kind]:
    return {name.replace(" ", "-"): Kind(path, 404 if name == "error" else 200) for name, path in pages.items()}


# The names of site.PAGES whose pages are errors.
_STATUSES: Final = {"error": 404, "error-near": 404, "error-parameter": 400}
PUBLICATIONS: Final = {
    "3": Shown(sizes.few, LISTS | {"error-404-near": PAGED["error-404-near"]}),
    "3-with-kinds": Shown(sizes.few_with_kinds, ARTICLES),
    "300": Shown(sizes.many, LISTS | PAGED | ARTICLES),
    "30000": Shown(sizes.thousands, LISTS | PAGED | ARTICLES),
    "sample": Shown(None, {name: Kind(path, _STATUSES.get(name, 200)) for name, path in site.PAGES.items()}),
    "odd": Shown(odd.fill, _kinds_of(odd.PAGES)),
}


def chosen(kind: str, publication: str, only: list[str]) -> bool:
    """Return whether `only` names a kind of page: all do without a pattern. `home` is `home@*`."""
    patterns = (each if "@" in each else f"{each}@*" for each in only)
    return not only or any(fnmatch(f"{kind}@{publication}", pattern) for pattern in patterns)


def take(browser: Browser, folder: Path, only: list[str]) -> None:
    """Write `<kind>@<publication>-<size>.png`, contact sheets, for every kind (or `only` some) below `folder`.

    `pages/` has the pictures of the pages in full. `publications/` has the publications; the next run only reads what
    changed, since a first sync of 30,000 articles takes most of a minute. Raises AssertionError where a page has
    another status than its kind.
    """
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    for publication, shown in PUBLICATIONS.items():
        kinds = {name: kind for name, kind in shown.kinds.items() if chosen(name, publication, only)}
        if kinds:
            with serving(folder / "publications" / publication, NAME, shown.fill) as served:
                _take_all(browser, served, kinds, folder / "pages", publication)
    write_index(folder, folder.glob("*@*.png"))


def _take_all(browser: Browser, served: Site, kinds: dict[str, Kind], pages: Path, publication: str) -> None:
    contexts = {(size, scheme): _context(browser, served, size, scheme) for size, scheme in product(SIZES, SCHEMES)}
    for name, kind in kinds.items():
        shots: dict[str, dict[str, Path]] = {size: {} for size in SIZES}
        with fit_for(name, served):
            for size, (code, language), scheme in product(SIZES, LANGUAGES.items(), SCHEMES):
                path = kind.path.replace("CODE", code).replace("UI", language)
                path = path if kind.is_of_text else with_ui(path, language)
                file = pages / f"{name}@{publication}-{language}-{size}-{scheme}.png"
                page = contexts[size, scheme].new_page()
                _take(page, f"{served}{path}", kind.status, file)
                shots[size][f"{name}@{publication} {language} {scheme}"] = file
        for size, (columns, scale) in LAYOUT.items():
            write_sheet(pages.parent / f"{name}@{publication}-{size}.png", shots[size], columns, scale)
    for context in contexts.values():
        context.close()


def _context(browser: Browser, served: Site, size: str, scheme: Literal["light", "dark"]) -> BrowserContext:
    width, height = SIZES[size]
    context = signed_in(browser, viewport={"width": width, "height": height}, color_scheme=scheme)
    context.route(
        f"{NAME}/**",
        lambda route: route.fulfill(response=context.request.get(route.request.url.replace(NAME, served))),
    )
    return context


@contextmanager
def fit_for(kind: str, served: Site) -> Iterator[None]:
    """Serve without a token for 403, and without a store for 503."""
    settings = served.publication.settings
    if kind == "error-403":
        served.use(create_app(replace(settings, status_token=None)))
        yield
    elif kind.startswith("error-503"):
        application, store = create_app(settings), Path(settings.store)
        if kind == "error-503":
            application.test_client().get("/")
        shutil.move(store, store.with_suffix(".aside"))
        served.use(application)
        yield
        shutil.move(store.with_suffix(".aside"), store)
    else:
        yield
        return
    served.use(create_app(settings))


def _take(page: Page, url: str, status: int, file: Path) -> None:
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == status, f"{answer.status} for {url}"
    # Pictures load when they come into view, and all of the page is.
    if "/embedding" in url:
        page.wait_for_function(EMBEDDED)
    for frame in page.frames[1:]:
        # Several frames at a time may be more than the limit of rare documents: 503.
        if not frame.query_selector(".feed-list"):
            frame.goto(frame.url)
    for frame in page.frames:
        frame.evaluate(SHOW_PICTURES)
    page.screenshot(path=file, full_page=True)
    page.close()


def main(folder: Path, only: list[str]) -> None:
    """Start Chromium, and take the kinds that `only` chooses."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        take(browser, folder, only)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
