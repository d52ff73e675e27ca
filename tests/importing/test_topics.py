"""Topics on the labelled set (with its figures printed), and the rules that make them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from feedsvc.importing.analysis.language import detect
from feedsvc.importing.analysis.topics import Keywords, TopicScore, classify, load_keywords
from feedsvc.importing.settings import ImportSettings

ARTICLES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "labelled.toml").read_text("utf-8"))["article"]
DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "import.md"
HELD_OUT = [each for each in ARTICLES if each.get("held_out")]
CHIPS: Keywords = {"chips": {"en": {"chip": 2.0, "GPU": 3.0, "potato chip": -6.0}, "zh-Hant": {"晶片": 3.0}}}


def chosen(article: Mapping[str, Any], settings: ImportSettings) -> set[str]:
    """The topics proposed for a labelled article, whose language is detected as it would be."""
    language = detect(f"{article['title']}\n{article['text']}")
    topic_scores = classify(
        title=article["title"],
        headings=(),
        text=article["text"],
        language=language,
        keywords=settings.keywords,
        threshold=settings.threshold,
    )
    return {each.topic for each in topic_scores if each.chosen}


def f1(articles: list[dict[str, Any]], topic: str, settings: ImportSettings) -> float:
    """2·TP / (2·TP + FP + FN)."""
    pairs = [(topic in chosen(each, settings), topic in each["topics"]) for each in articles]
    right = sum(found and wanted for found, wanted in pairs)
    wrong = sum(found != wanted for found, wanted in pairs)
    return 2 * right / (2 * right + wrong)


def test_the_set_is_what_the_issue_asks_for() -> None:
    assert len(ARTICLES) >= 60
    assert {each["language"] for each in ARTICLES} == {"zh-Hant", "zh-Hans", "ja", "ko", "en"}
    assert sum(not each["topics"] for each in ARTICLES) >= 20
    assert len(HELD_OUT) >= len(ARTICLES) // 4


@pytest.mark.parametrize("topic", ["chips", "geopolitics", "cloud"])
def test_f1_of_a_topic(topic: str, settings: ImportSettings, capsys: pytest.CaptureFixture[str]) -> None:
    whole, held_out = f1(ARTICLES, topic, settings), f1(HELD_OUT, topic, settings)
    with capsys.disabled():
        print(
            f"\nF1 of {topic}: {whole:.3f} on {len(ARTICLES)} articles, {held_out:.3f} on the {len(HELD_OUT)} held out"
        )
    assert whole >= 0.9
    assert held_out >= 0.9
    assert f"| {topic} | {whole:.3f} | {held_out:.3f} |" in DOCS.read_text("utf-8")


def test_the_language_of_every_labelled_article() -> None:
    wrong = [each["title"] for each in ARTICLES if detect(f"{each['title']}\n{each['text']}") != each["language"]]
    assert wrong == []


def topic_score(keywords: Keywords = CHIPS, language: str = "en", **parts: Any) -> TopicScore:
    """The topic_score on chips."""
    given: dict[str, Any] = {"title": "", "headings": (), "text": ""} | parts
    (found,) = classify(language=language, keywords=keywords, threshold=5, **given)
    return found


def test_title_and_headings_weigh_more() -> None:
    assert topic_score(text="A GPU").score == 3
    assert topic_score(headings=("A GPU",)).score == 6
    assert topic_score(title="A GPU").score == 9


def test_a_word_said_often_is_said_often_enough() -> None:
    assert topic_score(text="GPU " * 50).score == 12


def test_a_longer_keyword_hides_the_shorter_one_within_it() -> None:
    found = topic_score(text="Potato chips, and a potato chip")
    assert found.words == (("potato chip", -12.0),)


@pytest.mark.parametrize("text", ["chipmunk", "microchip", "GPUs2", "ochip"])
def test_a_word_of_letters_stands_alone(text: str) -> None:
    assert topic_score(text=text).words == ()


@pytest.mark.parametrize(("text", "score"), [("AI chip，", 2), ("的CHIPS在", 2), ("ＧＰＵ", 3), ("this GPU's", 3)])
def test_a_word_stands_beside_any_mark_or_script_in_any_case_and_width(text: str, score: float) -> None:
    assert topic_score(text=text).score == score


def test_a_long_text_needs_more() -> None:
    assert topic_score(text="GPU " * 2).needed == 5
    assert topic_score(text="word " * 640).needed == 10


def test_a_chinese_text_is_judged_by_its_own_words_and_by_english_ones() -> None:
    assert dict(topic_score(language="zh-Hant-TW", text="晶片與GPU").words) == {"晶片": 3.0, "GPU": 3.0}
    assert dict(topic_score(language="ja", text="晶片とGPU").words) == {"GPU": 3.0}


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        (["chip"], "chips.keywords: must be a table per language"),
        ({"en": ["chip"]}, "chips.keywords: must be a table per language"),
        ({"en": {"chip": "2"}}, "the weight of 'chip' is not a number"),
        ({"en": {"chip": True}}, "the weight of 'chip' is not a number"),
        ({"en": {" ": 1}}, "a keyword is empty"),
        ({"klingonish": {"chip": 2}}, "is not a language tag"),
    ],
)
def test_keywords_that_are_wrong_are_said(keywords: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_keywords({"chips": {"keywords": keywords}})
