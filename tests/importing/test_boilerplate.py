"""Rules: what is cut, what is not, and what a site may add."""

from typing import Any

import pytest

from feedsvc.importing.analysis.boilerplate import Rules, cut_boilerplate, load_rules, normalized
from feedsvc.importing.draft import Block

RULES = load_rules({})
BODY = "The licence says who may use the machines, for what, and who must be let in to check them."


def blocks(*texts: str) -> list[Block]:
    """Paragraphs."""
    return [Block(text=text, markdown=text) for text in texts]


def kept(*texts: str, rules: Rules = RULES) -> list[str]:
    """What stays."""
    return [block.text for block in cut_boilerplate(blocks(*texts), rules).blocks]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("相关文章", "related"),
        ("▍延伸閱讀：", "related"),
        ("관련 기사 (3)", "related"),
        ("RELATED ARTICLES", "related"),
        ("あわせて読みたい", "related"),
        ("댓글 12", "comments"),
        ("３件のコメント", "comments"),
        ("分享你对这篇文章的看法", "comments"),
        ("登入後留言", "sign_in"),
        ("登录加入讨论", "sign_in"),
        ("ログインしてコメントする", "sign_in"),
        ("Log in to comment", "sign_in"),
        ("分享到Facebook", "share"),
        ("📧 Subscribe to our newsletter!", "subscribe"),
        ("版權所有，未經授權不得轉載。", "copyright"),
        ("무단 전재 및 재배포 금지", "copyright"),
        ("Advertisement", "advert"),
        ("5 min read", "reading"),
        ("本内容由AI根据原文进行摘要和分析。我们力求准确,但可能存在错误,建议核实原文。", "notice"),
        ("この記事はAIによって要約されました。", "notice"),
        ("이 기사는 AI가 요약한 것으로 오류가 있을 수 있습니다.", "notice"),
        ("This article was summarised by AI and may contain errors.", "notice"),
        ("观点", "label"),
        (BODY, None),
        ("He asked to share the view from the tower.", None),
        ("AI寫的新聞愈來愈多，編輯部卻沒有變小。", None),
        ("Comments from the minister were short.", None),
        ("", None),
        ("…", None),
    ],
)
def test_what_a_line_is(text: str, kind: str | None) -> None:
    assert RULES.kind_of(text) == kind


def test_from_the_closing_line_on_everything_goes() -> None:
    assert kept(BODY, BODY, "Related articles", "A teaser of another article", "Comments", "Nice!") == [BODY, BODY]


def test_what_is_longer_than_the_text_stays() -> None:
    cleaned = cut_boilerplate(blocks(BODY, "Related articles", BODY, BODY), RULES)
    assert [block.text for block in cleaned.blocks] == [BODY] * 3
    assert "more text follows" in cleaned.notes[0]


def test_single_lines_go_wherever_they_stand() -> None:
    assert kept(BODY, "Advertisement", BODY, "Share this article", BODY) == [BODY] * 3


def test_a_label_goes_only_with_its_box() -> None:
    assert kept(BODY, "Opinion", BODY, BODY) == [BODY, "Opinion", BODY, BODY]
    assert kept(BODY, BODY, "Opinion", "Share your view", "Nice!") == [BODY, BODY]


def test_a_site_adds_its_own_rules() -> None:
    rules = load_rules({"en": {"related": ["From the archive"], "share": ["/^tell a friend/"]}})
    assert kept(BODY, "Tell a friend about it", "From the archive:", "x", rules=rules) == [BODY]


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"en": []}, r"en: must be a table \(write \[import.boilerplate.en\]\)"),
        ({"en": {"relate": ["x"]}}, "unknown key 'relate' .*did you mean 'related'"),
        ({"en": {"related": "x"}}, "en.related: must be a list of texts"),
        ({"en": {"share": ["/(/"]}}, "share: not a regular expression"),
    ],
)
def test_rules_that_are_wrong_are_said(own: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_rules(own)


def test_normal() -> None:
    assert normalized("  ★ Ｒelated  Articles (12)：") == "related articles"
    assert normalized("2026") == "2026"


@pytest.mark.parametrize(
    "line",
    [
        "この記事は会員限定です。登録すると続きをお読みいただけます。",
        "本文為訂戶限定內容",
        "登入後繼續閱讀全文",
        "本文仅限会员阅读",
        "이 기사는 유료 회원만 볼 수 있습니다",
        "This article is for subscribers only.",
        "Subscribe to continue reading",
        "هذا المقال مخصص للمشتركين فقط",
        "הכתבה למנויים בלבד",
        "این مقاله ویژه مشترکان است",
        "Dieser Artikel ist nur für Abonnenten",
    ],
)
def test_a_paywall_goes_with_a_note(line: str) -> None:
    cleaned = cut_boilerplate([Block(text="晶圓廠的機台。", markdown="x"), Block(text=line, markdown="y")], RULES)
    assert [cut.kind for cut in cleaned.cuts] == ["paywall"]
    assert cleaned.notes == ("a line limits who may read on, so the text may be incomplete (compare it with the page)",)


@pytest.mark.parametrize(
    "line",
    [
        "Members of the alliance met in Geneva to read the article on subscribers.",
        "訂戶數今年成長兩成，會員也變多了。",
        "The company's market share on X rose.",
        "Facebook and X fell.",
    ],
)
def test_a_sentence_about_such_things_stays(line: str) -> None:
    assert RULES.kind_of(line) is None


@pytest.mark.parametrize("line", ["Facebook · X · Copy link", "LINE | Facebook | X", "Get the newsletter"])
def test_rows_of_networks_and_newsletters_go(line: str) -> None:
    assert RULES.kind_of(line) in ("share", "subscribe")


def test_what_feeds_put_below_an_entry_is_asked_for_by_name() -> None:
    assert RULES.kind_of("閱讀全文") is None
    assert RULES.kind_of("閱讀全文", ("feed",)) == "feed"
