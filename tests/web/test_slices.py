"""A slice's address, as a reader asks for it."""

import json
from dataclasses import replace

import feedparser
import pytest

from feedsvc.web import create_app
from tests.conftest import Publication
from tests.web.resources import ask


@pytest.fixture
def library(publication: Publication) -> Publication:
    """Articles in both topics, in three languages, by two authors."""
    publication.article("one", "推論與訓練", title="一", language="zh-Hant", tags="[nvidia]", authors="[陳]")
    publication.article(
        "two", "Inference by AI", title="Two", language="en", topics="[chips, cloud]", tags="[nvidia, amd]"
    )
    publication.article("three", "雲", title="三", language="zh-HK", topics="[cloud]", published="2026-10-02 10:00")
    publication.sync()
    return publication


def titles(publication: Publication, path: str) -> list[str]:
    answer = ask(publication.client(), path)
    assert answer.status_code == 200, answer.text
    return [entry.title for entry in feedparser.parse(answer.data).entries]


WANTED = {
    "/feeds/all.atom": ["三", "一", "Two"],
    "/feeds/chips.atom?lang=zh-Hant": ["一"],
    "/feeds/all.rss?lang=zh-Hant": ["三", "一"],
    "/feeds/all.atom?lang=zh": ["三", "一"],
    "/feeds/all.atom?lang=zh-TW": ["一"],
    "/feeds/all.atom?topic=chips&topic=cloud": ["三", "一", "Two"],
    "/feeds/all.atom?tag=nvidia&not=lang:zh": ["Two"],
    "/feeds/cloud.rss?author=Test%20desk&limit=1": ["三"],
    "/feeds/all.atom?q=推論": ["一"],
    "/feeds/all.rss?q=ai": ["Two"],
    "/feeds/all.atom?q=NVIDIA": ["一", "Two"],
    "/feeds/all.atom?since=2026-10-02": ["三"],
    "/feeds/all.atom?until=2026-10-01&tag=&q=": ["一", "Two"],
    "/feeds/chips.atom?lang=zh-HK": [],
}


@pytest.mark.parametrize(("path", "right"), WANTED.items())
def test_a_slice_holds_what_its_address_asks_for(library: Publication, path: str, right: list[str]) -> None:
    assert titles(library, path) == right


def test_another_spelling_answers_the_same_document(library: Publication) -> None:
    client = library.client()
    first = ask(client, "/feeds/all.atom?topic=chips&tag=nvidia&tag=amd&lang=zh-Hant")
    other = ask(client, "/feeds/chips.atom?lang=zh_hant&tag=amd&tag=nvidia&tag=amd&limit=&utm_source=x")
    assert (other.data, other.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert 'href="https://example.org/feeds/chips.atom?tag=amd&amp;tag=nvidia&amp;lang=zh-Hant"' in first.text
    assert "<title>晶片，繁體中文，關於 amd或nvidia – 測試週刊</title>" in first.text


def test_summaries_alone(library: Publication) -> None:
    document = json.loads(ask(library.client(), "/feeds/chips.json?body=summary&lang=en").data)
    assert document["language"] == "en"
    assert [(item["content_text"], "content_html" in item) for item in document["items"]] == [
        ("Inference by AI", False)
    ]
    assert "<content" not in ask(library.client(), "/feeds/chips.atom?body=summary").text


def test_a_change_elsewhere_changes_no_byte_and_no_validator(library: Publication) -> None:
    paths = [
        "/feeds/chips.atom?tag=amd",
        "/feeds/all.json?lang=en",
        "/feeds/all.rss?until=2026-10-01",
        "/feeds/all.atom?q=inference",
    ]
    client = library.client()
    before = [(ask(client, path).data, ask(client, path).headers["ETag"]) for path in paths]
    library.article("three", "雲，還是雲", title="三", language="zh-HK", topics="[cloud]", published="2026-10-02 10:00")
    library.article("four", "新", title="四", language="ja", topics="[cloud]", published="2026-10-03 10:00")
    library.sync()
    assert [(ask(client, path).data, ask(client, path).headers["ETag"]) for path in paths] == before
    assert "四" in titles(library, "/feeds/all.atom")


UNKNOWN = {
    "/feeds/all.atom?tag=nvidea": "parameter 'tag': no article has the tag 'nvidea' (did you mean 'nvidia'?)",
    "/feeds/all.atom?not=author:陈": "parameter 'not': no article has the author '陈' (known: Test desk, 陳)",
    "/feeds/all.atom?lang=ja": "parameter 'lang': no article has the language 'ja' "
    "(known: en, en-Latn, en-US, zh, zh-HK, zh-Hant, zh-TW)",
    "/feeds/all.atom?topic=chip": "parameter 'topic': unknown topic 'chip' (did you mean 'chips'?)",
}


@pytest.mark.parametrize(("path", "text"), UNKNOWN.items())
def test_what_does_not_exist_is_named_with_what_does(library: Publication, path: str, text: str) -> None:
    answer = ask(library.client(), path)
    assert (answer.status_code, answer.text) == (400, f"{text}\n")


INDEXED = [
    "/feeds/chips.atom",
    "/feeds/chips.json?lang=en",
    "/feeds/all.rss?tag=amd&since=2026-01-01&until=2026-12-31&limit=5",
    "/embed/chips",
    "/feeds.opml",
    "/sitemap.xml",
    "/",
]


@pytest.mark.parametrize("path", INDEXED)
def test_what_an_index_answers_has_no_limit(library: Publication, path: str) -> None:
    """A machine that is busy must not refuse an ordinary feed, so not even a limit of no time refuses one."""
    client = create_app(replace(library.settings, search_seconds=0)).test_client()
    assert ask(client, path).status_code == 200


def test_a_slow_search_is_answered_503(library: Publication) -> None:
    client = create_app(replace(library.settings, search_seconds=0)).test_client()
    answer = ask(client, "/feeds/all.atom?q=ai")
    assert answer.status_code == 503
    assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("60", "no-store")
    assert answer.text == "this takes longer than 0 s (ask for less: a topic, a rarer word)\n"
    assert ask(client, "/readyz").status_code == 200
