"""Whether an address of ours leads anywhere: what `check` asks for redirects and for links."""

from dataclasses import replace

import pytest

from feedsvc.feeds.redirects import leads
from tests.feeds.cases import SITE


class Nowhere:
    """A publication without articles, tags and media."""

    def has_address(self, address: str) -> bool:
        return False

    def owner(self, address: str) -> str | None:
        return None

    def has_facet(self, facet: str, value: str) -> bool:
        return False

    def has_media(self, name: str) -> bool:
        return False


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("/feeds/all.atom", True),
        ("/feeds/all.atom?limit=5", True),
        ("/feeds/all.atom?limit=none", False),
        ("/feeds/all.atom?no-such-parameter=1", False),
        ("/feeds/no-such-topic.atom", False),
        ("/feeds/all.pdf", False),
        ("/articles/none", False),
        ("/old", True),
        ("/blog/2019/x", True),
        ("/dead", False),
        ("/mistyped", False),
    ],
)
def test_an_address_leads_somewhere_or_not(address: str, wanted: bool) -> None:
    redirects = (("/old", "/feeds/all.rss"), ("/blog/*", "/"), ("/dead", "/articles/none"), ("/*", "/"))
    assert leads(address, replace(SITE, redirects=redirects), Nowhere()) is wanted
