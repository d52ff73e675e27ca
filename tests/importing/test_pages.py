"""Saved pages of 11 shapes in five languages: their text, and what they say of themselves."""

import re
import tomllib
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from feedsvc.errors import ArticleError
from feedsvc.importing.complete import propose
from feedsvc.importing.draft import Draft
from feedsvc.importing.output.html_to_markdown import plain_text
from feedsvc.importing.readers.decoding import decode_html
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only

PAGES = Path(__file__).parent / "pages"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((PAGES / "expected.toml").read_text("utf-8"))
# Pages of this shape show pictures within their text.
WITH_PICTURES = ("app-",)


@pytest.fixture(params=sorted(EXPECTED))
def name(request: pytest.FixtureRequest) -> str:
    """A page."""
    return str(request.param)


@pytest.fixture
def draft(name: str, settings: ImportSettings) -> Draft:
    """What is read of it."""
    return only(f"{name}.html", (PAGES / f"{name}.html").read_bytes(), settings)


def test_all_of_the_text_and_nothing_else(name: str, draft: Draft) -> None:
    wanted = (PAGES / f"{name}.txt").read_text("utf-8").split()
    assert " ".join(block.text for block in draft.blocks).split() == wanted


def test_what_it_says_of_itself(name: str, draft: Draft) -> None:
    about = EXPECTED[name]
    assert draft.title == about["title"] or draft.title.startswith(about["title"])
    if "summary" in about:
        assert draft.summary == about["summary"]
    if "author" in about:
        assert [person.name for person in draft.authors] == [about["author"]]


def test_its_date(name: str, draft: Draft, settings: ImportSettings) -> None:
    written = EXPECTED[name].get("published")
    found = draft.published.at if draft.published else None
    if written is None:
        # Old pages say it in a line of their text only.
        assert found is None or f"{found:%Y}" == "2026"
    else:
        assert found == settings.date(written)


def test_its_language_and_headings(name: str, draft: Draft, settings: ImportSettings) -> None:
    assert propose(draft, settings).language == EXPECTED[name]["language"]
    assert list(draft.headings) == EXPECTED[name]["headings"]


def page(body: str, head: str = "") -> str:
    """A page with enough text around `body` to have a main text."""
    text = "<p>The licence says who may use the machines, for what, and who must be let in to check them.</p>" * 6
    return f"<!DOCTYPE html><html><head><title>T</title>{head}</head><body><article><h1>T</h1>{text}{body}</article>"


def test_images_are_kept_as_links_and_never_fetched(settings: ImportSettings) -> None:
    head = '<link rel="canonical" href="https://old.example/a/b">'
    draft = only("x.html", page('<p><img src="/pic.png" alt="A chart"> and text beside it.</p>', head), settings)
    assert "![A chart](https://old.example/pic.png)" in draft.body


def test_images_saved_beside_the_page_are_left_out_and_said(settings: ImportSettings) -> None:
    draft = only("x.html", page('<p>Text.</p><img src="./T_files/pic.png" alt="A chart">'), settings)
    assert "pic.png" not in draft.body
    assert "left out: images saved beside the page, ./T_files/pic.png (" in draft.notes[0]


def test_scripts_leave_nothing(settings: ImportSettings) -> None:
    hostile = '<p onclick="a()">Hi <a href="javascript:b()">there</a></p><script>c()</script><style>d{}</style>'
    body = only("x.html", page(hostile), settings).body
    assert "Hi there" in body
    assert not any(each in body for each in ("onclick", "javascript", "c()", "d{}"))


def test_one_time_element_is_the_date_and_two_that_differ_are_none(settings: ImportSettings) -> None:
    one = '<p><time datetime="2026-03-12">12 March</time></p>'
    other = '<p><time datetime="2026-03-13">13 March</time></p>'
    found = only("x.html", page(one), settings).published
    assert found is not None
    assert found.at == settings.date("2026-03-12")
    assert only("x.html", page(one + other), settings).published is None


def test_broken_json_ld_is_passed_over(settings: ImportSettings) -> None:
    head = '<script type="application/ld+json">{"@type": "Article", </script><meta name="date" content="2026-03-12">'
    found = only("x.html", page("", head), settings).published
    assert found is not None
    assert found.found_in == "date"


