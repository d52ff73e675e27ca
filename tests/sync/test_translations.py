"""Translations show links to each other, so each touches the feeds of the others."""

import pytest

from feedsvc.model import Article
from feedsvc.slices.slice import Slice
from feedsvc.store.commit import articles
from feedsvc.store.rows import article_from
from tests.conftest import Publication
from tests.sync.looks import feed, last_modified, now, status, validators


@pytest.fixture
def pair(publication: Publication) -> Publication:
    """An original in one topic, its translation in another."""
    publication.article("original", topics="[chips]")
    publication.article("translated", topics="[cloud]", language="zh-Hant", translation_of="original")
    publication.sync()
    return publication


def test_they_link_to_each_other(pair: Publication) -> None:
    assert b'hreflang="zh-Hant"' in feed(pair, "chips")
    assert b'href="https://example.org/articles/original"' in feed(pair, "cloud")


def test_a_translation_that_comes_touches_the_originals_feed(publication: Publication) -> None:
    publication.article("original", topics="[chips]")
    publication.sync()
    before = validators(publication, "chips")
    publication.article("translated", topics="[cloud]", language="zh-Hant", translation_of="original")
    publication.sync()
    assert validators(publication, "chips").etag != before.etag
    assert last_modified(publication, "chips") == now(publication)


@pytest.mark.parametrize(("edited", "other"), [("original", "cloud"), ("translated", "chips")])
def test_a_new_title_touches_the_others_feed(pair: Publication, edited: str, other: str) -> None:
    file = pair.settings.content / "articles" / f"{edited}.md"
    before = validators(pair, other)
    file.write_text(file.read_text().replace(f"title: {edited}", "title: Another"))
    pair.sync()
    assert last_modified(pair, other) == now(pair)
    assert validators(pair, other) != before


@pytest.mark.parametrize(("gone", "other"), [("original", "cloud"), ("translated", "chips")])
def test_one_that_goes_touches_the_others_feed(pair: Publication, gone: str, other: str) -> None:
    before = validators(pair, other)
    (pair.settings.content / "articles" / f"{gone}.md").unlink()
    pair.sync()
    assert validators(pair, other).etag != before.etag
    assert last_modified(pair, other) == now(pair)
    assert b'rel="related"' not in feed(pair, other)


def test_an_original_that_is_renamed_keeps_its_translation(publication: Publication) -> None:
    file = publication.article("original", id="urn:x:1", topics="[chips]")
    publication.article("translated", topics="[cloud]", language="zh-Hant", translation_of="original")
    publication.sync()
    file.rename(file.with_name("renamed.md"))
    publication.sync()
    assert status(publication, "original") == 301
    assert b'href="https://example.org/articles/renamed"' in feed(publication, "cloud")
    assert b'hreflang="zh-Hant"' in feed(publication, "chips")


def test_a_scheduled_translation_touches_nothing_until_it_is_released(publication: Publication) -> None:
    publication.article("original", topics="[chips]")
    publication.sync()
    before = validators(publication, "chips")
    publication.article(
        "translated",
        topics="[cloud]",
        language="zh-Hant",
        translation_of="original",
        published="2026-11-01T12:03:00Z",
    )
    publication.sync()
    assert validators(publication, "chips") == before
    publication.sync()
    assert last_modified(publication, "chips") == now(publication)


def test_many_translations_are_not_looked_at_for_each_other(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read from the store grows with their number, not with its square."""
    many, read = 80, 0
    publication.article("original", topics="[cloud]")
    publication.sync()

    def count(row: object) -> Article:
        nonlocal read
        read += 1
        return article_from(row)

    monkeypatch.setattr(articles, "article_from", count)
    names = [f"n{number:02}" for number in range(many)]
    for body in ("Text.", "More."):
        for name in names:
            publication.article(name, body, translation_of="original")
        publication.sync()
        assert last_modified(publication, "cloud") == now(publication)
    for name in names:
        (publication.settings.content / "articles" / f"{name}.md").unlink()
    assert len(publication.sync(allow_removals=True).removed) == many
    assert last_modified(publication, "cloud") == now(publication)
    assert read <= 6 * many


def test_an_article_shows_the_first_fifty_translations(publication: Publication) -> None:
    publication.article("original", language="zh-Hant", aliases="[before]")
    for number in range(60):
        publication.article(f"n{number:02}", translation_of="before" if number % 2 else "original")
    publication.sync()
    with publication.store.read() as snapshot:
        shown = snapshot.translations.of(snapshot.slices.articles(Slice(), 100))
    assert [each.slug for each in shown["tag:example.org,2026:before"]] == [f"n{number:02}" for number in range(50)]
    assert [each.slug for each in shown["tag:example.org,2026:n07"]] == [
        f"n{number:02}" for number in range(51) if number != 7
    ]


def test_one_that_leaves_its_group_touches_those_it_leaves(publication: Publication) -> None:
    publication.article("first", topics="[cloud]")
    publication.article("second")
    publication.article("translated", topics="[chips]", language="zh-Hant", translation_of="first")
    publication.sync()
    publication.article("translated", topics="[chips]", language="zh-Hant", translation_of="second")
    publication.sync()
    assert last_modified(publication, "cloud") == now(publication)
    assert b'rel="related"' not in feed(publication, "cloud")
