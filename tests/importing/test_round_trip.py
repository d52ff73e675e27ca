"""Our own feeds in, the same articles out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from feedsvc.articles.read import Parsed, read_article
from feedsvc.feeds.feed import Feed, assemble
from feedsvc.feeds.formats import FORMATS
from feedsvc.importing.complete import Overrides, complete
from feedsvc.importing.output.article_file import article_file_of
from feedsvc.importing.output.html_to_markdown import content_tokens
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Article
from feedsvc.slices.slice import Slice
from feedsvc.sync.assets import AssetFinder
from tests.feeds.cases import CASES, SITE
from tests.importing.conftest import OURS

RENDERERS: dict[str, Callable[[Feed], bytes]] = {suffix: each.render for suffix, each in FORMATS.items()}
# What a format has no word for, or one that says less.
LOST = {
    "atom": set(),
    "rss": {"authors"},
    "json": {"authors"},
}
# Pages, not feeds, say the first three; media are copied anew; the size of an image is found out, not written.
NOT_COMPARED = {"canonical", "translation_of", "aliases", "media", "image", "content"}
# Text beside blocks, which Markdown puts into a paragraph; a summary that is missing is made of the text; topics whose
# titles are not the ones of the site that imports; a feed of summaries.
NOT_QUITE = {"html", "scripts", "no-summary", "markup-of-the-site", "empty", "slice", "caption"}


def again(feed: Feed, format_: str, settings: ImportSettings) -> Iterator[Article]:
    """The articles that an import makes of a feed."""
    for draft in read_drafts(f"feed.{format_}", RENDERERS[format_](feed), settings):
        yield article_file_of(complete(draft, settings, Overrides()), settings.site, "yaml").article


def assert_same(article: Article, other: Article, format_: str) -> None:
    """All that the format carries is the same; content is compared by its elements, attributes and words."""
    # A case may have a link that no file makes: ids in articles have a prefix, so fragments that lead to them do.
    prefixed = re.sub(r'(href="https://example\.org/articles/[^"#]*#)(?!c-)', r"\1c-", article.content)
    assert content_tokens(other.content) == content_tokens(prefixed)
    for field in fields(Article):
        if field.name not in NOT_COMPARED | LOST[format_]:
            lost = 1 if field.name == "enclosures" and format_ == "rss" else 0
            assert _untitled(getattr(other, field.name), lost) == _untitled(getattr(article, field.name), lost), (
                field.name
            )
    assert [each.name for each in other.authors] == [each.name for each in article.authors]
    assert (other.image is None) == (article.image is None or format_ == "atom")
    if article.image and other.image:
        assert other.image.url == article.image.url
        assert other.image.alt == ("" if format_ == "json" else article.image.alt)


def _untitled(value: Any, number: int) -> Any:
    """Enclosures, the first `number` of them without their titles: RSS has no word for that of <enclosure>."""
    return (*(replace(each, title="") for each in value[:number]), *value[number:]) if number else value


def own_articles(settings: ImportSettings) -> list[Article]:
    """Every article of this repository."""
    finder = AssetFinder(OURS)
    files = [each for each in sorted((OURS / "articles").rglob("*")) if each.suffix in (".md", ".html", ".txt")]
    parsed: list[Parsed] = [
        read_article(each.relative_to(OURS).as_posix(), each.read_bytes(), settings.site, finder.find) for each in files
    ]
    return [each.article for each in parsed]


@pytest.mark.parametrize("format_", RENDERERS)
def test_this_repositorys_own_articles_come_back(format_: str, settings: ImportSettings) -> None:
    articles = own_articles(settings)
    feed = assemble(settings.site, Slice(), articles, updated=articles[0].updated)
    found = list(again(feed, format_, settings))
    assert len(found) == len(articles) > 15
    for article, other in zip(articles, found, strict=True):
        assert_same(article, other, format_)


@pytest.mark.parametrize("format_", RENDERERS)
@pytest.mark.parametrize("case", sorted(set(CASES) - NOT_QUITE))
def test_every_case_of_the_renderers_comes_back(case: str, format_: str, settings: ImportSettings) -> None:
    feed = CASES[case]
    found = list(again(feed, format_, replace(settings, site=SITE)))
    assert len(found) == len(feed.entries) > 0
    for entry, other in zip(feed.entries, found, strict=True):
        assert_same(replace(entry.article, updated=entry.article.updated.replace(microsecond=0)), other, format_)


@pytest.mark.parametrize("format_", RENDERERS)
def test_text_beside_blocks_comes_back_as_a_paragraph(format_: str, settings: ImportSettings) -> None:
    found = next(again(CASES["html"], format_, replace(settings, site=SITE)))
    article = CASES["html"].entries[0].article
    around = {"\0p []", "\0/p"}
    assert [each for each in content_tokens(found.content) if each not in around] == [
        each for each in content_tokens(article.content) if each not in around
    ]


@pytest.mark.parametrize("format_", RENDERERS)
def test_a_disclosure_comes_back_as_one(format_: str, settings: ImportSettings) -> None:
    article = replace(own_articles(settings)[0], disclosure="Made by <AI> & checked by us.")
    feed = assemble(settings.site, Slice(), [article], updated=article.updated)
    (found,) = again(feed, format_, settings)
    assert found.disclosure == article.disclosure
    assert_same(article, found, format_)


@pytest.mark.parametrize("guid", ["12345", "65f0c0ffee", "第7集/a", "pod-5-abc"])
def test_ids_that_are_no_uris_are_kept(guid: str, settings: ImportSettings) -> None:
    document = (
        f"<rss version='2.0'><channel><title>T</title><item><guid>{guid}</guid><title>A chip</title>"
        "<description>Wafer, GPU and semiconductor.</description></item></channel></rss>"
    )
    (draft,) = read_drafts("x.rss", document.encode(), settings)
    assert draft.id == guid
    assert not any("the id" in note for note in draft.notes)


def test_an_id_with_a_space_becomes_part_of_a_uri_and_it_is_said(settings: ImportSettings) -> None:
    document = (
        "<rss version='2.0'><channel><title>T</title><item><title>A chip</title><guid>1 2</guid>"
        "<description>Wafer, GPU and semiconductor.</description></item></channel></rss>"
    )
    (draft,) = read_drafts("x.rss", document.encode(), settings)
    assert draft.id == "tag:example.org,2026:1%202"
    assert "subscribers will see the entry as new" in draft.notes[0]
