"""Reading the files in content/pages."""

import pytest

from feedsvc.articles.pages import page_slug
from feedsvc.articles.preview import Preview
from feedsvc.articles.read import read_article, read_head
from feedsvc.errors import ArticleError
from feedsvc.model import Localized, Person, Site, Topic
from tests.conftest import START

TEXT = Localized({"en": "News"})
SITE = Site(
    title=TEXT,
    subtitle=TEXT,
    base_url="https://example.org",
    tag_authority="example.org,2026",
    language="en",
    timezone="UTC",
    authors=(Person(name="Desk"),),
    topics=(Topic(name="chips", title=TEXT, description=TEXT),),
    established=START,
)


def test_the_slug_of_a_page_is_its_path() -> None:
    found = read_article(
        "pages/legal/about.md",
        b"---\ntitle: About\naliases: [/articles/who, us, /2019/us.html]\n---\nx",
        SITE,
        lambda _: None,
    )
    article = found.article
    assert (article.slug, article.topics, article.is_page) == ("/about", (), True)
    assert article.aliases == ("who", "/us", "/2019/us.html")
    assert article.id == "tag:example.org,2026:%2Fabout"
    assert read_head("pages/about.md", b"---\ntitle: About\n---\nx", SITE).slug == "/about"


@pytest.mark.parametrize("name", ["status", "FEEDS", "en", "zh-Hant", "zh-TW", "page", ".well-known", "a.b"])
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"\(.+\)"):
        page_slug(name, "pages/x.md")


@pytest.mark.parametrize("name", ["about", "faq", "關於", "my-page", "e", "feed"])
def test_other_names_are_free(name: str) -> None:
    assert page_slug(name, "pages/x.md") == f"/{name}"


@pytest.mark.parametrize("data", [b"---\nx: 1\n---\n", b"---\ntitle: T\nslug: '%%'\n---\n", b"---\ntitle: T\n---\n"])
def test_what_is_missing_or_wrong_is_named(data: bytes) -> None:
    with pytest.raises(ArticleError) as caught:
        read_article("pages/index.md", data, SITE, lambda _: None)
    assert {each.field for each in caught.value.findings if each.severity == "error"} <= {"title", "slug"}


def test_a_draft_needs_no_topic_and_no_date_in_a_preview() -> None:
    found = read_article(
        "pages/about.md", b"---\ndraft: true\n---\nx", SITE, lambda _: None, preview=Preview(now=START)
    )
    assert (found.article.is_draft, [each.field for each in found.warnings]) == (True, ["title"])


def test_a_translation_of_a_page_is_the_page_of_that_name() -> None:
    data = b"---\ntitle: About\ntranslation_of: about\n---\nx"
    assert read_article("pages/about-en.md", data, SITE, lambda _: None).article.translation_of == "/about"


@pytest.mark.parametrize("name", ["topics", "tags"])
def test_a_page_with_topics_or_tags_is_refused(name: str) -> None:
    """An article of version 0.1 that lies there must not become a page unnoticed."""
    with pytest.raises(ArticleError) as caught:
        read_article("pages/about.md", f"---\ntitle: About\n{name}: [chips]\n---\nx".encode(), SITE, lambda _: None)
    (found,) = (each for each in caught.value.findings if each.severity == "error")
    assert (found.field, "move the file to articles" in found.message) == (name, True)