def test_a_date_that_is_none_is_passed_over(settings: ImportSettings) -> None:
    head = '<meta name="date" content="yesterday"><meta name="dcterms.date" content="2026-03-12">'
    found = only("x.html", page("", head), settings).published
    assert found is not None
    assert found.found_in == "dcterms.date"
    assert isinstance(found.at, datetime)


@pytest.mark.parametrize(
    "html", ["<html><body></body></html>", "<html><body><script>1</script><nav>a</nav></body></html>"]
)
def test_a_page_without_text_is_refused(html: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="no main text was found"):
        only("x.html", html, settings)


@pytest.mark.parametrize("depth", [300, 5000])
def test_hostile_nesting_is_refused_or_read_but_never_breaks(depth: int, settings: ImportSettings) -> None:
    deep = page("<div>" * depth + "<p>Deep.</p>" + "</div>" * depth)
    with suppress(ArticleError):
        assert "The licence says" in only("x.html", deep, settings).body


def test_a_page_saved_as_one_file_with_all_its_pictures_is_read(settings: ImportSettings) -> None:
    picture = f'<img alt="" src="data:image/png;base64,{"A" * 3_000_000}">'
    head = f"<style>{'a{b:c}' * 400_000}</style><script>{'x();' * 400_000}</script>"
    assert "The licence says" in only("x.html", page(picture, head), settings).body


@pytest.mark.parametrize("opened", ["<!--", "<script>", "<style>", "<svg>", "<i "])
def test_what_is_never_closed_is_read_in_time(opened: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError):
        only("x.html", f"<html><body>{opened * 100_000}", settings)


def test_the_figures_in_the_docs_are_the_ones_measured() -> None:
    from tests.importing.compare import measure, with_readability

    rows = [measure(with_readability, each, about) for each, about in EXPECTED.items()]
    means = [f"{sum(row[key] for row in rows) / len(rows):.3f}" for key in ("precision", "recall", "f1", "blocks")]
    docs = (Path(__file__).parents[2] / "docs" / "how-to" / "import.md").read_text("utf-8")
    assert f"| **readability-lxml 0.9** | {' | '.join(means)} |" in docs


LONG = "<p>晶圓廠的停電演習從凌晨兩點開始，值班的人先關掉照明，再數一次機台，數完才打電話回報給廠長。</p>"
SHORT = (
    f"{LONG}<ul><li>一台</li><li>兩台</li></ul>{LONG}<table><tr><td>1</td><td>2</td></tr></table>{LONG}<p>短句。</p>"
    f"{LONG}<ol><li>甲</li></ol><dl><dt>詞</dt><dd>義</dd></dl>"
)


def saved(body: str, head: str = "") -> str:
    """A saved page."""
    return (
        f"<html lang=zh-Hant><head><title>停電演習</title>{head}</head><body><header><a href=/>首頁</a></header>"
        f"<article><h1>停電演習</h1>{body}</article><footer>頁尾</footer></body></html>"
    )


def test_short_lists_and_small_tables_are_not_lost(settings: ImportSettings) -> None:
    draft = only("x.html", saved(SHORT), settings)
    paragraph = plain_text(LONG)
    assert [block.text for block in draft.blocks] == [
        paragraph, "一台 兩台", paragraph, "1 2", paragraph, "短句。", paragraph, "甲", "詞 義",
    ]  # fmt: skip
    assert "- 一台\n- 兩台" in draft.body


def test_many_short_lists_in_a_row_are_kept_too(settings: ImportSettings) -> None:
    lists = "".join(f"<ul><li>{n}</li></ul>" for n in range(300))
    draft = only("x.html", saved(LONG * 4 + lists), settings)
    assert [block.text for block in draft.blocks[4:]] == [str(n) for n in range(300)]


def test_a_table_in_a_wrapper_and_a_picture_in_a_row_come_too(settings: ImportSettings) -> None:
    body = (
        f'{LONG}<div class="scroll"><table><tr><td>1</td></tr></table></div>{LONG}'
        f'<figure><img data-src="https://a.example/b.png" src="data:image/gif;base64,R0" alt="圖"></figure>{LONG}'
    )
    draft = only("x.html", saved(body), settings)
    assert "<td>1</td>" in draft.body or "| 1 |" in draft.body
    assert "https://a.example/b.png" in draft.body


