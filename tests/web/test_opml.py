"""/feeds.opml: folders of topics, a feed for each language, of a slice where one is asked for."""

import pytest
from lxml import etree

from tests.conftest import Publication
from tests.web.resources import BASE, ask


@pytest.fixture
def polyglot(publication: Publication) -> Publication:
    publication.article("one", language="zh-HK", tags="[a]")
    publication.article("two", language="en")
    publication.article("three", language="zh-Hans", topics="[cloud]")
    publication.sync()
    return publication


def outlines(publication: Publication, path: str) -> list[tuple[int, str]]:
    """(depth, address of the feed or title of the folder) of every outline, in their order."""
    answer = ask(publication.client(), path)
    assert answer.status_code == 200, answer.text
    body = etree.fromstring(answer.data).find("body")
    assert body is not None
    found = []
    for each in body.iter("outline"):
        depth = sum(1 for _ in each.iterancestors("outline"))
        found.append((depth, (each.get("xmlUrl") or f"{BASE}{each.get('title')}").removeprefix(BASE)))
    return found


def test_topics_are_folders_with_a_feed_for_each_language(polyglot: Publication) -> None:
    assert outlines(polyglot, "/feeds.opml") == [
        (0, "Test Weekly"),
        (1, "/feeds/all.atom"),
        (1, "/feeds/all.atom?lang=en"),
        (1, "/feeds/all.atom?lang=zh-Hans"),
        (1, "/feeds/all.atom?lang=zh-Hant"),
        (0, "Chips – Test Weekly"),
        (1, "/feeds/chips.atom"),
        (1, "/feeds/chips.atom?lang=en"),
        (1, "/feeds/chips.atom?lang=zh-Hant"),
        (0, "/feeds/cloud.atom"),
    ]


@pytest.mark.parametrize(
    ("path", "right"),
    [
        (
            "/feeds.opml?lang=zh-Hant&format=json",
            ["/feeds/all.json?lang=zh-Hant", "/feeds/chips.json?lang=zh-Hant", "/feeds/cloud.json?lang=zh-Hant"],
        ),
        ("/feeds.opml?topic=chips&lang=en", ["/feeds/chips.atom?lang=en"]),
        ("/feeds.opml?tag=a", ["/feeds/all.atom?tag=a", "/feeds/chips.atom?tag=a", "/feeds/cloud.atom?tag=a"]),
    ],
)
def test_a_slice_of_it(polyglot: Publication, path: str, right: list[str]) -> None:
    assert outlines(polyglot, path) == [(0, address) for address in right]


def test_one_language_makes_no_folders(publication: Publication) -> None:
    publication.article("one", language="en")
    publication.article("two", language="en-GB")
    publication.sync()
    feeds = [(0, "/feeds/all.rss"), (0, "/feeds/chips.rss"), (0, "/feeds/cloud.rss")]
    assert outlines(publication, "/feeds.opml?format=rss") == feeds


def test_every_feed_of_it_is_there(polyglot: Publication) -> None:
    for _, address in outlines(polyglot, "/feeds.opml"):
        if address.startswith("/"):
            assert ask(polyglot.client(), address).status_code == 200
