"""The proof that bleach would change nothing, tried against bleach, nh3 and lexbor."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.articles.html.plain_markup import _INSIDE, _VOID, is_plain
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.errors import ArticleError
from tests.articles.thorough import once, thoroughly
from tests.fuzz.inputs import HTML
from tests.hostile.corpus import vectors

PAGE = "https://example.org/articles/a"
LINK = '<a href="https://e.org/?a=1&amp;b#c" rel="noopener">'
TEXTS = st.lists(
    st.sampled_from(
        "a,\n,&amp;,&lt;,&gt;,&nbsp;,&,<,>,\r,\0,\xa0,\u0338,\u2028,\u202e,字,𠮷,한,ア\u3099,\u0301,👩\u200d🚀,ش,',\",&copy,"
        "&#38;,-->,]]>,&amp;lt;, ".split(",")
    ),
    max_size=3,
).map("".join)
VALUES = st.one_of(
    TEXTS, st.sampled_from(["https://e.org/", "mailto:a@e.org", "c-x", "https://e.org/%41?b=c&d", "#c", "1", "en"])
)
NAMES = st.sampled_from(
    "href rel src alt title id lang dir align width cite datetime colspan type srcset onclick".split()
)
ATTRIBUTES = st.lists(st.tuples(NAMES, VALUES), max_size=3).map(
    lambda pairs: "".join(f' {name}="{value}"' for name, value in pairs)
)


def _element(tag: str, inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.tuples(st.one_of(st.just(""), ATTRIBUTES), inside)
    return parts.map(lambda each: f"<{tag}{each[0]}>" if tag in _VOID else f"<{tag}{each[0]}>{each[1]}</{tag}>")


def _tree(tag: str, depth: int) -> st.SearchStrategy[str]:
    """Markup as it may stand in `tag`, and now and then as it may not."""
    if depth == 0:
        return TEXTS
    allowed = st.sampled_from(sorted(_INSIDE[tag]))
    any_ = st.one_of(allowed, allowed, allowed, allowed, allowed, st.sampled_from(sorted(set(_INSIDE) - {""} | _VOID)))
    child = any_.flatmap(lambda name: _element(name, _tree(name, depth - 1) if name not in _VOID else st.just("")))
    space = st.just("\n") if tag in ("ul", "ol", "table", "tbody", "thead", "tfoot", "tr") else TEXTS
    return st.lists(st.one_of(child, space), max_size=3).map("".join)


@settings(max_examples=400)
@given(_tree("", 4))
def test_what_is_plain_no_sanitizer_changes(html: str) -> None:
    """Trees that are well-formed, but for what is not."""
    found = once(html, PAGE)
    if is_plain(found):
        assert thoroughly(found, PAGE) == found


@given(HTML)
def test_what_came_of_a_soup_and_is_plain(html: str) -> None:
    """Elements and tricks in any order."""
    found = once(html, PAGE)
    if is_plain(found):
        assert thoroughly(found, PAGE) == found


def test_hostile_vectors_that_come_out_plain() -> None:
    """Most do, so the short way is well trodden."""
    found = {vector.name: once(vector.html, PAGE) for vector in vectors() if not _is_refused(vector.html)}
    plain = {name: html for name, html in found.items() if is_plain(html)}
    assert len(plain) > len(found) / 2
    assert {name: thoroughly(html, PAGE) for name, html in plain.items()} == plain


@pytest.mark.parametrize("html", ["\x01\n<abbr></abbr>", "<p>a</p>\n\x01", "\n\u0338\n<p>a</p>"])
def test_white_space_that_what_is_dropped_stood_beside_goes(html: str) -> None:
    """Sanitizing what was sanitized changes nothing."""
    found, _ = sanitize(html, PAGE)
    assert (found, ()) == sanitize(found, PAGE)
    assert found == found.strip()


def _is_refused(html: str) -> bool:
    try:
        sanitize(html, PAGE)
    except ArticleError:
        return True
    return False


@pytest.mark.parametrize(
    "html",
    [
        "",
        "文字 text 👩‍🚀",
        "<p>a &lt; b &amp; c&nbsp;&gt; d</p>",
        f"<p>{LINK}a</a> <strong><em>b</em></strong><br><code>c</code></p>\n<hr>\n<h2>d</h2>",
        "<ul>\n<li>a</li>\n<li><p>b</p><ol><li>c</li></ol></li>\n</ul>",
        '<figure><img src="https://e.org/a.png" alt="圖" width="3" height="4"><figcaption>b</figcaption></figure>',
        '<blockquote cite="https://e.org/"><p lang="ja" dir="ltr" title="&quot;x&quot;">a</p></blockquote>',
        "<table><thead><tr><th>a</th></tr></thead>\n<tbody><tr><td>b</td></tr></tbody></table>",
        '<table><thead><tr><th align="right">a</th><td align="center">b</td></tr></thead></table>',
        "<pre><code>a\n\nb</code></pre>",
    ],
)
def test_plain(html: str) -> None:
    """And nobody changes it."""
    assert is_plain(html)
    assert thoroughly(html, PAGE) == html


@pytest.mark.parametrize(
    "html",
    [
        "<p>a",
        "a</p>",
        "<p>a</p></p>",
        "<p><p>a</p></p>",
        "<p><ul></ul></p>",
        "<h1><p>a</p></h1>",
        f"{LINK}{LINK}a</a></a>",
        "<b><b>a</b></b>",
        "<b><p>a</p></b>",
        "<em><strong>a</em></strong>",
        "<ul>a</ul>",
        "<ul><p>a</p></ul>",
        "<table><tr><td>a</td></tr></table>",
        "<table><tbody>a</tbody></table>",
        "<pre>\na</pre>",
        "a & b",
        "a &copy; b",
        "a > b",
        "a < b",
        "a\rb",
        "a\0b",
        "<P>a</P>",
        "<p >a</p>",
        "<br/>",
        "<br></br>",
        "<p title=a>a</p>",
        "<p title='a'>a</p>",
        '<p title="a" title="b">a</p>',
        '<p title="a&b">a</p>',
        '<p title="a<b">a</p>',
        '<p onclick="a">a</p>',
        '<a href="https://e.org/">a</a>',
        '<a rel="noopener">a</a>',
        '<a href="https://e.org/" rel="opener">a</a>',
        '<a href="javascript:a" rel="noopener">a</a>',
        '<a href="//e.org" rel="noopener">a</a>',
        '<a href="https://e.org/\x01" rel="noopener">a</a>',
        '<img src="data:a">',
        "<img>",
        '<img src="https://e.org/a" width="1" height="0">',
        "<!-- a -->",
        "<script>a</script>",
        "<svg></svg>",
        "<iframe></iframe>",
        "<ruby>a<rt>b</rt></ruby>",
        "<dl><dt>a</dt></dl>",
    ],
)
def test_not_plain(html: str) -> None:
    """Where a parser may do something of its own, or a sanitizer has something to say."""
    assert not is_plain(html)


def test_the_two_ways_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes in: with the short way and without it, the same comes out."""
    some = [vector.html for vector in vectors() if not _is_refused(vector.html)][::5]
    short = [sanitize(html, PAGE) for html in some]
    monkeypatch.setattr("feedsvc.articles.html.sanitize.is_plain", lambda _html: False)
    assert [sanitize(html, PAGE) for html in some] == short


def test_the_look_is_linear() -> None:
    """A text of two megabytes that is nearly plain: no pattern goes back and forth over it."""
    for piece in ("<p>a</p>", '<p title="', "<p ", "&", "&amp", "<", "a", "<b>", '<a href="https://e.org/', ' x="y"'):
        html = piece * (2_000_000 // len(piece))
        assert is_plain(html) == (piece in ("<p>a</p>", "a", ' x="y"'))
