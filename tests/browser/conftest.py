"""Start Debian's Chromium. Without it the tests are skipped, or fail if CI=true."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import sizes
from tests.browser.site import Site, serving
from tests.tools import missing

CHROMIUM: Final = Path("/usr/bin/chromium")
SWITCHES: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-popup-blocking",
    # Chromium resolves no names: all hosts are this machine, except one foreign name that tests use.
    "--host-resolver-rules=MAP feeds.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ignore the warning about an open file of a picture: Chromium may leave the page while it is sent.

    The server is werkzeug's, which only tests use.
    """
    left_open = pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO.*/media/")
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(left_open)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a headless Chromium."""
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is missing (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Yield the address of a publication with every kind of page."""
    with serving(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture(scope="session")
def hundreds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Yield the address of a publication with 300 articles under thirty topics, and an article of each kind."""
    with serving(tmp_path_factory.mktemp("hundreds"), fill=sizes.many) as served:
        yield served