def test_what_is_left_out_of_a_page_is_told(settings: ImportSettings) -> None:
    body = f'{SHORT}<ul><li><a href="/1">別的文章</a></li></ul><div class="share"><ul><li>貼到牆上</li></ul></div>'
    draft = only("x.html", saved(body), settings)
    cuts = {cut.text: cut.kind for cut in draft.cuts}
    assert {"首頁": "page", "頁尾": "page", "別的文章": "page", "貼到牆上": "page"}.items() <= cuts.items()
    assert "別的文章" not in draft.body


def test_every_word_of_every_page_is_kept_or_cut(name: str, draft: Draft) -> None:
    html = decode_html((PAGES / f"{name}.html").read_bytes())
    tree = LexborHTMLParser(html)
    for node in tree.css("head, script, style, noscript, button, template, [hidden], [aria-hidden=true]"):
        node.decompose()
    kept = "".join([draft.title, draft.summary, *(b.text for b in draft.blocks), *(c.text for c in draft.cuts)])
    kept += "".join(str(person.name) for person in draft.authors)
    told = set(re.findall(r"\w{2,}", kept))
    lost = [
        word
        for word in re.findall(r"\w{2,}", tree.body.text(deep=True, separator=" ") if tree.body else "")
        if word not in told and word not in kept
    ]
    assert lost == []


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://a.example/2026/x.html">',
        '<meta property="og:url" content="https://a.example/2026/x.html">',
        '<base href="https://a.example/2026/">',
        '<script type="application/ld+json">{"@type": "Article", "url": "https://a.example/2026/x.html"}</script>',
    ],
)
def test_pictures_and_links_are_read_against_the_pages_own_address(head: str, settings: ImportSettings) -> None:
    body = f'{LONG}<p>看<a href="/b">這裡</a>。</p>{LONG}<p><img src="/img/c.png" alt="圖"></p>{LONG}'
    draft = only("x.html", saved(body, head), settings)
    assert "![圖](https://a.example/img/c.png)" in draft.body
    assert "[這裡](https://a.example/b)" in draft.body
    assert draft.notes == ()


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- saved from url=(0029)https://a.example/2026/x.html -->",
        "<!--\n Page saved with SingleFile \n url: https://a.example/2026/x.html \n saved date: Fri -->",
    ],
)
def test_a_browser_notes_where_it_saved_a_page_from(comment: str, settings: ImportSettings) -> None:
    body = f'{LONG}<p><img src="/img/c.png" alt="圖"></p>{LONG}{LONG}'
    draft = only("x.html", f"<!DOCTYPE html>\n{comment}\n{saved(body)}", settings)
    assert "![圖](https://a.example/img/c.png)" in draft.body
    assert draft.canonical == "https://a.example/2026/x.html"


def test_pictures_of_a_page_that_is_nowhere_are_named(settings: ImportSettings) -> None:
    links = '<p>看<a href="/b">這裡</a>與<a href="#n">註</a>。</p>'
    draft = only("x.html", saved(f'{LONG}{links}{LONG}<p><img src="/img/%E5%9C%96.png" alt="圖"></p>{LONG}'), settings)
    unknown = "since the page does not say its own address"
    cure = 'put <link rel="canonical" href="https://…"> into its head'
    assert draft.notes == (
        f"left out: images, {unknown}, /img/圖.png ({cure}, or them beside the article)",
        f"became text: relative links, {unknown}, 1 in all ({cure})",
    )
    assert "這裡" in draft.body


@pytest.mark.parametrize(
    ("levels", "expected"),
    [("2", "2"), ("3", "2"), ("12", "23"), ("232", "232"), ("343", "232"), ("2424", "2323"), ("6", "2"), ("1", "2")],
)
def test_headings_start_below_the_title_and_keep_their_order(
    levels: str, expected: str, settings: ImportSettings
) -> None:
    body = "".join(f"{LONG}<h{level}>標題{number}</h{level}>" for number, level in enumerate(levels)) + LONG
    draft = only("x.html", saved(body), settings)
    found = [(block.level, block.markdown) for block in draft.blocks if block.level]
    assert found == [(int(level), f"{'#' * int(level)} 標題{number}") for number, level in enumerate(expected)]


