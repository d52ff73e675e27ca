"""Where links to the publication lead in an export."""

from dataclasses import replace

import pytest

from feedsvc.feeds.static_links import in_export, static_content, static_url
from feedsvc.model import Export, SafeHTML, Site
from tests.conftest import Publication

BASE, API = "https://example.org", "https://api.example.org"
# An address of the service, and its path in the export; None for what only a service has.
LEADS = {
    "/articles/n1": "/articles/n1",
    "/articles/n1?utm_source=x": "/articles/n1?utm_source=x",
    "/?p=3": "/?p=3",
    "/topics/chips?page=2": "/topics/chips/page/2",
    "/?page=3": "/page/3",
    "/tags/a%2Fb?page=2": "/page/2/tags/a%2Fb",
    "/feeds/chips.atom": "/feeds/chips.atom",
    "/feeds/chips.atom?lang=en": "/feeds/chips/lang-en.atom",
    "/feeds/chips.atom?utm_source=x&lang=EN": "/feeds/chips/lang-en.atom",
    "/feeds/chips/2026-03.rss?lang=en": "/feeds/chips/lang-en/2026-03.rss",
    "/feeds/semiconductors.atom?lang=en": "/feeds/semiconductors.atom?lang=en",
    "/feeds/chips.atom?lang=ja": None,
    "/feeds/chips.atom?after=12": None,
    "/feeds/chips.atom?view=source": None,
    "/feeds/a.b.atom?lang=en": None,
    "/search": None,
    "/search/?q=%E6%99%B6": None,
    "/subscribe?feed=all.atom": None,
    "/.well-known/api-catalog": None,
    "/hub": None,
    "/status": None,
    "/embed/chips": "/embed/chips",
    "/embed/chips?theme=dark": None,
    "/tags/a%2F%2Fb": None,
    "/authors/%2F": None,
    "/tags/%E6%99%B6": "/tags/%E6%99%B6",
}


@pytest.fixture
def site(publication: Publication) -> Site:
    """Return the site of an export of the feed of chips in English."""
    topics = tuple(
        replace(each, aliases=("semiconductors",) * (each.name == "chips")) for each in publication.site.topics
    )
    return replace(publication.site, topics=topics, exported=frozenset({"all", "chips", "chips?lang=en"}))


@pytest.mark.parametrize("address", LEADS)
def test_links_lead_to_files_or_to_the_service(site: Site, address: str) -> None:
    wanted = LEADS[address]
    found = None if wanted is None else f"{BASE}{wanted}"
    assert in_export(address, site) == found
    assert static_url(f"{BASE}{address}", site) == found
    with_service = replace(site, export=Export(api_url=API))
    assert static_url(f"{BASE}{address}#part", with_service) == f"{found or API + address}#part"


def test_other_links_stay(site: Site) -> None:
    for url in ("https://example.org.other.example/search", "mailto:me@example.org", "https://example.org"):
        assert static_url(url, site) == url


TEXT = SafeHTML(
    '<p>Look <a href="https://example.org/search?q=a&amp;ui=en" rel="nofollow" title="there">here</a>, '
    '<a id="x" href="https://example.org/feeds/chips.rss?lang=en#a">there</a> and '
    '<a href="https://example.org/about">about</a>; '
    'write &lt;a href="https://example.org/search"&gt;.</p>'
)


def test_the_links_of_a_text(site: Site) -> None:
    assert static_content(TEXT, site) == (
        '<p>Look <a title="there">here</a>, '
        '<a id="x" href="https://example.org/feeds/chips/lang-en.rss#a">there</a> and '
        '<a href="https://example.org/about">about</a>; '
        'write &lt;a href="https://example.org/search"&gt;.</p>'
    )
    found = static_content(TEXT, replace(site, export=Export(api_url=API)))
    assert '<a href="https://api.example.org/search?q=a&amp;ui=en" rel="nofollow" title="there">' in found


def test_a_text_that_stays_is_the_same_object(site: Site) -> None:
    """The service changes none, and caches compare the same object at once."""
    assert static_content(TEXT, replace(site, exported=None)) is TEXT
    for text in ("<p>None.</p>", '<p><a href="https://example.org/about">about</a></p>'):
        given = SafeHTML(text)
        assert static_content(given, site) is given
