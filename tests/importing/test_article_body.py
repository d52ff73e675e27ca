"""The text that a page states in its JSON-LD, and pages that are not free to read."""

import json

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only

TEXT = "The licence says who may use the machines, for what, and who must be let in to check them."
CHINESE = "授權書寫明誰可以使用機器、用途為何，以及誰可以入內檢查。"


def page(shown: str, settings: ImportSettings, **said: object) -> Draft:
    """Return the draft of a page that shows a text and says that of an article."""
    about = json.dumps({"@type": "NewsArticle", "headline": "T", "datePublished": "2026-02-10"} | said)
    script = f"<script type='application/ld+json'>{about}</script>"
    return only("x.html", f"<html><head>{script}</head><body><h1>T</h1>{shown}</body></html>", settings)


def test_a_page_that_shows_no_text_has_the_stated_one(settings: ImportSettings) -> None:
    draft = page("<div id='app'></div>", settings, articleBody=f"{TEXT}\n\n{CHINESE}")
    assert [block.text for block in draft.blocks] == [TEXT, CHINESE]
    assert not draft.is_draft
    assert any("articleBody" in note and "the page shows" in note for note in draft.notes)


def test_html_is_read_as_that(settings: ImportSettings) -> None:
    draft = page("", settings, articleBody=f"&lt;p&gt;{TEXT}&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;<p>{CHINESE}</p>")
    assert [block.text for block in draft.blocks] == [TEXT, CHINESE]


@pytest.mark.parametrize(("times", "is_stated"), [(1, True), (8, False)])
def test_a_teaser_gives_way_to_the_stated_text(times: int, is_stated: bool, settings: ImportSettings) -> None:
    shown = "".join(f"<p>Shown {number}: {TEXT}</p>" for number in range(times))
    draft = page(f"<article>{shown}</article>", settings, articleBody=f"Stated. {TEXT * 8}")
    assert draft.body.startswith("Stated." if is_stated else "Shown 0")


@pytest.mark.parametrize("value", [False, "False", "false", "no", "https://schema.org/False", "perhaps", None, 0])
def test_what_is_not_free_is_a_draft(value: object, settings: ImportSettings) -> None:
    draft = page("", settings, articleBody=TEXT, isAccessibleForFree=value)
    assert draft.is_draft
    assert any(note.startswith("isAccessibleForFree: ") for note in draft.notes)


@pytest.mark.parametrize("value", [True, "True", "true", "https://schema.org/True", 1])
def test_what_is_free_is_none(value: object, settings: ImportSettings) -> None:
    assert not page("", settings, articleBody=TEXT, isAccessibleForFree=value).is_draft


def test_a_part_that_is_not_free_counts(settings: ImportSettings) -> None:
    parts = [{"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"}]
    assert page(f"<article><p>{TEXT * 9}</p></article>", settings, isAccessibleForFree=True, hasPart=parts).is_draft


def test_a_page_without_any_text_is_refused(settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="no main text was found"):
        page("", settings)
