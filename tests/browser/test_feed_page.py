"""A browser that navigates gets the page of a feed; all other programs get the document."""

import subprocess
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import Site
from tests.tools import program

pytestmark = pytest.mark.browser
FEED = "/feeds/chips.atom"
ATOM = "application/atom+xml; charset=utf-8"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def document(site: Site) -> str:
    """The document, as Python's own library gets it."""
    with urllib.request.urlopen(f"{site}{FEED}", timeout=120) as answer:
        assert answer.headers["Content-Type"] == ATOM
        return str(answer.read().decode())


@pytest.mark.parametrize("command", [["curl", "-s", "--compressed"], ["curl", "-sL"], ["wget", "-qO-"]])
def test_programs_get_the_document(site: Site, command: list[str]) -> None:
    found = subprocess.run([program(command[0]), *command[1:], f"{site}{FEED}"], capture_output=True, check=True)
    assert found.stdout.decode() == document(site)


def test_a_navigation_gets_the_page_and_view_source_the_document(site: Site, page: Page) -> None:
    answer = page.goto(f"{site}{FEED}")
    assert answer is not None
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.locator("#feed-url").inner_text() == f"{site}{FEED}"
    source = page.goto(f"{site}{FEED}?view=source")
    assert source is not None
    assert source.headers["content-type"] == ATOM


def test_the_reader_that_was_chosen_last_comes_first(site: Site, page: Page) -> None:
    """The choice stays in the browser: no request has it, and without storage nothing fails."""
    requested: list[str] = []
    page.route("https://**", lambda route: route.abort())
    page.goto(f"{site}{FEED}?ui=en")
    names = page.locator(".buttons a")
    assert names.first.inner_text() == "Feedly"
    page.evaluate(
        "document.querySelector('[data-reader=NewsBlur]').addEventListener('click', (e) => e.preventDefault())"
    )
    page.get_by_role("link", name="NewsBlur").click()
    page.on("request", lambda request: requested.append(str(request.headers) + request.url))
    page.goto(f"{site}/feeds/all.atom?ui=en")
    page.locator(".buttons .last").wait_for()
    assert names.first.inner_text().split() == ["NewsBlur", "Last", "used"]
    assert names.count() == len(set(names.all_inner_texts()))
    assert not any("NewsBlur" in each for each in requested)


def test_a_link_and_the_address_bar_get_the_page(site: Site, page: Page) -> None:
    page.goto(f"{site}/topics/chips?ui=en")
    page.get_by_role("link", name="How to subscribe").click()
    assert page.locator("#feed-url").inner_text() == f"{site}{FEED}"


@pytest.mark.parametrize(
    "script",
    [
        "async (url) => await (await fetch(url)).text()",
        "async (url) => await (await fetch(url, {headers: {Accept: 'text/html'}})).text()",
        """(url) => new Promise((done) => {
            const request = new XMLHttpRequest();
            request.onload = () => done(request.responseText);
            request.open("GET", url);
            request.send();
        })""",
    ],
    ids=["fetch", "fetch for html", "xhr"],
)
def test_scripts_of_a_page_get_the_document(site: Site, page: Page, script: str) -> None:
    """fetch() and XHR from a page."""
    page.goto(f"{site}/embedding")
    assert page.evaluate(script, f"{site}{FEED}") == document(site)


@pytest.mark.parametrize(
    ("element", "destination"),
    [
        ('<link rel="prefetch" href="URL">', "empty"),
        ('<iframe src="URL"></iframe>', "iframe"),
        ('<object data="URL"></object>', "object"),
        ('<img src="URL" alt="">', "image"),
    ],
)
def test_what_a_page_loads_gets_the_document(site: Site, page: Page, element: str, destination: str) -> None:
    """`<link>` prefetch and whatever else a page loads by itself."""
    with page.expect_response(lambda answer: answer.url == f"{site}{FEED}") as seen:
        page.goto(f"{site}/embedding?{quote(element.replace('URL', FEED))}")
    assert seen.value.headers["content-type"] == ATOM
    assert site.destinations[-1] == destination


