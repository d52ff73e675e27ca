"""/embed/<slice>: a light page for anybody's frame. /embed.js is tried in tests/browser."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.conftest import Publication
from tests.web.resources import BASE, ask


@pytest.fixture
def twelve(publication: Publication) -> Publication:
    for number in range(12):
        publication.article(f"n{number}", title=f"<b>{number}</b>", tags="[a]", language="zh-Hant")
    publication.sync()
    return publication


def test_it_shows_the_newest_articles_and_nothing_runs(twelve: Publication) -> None:
    answer = ask(twelve.client(), "/embed/chips?tag=a&limit=3&theme=dark&ui=en")
    page = LexborHTMLParser(answer.text)
    assert [node.text() for node in page.css("li a")] == ["<b>0</b>", "<b>1</b>", "<b>10</b>"]
    assert next(node.attributes["href"] for node in page.css("li a")) == f"{BASE}/articles/n0"
    assert page.css("script, link[rel=stylesheet], b") == []
    html = page.css_first("html")
    assert html is not None
    assert html.attributes["lang"] == "en"
    assert page.css_first("main[data-theme=dark]") is not None
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "img-src" not in policy
    assert len(answer.data) < 4300


def test_pictures_are_shown_where_they_are_asked_for(publication: Publication) -> None:
    publication.article("far", image="https://pictures.example/a.png")
    publication.article("none")
    publication.sync()
    plain, shown = (ask(publication.client(), f"/embed/chips?pictures={value}") for value in ("no", "yes"))
    assert LexborHTMLParser(plain.text).css("img") == []
    assert [node.attributes["src"] for node in LexborHTMLParser(shown.text).css("li img")] == [
        "https://pictures.example/a.png"
    ]
    assert shown.headers["Content-Security-Policy"].endswith("; img-src http: https:")


def test_it_names_its_publication_and_leads_to_it(twelve: Publication) -> None:
    page = LexborHTMLParser(ask(twelve.client(), "/embed/chips?ui=en").text)
    assert [node.text() for node in page.css("header > *")] == ["Chips", "Test Weekly"]
    (more,) = page.css(".more a")
    assert (more.text(), more.attributes["href"]) == ("More from Test Weekly", f"{BASE}/topics/chips")
    assert [node.text() for node in page.css("li time span[lang=zh-Hant]")] == ["繁體中文"] * 10
    of_all = LexborHTMLParser(ask(twelve.client(), "/embed/all?ui=zh-Hant").text)
    assert [node.text() for node in of_all.css("header > *")] == ["測試週刊"]
    assert of_all.css("li time span") == []


def test_it_speaks_the_language_of_its_slice(twelve: Publication) -> None:
    answer = ask(twelve.client(), "/embed/all?lang=zh-Hant")
    assert answer.headers["Content-Language"] == "zh-Hant"
    assert "2026年10月1日" in answer.text
    assert answer.text.count("<li ") == 10


REFUSED = {
    "/embed/chips?theme=pink": "parameter 'theme': unknown 'pink' (known: auto, light, dark)",
    "/embed/chips?pictures=1": "parameter 'pictures': unknown '1' (known: no, yes)",
    "/embed/chips?ui=fr": "parameter 'ui': unknown 'fr' (known: en, zh-Hant)",
    "/embed/chips?tag=b": "parameter 'tag': no article has the tag 'b' (known: a)",
    "/embed/chips?colour=red": "unknown parameter 'colour' "
    "(known: topic, tag, author, lang, not, q, since, until, limit, body, theme, ui, pictures)",
}


@pytest.mark.parametrize(("path", "text"), REFUSED.items())
def test_what_it_does_not_know_is_named(twelve: Publication, path: str, text: str) -> None:
    answer = ask(twelve.client(), path)
    assert (answer.status_code, answer.text) == (400, f"{text}\n")


def test_an_unknown_topic(twelve: Publication) -> None:
    assert ask(twelve.client(), "/embed/chip").text == "unknown topic 'chip' (did you mean 'chips'?)\n"


def test_the_script_is_small_and_for_everybody(twelve: Publication) -> None:
    answer = ask(twelve.client(), "/embed.js")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert len(ask(twelve.client(), "/embed.js", Accept_Encoding="gzip").data) < 3200
    # The frame and the element have one style sheet.
    assert ".feed-list li" in answer.text
    assert "innerHTML" not in answer.text
    assert ask(twelve.client(), "/embed.js", If_None_Match=answer.headers["ETag"]).status_code == 304


def test_the_api_catalog_leads_to_the_description(twelve: Publication) -> None:
    answer = ask(twelve.client(), "/.well-known/api-catalog")
    assert answer.mimetype == "application/linkset+json"
    assert answer.json is not None
    (links,) = answer.json["linkset"]
    for relation in ("service-desc", "service-doc", "status"):
        assert ask(twelve.client(), links[relation][0]["href"].removeprefix(BASE)).status_code == 200
