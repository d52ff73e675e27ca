"""HTML → Markdown → the same HTML, whatever it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.markup import READERS, join_cjk
from feedsvc.importing.draft import join_blocks
from feedsvc.importing.output.html_to_markdown import blocks_of, content_tokens, heading, paragraph

render = READERS[".md"]
PAGE = "https://example.org/articles/any"

FRAGMENTS = [
    "<p>Plain.</p>",
    "<p>a * b * c, _d_, `e`, [f](g), &lt;h&gt;, &amp;amp; 1. # - + ~~i~~ | j</p>",
    "<p>粗體在<strong>「引號」</strong>旁邊，<em>強調。</em>之後。</p>",
    "<p>一<br>二<br>三</p>",
    "<h2>One</h2><h3 id='x'>Two</h3><p>Text</p>",
    "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><ul><li>d</li></ul>",
    "<ol start=3><li>a</li><li><p>b</p><p>c</p></li></ol>",
    "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
    "<pre><code>x = 1\n\n\ny = '```'\n</code></pre>",
    "<pre>no code\n\n  here</pre>",
    "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1|2</td><td></td></tr></tbody></table>",
    "<table><tr><td colspan=2>a</td></tr></table>",
    "<dl><dt><ruby>漢<rt>かん</rt></ruby></dt><dd>字</dd></dl>",
    "<figure><img src='/a b.png' alt='x [y] \"z\"'><figcaption>c</figcaption></figure>",
    "<p><a href='/x_(y)?a=1&amp;b=2#z' title='t \"u\"'>l</a> <a href='https://e.org/'>https://e.org/</a></p>",
    "<p><a href='/x'><img src='/y.png' alt=''></a></p>",
    "<p>[a]: b</p><p>[a]</p>",
    "<p>[^1]: b</p><p>x[^1]</p>",
    "<p>---</p><p>===</p><p>    indented</p><p>\\</p><p>+ x</p><p>12) y</p>",
    "<p>a<sup>2</sup> b<sub>3</sub> <del>c</del> <mark>d</mark> <kbd>e</kbd></p>",
    "<hr><p>x</p><hr>",
    "<div><p>in a box</p></div><section><h2>s</h2></section>",
    "text beside<p>blocks</p>and <em>after</em>",
    "<p>https://example.org and a@example.org and www.example.org</p>",
    "<p>:) @name $x$ ^y^</p>",
    "<details open><summary>s</summary><p>d</p></details>",
    "<p>&nbsp;x&nbsp;</p>",
]


def safe(html: str) -> str:
    """HTML as an entry's content has it."""
    return str(sanitize(html, PAGE)[0])


def same(html: str) -> None:
    """What it is rendered to is what it was; text beside blocks is a paragraph.

    A line break between Chinese or Japanese characters is nothing.
    """
    found = render(join_blocks(blocks_of(safe(html))))
    around = {"\0p []", "\0/p"}
    expected = content_tokens(join_cjk(safe(html), ""))
    assert [m for m in content_tokens(found) if m not in around] == [m for m in expected if m not in around]


@pytest.mark.parametrize("html", FRAGMENTS)
def test_each_comes_back(html: str) -> None:
    same(html)


def test_all_of_them_in_a_row_come_back() -> None:
    same("".join(FRAGMENTS))


TEXT = st.text(alphabet="ab 12*_`#[]()<>!|~\\-+.:&漢「」。\n", max_size=12)
INLINE = st.one_of(
    TEXT.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    TEXT.map(lambda text: f"<strong>{text.replace('&', '').replace('<', '')}</strong>"),
    TEXT.map(lambda text: f"<em>{text.replace('&', '').replace('<', '')}</em>"),
    TEXT.map(lambda text: f"<code>{text.replace('&', '').replace('<', '')}</code>"),
)
PIECES = st.lists(
    st.tuples(st.sampled_from(["p", "h2", "blockquote", "ul", "pre", "li"]), st.lists(INLINE, max_size=3)), max_size=4
)


@given(PIECES)
@settings(max_examples=150, deadline=None)
def test_anything_comes_back(pieces: list[tuple[str, list[str]]]) -> None:
    same("".join(f"<{tag}>{''.join(inline)}</{tag}>" for tag, inline in pieces))


@given(TEXT.map(str.strip).filter(bool))
@settings(max_examples=150, deadline=None)
def test_any_line_is_itself_as_paragraph_and_heading(line: str) -> None:
    one = " ".join(line.split())
    for block, tag in ((paragraph(one), "p"), (heading(one), "h2")):
        marks = content_tokens(render(block.markdown))
        assert marks[0] == f"\0{tag} []"
        assert "".join(mark for mark in marks if not mark.startswith("\0")).strip() == one


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Plain_text, 5.5% (a) - b!</p>", "Plain_text, 5.5% (a) - b!"),
        ("<h2>A <em>b</em></h2>", "## A *b*"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<p>a<br>b</p>", "a\\\nb"),
        ("<dl><dt>a</dt></dl>", "<dl><dt>a</dt></dl>"),
    ],
)
def test_it_reads_well(html: str, markdown: str) -> None:
    assert join_blocks(blocks_of(html)) == markdown
