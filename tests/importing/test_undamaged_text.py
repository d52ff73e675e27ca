"""The text of a saved page is not damaged: what its markup means in a browser, its article means."""

import pytest

from feedsvc.articles.metadata.fields import MAX_NAMES, MAX_TEXT
from feedsvc.importing.complete import Overrides, complete
from feedsvc.importing.draft import Draft
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Person
from feedsvc.text import MAX_NAME
from tests.importing.conftest import only

ENGLISH = "The plant opened on Tuesday, and two thousand people work in it, of whom half came from other counties. " * 3
CHINESE = "半導體廠今年擴大投資，新的晶圓廠預計明年完工，產能將提高一倍，供應商也跟著擴產。" * 3
TEX = '<semantics><mi>E</mi><annotation encoding="application/x-tex">E=mc^2</annotation></semantics>'
FORMULA_PICTURE = '<img src="https://x.example/e.svg" aria-hidden="true">'
HEBREW = "המפעל החדש נפתח ביום שלישי, ואלפיים עובדים בו כבר היום, רובם תושבי האזור. " * 3


def page(inner: str, head: str = "", text: str = ENGLISH) -> str:
    """A page with an article whose second paragraph is `inner`."""
    body = f"<h1>New plant</h1><p>{text}</p>{inner}<p>{text}</p><p>{text}</p>"
    return f"<!doctype html><meta charset=utf-8><title>New plant</title>{head}<article>{body}</article>"


def markdown(inner: str, settings: ImportSettings, text: str = ENGLISH) -> list[str]:
    """The blocks of the article, without those that every page has."""
    draft = only("page.html", page(inner, text=text), settings)
    return [block.markdown for block in draft.blocks if block.markdown.strip() != text.strip()]


@pytest.mark.parametrize(
    ("inner", "made"),
    [
        ("<p><span>半導體廠</span><span>今年擴大</span><span>投資。</span></p>", "半導體廠今年擴大投資。"),
        ("<p>The <em>first</em><em> chips</em> left.</p>", "The first chips left."),
        ("<p>It is pla<a href='https://x.example/'>n</a><span>ned</span>.</p>", "It is planned."),
        ("<p><span>شركة</span><span> تبني</span><span> مصنعا.</span></p>", "شركة تبني مصنعا."),
        ("<p><span>新しい</span><span>工場が</span><span>完成した。</span></p>", "新しい工場が完成した。"),
    ],
)  # fmt: skip
def test_nothing_is_put_between_spans(inner: str, made: str, settings: ImportSettings) -> None:
    draft = only("page.html", page(inner), settings)
    assert made in [block.text for block in draft.blocks]


def test_the_items_of_a_line_about_the_article_stay_apart(settings: ImportSettings) -> None:
    """Otherwise the name and the date would be one word."""
    line = '<div><a class="author">Kim Lee</a><time>2026-02-10</time></div>'
    draft = only("page.html", page(line), settings)
    assert "Lee2026" not in " ".join(block.text for block in draft.blocks)


@pytest.mark.parametrize(
    ("inner", "made"),
    [
        ("<p><b>Two thousand people work in the new plant.</b></p>", "**Two thousand people work in the new plant.**"),
        ("<p><strong>新的晶圓廠明年完工。</strong></p>", "**新的晶圓廠明年完工。**"),
        ("<p><strong>居民擔心什麼</strong></p>", "## 居民擔心什麼"),
        ("<p><b>What the neighbours say</b></p>", "## What the neighbours say"),
        (
            f"<p><b>{' '.join(['A long line without an end'] * 6)}</b></p>",
            f"**{' '.join(['A long line without an end'] * 6)}**",
        ),
    ],
)
def test_a_bold_sentence_is_no_heading(inner: str, made: str, settings: ImportSettings) -> None:
    (found,) = markdown(inner, settings)
    assert found in (made, f"<p><b>{made.strip('*')}</b></p>", f"<p><strong>{made.strip('*')}</strong></p>")


def test_a_bold_line_at_the_end_is_kept(settings: ImportSettings) -> None:
    body = f"<h1>New plant</h1><p>{ENGLISH}</p><p>{ENGLISH}</p><p><b>To be continued</b></p>"
    draft = only("page.html", f"<title>New plant</title><article>{body}</article>", settings)
    assert draft.blocks[-1].text == "To be continued"
    assert not draft.blocks[-1].level


@pytest.mark.parametrize(
    "inner",
    [
        '<p style="display:none">A secret that no reader saw.</p>',
        '<p style="color: red; DISPLAY : none !important">A secret that no reader saw.</p>',
        '<div style="visibility:hidden"><p>A secret that no reader saw.</p></div>',
        "<p hidden>A secret that no reader saw.</p>",
    ],
)
def test_hidden_text_is_left_out(inner: str, settings: ImportSettings) -> None:
    assert markdown(inner, settings) == []


def test_an_article_that_waits_for_its_script_is_read(settings: ImportSettings) -> None:
    html = page("").replace("<article>", '<article style="visibility: hidden">')
    assert ENGLISH.strip() in [block.text for block in only("page.html", html, settings).blocks]


