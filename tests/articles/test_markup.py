"""Suffix → reader: the body of a file as HTML."""

from pathlib import Path

import pytest

from feedsvc.articles.markup import READERS, read_html, read_markdown, read_text
from feedsvc.articles.source_text.literal_marks import STAND_INS
from feedsvc.errors import ArticleError


@pytest.mark.parametrize(
    ("suffix", "html"),
    [
        (".md", "<p><em>a</em></p>\n"),
        (".markdown", "<p><em>a</em></p>\n"),
        (".html", "*a*"),
        (".htm", "*a*"),
        (".txt", "<p>*a*</p>"),
    ],
)
def test_the_suffix_picks_the_reader(suffix: str, html: str) -> None:
    assert READERS[suffix]("*a*") == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        pytest.param("# 標題", "<h1>標題</h1>\n", id="heading"),
        pytest.param("~~a~~ **b**", "<p><del>a</del> <strong>b</strong></p>\n", id="strikethrough"),
        pytest.param("a <b>c</b> &amp; d", "<p>a <b>c</b> &amp; d</p>\n", id="HTML stays"),
        pytest.param("```py\n<a>\n```", '<pre><code class="language-py">&lt;a&gt;\n</code></pre>\n', id="code"),
        pytest.param("| a |\n|---|\n| b |", "<td>b</td>", id="table"),
        pytest.param("a[^1]\n\n[^1]: b", 'href="#fn-1"', id="footnote"),
        pytest.param("a[^註]b[^註]\n\n[^註]: c", 'id="fnref-註-2"', id="footnote with a label in Chinese"),
        pytest.param(
            "1. a[^1]\n\n[^1]: b", '</ol>\n<hr />\n<div class="footnotes"', id="a rule parts footnotes from a list"
        ),
        pytest.param("👨‍👩‍👧 e\u0301 שלום", "<p>👨‍👩‍👧 e\u0301 שלום</p>\n", id="any script"),
        pytest.param("", "", id="nothing"),
        pytest.param("第二段\n換行。\nthe end\n終", "<p>第二段換行。\nthe end\n終</p>", id="no space inside Chinese"),
        pytest.param("한국\n말", "<p>한국\n말</p>", id="Korean has spaces"),
        pytest.param("```\n一\n二\n```\n三\n四", "一\n二\n</code></pre>\n<p>三四</p>", id="code keeps its lines"),
        pytest.param("<PRE>\n一\n二\n</Pre >\n三\n四", "<PRE>\n一\n二\n</Pre >\n三四", id="in any case"),
        pytest.param("<pre>\n一\n二", "<pre>\n一\n二", id="also where it is left open"),
        pytest.param("**晶片。**他說", "<p><strong>晶片。</strong>他說</p>", id="emphasis ending in a full stop"),
        pytest.param("他說**「好」**嗎", "<p>他說<strong>「好」</strong>嗎</p>", id="emphasis around brackets"),
        pytest.param("~~日本。~~語", "<p><del>日本。</del>語</p>", id="strikethrough ending in a full stop"),
    ],
)
def test_markdown(body: str, html: str) -> None:
    assert html in read_markdown(body)


def test_html_is_taken_as_it_is() -> None:
    assert read_html("<p>a") == "<p>a"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        pytest.param("a\n\nb", "<p>a</p>\n<p>b</p>", id="a blank line parts paragraphs"),
        pytest.param("a\n \u3000\t\n\n\nb", "<p>a</p>\n<p>b</p>", id="several blank lines with white space"),
        pytest.param("a\nb", "<p>a<br>\nb</p>", id="a line break stays"),
        pytest.param("\n\n a \n\n", "<p>a</p>", id="white space around"),
        pytest.param('<b> & "c"', '<p>&lt;b&gt; &amp; "c"</p>', id="markup is text"),
        pytest.param("", "", id="nothing"),
        pytest.param(" \n\t\n ", "", id="only white space"),
    ],
)
def test_text_has_paragraphs_and_lines(body: str, html: str) -> None:
    assert read_text(body) == html


