"""Plain text: title, standfirst, headings by shape, closing blocks, dates and names."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing.analysis.line_shapes import is_heading
from feedsvc.importing.complete import propose
from feedsvc.importing.draft import Draft
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only

RAW = Path(__file__).parent / "raw"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((RAW / "expected.toml").read_text("utf-8"))

LONG = "The desert campus fills with racks and the paperwork enters its third year, which surprises nobody here."
REST = "\n".join(
    [LONG, LONG.replace("desert", "harbour"), LONG.replace("desert", "forest"), LONG.replace("desert", "city")]
)


COUNTS = (
    "讚 123 | 👍 按讚數：1,234 | 1.2萬次瀏覽 | 赞 12 | 阅读量：3,000 | いいね！ 12 | 12件のいいね | 좋아요 12 | "
    "조회수 1,234회 | 42 likes | 1.2K views | Shares: 7"
)
CREDITS = (
    "（責任編輯：王小明） | 責任編輯/王小明 | 编辑：李四 | 【编辑:李四】 | （担当編集：佐藤） | 편집: 김민준 | "
    "Edited by Max Muster | (Reporting by A. Doe; Editing by B. Roe)"
)


@pytest.fixture(params=sorted(EXPECTED))
def name(request: pytest.FixtureRequest) -> str:
    """A file of the same shape as the sample, in one of five languages with a page around it in another."""
    return str(request.param)


@pytest.fixture
def draft(name: str, settings: ImportSettings) -> Draft:
    """What is read of it."""
    return only(name, (RAW / name).read_bytes(), settings)


def test_title_and_standfirst_are_exact(name: str, draft: Draft) -> None:
    assert (draft.title, draft.summary) == (EXPECTED[name]["title"], EXPECTED[name]["summary"])


def test_all_paragraphs_in_order_and_nothing_else(name: str, draft: Draft) -> None:
    assert [block.text for block in draft.blocks if not block.level] == EXPECTED[name]["paragraphs"]


def test_the_headings_are_headings(name: str, draft: Draft) -> None:
    assert list(draft.headings) == EXPECTED[name]["headings"]
    assert all(f"\n\n## {each}\n\n" in draft.body for each in EXPECTED[name]["headings"])


def test_the_notice_is_the_disclosure(name: str, draft: Draft) -> None:
    assert draft.disclosure == EXPECTED[name]["disclosure"]


def test_the_page_around_it_sways_neither_language_nor_topics(
    name: str, draft: Draft, settings: ImportSettings
) -> None:
    judged = propose(draft, settings)
    assert judged.language == EXPECTED[name]["language"]
    assert list(judged.topics) == EXPECTED[name]["topics"]


def test_every_line_is_kept_or_cut_and_cuts_say_why(name: str, draft: Draft) -> None:
    lines = (RAW / name).read_text("utf-8").splitlines()
    seen = [draft.title, draft.summary, *(each.text for each in draft.blocks), *(each.text for each in draft.cuts)]
    assert seen == lines
    assert all(cut.reason and cut.line == lines.index(cut.text) + 1 for cut in draft.cuts)


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-12",
        "2026年3月12日",
        "2026/03/12 00:00",
        "March 12, 2026",
        "12 March 2026",
        "Published: March 12, 2026",
        "Published on 12 March 2026",
        "發布時間：2026-03-12",
        "发布于 2026年3月12日",
        "公開日：2026年3月12日（木）",
        "입력 2026.03.12 00:00 수정 2026.03.13 09:00",
        "By Jane Doe | March 12, 2026 | 5 min read",
        "文／林書瑋　2026-03-12",
        "2026-03-12 00:00 經濟日報 記者王小明／台北報導",
        "2026年3月12日 00:00",
        "2026年3月12日（四）上午0:00",
        "2026年3月12日 星期四 00時00分",
        "民國115年3月12日",
        "令和8年3月12日",
        "2026-03-12 00:00 更新：2026-03-13 09:00",
        "更新時間：2026-03-13 09:00　發布時間：2026-03-12",
        "By Jane Doe, Mar 11, 2026 12:00 p.m. ET",
        "By JANE DOE — Thursday, March 12th, 2026 at 1:00 a.m. JST",
        "Mar. 11, 2026, 4:00 PM UTC | Updated Mar. 13, 2026",
        "경제일보 김민준 기자 kim@news.example 2026.03.12. 오전 0:00",
        "（2026/03/12 00:00:00）",
        "٢٠٢٦/٠٣/١٢ ٠٠:٠٠",
        "١٢ مارس ٢٠٢٦",
        "12 آذار 2026",
        "12 במרץ 2026",
        "12 de marzo de 2026",
        "12. März 2026, 00:00",
        "12 марта 2026",
    ],
)
def test_a_line_that_is_a_date_is_the_date(line: str, settings: ImportSettings) -> None:
    draft = only("x.txt", f"Title\n{line}\n{REST}", settings)
    assert draft.published is not None
    assert (draft.published.at.astimezone().isoformat(), draft.published.found_in) is not None
    assert f"{draft.published.at:%Y-%m-%d %H:%M}" == "2026-03-11 16:00"
    assert line not in draft.body
    assert line not in draft.summary


@pytest.mark.parametrize(
    "line",
    [
        "On March 12, 2026, Oracle reported its results to a room that had stopped listening.",
        "2026年3月12日，Oracle公布季報，分析師只問了一個問題。",
        "Founded in 2024",
        "Chapter 2026-03",
        "2026-03-12 Results",
        "2026年3月12日 台積電動工。",
        "March 12, 2026 4:00 PM CST",
        "更新時間：2026-03-12",
        "2026-02-30 09:00",
    ],
)
def test_a_date_within_a_sentence_is_the_date_of_some_event(line: str, settings: ImportSettings) -> None:
    assert only("x.txt", f"Title\nStandfirst of this text.\n{line}\n{REST}", settings).published is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Jane Doe", ["Jane Doe"]),
        ("By Jane Doe and Max Muster", ["Jane Doe", "Max Muster"]),
        ("作者：林書瑋、陳怡君", ["林書瑋", "陳怡君"]),
        ("文／林書瑋", ["林書瑋"]),
        ("記者林書瑋／台北報導", ["林書瑋"]),
        ("作者：王晓东", ["王晓东"]),
        ("取材・文＝佐藤真理", ["佐藤真理"]),
        ("김민준 기자", ["김민준"]),
        ("글=이서연", ["이서연"]),
        ("2026-11-20 14:35 經濟日報 記者王小明／台北報導", ["王小明"]),
        ("記者王小明、李大華／綜合報導", ["王小明", "李大華"]),
        ("【本報記者王小明／台北報導】", ["王小明"]),
        ("记者王小明/北京报道", ["王小明"]),
        ("By Jane Doe, Nov 20, 2026 9:30 a.m. ET", ["Jane Doe"]),
        ("By Jane Doe, Max Muster and Li Ming | Nov. 20, 2026", ["Jane Doe", "Max Muster", "Li Ming"]),
        ("경제일보 김민준 기자 2026.11.20 14:35", ["김민준"]),
        ("경제일보 김민준 기자", ["김민준"]),
        ("记者 王小明", ["王小明"]),
        ("佐藤真理 記者", ["佐藤真理"]),
    ],
)
def test_a_line_of_names_is_the_authors(line: str, names: list[str], settings: ImportSettings) -> None:
    draft = only("x.txt", f"Title\n{line}\n{REST}", settings)
    assert [person.name for person in draft.authors] == names
    assert line not in draft.body


def test_a_time_is_read_in_the_zone_it_names(settings: ImportSettings) -> None:
    def at(line: str) -> str:
        found = only("x.txt", f"Title\n{line}\n{REST}", settings).published
        assert found is not None
        return f"{found.at:%Y-%m-%d %H:%M}"

    assert at("By Jane Doe, Nov 20, 2026 9:30 a.m. ET") == "2026-11-20 14:30"
    assert at("By Jane Doe, Jul 20, 2026 9:30 a.m. ET") == "2026-07-20 13:30"
    assert at("2026-11-20 14:35 經濟日報 記者王小明／台北報導") == "2026-11-20 06:35"
    assert at("2026年11月20日 14:35（日本時間）") == "2026-11-20 05:35"
    assert at("2026-11-20 14:35 +0000") == "2026-11-20 14:35"


@pytest.mark.parametrize(
    "line",
    [
        "首頁 > 科技 > 半導體",
        "首页 › 科技",
        "ホーム ＞ テクノロジー",
        "홈 > 산업",
        "Home / Tech / Chips",
        "News » Business » Chips",
        "2026-03-12 09:00",
        "讚 123",
        "登入",
    ],
)
def test_what_stands_above_a_title_is_no_title(line: str, settings: ImportSettings) -> None:
    draft = only("x.txt", f"{line}\nThe title\n{REST}", settings)
    assert draft.title == "The title"
    assert line not in draft.body
    assert line in [cut.text for cut in draft.cuts]


def test_of_a_line_of_navigation_alone_the_title_is_made_all_the_same(settings: ImportSettings) -> None:
    assert only("x.txt", f"登入\n{LONG}", settings).title == "登入"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        *((each, "counts") for each in COUNTS.split(" | ")),
        *((each, "credit") for each in CREDITS.split(" | ")),
    ],
)
def test_counts_and_credits_are_cut(line: str, kind: str, settings: ImportSettings) -> None:
    draft = only("x.txt", f"Title\nStandfirst of it.\n{REST}\n{line}", settings)
    assert [(cut.kind, cut.text) for cut in draft.cuts] == [(kind, line)]
    assert draft.authors == ()
    assert draft.body.split("\n\n")[-1] == REST.splitlines()[-1]


@pytest.mark.parametrize(
    "line",
    ["編輯部昨天開會，決定改版。", "42 people like it, and 7 do not.", "讚 123 次的貼文，只有一則是真的。", "x > y"],
)
def test_sentences_that_count_or_edit_stay(line: str, settings: ImportSettings) -> None:
    assert line in [block.text for block in only("x.txt", f"Title\nS. t.\n{REST}\n{line}\n{LONG}", settings).blocks]


@pytest.mark.parametrize("line", ["記者會登場", "記者們等了一夜", "기자 회견", "By the numbers:"])
def test_what_looks_like_a_byline_is_none(line: str, settings: ImportSettings) -> None:
    assert only("x.txt", f"Title\nStandfirst.\n{line}\n{REST}", settings).authors == ()


def test_by_and_large_is_no_author(settings: ImportSettings) -> None:
    assert only("x.txt", f"Title\nStandfirst.\nBy and large, it works.\n{REST}", settings).authors == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Cerebras在賭什麼?", True),
        ("從華人世界的視角看這場競爭", True),
        ("What the money buys", True),
        ("雪と薬液", True),
        ("검증에만 이 년", True),
        ("這是一句話。", False),
        ("It ends like a sentence.", False),
        ("and so it goes on", False),
        ("第一，看帳單：", False),
        ("- an item", False),
        ("***", False),
        ("那就是「買」的意思。」", False),
    ],
)
def test_the_shape_of_a_heading(line: str, expected: bool) -> None:
    assert is_heading(line) is expected


def test_short_lines_in_a_row_are_no_headings(settings: ImportSettings) -> None:
    verse = "Roses are red\nViolets are blue\nChips are of silicon\nAnd so are you"
    draft = only("x.txt", f"Title\nStandfirst.\n{LONG}\n{verse}\n{LONG}", settings)
    assert draft.headings == ()
    assert [block.text for block in draft.blocks][1:5] == verse.splitlines()


def test_lines_broken_at_a_margin_are_one_paragraph(settings: ImportSettings) -> None:
    mail = (
        "The licence says who may use the machines, for what, and who\n"
        "must be let in to check. Each shipment needs one, and each one\ntakes months."
    )
    draft = only("x.txt", f"Title\n\nStandfirst.\n\n{mail}\n\n{LONG}\n\n{LONG}", settings)
    assert draft.blocks[0].text == mail.replace("\n", " ")


def test_items_are_a_list(settings: ImportSettings) -> None:
    draft = only("x.txt", f"Title\nStandfirst.\n{LONG}\n• one\n• two\n{LONG}\n1. first\n2. second\n{LONG}", settings)
    assert "\n\n- one\n- two\n\n" in draft.body
    assert "\n\n1. first\n2. second\n\n" in draft.body


def test_marks_of_markdown_mean_themselves(settings: ImportSettings) -> None:
    odd = "A *b* _c_ `d` [e](f) <g> &amp; #h 1 * 2 * 3 | i ~j~ \\k."
    draft = only("x.txt", f"Title\nStandfirst.\n{odd}\n# not a heading here, it is a paragraph.\n{REST}", settings)
    assert draft.blocks[0].text == odd
    assert draft.headings == ()


def test_a_url_becomes_a_link(settings: ImportSettings) -> None:
    draft = only("x.txt", f"Title\nStandfirst.\nSee https://example.com/a_b_c。\n{REST}", settings)
    assert "https://example.com/a_b_c>" in draft.body or "(https://example.com/a_b_c)" in draft.body


def test_more_below_a_closing_line_than_above_stays_and_is_said(settings: ImportSettings) -> None:
    draft = only("x.txt", f"Title\nStandfirst of it.\nShort.\nRelated articles\n{REST}\n{REST}", settings)
    assert draft.body.count("desert") == 2
    assert "more text follows" in draft.notes[0]


def test_a_notice_within_the_text_is_the_authors_own(settings: ImportSettings) -> None:
    quoted = "This article was written by AI, the label said."
    draft = only("x.txt", f"Title\nStandfirst.\n{LONG}\n{quoted}\n{LONG}\n{LONG}", settings)
    assert quoted in draft.body
    assert draft.disclosure == ""


def test_a_notice_above_the_text_is_the_disclosure(settings: ImportSettings) -> None:
    draft = only("x.txt", f"Title\nThis summary was generated by AI.\nStandfirst.\n{REST}", settings)
    assert draft.disclosure == "This summary was generated by AI."
    assert draft.summary == "Standfirst."


@pytest.mark.parametrize("text", ["", "\n\n", "Title alone", "\ufeffTitle\n\n\n"])
def test_a_text_without_anything_below_a_title_is_refused(text: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="a title line and at least one paragraph"):
        only("x.txt", text, settings)


def test_bytes_that_are_not_utf8_are_refused_with_their_line(settings: ImportSettings) -> None:
    with pytest.raises(ArticleError) as caught:
        only("x.txt", b"Title\nText " + "晶片".encode("big5"), settings)
    assert caught.value.findings[0].line == 2
    assert "--encoding" in caught.value.findings[0].message


RIGHT_TO_LEFT = {
    "ar": (
        "شركات الحوسبة تتسابق على الرقائق\nتضاعفت فترات التسليم وتعيد ضوابط التصدير رسم الخريطة.\n{date}\n"
        "تستغرق الرقائق الآن عشرين أسبوعا للوصول.\nقال مشترون إنهم دفعوا عربونا.\nأين يكمن الاختناق\n"
        "لا تكمن المشكلة في المصنع نفسه.\nتم إنشاء هذا المقال بمساعدة الذكاء الاصطناعي.\nمقالات ذات صلة\n"
        "الشركة تسجل ربعا قياسيا\nالتعليقات\nسجل الدخول للمشاركة في النقاش"
    ),
    "he": (
        "חברות הענן מתחרות על שבבים\nזמני האספקה הוכפלו והפיקוח משנה את המפה.\n{date}\n"
        "השבבים מגיעים עכשיו אחרי עשרים שבועות.\nקונים אמרו ששילמו מקדמה.\nאיפה צוואר הבקבוק\n"
        "הבעיה אינה במפעל עצמו.\nהכתבה נכתבה בעזרת בינה מלאכותית.\nכתבות קשורות\n"
        "החברה רשמה רבעון שיא\nתגובות\nהתחברו כדי להגיב"
    ),
    "fa": (
        "رقابت شرکت‌های ابری بر سر تراشه\nزمان تحویل دو برابر شده و کنترل صادرات نقشه را عوض می‌کند.\n{date}\n"
        "تراشه‌ها اکنون پس از بیست هفته می‌رسند.\nخریداران گفتند پیش‌پرداخت داده‌اند.\nتنگنا کجاست\n"
        "مشکل در خود کارخانه نیست.\nاین مقاله با کمک هوش مصنوعی نوشته شده است.\nمطالب مرتبط\n"
        "شرکت فصل رکوردی ثبت کرد\nنظرات\nبرای نظر دادن وارد شوید"
    ),
}


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("ar", "تاريخ النشر: 2026-03-12"),
        ("ar", "نُشر في الخميس، ١٢ مارس ٢٠٢٦"),
        ("ar", "١٢ آذار/مارس ٢٠٢٦"),
        ("he", "פורסם: 12 במרץ 2026"),
        ("fa", "تاریخ انتشار: ۱۲ مارس ۲۰۲۶"),
    ],
)
def test_right_to_left_articles(language: str, date: str, settings: ImportSettings) -> None:
    draft = only("x.txt", RIGHT_TO_LEFT[language].format(date=date), settings)
    assert draft.published is not None
    assert draft.published.at == settings.date("2026-03-12")
    assert (len(draft.blocks), [block.level for block in draft.blocks]) == (4, [0, 0, 2, 0])
    assert [cut.kind for cut in draft.cuts] == ["meta", "notice", "related", "related", "comments", "sign_in"]
    assert draft.disclosure


def test_a_date_of_another_calendar_is_neither_taken_nor_a_heading(settings: ImportSettings) -> None:
    draft = only("x.txt", RIGHT_TO_LEFT["fa"].format(date="تاریخ انتشار: ۱۴۰۴/۱۲/۲۱"), settings)
    assert draft.published is None
    assert [block.level for block in draft.blocks] == [0, 0, 0, 2, 0]