def test_all_of_the_address_is_seen_and_copied_without_the_button(site: Site, browser: Browser) -> None:
    """One click selects it, and no width of a window cuts it: on a phone, its lines end after a mark."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{FEED}?ui=en&lang=en&tag=nvidia")
    address = page.locator("#feed-url")
    assert address.evaluate("(each) => each.scrollWidth <= each.clientWidth")
    address.click()
    assert page.evaluate("getSelection().toString()") == f"{site}{FEED}?tag=nvidia&lang=en"
    context.close()


def test_the_copy_button_copies(site: Site, browser: Browser) -> None:
    """The one thing that needs a script; it says that it is done, to everybody."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site}{FEED}?ui=en")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("status").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}{FEED}"
    context.close()


def test_without_script(site: Site, browser: Browser) -> None:
    """Every control and the form work; the button that would not is not shown."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{FEED}?ui=en")
    assert not page.get_by_role("button", name="Copy").is_visible()
    page.get_by_role("link", name="JSON Feed", exact=True).click()
    assert page.locator("#feed-url").inner_text() == f"{site}/feeds/chips.json"
    page.get_by_role("link", name="Cloud", exact=True).last.click()
    assert page.locator("#feed-url").inner_text() == f"{site}/feeds/cloud.json"
    page.get_by_label("FreshRSS").check()
    page.get_by_label("Its address").fill("rss.example.net")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_role("link", name="Subscribe with FreshRSS")
    assert (link.get_attribute("href") or "").startswith(
        "https://rss.example.net/i/?c=feed&a=add&url_rss=http%3A%2F%2F"
    )
    context.close()


def test_with_the_keyboard_alone(site: Site, page: Page) -> None:
    """The first thing a Tab reaches skips to the text; from there on each Tab reaches something one can see."""
    page.goto(f"{site}{FEED}?ui=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-controls')") == "feed-url"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")
        assert page.evaluate(outline) == "solid"


def test_a_foreign_host_over_plain_http_gets_the_document(site: Site, page: Page) -> None:
    """Browsers name no destination to a host that is not trustworthy: the document, well-formed and plain."""
    answer = page.goto(f"{site.replace('127.0.0.1', 'feeds.test')}{FEED}")
    assert answer is not None
    assert answer.headers["content-type"] == ATOM
    assert answer.text() == document(site)
    assert None in site.destinations


def test_narrowing_without_script(site: Site, browser: Browser) -> None:
    """Language, tag and words, each beside what is chosen already, and away again; in the language of the page."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{FEED}?ui=en")
    address = page.locator("#feed-url")
    page.get_by_role("link", name="English", exact=True).first.click()
    assert address.inner_text() == f"{site}{FEED}?lang=en"
    page.get_by_role("link", name="nvidia", exact=True).click()
    assert address.inner_text() == f"{site}{FEED}?tag=nvidia&lang=en"
    page.get_by_role("searchbox", name="Words").fill("Wafer")
    page.get_by_role("button", name="Narrow").click()
    assert address.inner_text() == f"{site}{FEED}?tag=nvidia&lang=en&q=wafer"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(".controls [aria-current]").all_inner_texts() == ["Chips", "English", "nvidia", "Atom"]
    page.get_by_role("link", name="Without these words").click()
    page.get_by_role("link", name="All tags").click()
    page.get_by_role("link", name="All languages").click()
    assert address.inner_text() == f"{site}{FEED}"
    context.close()


def test_narrowing_with_the_keyboard_alone(site: Site, page: Page) -> None:
    """Each control is reached in turn and seen to be; Enter in the field asks for its words, an empty one for none."""
    page.goto(f"{site}{FEED}?ui=en&tag=nvidia")
    field = page.get_by_role("searchbox", name="Words")
    page.get_by_role("link", name="All topics").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type("wafer")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=wafer**")
    assert page.locator("#feed-url").inner_text() == f"{site}{FEED}?tag=nvidia&q=wafer"
    field.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "wafer" not in url)
    assert page.locator("#feed-url").inner_text() == f"{site}{FEED}?tag=nvidia"
