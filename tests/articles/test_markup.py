"""Suffix → reader: the body of a file as HTML."""

import pytest

from feedsvc.articles.markup import READERS, read_html, read_markdown, read_text
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
        pytest.param(
            "1. a[^1]\n\n[^1]: b", '</ol>\n<hr />\n<section class="footnotes"', id="a rule parts footnotes from a list"
        ),
        pytest.param("👨‍👩‍👧 e\u0301 שלום", "<p>👨‍👩‍👧 e\u0301 שלום</p>\n", id="any script"),
        pytest.param("", "", id="nothing"),
        pytest.param("第二段\n換行。\nthe end\n終", "<p>第二段換行。\nthe end\n終</p>", id="no space inside Chinese"),
        pytest.param("한국\n말", "<p>한국\n말</p>", id="Korean has spaces"),
        pytest.param("```\n一\n二\n```\n三\n四", "一\n二\n</code></pre>\n<p>三四</p>", id="code keeps its lines"),
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


@pytest.mark.parametrize("text", ["example.org", "ftp://example.org", "https://", "javascript:alert(1)"])
def test_nothing_else_becomes_a_link(text: str) -> None:
    assert read_text(text) == f"<p>{text}</p>"


def test_tables_that_would_become_huge_are_refused() -> None:
    with pytest.raises(ArticleError) as caught:
        read_markdown("|a" * 500 + "|\n" + "|-" * 500 + "|\n" + "|x|\n" * 1000)
    assert str(caught.value) == (
        "its tables could have more than 400,000 cells (make them narrower, or split the article)"
    )


def test_a_long_table_is_read() -> None:
    assert read_markdown("|a|b|\n|-|-|\n" + "|x|y|\n" * 2000).count("<tr>") == 2001
