"""Pages are in the reader's language where there is a translation: `?ui=`, else Accept-Language, else the site's."""

import unicodedata
from typing import Literal
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from tests.conftest import SITE_TOML, Publication
from tests.web.resources import PAGES, Resource, ask, over

# Accept-Language → the language of a page whose site is English.
WANTED = {
    "zh-TW": "zh-Hant",
    "zh-HK": "zh-Hant",
    "zh-Hant-MO": "zh-Hant",
    "zh-CN": "zh-Hant",
    "zh": "zh-Hant",
    "en": "en",
    "en-GB,en;q=0.9": "en",
    "fr": "en",
    "fr,zh-TW;q=0.5": "zh-Hant",
    "en;q=0.4,zh-TW;q=0.9": "zh-Hant",
    "zh-TW;q=0,en": "en",
    "zh-TW;q=0": "en",
    "*": "en",
    "": "en",
    "nonsense,,;q=,\u00e9": "en",
}


def language_of(client: FlaskClient, path: str, **headers: str) -> str | None:
    """The lang of a page, which its Content-Language repeats."""
    answer = ask(client, path, **headers)
    html = LexborHTMLParser(answer.text).css_first("html")
    assert html is not None
    assert answer.headers["Content-Language"] == html.attributes["lang"]
    return html.attributes["lang"]


@pytest.mark.parametrize(("wanted", "ui"), WANTED.items(), ids=[each or "empty" for each in WANTED])
def test_accept_language(poller: FlaskClient, wanted: str, ui: str) -> None:
    """The most wanted language that there is an interface in; by likely subtags, so zh-TW is zh-Hant."""
    for resource in PAGES:
        assert language_of(poller, resource.path, Accept_Language=wanted) == ui


@over(PAGES)
def test_ui_wins(poller: FlaskClient, resource: Resource) -> None:
    """`?ui=` and a link wins over what the browser asks for."""
    assert language_of(poller, f"{resource.path}?ui=zh-Hant", Accept_Language="en") == "zh-Hant"
    assert language_of(poller, f"{resource.path}?ui=en", Accept_Language="zh-TW") == "en"


@over(PAGES)
def test_vary(poller: FlaskClient, resource: Resource) -> None:
    """6. Vary names all that chose the answer, on 304s too; each language has an ETag of its own."""
    answers = {ui: ask(poller, resource.path, Accept_Language=ui) for ui in ("en", "zh-Hant")}
    for ui, answer in answers.items():
        again = ask(poller, resource.path, Accept_Language=ui, If_None_Match=answer.headers["ETag"])
        assert again.status_code == 304
        assert answer.headers["Vary"] == again.headers["Vary"] == "Accept-Encoding, Accept-Language"
    assert answers["en"].headers["ETag"] != answers["zh-Hant"].headers["ETag"]


@pytest.mark.parametrize(("language", "ui"), [("zh-Hant", "zh-Hant"), ("zh-TW", "zh-Hant"), ("ja", "en")])
def test_else_the_site_decides(publication: Publication, language: str, ui: str) -> None:
    """… else the site's; English where there is no interface in that."""
    publication.write("site.toml", SITE_TOML.replace('language = "en"', f'language = "{language}"'))
    publication.sync()
    assert language_of(publication.client(), "/") == ui
    assert language_of(publication.client(), "/", Accept_Language="fr") == ui


def test_words_and_texts_are_in_that_language(poller: FlaskClient) -> None:
    """Interface text by the catalogue, the site's texts per language, dates by the locale, the article as written."""
    page = ask(poller, "/articles/%E6%8E%A8%E8%AB%96?ui=zh-Hant").text
    for text in ("訂閱", "測試週刊", "晶片", "2026年10月1日", 'lang="zh-Hant"'):
        assert text in page
    english = ask(poller, "/articles/%E6%8E%A8%E8%AB%96?ui=en").text
    for text in ("Subscribe", "Test Weekly", "Chips", "October 1, 2026", '<article lang="zh-Hant" dir="ltr">'):
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
