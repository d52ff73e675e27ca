"""A careless feed reader in a browser, which records scripts, requests, navigations and popups.

It puts texts into a page of its own, without a Content-Security-Policy, in several ways, many texts at a time. It
records events for a whole batch; `guilty` halves a batch until each text that caused an event is found.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Page, Request, Route

HERE: Final = Path(__file__).parent
ALARM: Final = (HERE / "alarm.js").read_text()
CARELESS: Final = (HERE / "careless.js").read_text()
# The ways of careless.js. A title is also put into <title>.
WAYS_OF_CONTENT: Final = ("innerHTML", "fragment", "parser", "page")
WAYS_OF_TITLE: Final = ("innerHTML", "fragment", "parser", "titled")
BATCH: Final = 100
_HOME: Final = "http://reader.test/"


@dataclass
class Seen:
    """The events that must not happen. Images from other hosts may be loaded, because feeds have images."""

    scripts: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    navigations: list[str] = field(default_factory=list)
    popups: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def add(self, other: "Seen") -> None:
        """Add the events of `other`."""
        for name, found in vars(self).items():
            found.extend(getattr(other, name))


class Watched:
    """A browser context whose pages are observed. Requests to the host `home` are allowed."""

    def __init__(self, browser: Browser, home: str) -> None:
        self.seen = Seen()
        self.awaited = ""
        self._home = home
        self.context: BrowserContext = browser.new_context(service_workers="block")
        self.context.expose_function("__ring", self._on_ring)
        self.context.add_init_script(ALARM)
        self.context.on("request", self._on_request)
        self.page = self._new_page()
        self.context.on("page", self._on_popup)

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.on("dialog", self._on_dialog)
        return page

    def _on_ring(self, what: str) -> None:
        self.seen.scripts.append(what)

    def _on_request(self, request: Request) -> None:
        url = request.url
        if request.is_navigation_request() and url != self.awaited:
            self.seen.navigations.append(url)
        if urlsplit(url).netloc != self._home and not (request.resource_type == "image" and url.startswith("http")):
            self.seen.requests.append(f"{request.resource_type} {url}")

    def _on_popup(self, page: Page) -> None:
        self.seen.popups.append(page.url)
        page.close()

    def _on_dialog(self, dialog: Dialog) -> None:
        self.seen.scripts.append(f"{dialog.type} {dialog.message}")
        dialog.dismiss()

    def taken(self) -> Seen:
        """Return the events since the last call."""
        seen, self.seen = self.seen, Seen()
        return seen


class Reader(Watched):
    """Shows texts of a feed. All requests are aborted; a navigation gets 204, so the page stays."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser, urlsplit(_HOME).netloc)
        self.context.route("**/*", _nothing)
        self.open()

    def open(self) -> None:
        """Open a new page."""
        if self.page.is_closed():
            self.page = self._new_page()
        self.awaited = _HOME
        self.page.goto(_HOME)
        self.awaited = ""
        self.page.add_script_tag(content=CARELESS)

    def show(self, texts: Sequence[str], way: str) -> Seen:
        """Return the events of `texts` that are shown together in one way."""
        try:
            self.page.evaluate("([texts, way]) => careless.render(texts, way)", [list(texts), way])
        except Error as error:
            # The page went away below the script, or a text took away what it uses.
            self.seen.navigations.append(str(error).splitlines()[0])
        seen = self.taken()
        if seen:
            self.open()
            self.taken()
        return seen

    def guilty(self, texts: Sequence[str], way: str) -> Iterator[tuple[str, Seen]]:
        """Return each text that causes an event when it is shown alone, with the event."""
        for batch in _batches(texts, BATCH):
            yield from self._guilty(batch, way)

    def _guilty(self, texts: Sequence[str], way: str) -> Iterator[tuple[str, Seen]]:
        seen = self.show(texts, way)
        if not seen:
            return
        if len(texts) == 1:
            yield texts[0], seen
            return
        half = len(texts) // 2
        yield from self._guilty(texts[:half], way)
        yield from self._guilty(texts[half:], way)


def _batches(texts: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def _nothing(route: Route) -> None:
    if route.request.url == _HOME:
        route.fulfill(content_type="text/html", body="<!doctype html><meta charset=utf-8><title>Reader</title><body>")
    elif route.request.is_navigation_request():
        route.fulfill(status=204)
    else:
        route.abort()
