"""Code on pages: highlighted where its language is known, plain in feeds, and always the same text."""

import json
import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from feedsvc.articles.html.code_languages import MAX_BLOCKS, code_languages, key_of
from feedsvc.model import SafeHTML
from feedsvc.web.pages import code_highlighting
from feedsvc.web.pages.article_html import Labels, for_page
from tests.conftest import Publication
from tests.web.resources import ask

LABELS = Labels(table="Table", frame="Frame", note="Note", close="Close")
CODE = "def f(x: int) -> str:\n    # 註解 <b> & 'c'\n    return \"<a>\"  \n"


def shown(code: str, language: str) -> str:
    """Return the block of a page with this code."""
    escaped = code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html = SafeHTML(f"<pre><code>{escaped}</code></pre>")
    return for_page(html, "https://example.org/articles/a", LABELS, code=(f"{key_of(code)} {language}",))


def text_of(html: str) -> str:
    return "".join(each.text() for each in LexborHTMLParser(html).css("code"))


def test_a_page_highlights_and_feeds_do_not(publication: Publication) -> None:
    publication.article("one", f"```python\n{CODE}```\n\n~~~ unknown-language\n{CODE}x\n~~~\n\n    for i in x: pass\n")
    assert publication.sync().problems == ()
    client = publication.client()
    blocks = [str(each.html) for each in LexborHTMLParser(ask(client, "/articles/one").text).css("pre")]
    assert '<span class="k">def</span> <span class="f">f</span>' in blocks[0]
    assert "# 註解 &lt;b&gt; &amp; 'c'</span>" in blocks[0]
    assert text_of(blocks[0]) == CODE
    assert ["span" in each for each in blocks] == [True, False, False]
    (item,) = json.loads(ask(client, "/feeds/all.json").data)["items"]
    assert "<span" not in item["content_html"]
    assert "feedsvc:code" not in ask(client, "/feeds/all.json").text + ask(client, "/feeds/all.atom").text


def test_html_names_the_language_too(publication: Publication) -> None:
    publication.article(
        "one", '<p>x</p><pre><code class="language-css hl">a { color: red }</code></pre>', suffix=".html"
    )
    publication.sync()
    assert '<span class="k">' in ask(publication.client(), "/articles/one").text


@pytest.mark.parametrize("language", ["python", "js", "rust", "c++", "html", "diff", "console", "sql", "toml", "text"])
@pytest.mark.parametrize("code", [CODE, "", "\n\n  x\n\n", "\tx\r y", "<script>alert(1)</script>", "\ufeff「晶片」🙂"])
def test_the_text_stays_as_it_is(language: str, code: str) -> None:
    plain = text_of(for_page(SafeHTML(f"<pre><code>{_escaped(code)}</code></pre>"), "https://a.b/c", LABELS))
    assert text_of(shown(code, language)) == plain
    assert re.findall(r"<(?!/?(?:pre|code|span)\b)", shown(code, language)) == []


def _escaped(code: str) -> str:
    return code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_long_code_stays_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "span" in shown("x = 1\n" * 100, "python")
    monkeypatch.setattr(code_highlighting, "MAX_BLOCK", 500)
    assert "span" not in shown("x = 1\n" * 100, "python")
    monkeypatch.setattr(code_highlighting, "MAX_BLOCK", 20_000)
    monkeypatch.setattr(code_highlighting, "MAX_PAGE", 500)
    assert "span" not in shown("x = 1\n" * 100, "python")


def test_languages_are_found_in_html_that_is_not_cleaned() -> None:
    html = '<code class="language-a">x\n</code><code class="language-">y</code><code class="lang-B+b">&lt;'
    assert code_languages(html) == (f"{key_of('x')} a",)
    assert code_languages(f"{html}</code>") == tuple(sorted((f"{key_of('x')} a", f"{key_of('<')} b+b")))
    many = "".join(f'<code class="language-a">{number}</code>' for number in range(MAX_BLOCKS + 5))
    assert len(code_languages(many)) == MAX_BLOCKS


def test_items_of_task_lists_have_a_class() -> None:
    html = SafeHTML("<ul>\n<li>☐ a</li>\n<li>\n<p>☑ b</p></li>\n<li>c ☐</li></ul>")
    found = LexborHTMLParser(for_page(html, "https://a.b/c", LABELS)).css("li")
    assert [each.attributes.get("class") for each in found] == ["task", "task", None]


def test_a_file_is_on_the_page_once(publication: Publication) -> None:
    publication.write("articles/clip.mp4", b"\x00\x00\x00\x18ftypmp42 a clip")
    publication.write("articles/song.mp3", b"ID3 a song")
    publication.write("articles/paper.pdf", b"%PDF-1.4")
    publication.article("one", "![](clip.mp4)\n\nText.", enclosure="[song.mp3, paper.pdf]")
    publication.sync()
    page = LexborHTMLParser(ask(publication.client(), "/articles/one").text)
    assert [each.text() for each in page.css(".text a")] == ["Download"]
    assert [each.text() for each in page.css(".file")] == ["clip.mp4", "song.mp3", "paper.pdf"]
    assert [each.attributes["aria-label"] for each in page.css("video, audio")] == ["clip.mp4", "song.mp3"]
