"""Where lines break: phrases of Chinese and Japanese titles, dates."""

import pytest

from feedsvc.web.pages.line_breaks import phrases, unbroken


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
    assert phrases(title) == "".join(f"<span>{each}</span>" for each in expected)


@pytest.mark.parametrize("title", ["晶圓為什麼不切開", "結尾。", "，", "", "Arizona, and the price: one", "שלום, עולם"])
def test_a_title_of_one_phrase_is_left_as_it_is(title: str) -> None:
    assert phrases(title) == title


def test_what_looks_like_markup_is_text() -> None:
    assert phrases("<b>：&") == "<span>&lt;b&gt;：</span><span>&amp;</span>"
    assert unbroken("<b> 2026-03-01") == '&lt;b&gt; <span class="whole">2026-03-01</span>'


def test_dates_are_kept_whole_and_no_line_begins_with_a_dash() -> None:
    assert unbroken("Chips – Weekly") == "Chips\u00a0– Weekly"
    assert unbroken("since 2026-01-01, 2026-12-31 止") == (
        'since <span class="whole">2026-01-01,</span> <span class="whole">2026-12-31</span> 止'
    )
    assert unbroken("nvidia") == "nvidia"
