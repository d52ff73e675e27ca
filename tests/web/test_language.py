"""Pages are in the language that their address names (`?ui=`), else in the article's or the site's."""

import unicodedata
from typing import Literal
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from tests.conftest import SITE_TOML, Publication
from tests.web.resources import BASE, PAGES, Resource, ask, over

CHINESE = "/articles/%E6%8E%A8%E8%AB%96"


def language_of(client: FlaskClient, path: str, **headers: str) -> str | None:
    """The lang of a page, which its Content-Language repeats."""
    answer = ask(client, path, **headers)
    html = LexborHTMLParser(answer.text).css_first("html")
    assert html is not None
    assert answer.headers["Content-Language"] == html.attributes["lang"]
    return html.attributes["lang"]


def own_language(resource: Resource) -> str:
    """The language of a page without `?ui=`: the article's, else the site's."""
    return "zh-Hant" if resource.path == CHINESE else "en"


def with_ui(path: str, ui: str) -> str:
    """The same page in another interface language."""
    return f"{path}{'&' if '?' in path else '?'}ui={ui}"


@over(PAGES)
def test_the_address_decides(poller: FlaskClient, resource: Resource) -> None:
    """By URL (`?ui=` and a link), else the page's own: whoever asks, it is the same and anybody may keep it."""
    for accepted in ("zh-TW", "en", "fr,zh-TW;q=0.5", "*", "nonsense,,;q="):
        assert language_of(poller, resource.path, Accept_Language=accepted) == own_language(resource)
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
    """What was asked for by URL is asked for by every link to a page that has another language of its own."""
    for ui, expected in (("zh-Hant", True), ("en", False)):
        page = LexborHTMLParser(ask(poller, with_ui(resource.path, ui)).text)
        selector = "header.site a:not([hreflang]), main h2 a, main .facts a, main .every a.feed"
        links = [node.attributes["href"] or "" for node in page.css(selector)]
        assert len(links) >= 4
        assert {"ui=zh-Hant" in link for link in links if not link.endswith(CHINESE)} == {expected}
        assert not [link for link in links if CHINESE in link and "ui=zh-Hant" in link]
        (other,) = [node.attributes["href"] or "" for node in page.css("header.site a[hreflang]")]
        assert ("ui=" in other) is (ui == own_language(resource))
        canonical = page.css_first("link[rel=canonical]")
        assert canonical is not None
        assert "ui=" not in (canonical.attributes["href"] or "")


@pytest.mark.parametrize(("language", "ui"), [("zh-Hant", "zh-Hant"), ("zh-TW", "zh-Hant"), ("ja", "en")])
def test_else_the_site_decides(publication: Publication, language: str, ui: str) -> None:
    """… else the site's; English where there is no interface in that."""
    publication.write("site.toml", SITE_TOML.replace('language = "en"', f'language = "{language}"'))
    publication.sync()
    assert language_of(publication.client(), "/") == ui


@pytest.mark.parametrize(
    ("site", "article", "ui"),
    [
        ("en", "zh-Hant", "zh-Hant"),
        ("en", "zh-Hans", "zh-Hant"),
        ("zh-Hant", "en-GB", "en"),
        # No catalogue fits: as lists are.
        ("zh-Hant", "ko", "zh-Hant"),
        ("zh-Hant", "ar", "zh-Hant"),
        ("en", "ja", "en"),
        ("ja", "he", "en"),
    ],
)
def test_an_article_speaks_its_own_language(publication: Publication, site: str, article: str, ui: str) -> None:
    publication.write("site.toml", SITE_TOML.replace('language = "en"', f'language = "{site}"'))
    publication.article("one", language=article, tags="[sand]")
    publication.write("pages/about.md", f"---\ntitle: About\nlanguage: {article}\n---\nText.\n")
    publication.sync()
    client = publication.client()
    words = {"en": ("Subscribe", "October 1, 2026"), "zh-Hant": ("訂閱", "2026年10月1日")}[ui]
    for path in ("/articles/one", "/about"):
        assert language_of(client, path) == ui
        assert words[0] in ask(client, path).text
        # The same language by its name is another address of the same page, and its answer is its own.
        assert language_of(client, with_ui(path, "en")) == "en"
        assert language_of(client, with_ui(path, "zh-Hant")) == "zh-Hant"
        assert language_of(client, path) == ui
    assert words[1] in ask(client, "/articles/one").text
    assert language_of(client, "/") == ("zh-Hant" if site == "zh-Hant" else "en")


def test_a_choice_goes_on_and_nothing_else_does(publication: Publication) -> None:
    """A list that nobody chose a language for leads to articles in theirs; their pages lead to lists in the same.

    The articles before and after one are of its language, so none leads to "one".
    """
    publication.article("one", published="2026-10-01", language="en")
    publication.article("two", published="2026-10-02", language="zh-Hant")
    publication.article("three", published="2026-10-03", language="zh-Hant")
    publication.sync()
    client = publication.client()

    def links(path: str) -> list[str]:
        """Return the paths of all links to articles, and to the front page by the masthead."""
        found = LexborHTMLParser(ask(client, path).text).css("a[href*='/articles/']:not(.u-url[hidden]), .name a")
        return sorted({(each.attributes["href"] or "").removeprefix("https://example.org") for each in found})

    assert links("/") == ["/", "/articles/one", "/articles/three", "/articles/two"]
    assert links("/?ui=zh-Hant") == ["/?ui=zh-Hant", "/articles/one?ui=zh-Hant", "/articles/three", "/articles/two"]
    own = links("/articles/two")
    assert own == ["/?ui=zh-Hant", "/articles/three", "/articles/two?ui=en"]
    chosen = links("/articles/two?ui=en")
    assert chosen == ["/", "/articles/three?ui=en", "/articles/two"]


def test_a_changed_language_changes_the_page(publication: Publication) -> None:
    publication.article("one", language="en")
    publication.sync()
    client = publication.client()
    before = ask(client, "/articles/one")
    publication.article("one", language="zh-Hant")
    publication.sync()
    after = ask(publication.client(), "/articles/one", If_None_Match=before.headers["ETag"])
    assert (after.status_code, after.headers["Content-Language"]) == (200, "zh-Hant")
    assert after.headers["Vary"] == "Accept-Encoding"


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


@pytest.mark.parametrize("folder", ["articles", "pages"])
def test_the_switch_leads_to_a_translation(publication: Publication, folder: str) -> None:
    """To the text in the other language, not to this text below another masthead; else the interface changes."""
    for name, language in (("one", "en"), ("three", "zh-Hans"), ("two", "zh-Hant"), ("ichi", "ja"), ("lone", "en")):
        other = "" if name in ("one", "lone") else "translation_of: one\n"
        topics = "topics: [chips]\npublished: 2026-10-01\n" if folder == "articles" else ""
        publication.write(
            f"{folder}/{name}.md", f"---\ntitle: {name}\nlanguage: {language}\n{topics}{other}---\nText.\n"
        )
    publication.sync()
    root = "/articles" if folder == "articles" else ""

    def switch(path: str) -> str:
        page = LexborHTMLParser(ask(publication.client(), f"{root}/{path}").text)
        (link,) = [node.attributes["href"] or "" for node in page.css("header.site a[hreflang]")]
        return link.removeprefix(f"{BASE}{root}/")

    # zh-Hant, since there is one, before zh-Hans.
    assert switch("one") == "two"
    assert switch("two") == switch("three") == "one"
    assert switch("one?ui=zh-Hant") == "one"
    assert switch("lone") == "lone?ui=zh-Hant"
    # Japanese has no interface, so that of the site is its own.
    assert switch("ichi") == "two"
