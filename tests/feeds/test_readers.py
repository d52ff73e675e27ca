"""Three formats, one feed: readers of each find what the articles say, and so the same."""

import json
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from lxml import etree

from feedsvc.feeds.elements import LIKE_A_TAG
from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Person
from tests.feeds.cases import CASES, MARKUP, article, feed
from tests.feeds.readers import READERS, ReadEntry, ReadFeed


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_a_reader_finds_what_the_feed_says(case: str, suffix: str) -> None:
    feed = CASES[case]
    assert READERS[suffix](FORMATS[suffix].render(feed)) == said(feed, suffix)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_title_with_markup_reads_as_it_was_written(suffix: str) -> None:
    entry = READERS[suffix](FORMATS[suffix].render(CASES["markup"])).entries[0]
    assert (entry.title, entry.authors) == (MARKUP, [f"Ann {MARKUP}"])


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("case", ["markup", "markup-of-the-site", "image", "translations", "email"])
def test_nothing_but_content_looks_like_html(case: str, suffix: str) -> None:
    made = {"email": feed(article("any", authors=(Person(name="Ann", email="<img src=x>@example.org"),)))} | CASES
    document = FORMATS[suffix].render(made[case])
    assert not [text for text in TEXTS[suffix](document) if LIKE_A_TAG.search(text)]


def _texts_of_xml(document: bytes) -> Iterator[str]:
    """All texts and attributes but those of the content."""
    for element in etree.fromstring(document).iter():
        if etree.QName(element).localname not in ("content", "encoded"):
            yield from (element.text or "", *map(str, element.attrib.values()))


def _texts_of_json(document: bytes) -> Iterator[str]:
    waiting = [json.loads(document)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [each for key, each in value.items() if key != "content_html"]
        elif isinstance(value, list):
            waiting += value


TEXTS: Final = {"atom": _texts_of_xml, "rss": _texts_of_xml, "json": _texts_of_json}


def said(feed: Feed, suffix: str) -> ReadFeed:
    """What there is to be found in `feed`. The format decides its own address, and Atom wants URIs as ids."""
    return ReadFeed(
        title=feed.title,
        subtitle=feed.subtitle,
        home_url=feed.home_url,
        self_url=feed.self_url(suffix),
        language=feed.language,
        authors=[person.name for person in feed.authors],
        entries=[_said(entry, feed.uri if suffix == "atom" else str) for entry in feed.entries],
    )


def _said(entry: Entry, id_of: Callable[[str], str]) -> ReadEntry:
    article = entry.article
    return ReadEntry(
        id=id_of(article.id),
        url=entry.url,
        title=article.title,
        summary=entry.summary,
        content=entry.content,
        published=article.published.replace(microsecond=0),
        updated=article.updated.replace(microsecond=0),
        authors=[person.name for person in article.authors],
        tags=list(dict.fromkeys(category.label for category in entry.categories)),
        language=article.language,
        enclosures=[(each.url, each.type, each.length) for each in article.enclosures],
    )
