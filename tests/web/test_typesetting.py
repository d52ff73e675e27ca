"""Where lines break: phrases of Chinese and Japanese titles, dates."""

import re
import unicodedata
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.pages.line_breaks import breakable_url, marked_phrases, phrases, spaced, unbroken

GAP = '<span class="gap"></span>'


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("圖解：為什麼不切", ["圖解：", "為什麼不切"]),
        ("「好，」他說：「走！」", ["「好，」", "他說：", "「走！」"]),
        ("半導体、雲", ["半導体、", "雲"]),
        ("真的？！他說", ["真的？！", "他說"]),
    ],
)
def test_each_phrase_of_a_title_stands_for_itself(title: str, expected: list[str]) -> None:
    found = phrases(title, "zh-Hant").replace("<wbr>", "")
    assert found == "".join(f"<span>{each}</span>" for each in expected)


@pytest.mark.parametrize("title", ["切開", "結尾。", "，", "", "Arizona, and the price: one", "שלום, עולם"])
def test_a_title_of_one_phrase_is_left_as_it_is(title: str) -> None:
    assert phrases(title, "zh-Hant") == title


@pytest.mark.parametrize("language", ["en", "ko", "ar", "he", "yue"])
def test_only_languages_with_a_model_are_divided(language: str) -> None:
    title = "Cerebras 撤回的上市申請"
    assert phrases(title, language) == title


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("zh-Hant", "輝達|執行長|黃仁勳|宣布|在台灣|設立|全球|研發"),
        # The model alone cuts 供應鏈 into single characters.
        ("zh-TW", "帶動供應鏈重新|布局"),
        ("zh-Hans", "量子|计算离|实用还有多远"),
        ("ja", "台湾の|半導体企業が|熊本に|新しい|工場を|建設すると|発表した"),
        # Latin words, numbers and composed characters stay whole.
        ("zh-Hant", "Meta買下|Moltbook"),
        ("zh-Hant", "5,530億|美元|是什麼"),
        # Punctuation after a piece of a word, and the measure word after a numeral.
        ("zh-Hant", "十年還沒寫完的|時程表、"),
        ("zh-Hant", "看一張寫了|十年還沒寫完的"),
    ],
)
def test_a_line_breaks_between_phrases(language: str, title: str) -> None:
    written = phrases(title.replace("|", ""), language).replace(GAP, "")
    assert written == title.replace("|", "<wbr>")


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("zh-Hant", "重讀Cerebras#撤回的"),
        ("zh-Hant", "Meta買下#Moltbook"),
        ("ja", "半導体企業が#2026年に|建設すると|発表した"),
        # After punctuation there is no such space.
        ("zh-Hant", "「帳」|Cerebras#撤回的"),
    ],
)
def test_a_break_between_han_and_latin_has_the_space_that_a_browser_leaves_out(language: str, title: str) -> None:
    """CSS Text 4 §8.4: `text-autospace` adds it between the two characters only where nothing is between them."""
    written = phrases(title.replace("#", "").replace("|", ""), language)
    assert written.replace(f"{GAP}<wbr>", "#").replace("<wbr>", "|") == title


@given(
    st.text("晶片的供應鏈與台灣Ab 1，。！👩\u200d🚀🏽葛\U000e0100がか\u3099<&", max_size=60),
    st.sampled_from(["zh-Hant", "zh", "ja"]),
)
def test_a_text_stays_the_same_and_characters_stay_whole(title: str, language: str) -> None:
    marked = str(phrases(title, language))
    assert unescape(re.sub("</?span>|<wbr>", "", marked.replace(GAP, ""))) == title
    for cut in marked.split("<wbr>")[1:]:
        assert unicodedata.category(cut[0]) not in ("Mn", "Cf", "Sk")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["帶動", "*供應鏈", "重新布局"], "帶動<mark>供應鏈</mark>重新<wbr>布局"),
        (["帶動供應鏈重新", "*布局"], "帶動供應鏈重新<wbr><mark>布局</mark>"),
        (["帶動供應鏈", "*重新布局"], "帶動供應鏈<mark>重新<wbr>布局</mark>"),
        (["圖", "*解：為", "什麼"], "<span>圖<mark>解：</mark></span><span><mark>為</mark>什麼</span>"),
        (["*A", " & ", "*<b>"], "<mark>A</mark> &amp; <mark>&lt;b&gt;</mark>"),
        ([], ""),
    ],
)
def test_marks_and_phrases_together(parts: list[str], expected: str) -> None:
    """A mark goes on over the end of a phrase, not over that of a clause."""
    found = marked_phrases([(each.removeprefix("*"), each.startswith("*")) for each in parts], "zh-Hant")
    assert found == expected


def test_what_looks_like_markup_is_text() -> None:
    assert phrases("<b>：&", "zh-Hant") == "<span>&lt;b&gt;：</span><span>&amp;</span>"
    assert unbroken("<b> 2026-03-01") == '&lt;b&gt; <span class="whole">2026-03-01</span>'


def test_a_line_of_an_address_ends_after_a_mark() -> None:
    url = "https://example.org/feeds/chips.atom?tag=<b>&lang=en"
    assert breakable_url(url) == (
        "https://<wbr>example.org/<wbr>feeds/<wbr>chips.atom?<wbr>tag=&lt;b&gt;&amp;<wbr>lang=en"
    )


def test_dates_are_kept_whole_and_no_line_begins_with_a_dash() -> None:
    assert unbroken("Chips – Weekly") == "Chips\u00a0– Weekly"
    assert unbroken("since 2026-01-01, 2026-12-31 止") == (
        'since <span class="whole">2026-01-01,</span> <span class="whole">2026-12-31</span> 止'
    )
    assert unbroken("nvidia") == "nvidia"


@pytest.mark.parametrize(("text", "expected"), [("例如：", "例如："), ("For example:", "For example: "), ("", " ")])
def test_full_width_punctuation_brings_its_own_space(text: str, expected: str) -> None:
    assert spaced(text) == expected
