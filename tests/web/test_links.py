"""Promise 7: every link in a feed resolves. The real content/, walked from its front door to the last link."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import ada_url
import pytest
from flask.testing import FlaskClient
from lxml import etree
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from tests.conftest import Publication
from tests.web.resources import ask

CONTENT = Path(__file__).parents[2] / "content"
BASE = "https://silicon.example"


@pytest.fixture
def real(publication: Publication) -> Publication:
    """The real content in a folder of its own, at an address of its own, synced."""
    shutil.copytree(CONTENT, publication.settings.content, dirs_exist_ok=True)
    written = (CONTENT / "site.toml").read_text()
    publication.write("site.toml", f'base_url = "{BASE}"\n{written}')
    report = publication.sync()
    assert report.added
    assert report.problems == ()
    return publication


def html_links(html: str) -> Iterator[str]:
    """Where the elements of a page or of an article lead."""
    for node in LexborHTMLParser(html).css("[href], [src]"):
        yield node.attributes.get("href") or node.attributes.get("src") or ""


def xml_links(body: bytes) -> Iterator[str]:
    """Where a feed, an OPML or a sitemap leads: attributes, texts that are a URL, and the links in content."""
    for node in etree.fromstring(body).iter(etree.Element):
        yield from (str(text) for name, text in node.attrib.items() if name in ("href", "url", "xmlUrl", "htmlUrl"))
        text = (node.text or "").strip()
        if text.startswith(BASE) and " " not in text:
            yield text
        elif "<" in text:
            yield from html_links(text)


def json_links(value: Any) -> Iterator[str]:
    """Where a JSON Feed leads."""
    if isinstance(value, dict):
        yield from html_links(value.get("content_html", ""))
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from json_links(child)
    if isinstance(value, str) and value.startswith("http"):
        yield value


def links(answer: TestResponse) -> Iterator[str]:
    """Where an answer leads, by its media type."""
    kind = answer.mimetype
    if kind == "text/html":
        yield from html_links(answer.text)
    elif kind == "application/feed+json":
        yield from json_links(json.loads(answer.data))
    elif kind in ("application/atom+xml", "application/rss+xml", "application/xml", "text/x-opml"):
        yield from xml_links(answer.data)
    elif answer.request.path == "/robots.txt":
        yield from (line.removeprefix("Sitemap: ") for line in answer.text.splitlines() if line.startswith("Sitemap: "))


def crawl(client: FlaskClient, *starts: str) -> dict[str, TestResponse]:
    """Everything below BASE that can be reached, by URL. Fails at the first link that leads nowhere."""
    found: dict[str, TestResponse] = {}
    waiting = [(start, "start") for start in starts]
    while waiting:
        url, source = waiting.pop()
        url, fragment = urldefrag(url)
        if not url.startswith(f"{BASE}/"):
            assert not url.startswith(("http://127.", "http://localhost", "/")), f"{url} in {source}"
            continue
        if url not in found:
            assert url.isascii(), f"{url} in {source}"
            answer = ask(client, url.removeprefix(BASE))
            assert answer.status_code == 200, f"{url} in {source}: {answer.text}"
            found[url] = answer
            waiting += [(urljoin(url, link), url) for link in links(answer)]
        if fragment:
            page = LexborHTMLParser(found[url].text)
            assert page.css_first(f'[id="{unquote(fragment)}"]') is not None, f"{url}#{fragment} in {source}"
    return found


def test_every_link_resolves(real: Publication) -> None:
    """Article pages, media, OPML, alternate formats, sitemap, style: 200, each."""
    found = crawl(real.client(), f"{BASE}/", f"{BASE}/robots.txt", f"{BASE}/feeds.opml?format=json")
    kinds = [answer.mimetype for url, answer in found.items() if "?" not in url]
    topics = len(real.site.topics)
    # And their archives.
    assert kinds.count("application/atom+xml") > topics + 1
    assert kinds.count("application/rss+xml") > topics + 1
    assert kinds.count("application/feed+json") > topics + 1
    assert kinds.count("image/svg+xml") >= 1
    # That of all pages, and that of /docs beside it.
    assert kinds.count("text/css") == 2
    assert {f"{BASE}/feeds.opml", f"{BASE}/sitemap.xml", f"{BASE}/sitemap-news.xml", f"{BASE}/robots.txt"} <= set(found)
    with real.store.read() as snapshot:
        slugs = [slug for slug, _ in snapshot.slugs.page(1000, 0)]
    pages = {url for url in found if url.startswith(f"{BASE}/articles/") and "?" not in url}
    assert len(pages) == len(slugs) >= 14


@pytest.mark.parametrize("ui", ["en", "zh-Hant"])
def test_every_real_page_has_one_heading(real: Publication, ui: str) -> None:
    """The articles we publish ourselves are good examples."""
    client = real.client()
    with real.store.read() as snapshot:
        slugs = [slug for slug, _ in snapshot.slugs.page(1000, 0)]
    for path in (
        "/",
        *(f"/topics/{topic.name}" for topic in real.site.topics),
        *(f"/articles/{slug}" for slug in slugs),
    ):
        page = LexborHTMLParser(ask(client, f"{path}?ui={ui}").text)
        assert len(page.css("h1")) == 1, path
        ids = [node.attributes["id"] for node in page.css("[id]")]
        assert len(ids) == len(set(ids)), path


@pytest.mark.parametrize(
    "name", ["/etc", "/r/hardware", "/", "//", "a/", "a//b", "a/../b", "..a", "a?b#c", "%2F", "א/晶"]
)
def test_any_tag_and_any_name_has_a_page(publication: Publication, name: str) -> None:
    """Promise 7, as a browser reads the link."""
    publication.article("one", tags=f"['{name}']", authors=f"['{name}']")
    assert publication.sync().problems == ()
    client = publication.client()
    page = LexborHTMLParser(ask(client, "/articles/one").text)
    found = [node.attributes["href"] or "" for node in page.css("a[href*='/tags/'], a[href*='/authors/']")]
    assert len(found) >= 2
    for link in found:
        url = ada_url.join_url("https://example.org/articles/one", link)
        assert url == link
        answer = ask(client, url.removeprefix("https://example.org"))
        assert answer.status_code == 200, url
        heading = LexborHTMLParser(answer.text).css_first("h1")
        assert heading is not None
        assert heading.text().removeprefix("#") == name