def test_a_heading_that_stays_html_moves_with_the_others(settings: ImportSettings) -> None:
    body = f'{LONG}<h3 id="a">標題一</h3>{LONG}<h4>標題二</h4>{LONG}'
    draft = only("x.html", saved(body), settings)
    assert '<h2 id="c-a">標題一</h2>' in draft.body
    assert "### 標題二" in draft.body


def test_a_form_around_the_whole_page_is_no_form(settings: ImportSettings) -> None:
    body = f'<form action="/x"><input name="q"><article>{LONG}{LONG}</article></form>'
    draft = only("x.html", saved(body), settings)
    assert [block.text for block in draft.blocks] == [plain_text(LONG)] * 2


PARAGRAPHS = "<p>晶圓廠的第一段，說了很多關於機台與良率的事情，也說了關於人的事情。</p>" * 4


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:title" content="晶圓的一天：矽報"><meta property="og:site_name" content="矽報">',
        '<meta property="og:title" content="晶圓的一天｜矽報">',
        "<title>晶圓的一天 - 矽報</title>",
    ],
)
def test_the_name_of_the_site_is_no_part_of_the_title(head: str, settings: ImportSettings) -> None:
    page = f"<html><head>{head}</head><body><article><h1>晶圓的一天</h1>{PARAGRAPHS}</article></body></html>"
    draft = only("x.html", page, settings)
    assert draft.title == "晶圓的一天"
    assert "晶圓的一天" not in draft.headings


def test_a_title_with_a_colon_stays_whole(settings: ImportSettings) -> None:
    page = f"<html><body><article><h1>晶圓：一天</h1>{PARAGRAPHS}</article></body></html>"
    assert only("x.html", page, settings).title == "晶圓：一天"


BARS = """<div class="share-bar"><a href="https://x.com/i">X</a><a href="#">Copy link</a></div>{text}
<div class="newsletter"><h3>每週電子報</h3><p>寫給你的一封信</p><form><input type="email"></form></div>
<h2>看這裡</h2>"""


def test_boxes_of_the_page_within_its_text_are_cut(settings: ImportSettings) -> None:
    page = f"<html><body><article><h1>晶圓的一天</h1>{BARS.format(text=PARAGRAPHS)}</article></body></html>"
    draft = only("x.html", page, settings)
    assert draft.text == "\n".join(["晶圓廠的第一段，說了很多關於機台與良率的事情，也說了關於人的事情。"] * 4)
    assert draft.headings == ()
    assert {"X Copy link", "每週電子報 寫給你的一封信"} <= {cut.text for cut in draft.cuts}


def test_a_paragraph_about_a_share_stays(settings: ImportSettings) -> None:
    last = '<p class="market-share">市占率是三成。</p>'
    page = f"<html><body><article><h1>晶圓</h1>{PARAGRAPHS}{last}</article></body></html>"
    assert "市占率是三成。" in only("x.html", page, settings).text


def test_an_internal_subset_is_no_text(settings: ImportSettings) -> None:
    page = (
        f'<!DOCTYPE html [<!ENTITY x "y">\n]>\n<html><body><article><h1>晶圓</h1>{PARAGRAPHS}</article></body></html>'
    )
    assert "]>" not in only("x.html", page, settings).text


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<pre><code class="language-python">x = 1\n</code></pre>', "```python\nx = 1\n```"),
        (
            '<div class="language-ruby highlighter"><pre><code><span class="k">def</span> x\n</code></pre></div>',
            "```ruby\ndef x\n```",
        ),
        ('<div class="highlight-source-rust"><pre>fn</pre></div>', '<pre><code class="language-rust">fn</code></pre>'),
        ('<pre class="brush: php">echo</pre>', '<pre><code class="language-php">echo</code></pre>'),
        ('<pre><code class="language-text">x\n</code></pre>', "```\nx\n```"),
    ],
)
def test_code_keeps_its_language(html: str, markdown: str, settings: ImportSettings) -> None:
    text = "<p>The wafer plant opened on Tuesday, and the first chips left it in the evening.</p>" * 3
    page = f"<html><head><title>T</title></head><body><article><h1>T</h1>{text}{html}{text}</article></body></html>"
    assert f"\n\n{markdown}\n\n" in only("x.html", page, settings).body
