"""Pages are in the language that their address names (`?ui=`), else in the site's."""

import unicodedata
from typing import Literal
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from tests.conftest import SITE_TOML, Publication
from tests.web.resources import PAGES, Resource, ask, over


def language_of(client: FlaskClient, path: str, **headers: str) -> str | None:
    """The lang of a page, which its Content-Language repeats."""
    answer = ask(client, path, **headers)
    html = LexborHTMLParser(answer.text).css_first("html")
    assert html is not None
    assert answer.headers["Content-Language"] == html.attributes["lang"]
    return html.attributes["lang"]


def with_ui(path: str, ui: str) -> str:
    """The same page in another interface language."""
    return f"{path}{'&' if '?' in path else '?'}ui={ui}"


@over(PAGES)
def test_the_address_decides(poller: FlaskClient, resource: Resource) -> None:
    """By URL (`?ui=` and a link), else the site's: whoever asks, a page is the same and anybody may keep it."""
    for accepted in ("zh-TW", "en", "fr,zh-TW;q=0.5", "*", "nonsense,,;q="):
        assert language_of(poller, resource.path, Accept_Language=accepted) == "en"
        assert language_of(poller, with_ui(resource.path, "zh-Hant"), Accept_Language=accepted) == "zh-Hant"


@over(PAGES)
def test_vary(poller: FlaskClient, resource: Resource) -> None:
    """6. Vary names all that chose the answer, on 304s too; each language has an ETag of its own."""
    answers = {ui: ask(poller, with_ui(resource.path, ui)) for ui in ("en", "zh-Hant")}
    for ui, answer in answers.items():
        again = ask(poller, with_ui(resource.path, ui), If_None_Match=answer.headers["ETag"])
        assert again.status_code == 304
        assert answer.headers["Vary"] == again.headers["Vary"] == "Accept-Encoding"
    assert answers["en"].headers["ETag"] != answers["zh-Hant"].headers["ETag"]


@over(PAGES)
def test_links_stay_in_the_language(poller: FlaskClient, resource: Resource) -> None:
    """What was asked for by URL is asked for by every link to a page; what the site chooses needs no parameter."""
    for ui, expected in (("zh-Hant", True), ("en", False)):
        page = LexborHTMLParser(ask(poller, with_ui(resource.path, ui)).text)
        selector = "header.site a:not([hreflang]), main h2 a, main .facts a, main .every a.feed"
        links = [node.attributes["href"] or "" for node in page.css(selector)]
        assert len(links) >= 4
        assert {"ui=zh-Hant" in link for link in links} == {expected}
        (other,) = [node.attributes["href"] or "" for node in page.css("header.site a[hreflang]")]
        assert ("ui=zh-Hant" in other) is not expected
        canonical = page.css_first("link[rel=canonical]")
        assert canonical is not None
        assert "ui=" not in (canonical.attributes["href"] or "")


@pytest.mark.parametrize(("language", "ui"), [("zh-Hant", "zh-Hant"), ("zh-TW", "zh-Hant"), ("ja", "en")])
def test_else_the_site_decides(publication: Publication, language: str, ui: str) -> None:
    """… else the site's; English where there is no interface in that."""
    publication.write("site.toml", SITE_TOML.replace('language = "en"', f'language = "{language}"'))
    publication.sync()
    assert language_of(publication.client(), "/") == ui


def test_words_and_texts_are_in_that_language(poller: FlaskClient) -> None:
    """Interface text by the catalogue, the site's texts per language, dates by the locale, the article as written."""
    page = ask(poller, "/articles/%E6%8E%A8%E8%AB%96?ui=zh-Hant").text
    for text in ("訂閱", "測試週刊", "晶片", "2026年10月1日", 'lang="zh-Hant"'):
        assert text in page
    english = ask(poller, "/articles/%E6%8E%A8%E8%AB%96?ui=en").text
    for text in (
        "Subscribe",
        "Test Weekly",
        "Chips",
        "October 1, 2026",
        '<article class="h-entry" lang="zh-Hant" dir="ltr">',
    ):
        assert text in english


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_slug_in_any_normal_form(publication: Publication, form: Literal["NFC", "NFD"]) -> None:
    """A slug is NFC; macOS and some browsers ask in NFD."""
    slug = "café-が-각"
    publication.article("any", slug=slug)
    publication.sync()
    answer = ask(publication.client(), f"/articles/{quote(unicodedata.normalize(form, slug))}")
    assert answer.status_code == 200
    canonical = LexborHTMLParser(answer.text).css_first("link[rel=canonical]")
    assert canonical is not None
    assert canonical.attributes["href"] == f"https://example.org/articles/{quote(slug)}"


@pytest.mark.parametrize(
    ("asked", "ui"),
    [
        *((asked, "zh-Hant") for asked in ("zh-TW", "zh-HK", "zh", "ZH-hant", "zh_Hant", "zh-Hant-TW")),
        *((asked, "en") for asked in ("EN", "en-GB", "fr", "", "x", "%00", "zh-Hant" * 30)),
    ],
)
def test_any_way_to_say_a_language(poller: FlaskClient, asked: str, ui: str) -> None:
    """Pages ignore what they do not know; the site's language is English here."""
    for path in ("/", "/articles/hello", "/feeds/all.atom"):
        answer = ask(poller, with_ui(path, asked), Sec_Fetch_Dest="document")
        assert (answer.status_code, answer.headers["Content-Language"]) == (200, ui)
