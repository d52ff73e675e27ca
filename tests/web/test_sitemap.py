"""/robots.txt and /sitemap.xml (sitemaps.org)."""

import pytest
from flask.testing import FlaskClient
from lxml import etree

from feedsvc.documents.sitemap import NEWS, SITEMAP, XHTML
from tests.conftest import Publication
from tests.web.resources import BASE, ask

LISTS = [f"{BASE}/", f"{BASE}/topics/chips", f"{BASE}/topics/cloud", f"{BASE}/feeds"]


def locations(client: FlaskClient, path: str, root: str = "urlset") -> list[str]:
    """The addresses in a sitemap."""
    document = etree.fromstring(ask(client, path).data)
    assert document.tag == f"{{{SITEMAP}}}{root}"
    return [str(each.text) for each in document.iter(f"{{{SITEMAP}}}loc")]


def test_robots_names_the_sitemap(poller: FlaskClient) -> None:
    """Everything may be read."""
    assert ask(poller, "/robots.txt").text == (
        f"User-agent: *\nAllow: /\n\nSitemap: {BASE}/sitemap.xml\nSitemap: {BASE}/sitemap-news.xml\n"
    )


def test_every_page_stands_in_the_sitemap(poller: FlaskClient) -> None:
    """The lists, then the articles, with the time each last changed."""
    assert locations(poller, "/sitemap.xml") == [
        *LISTS,
        *(f"{BASE}/articles/{slug}" for slug in ("%E6%8E%A8%E8%AB%96", "hello")),
    ]
    assert ask(poller, "/sitemap.xml").text.count("<lastmod>2026-11-01T12:01:00Z</lastmod>") == 2


@pytest.mark.parametrize("size", range(1, 12))
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


@pytest.mark.both_engines
def test_translations_name_each_other(publication: Publication) -> None:
    """Also where the original was renamed since; a single article names none."""
    publication.article("one", aliases="[first]")
    publication.article("eins", language="de", translation_of="first")
    publication.article("一", language="zh-Hant", translation_of="one")
    publication.article("two")
    publication.article("draft", language="fr", translation_of="two", draft="true")
    publication.sync()
    client = publication.client()
    links = {
        str(each[0].text): [(link.get("hreflang"), link.get("href")) for link in each.iter(f"{{{XHTML}}}link")]
        for each in etree.fromstring(ask(client, "/sitemap.xml").data)
    }
    every = [("de", f"{BASE}/articles/eins"), ("en", f"{BASE}/articles/one"), ("zh-Hant", f"{BASE}/articles/%E4%B8%80")]
    assert [links[url] for _, url in every] == [every] * 3
    assert links[f"{BASE}/articles/two"] == links[f"{BASE}/"] == []


@pytest.mark.parametrize("portion", [1, 2, 100])
def test_google_news_gets_two_days(publication: Publication, monkeypatch: pytest.MonkeyPatch, portion: int) -> None:
    monkeypatch.setattr("feedsvc.documents.sitemap._NEWS_PORTION", portion)
    for name, published in {"new": "2026-10-31 12:00", "near": "2026-10-29 12:00", "old": "2026-10-29 11:59"}.items():
        publication.article(name, published=published, title=f"'{name} & 晶片'")
    publication.article("elsewhere", published="2026-10-31 13:00", canonical="https://other.example/x")
    publication.article("新", published="2026-10-31 11:00", language="zh-TW")
    publication.sync()
    found = ask(publication.client(), "/sitemap-news.xml")
    rows = etree.fromstring(found.data)
    tags = {tag: [str(each.text) for each in rows.iter(f"{{{NEWS}}}{tag}")] for tag in ("title", "language", "name")}
    assert [str(each.text) for each in rows.iter(f"{{{SITEMAP}}}loc")] == [
        f"{BASE}/articles/{slug}" for slug in ("new", "%E6%96%B0", "near")
    ]
    assert tags == {
        "title": ["new & 晶片", "新", "near & 晶片"],
        "language": ["en", "zh-tw", "en"],
        "name": ["Test Weekly", "測試週刊", "Test Weekly"],
    }
    assert rows.findtext(f".//{{{NEWS}}}publication_date") == "2026-10-31T04:00:00Z"


def test_google_news_gets_an_empty_list(publication: Publication) -> None:
    publication.sync()
    assert len(etree.fromstring(ask(publication.client(), "/sitemap-news.xml").data)) == 0