@pytest.mark.parametrize(
    ("inner", "made"),
    [
        ("<p>So <math><mi>E</mi><mo>=</mo><mi>m</mi></math> holds.</p>", "So E=m holds."),
        (
            f'<p>So <span style="display:none"><math>{TEX}</math></span>{FORMULA_PICTURE} holds.</p>',
            "So E=mc^2 holds.",
        ),
    ],
    ids=["shown", "beside a picture of it"],
)
def test_formulas_are_kept_once(inner: str, made: str, settings: ImportSettings) -> None:
    draft = only("page.html", page(inner), settings)
    (found,) = [block for block in draft.blocks if block.text == made]
    assert "e.svg" not in found.markdown


@pytest.mark.parametrize(
    ("inner", "made"),
    [
        ('<img src="data:image/gif;base64,AA" data-src="https://x.example/a.jpg">', "https://x.example/a.jpg"),
        (
            '<img src="data:image/gif,A" data-srcset="https://x.example/s.jpg 3w, https://x.example/l.jpg 9w">',
            "https://x.example/l.jpg",
        ),
        ('<img data-lazy-srcset="https://x.example/l.jpg 2x, https://x.example/s.jpg">', "https://x.example/l.jpg"),
        (
            '<picture><source srcset="https://x.example/b.webp"><img data-srcset="https://x.example/b.jpg"></picture>',
            "https://x.example/b.jpg",
        ),
        ('<picture><source srcset="https://x.example/b.webp"><img alt="The hall"></picture>', "https://x.example/b.webp"),
        ('<img class="lazy"><noscript><img src="https://x.example/n.jpg"></noscript>', "https://x.example/n.jpg"),
        ('<noscript><img src="https://x.example/n.jpg"></noscript> <img class="lazy">', "https://x.example/n.jpg"),
        ('<noscript><img src="https://x.example/n.jpg"></noscript>', "https://x.example/n.jpg"),
        (
            '<img src="https://x.example/a.jpg"><noscript><img src="https://x.example/n.jpg"></noscript>',
            "https://x.example/a.jpg",
        ),
        ('<img src="https://x.example/a.jpg" data-src="https://x.example/b.jpg">', "https://x.example/a.jpg"),
    ],
)  # fmt: skip
def test_each_picture_is_shown_once(inner: str, made: str, settings: ImportSettings) -> None:
    """Where a script would load it later."""
    found = "\n".join(markdown(f"<figure>{inner}</figure>", settings))
    assert made in found
    assert found.count("x.example/") == found.count(made)


def test_a_counter_in_noscript_is_no_picture(settings: ImportSettings) -> None:
    inner = '<p>Text of a paragraph.</p><noscript><img width="1" height="1" src="https://x.example/count"></noscript>'
    assert markdown(inner, settings) == ["Text of a paragraph."]


@pytest.mark.parametrize(
    ("inner", "made"),
    [
        ("<p>新的晶圓廠預計明年\n  完工。</p>", "新的晶圓廠預計明年完工。"),
        ("<p>新しい工場が\n完成した。</p>", "新しい工場が完成した。"),
        ("<p>새 공장이\n문을 열었다.</p>", "새 공장이 문을 열었다."),
        ("<p>The new\nplant.</p>", "The new plant."),
        ("<ul><li>新的晶圓廠\n明年完工</li></ul>", "- 新的晶圓廠明年完工"),
    ],
)
def test_no_space_at_line_breaks_between_chinese_characters(inner: str, made: str, settings: ImportSettings) -> None:
    """CSS Text §4.1.3: between two wide characters other than Hangul a line break is nothing."""
    (found,) = markdown(inner, settings)
    assert " ".join(found.split()) == made


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, HEBREW], ids=["en", "zh", "he"])
def test_text_in_any_language_stays(text: str, settings: ImportSettings) -> None:
    draft = only("page.html", page("", text=text), settings)
    assert [block.text for block in draft.blocks] == [text.strip()] * 3


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("name, email@example.com", []),
        ("Your Name", []),
        ("Name, Email", []),
        ("Kim Lee, kim@x.example", ["Kim Lee, kim@x.example"]),
        ("王小明", ["王小明"]),
    ],
)
def test_what_a_template_has_is_no_author(content: str, names: list[str], settings: ImportSettings) -> None:
    draft = only("page.html", page("", f'<meta name="author" content="{content}">'), settings)
    assert [author.name for author in draft.authors] == names


def test_attributes_of_an_advertisement_do_not_refuse_the_page(settings: ImportSettings) -> None:
    many = " ".join(f'data-x{number}="{number}"' for number in range(200))
    html = page("").replace("<article>", f"<div {many}><span>ad</span></div><article>")
    assert [block.text for block in only("page.html", html, settings).blocks] == [ENGLISH.strip()] * 3


def test_what_is_too_much_is_shortened_with_a_note(settings: ImportSettings) -> None:
    draft = Draft(
        source="x",
        title="New plant",
        summary="字" * 3000,
        blocks=only("page.html", page(""), settings).blocks,
        authors=(Person(name="名" * 300), Person(name="Kim")),
        tags=tuple(f"word{number}" for number in range(101)),
        topics=("chips",),
    )
    found = complete(draft, settings, Overrides()).draft
    assert MAX_TEXT // 2 < len(found.summary) <= MAX_TEXT
    assert [len(author.name) <= MAX_NAME for author in found.authors] == [True, True]
    assert found.tags == draft.tags[:MAX_NAMES]
    assert [note.partition(":")[0] for note in found.notes] == ["summary", "authors", "tags"]
    within = complete(only("page.html", page(""), settings), settings, Overrides()).draft
    assert within.notes == ()
