"""A browser loads the size of a picture that fits its window and its display, and nothing moves for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import pytest
from playwright.sync_api import Browser

from feedsvc.media import media_storage
from feedsvc.slices.slice import Slice
from feedsvc.sync.picture_sizes import make_sizes
from tests.browser.test_pages import shifted
from tests.conftest import Publication
from tests.live import wait_for
from tests.media.pictures import photo
from tests.web.served import served

pytestmark = pytest.mark.browser
WIDTH: Final = 2000


@dataclass(frozen=True)
class Served:
    """The address of a publication, and the width of each size of its pictures, by name."""

    url: str
    widths: dict[str, int]


@pytest.fixture
def root(publication: Publication) -> Iterator[Served]:
    """A publication with large pictures: above the text of an article, in it, and on lists."""
    publication.write("articles/photo.jpg", photo(WIDTH))
    publication.write("articles/lead.jpg", photo(WIDTH, seed=1))
    body = 'Before.\n\n![A chip](photo.jpg "What it is")\n\nBehind it.'
    publication.article("one", body, image="lead.jpg")
    publication.article("two", "![The same](photo.jpg)", title="Another")
    publication.sync()
    make_sizes(publication.store, media_storage(publication.settings))
    with publication.store.read() as snapshot:
        (names,) = [each.media for each in snapshot.slices.articles(Slice(), 9) if each.slug == "one"]
        widths = {name: width for found in snapshot.media.sizes(names).values() for width, name in found}
    with served(publication) as (base, _):
        yield Served(base, widths)


@pytest.mark.parametrize(
    ("path", "window", "expected"),
    [
        ("/articles/one", (360, 1), 480),
        ("/articles/one", (390, 2), 960),
        ("/articles/one", (430, 3), 1440),
        ("/articles/one", (1280, 1), 960),
        ("/articles/one", (1280, 2), 1440),
        ("/", (390, 3), 1440),
        ("/topics/chips", (390, 3), 480),
        ("/topics/chips", (1280, 2), 480),
    ],
)
def test_the_size_that_fits(root: Served, browser: Browser, path: str, window: tuple[int, int], expected: int) -> None:
    """A window has a width in CSS pixels, and each of these has so many pixels of the display on each side."""
    width, scale = window
    context = browser.new_context(viewport={"width": width, "height": 800}, device_scale_factor=scale)
    with context.new_page() as page:
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        page.goto(f"{root.url}{path}", wait_until="networkidle")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        # The policy of the page forbids the evaluation that `wait_for_function` repeats in it.
        are_loaded = "[...document.images].every((each) => each.complete && each.naturalWidth)"
        wait_for(partial(page.evaluate, are_loaded), "the pictures are loaded")
        chosen = page.evaluate("[...document.images].map((each) => each.currentSrc)")
        assert root.widths[chosen[0].rpartition("/")[2]] == expected
        assert not [each for each in loaded if each.endswith(".jpg")]
        # A font that arrives late moves a line by a hair. A picture without its space would move a tenth of the window.
        assert shifted(page) < 0.01
    context.close()


def test_a_caption_is_below_its_picture(root: Served, browser: Browser) -> None:
    with browser.new_page() as page:
        page.goto(f"{root.url}/articles/one")
        figure = page.locator(".text figure")
        assert figure.locator("figcaption").inner_text() == "What it is"
        assert figure.locator("img").get_attribute("title") is None
        picture, caption = figure.locator("img").bounding_box(), figure.locator("figcaption").bounding_box()
        assert picture
        assert caption
        assert caption["y"] >= picture["y"] + picture["height"]