@pytest.mark.parametrize(
    ("text", "url"),
    [
        pytest.param("https://example.org/a?b=c&d#e", "https://example.org/a?b=c&amp;d#e", id="whole"),
        pytest.param("HTTP://EXAMPLE.org/x", "HTTP://EXAMPLE.org/x", id="any case"),
        pytest.param("見https://example.com/a。", "https://example.com/a", id="ends at a full-width full stop"),
        pytest.param("（https://example.com/a）", "https://example.com/a", id="ends at a full-width bracket"),
        pytest.param("「https://example.com/a」", "https://example.com/a", id="ends at a corner bracket"),
        pytest.param("https://example.com/a、b", "https://example.com/a", id="ends at an ideographic comma"),
        pytest.param("https://example.com/a，b", "https://example.com/a", id="ends at a full-width comma"),
        pytest.param("“https://example.com/a”", "https://example.com/a", id="ends at a curly quote"),
        pytest.param("https://example.com/晶片", "https://example.com/晶片", id="may be Chinese"),
        pytest.param(
            "見 https://example.com/a/晶片-b、c", "https://example.com/a/晶片-b", id="behind a space, Chinese"
        ),
        pytest.param("見https://example.com/晶片", "https://example.com/", id="no Chinese behind Chinese"),
        pytest.param("網址https://example.com/路徑，後文", "https://example.com/", id="nor up to a comma"),
        pytest.param("（https://ja.example/wiki/半導体）", "https://ja.example/wiki/半導体", id="Japanese in brackets"),
        pytest.param("https://example.com/aを見る", "https://example.com/a", id="ends before kana"),
        pytest.param("https://example.com/a에서 본다", "https://example.com/a", id="ends before Hangul"),
        pytest.param("https://example.com/aและ", "https://example.com/a", id="ends before Thai"),
        pytest.param("https://example.org/a، ثم", "https://example.org/a", id="ends at an Arabic comma"),
        pytest.param("هل https://example.org/a؟", "https://example.org/a", id="ends at an Arabic question mark"),
        pytest.param("https://ar.example/رقاقة و", "https://ar.example/رقاقة", id="may be Arabic"),
        pytest.param("https://de.example/Müller.", "https://de.example/Müller", id="may have accents"),
        pytest.param("(https://example.org/z),然後", "https://example.org/z", id="ends before a bracket and Chinese"),
        pytest.param("(https://example.org/z),then", "https://example.org/z", id="ends at a bracket it does not open"),
        pytest.param(
            "見 https://example.org/z.然後", "https://example.org/z", id="ends before a full stop and Chinese"
        ),
        pytest.param("與https://example.org/z:說明", "https://example.org/z", id="ends before a colon and Chinese"),
        pytest.param("見 https://example.org.然後", "https://example.org", id="a host ends before Chinese, too"),
        pytest.param("見https://example.org與", "https://example.org", id="a host in ASCII ends in ASCII"),
        pytest.param("見https://例え.jp/aへ", "https://例え.jp/a", id="a host in Japanese"),
        pytest.param("https://例え.テスト、", "https://例え.テスト", id="a host in Japanese with its top level domain"),
        pytest.param("https://موقع.مصر/a", "https://موقع.مصر/a", id="a host in Arabic"),
        pytest.param("https://u@[::1]:80/a", "https://u@[::1]:80/a", id="a user, an IPv6 address and a port"),
        pytest.param("https://example.com/a——後", "https://example.com/a", id="ends at a dash"),
        pytest.param("https://example.com/a.", "https://example.com/a", id="without the sentence's full stop"),
        pytest.param("https://example.com/a?!", "https://example.com/a", id="without its marks"),
        pytest.param("(https://example.com/a)", "https://example.com/a", id="without a bracket around it"),
        pytest.param("https://example.com/a_(b)", "https://example.com/a_(b)", id="with a bracket of its own"),
        pytest.param("(https://example.com/a_(b)).", "https://example.com/a_(b)", id="with both"),
        pytest.param("[see https://example.com/a]", "https://example.com/a", id="without a square bracket"),
        pytest.param("<https://example.com/a>", "https://example.com/a", id="in angle brackets"),
        pytest.param("https://a/?" + ")" * 300_000, "https://a/", id="with very many brackets"),
    ],
)
def test_a_bare_url_becomes_a_link_to_just_itself(text: str, url: str) -> None:
    assert read_text(text).count("<a ") == 1
    assert f'<a href="{url}">{url}</a>' in read_text(text)


