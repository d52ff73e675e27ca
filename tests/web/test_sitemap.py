"""/robots.txt and /sitemap.xml (sitemaps.org)."""

import pytest
from flask.testing import FlaskClient
from lxml import etree

from feedsvc.documents.sitemap import SITEMAP
from tests.conftest import Publication
from tests.web.resources import BASE, ask

LISTS = [f"{BASE}/", f"{BASE}/topics/chips", f"{BASE}/topics/cloud"]


def locations(client: FlaskClient, path: str, root: str = "urlset") -> list[str]:
    """The addresses in a sitemap."""
    document = etree.fromstring(ask(client, path).data)
    assert document.tag == f"{{{SITEMAP}}}{root}"
    return [str(each.text) for each in document.iter(f"{{{SITEMAP}}}loc")]


def test_robots_names_the_sitemap(poller: FlaskClient) -> None:
    """Everything may be read."""
    assert ask(poller, "/robots.txt").text == f"User-agent: *\nAllow: /\n\nSitemap: {BASE}/sitemap.xml\n"


def test_every_page_stands_in_the_sitemap(poller: FlaskClient) -> None:
    """The lists, then the articles, with the time each last changed."""
    assert locations(poller, "/sitemap.xml") == [
        *LISTS,
        *(f"{BASE}/articles/{slug}" for slug in ("%E6%8E%A8%E8%AB%96", "hello")),
    ]
    assert ask(poller, "/sitemap.xml").text.count("<lastmod>2026-11-01T12:01:00Z</lastmod>") == 2


@pytest.mark.parametrize("size", range(1, 11))
def test_beyond_the_limit_it_is_an_index(publication: Publication, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than `SITEMAP_SIZE` URLs in a file; every page in exactly one part, oldest articles first."""
    articles = [f"a{number}" for number in range(5)]
    for number, slug in enumerate(articles):
        publication.article(slug, published=f"2026-0{number + 1}-01 10:00")
    publication.sync()
    monkeypatch.setattr("feedsvc.documents.sitemap.SITEMAP_SIZE", size)
    client, pages = publication.client(), [*LISTS, *(f"{BASE}/articles/{slug}" for slug in articles)]
    if size >= len(pages):
        assert locations(client, "/sitemap.xml") == pages
        return
    parts = locations(client, "/sitemap.xml", "sitemapindex")
    found = [locations(client, part.removeprefix(BASE)) for part in parts]
    assert [page for part in found for page in part] == pages
    assert all(0 < len(part) <= size for part in found)
    assert ask(client, f"/sitemap-{len(parts) + 1}.xml").status_code == 404
