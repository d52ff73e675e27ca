"""What machines read off a page, read off it by a parser of theirs: microformats, JSON-LD, Open Graph."""

import json
from typing import Any

import mf2py
import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from tests.conftest import Publication
from tests.web.resources import BASE, ask

HOSTILE = "</script><script>alert(1)</script> & \u2028 '\""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    made = Publication(tmp_path_factory.mktemp("linked"))
    made.article(
        "whole",
        "The text.",
        title="'標題 & <b>'",
        summary="A summary",
        published="2026-09-01 09:30",
        updated="2026-09-02",
        language="zh-Hant",
        topics="[chips, cloud]",
        tags="[nvidia, 'C++']",
        authors="[{name: Ann, uri: 'https://ann.example/'}, Test Weekly]",
        image="{src: 'https://pictures.example/a.png?x=1&y=2', alt: A picture}",
    )
    made.article("whole-en", language="en", translation_of="whole", published="2026-09-01 09:30")
    made.article("hostile", title=json.dumps(HOSTILE), summary=json.dumps(HOSTILE))
    made.sync()
    made.store.close()
    return made.client()


def parsed(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    """The microformats of a page."""
    items: list[dict[str, Any]] = mf2py.parse(ask(client, path).text, url=f"{BASE}{path}")["items"]
    return items


def linked(client: FlaskClient, path: str) -> dict[str, Any]:
    """Its block of JSON-LD."""
    (block,) = LexborHTMLParser(ask(client, path).text).css("script[type='application/ld+json']")
    found = json.loads(block.text())
    assert isinstance(found, dict)
    return found


def test_an_article_is_an_h_entry(client: FlaskClient) -> None:
    """https://microformats.org/wiki/h-entry."""
    (entry,) = parsed(client, "/articles/whole")
    assert entry["type"] == ["h-entry"]
    properties = entry["properties"]
    assert properties["name"] == ["標題 & <b>"]
    assert properties["summary"] == ["A summary"]
    assert properties["published"] == ["2026-09-01T09:30:00+0800"]
    assert properties["updated"] == ["2026-09-02T00:00:00+0800"]
    assert properties["url"] == [f"{BASE}/articles/whole"]
    # The page is in the article's language.
    assert properties["category"] == ["晶片", "Cloud", "nvidia", "C++"]
    assert [each["properties"]["name"] for each in properties["author"]] == [["Ann"], ["Test Weekly"]]
    assert properties["featured"][0]["value"] == "https://pictures.example/a.png?x=1&y=2"
    assert properties["content"][0]["value"].strip() == "The text."


@pytest.mark.parametrize("path", ["/", "/topics/chips", "/tags/nvidia", "/authors/Ann", "/months/2026-09"])
def test_a_list_is_an_h_feed(client: FlaskClient, path: str) -> None:
    """https://microformats.org/wiki/h-feed."""
    (feed,) = parsed(client, path)
    assert feed["type"] == ["h-feed"]
    assert feed["properties"]["name"]
    assert feed["children"]
    for entry in feed["children"]:
        assert entry["type"] == ["h-entry"]
        assert {"name", "url", "published"} <= set(entry["properties"])
        assert entry["properties"]["url"][0].startswith(f"{BASE}/articles/")


def test_an_article_is_a_news_article(client: FlaskClient) -> None:
    """https://schema.org/NewsArticle, with what search engines ask for."""
    found = linked(client, "/articles/whole")
    assert found == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "標題 & <b>",
        "description": "A summary",
        "url": f"{BASE}/articles/whole",
        "mainEntityOfPage": f"{BASE}/articles/whole",
        "datePublished": "2026-09-01T09:30:00+08:00",
        "dateModified": "2026-09-02T00:00:00+08:00",
        "inLanguage": "zh-Hant",
        "author": [
            {"@type": "Person", "name": "Ann", "url": "https://ann.example/"},
            {"@type": "Person", "name": "Test Weekly"},
        ],
        "publisher": {"@type": "Organization", "name": "測試週刊", "url": f"{BASE}/"},
        "articleSection": ["晶片", "Cloud"],
        "keywords": ["nvidia", "C++"],
        "image": ["https://pictures.example/a.png?x=1&y=2"],
        "workTranslation": [{"@id": f"{BASE}/articles/whole-en", "inLanguage": "en"}],
        "isAccessibleForFree": True,
    }


def properties(client: FlaskClient, path: str) -> list[tuple[str | None, str | None]]:
    nodes = LexborHTMLParser(ask(client, path).text).css("meta[property]")
    return [(node.attributes["property"], node.attributes["content"]) for node in nodes]


def test_open_graph(client: FlaskClient) -> None:
    """https://ogp.me."""
    assert properties(client, "/articles/whole") == [
        ("og:type", "article"),
        ("og:site_name", "測試週刊"),
        ("og:title", "標題 & <b>"),
        ("og:description", "A summary"),
        ("og:url", f"{BASE}/articles/whole"),
        ("og:locale", "zh_TW"),
        ("og:image", "https://pictures.example/a.png?x=1&y=2"),
        ("og:image:alt", "A picture"),
        ("article:published_time", "2026-09-01T09:30:00+08:00"),
        ("article:modified_time", "2026-09-02T00:00:00+08:00"),
        ("article:section", "晶片"),
        ("article:tag", "nvidia"),
        ("article:tag", "C++"),
    ]


def test_open_graph_of_a_list(client: FlaskClient) -> None:
    """In the page's own language; what somebody searched for has none."""
    assert properties(client, "/topics/chips?ui=en") == [
        ("og:type", "website"),
        ("og:site_name", "Test Weekly"),
        ("og:title", "Chips – Test Weekly"),
        ("og:description", "Made of sand"),
        ("og:url", f"{BASE}/topics/chips"),
        ("og:locale", "en_US"),
    ]
    assert LexborHTMLParser(ask(client, "/search?q=x").text).css("meta[property]") == []


def test_what_is_hostile_stays_inside_its_block(client: FlaskClient) -> None:
    """`<` and U+2028 are escaped: a data block ends where it seems to, in every parser."""
    text = ask(client, "/articles/hostile").text
    assert linked(client, "/articles/hostile")["headline"].startswith("</script><script>")
    assert len(LexborHTMLParser(text).css("script")) == 1
    assert "\u2028" not in text
