"""Which language a text is in, and whom to believe."""

import pytest

from feedsvc import languages
from feedsvc.importing.analysis.language import _identifier, choose_language, detect

HANT = "美國收緊晶片出口管制，中東成為新的關鍵節點，台積電的訂單來源因此更多元。"
HANS = "美国收紧芯片出口管制，中东成为新的关键节点，台积电的订单来源因此更多元。"
KO = "미국이 반도체 수출 통제를 강화하면서 중동이 새로운 거점이 되었다."
JA = "米国が半導体の輸出規制を強め、中東が新たな拠点になった。"
EN = "The licence says who may use the machines, for what, and who must be let in to check."


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (HANT, "zh-Hant"),
        (HANS, "zh-Hans"),
        (JA, "ja"),
        (KO, "ko"),
        (EN, "en"),
        ("Die Rechnung für die Rechenzentren kam im Herbst, und niemand wollte sie bezahlen.", "de"),
        ("La facture du nuage est arrivée à l'automne et personne ne voulait la payer.", "fr"),
        ("香港樓市回落，細價樓呎價跌穿萬元，地產代理話買家唔急住入市。", "zh-Hant"),
        ("Nvidia、AMD、Cerebras與Oracle的GPU合約", "zh-Hant"),
        ("Hello, world!", "en"),
        ("Bank Daily\n\nEpisode Podcast", "en"),
        ("東京証券取引所\n\n半導体関連株続伸、日経平均株価最高値更新。", "ja"),
        ("這裏的臺灣人着重衞生，麪包店羣聚。", "zh-Hant"),
        ("我們說東証、駅前都漲了，你覺得呢？", "zh-Hant"),
        ("12345 !!", "und"),
        ("", "und"),
    ],
)
def test_the_language_of_a_text(text: str, tag: str) -> None:
    assert detect(text) == tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (HANT + "本内容由AI根据原文进行摘要和分析。", "zh-Hant"),
        (HANS + "本內容由AI摘要整理，請以原文為準。", "zh-Hans"),
        (HANT + "エヌビディア", "zh-Hant"),
        (JA + HANT[:12], "ja"),
        (EN + "（輝達）", "en"),
        (KO + " Nvidia GPU Oracle Cloud Infrastructure " + "半導體", "ko"),
    ],
)
def test_a_line_in_another_language_does_not_sway_it(text: str, tag: str) -> None:
    assert detect(text) == tag


def test_every_language_that_is_found_has_a_tag_that_is_accepted() -> None:
    for is_short in (True, False):
        for label in _identifier(is_short=is_short).labels:
            assert languages.canonical(label)


@pytest.mark.parametrize(
    ("text", "declared", "sure", "tag"),
    [
        (HANT, "en", False, "zh-Hant"),
        (HANT, "en", True, "en"),
        (HANT, "zh-TW", False, "zh-TW"),
        (HANT, "zh-Hant-HK", False, "zh-Hant-HK"),
        (HANT, "zh-CN", False, "zh-Hant"),
        (HANT, "zh", False, "zh-Hant"),
        (EN, "en-GB", False, "en-GB"),
        (EN, "not a tag", True, "en"),
        (EN, None, False, "en"),
        ("2026", "ja", False, "ja"),
        ("Hello, world!", "en", False, "en"),
        ("Episode 1", "en-US", False, "en-US"),
        ("Use x[y[1]]> in code.", "en-US", False, "en-US"),
        ("半導体", "ja", False, "ja"),
        ("東京大学", "ja", False, "ja"),
        ("我们说的新工厂", "ja", False, "zh-Hans"),
        ("Новый завод", "en", False, "ru"),
        (EN + EN, "de", False, "en"),
        ("2026", None, False, "sv"),
    ],
)
def test_what_a_source_says_holds_when_it_is_sure_or_the_text_agrees(
    text: str, declared: str | None, sure: bool, tag: str
) -> None:
    assert choose_language(text, declared, sure=sure, default="sv")[0] == tag


@pytest.mark.parametrize(
    ("text", "declared", "default", "tag"),
    [
        ("Nova fabrik", None, "en", "en"),
        ("Wafer hall", None, "de", "de"),
        ("Новый завод", None, "bg", "bg"),
        ("Новый завод", None, "en", "ru"),
        ("人工", None, "zh-Hans", "zh-Hans"),
        ("人工", "zh-Hans", "en", "zh-Hans"),
        ("人工", None, "en", "zh-Hant"),
        ("晶圓廠", None, "zh-Hans", "zh-Hant"),
        ("东京大学", None, "ja", "zh-Hans"),
        ("東京大学", None, "ja", "ja"),
        (EN, None, "de", "en"),
        (HANT, None, "ja", "zh-Hant"),
    ],
)
def test_a_text_of_two_words_is_in_the_language_of_the_site(
    text: str, declared: str | None, default: str, tag: str
) -> None:
    assert choose_language(text, declared, sure=False, default=default)[0] == tag