@pytest.mark.parametrize(
    "text", ["example.org", "www.example.org", "ftp://example.org", "https://", "javascript:alert(1)"]
)
def test_nothing_else_becomes_a_link(text: str) -> None:
    assert read_text(text) == f"<p>{text}</p>"


def _cases(name: str) -> list[tuple[str, str]]:
    """The cases of a data file: Markdown between "<<<" and ">>>", then its HTML up to a blank line and the next."""
    text = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")
    pairs = [each.split("\n>>>\n") for each in text.removeprefix("<<<\n").rstrip("\n").split("\n\n<<<\n")]
    return [(source, html) for source, html in pairs]


@pytest.mark.parametrize(("body", "html"), _cases("cjk.txt"))
def test_markdown_in_chinese_japanese_korean_and_arabic_means_what_it_says(body: str, html: str) -> None:
    assert read_markdown(body).rstrip("\n") == html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        pytest.param("<p title='https://e.org/路'>a</p>", "<p title='https://e.org/路'>a</p>", id="a quoted attribute"),
        pytest.param(
            "<a href=https://e.org/路>a</a>", "<a href=https://e.org/路>a</a>", id="an attribute without quotes"
        ),
        pytest.param("```\nhttps://e.org/路，~\n```", "<pre><code>https://e.org/路，~\n</code></pre>", id="code"),
        pytest.param(
            "![見https://e.org/路](a.png)", '<img src="a.png" alt="見https://e.org/路" />', id="a description"
        ),
        pytest.param('[a](b "見https://e.org/路")', '<a href="b" title="見https://e.org/路">a</a>', id="a title"),
        pytest.param("一<!--https://e.org/x-->二", "一<!--https://e.org/x-->二", id="a comment that ends in a URL"),
        pytest.param("<!--\n（https://e.org/x）\n-->\n\n二", "<p>二</p>", id="a comment with brackets around a URL"),
        pytest.param("一 <!-- (見 www.e.org/x)，秘密 --> 二", "--> 二", id="a comment with a URL and text behind it"),
        pytest.param("<?a https://e.org/x?>二", "<?a https://e.org/x?>二", id="an instruction"),
        pytest.param("<![CDATA[https://e.org/x]]>", "<![CDATA[https://e.org/x]]>", id="CDATA"),
        pytest.param("<script>\na='https://e.org/x（';\n</script>", "a='https://e.org/x（';", id="a script"),
        pytest.param("見https://e.org/x>後", ">https://e.org/x</a>&gt;後", id="greater behind a URL"),
        pytest.param(
            "&#x2058; %E2%81%98 a~b", "⁘ %E2%81%98 a~b", id="a mark that stands in elsewhere, written otherwise"
        ),
        pytest.param("5~10 2*3*4\n\n[註]: 說", "<p>5~10 2*3*4</p>\n<p>[註]: 說</p>", id="three marks at once"),
        pytest.param("\u2058 a~b \u2056", "<p>\u2058 a~b \u2056</p>", id="marks that stand in elsewhere"),
        pytest.param("".join(STAND_INS) + " a~b~", "<del>b</del>", id="all of them: nothing is left to stand in"),
    ],
)
def test_what_protects_marks_and_urls_leaves_no_trace(body: str, html: str) -> None:
    assert html in read_markdown(body)


def test_links_without_marks_are_counted() -> None:
    """comrak makes two nodes of each, though they hold no mark of Markdown."""
    with pytest.raises(ArticleError, match="more than 400,000 line breaks and marks"):
        read_markdown("https://e.org " * 40_001)


def test_tables_that_would_become_huge_are_refused() -> None:
    with pytest.raises(ArticleError) as caught:
        read_markdown("|a" * 500 + "|\n" + "|-" * 500 + "|\n" + "|x|\n" * 1000)
    assert str(caught.value) == (
        "its tables could have more than 400,000 cells (make them narrower, or split the article)"
    )


def test_a_long_table_is_read() -> None:
    assert read_markdown("|a|b|\n|-|-|\n" + "|x|y|\n" * 2000).count("<tr>") == 2001
