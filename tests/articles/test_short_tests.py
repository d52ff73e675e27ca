"""Each short test in front of a regular expression holds wherever the expression finds something."""

import re
from collections.abc import Callable
from typing import Final
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc import text as text_module
from feedsvc.articles import limits
from feedsvc.articles.html import embeds, plain_markup
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.source_text import (
    bare_urls,
    file_references,
    foreign_markup,
    leftovers,
    literal_marks,
    lost_text,
    members_only,
    private_comments,
)
from feedsvc.articles.summary import first_paragraph
from feedsvc.errors import ArticleError
from feedsvc.model import SafeHTML
from tests.fuzz.inputs import HTML

PIECES: Final = (
    "%% { {% {# {{ }} %} {> {- {* {++ {== ++} ==} {~~ ~> <% %> <? <# <! <!-- --> ]: ]:# ]( [x]: @* #+ {::c \\begin{c "
    "::: > //// :P :L \n \n: \t [ ] ![[ ]] [/ [premium] {{< premium>}} @end <<<<<<< ||||||| >>>>>>> %%%%%%% +++++++ "
    "| - :-- |- 1 a 字 長 * ** cm = 3*4 ( ) \uff08 \uff09 $ . [a]: https:// HTTP:// http\u017f:// www. WWW. e.org "
    "[a](b c.md) ![](a.png =1x2) <a- <\u0131x- <K.b- <oembed <portal <fencedframe data-href "
    "DATA-\u0131nstgrm-permalin\u212a "
    "data-url embed \x00 \x7f \x9f \ufdd0 \ufffe \U0001ffff \ud800 \u2028 \U0001f1f9"
).split(" ")
TEXTS: Final = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8).map("".join)


def _has(*parts: str) -> Callable[[str], bool]:
    return lambda text: any(part in text for part in parts)


SHORT_TESTS: Final[dict[str, tuple[re.Pattern[str], Callable[[str], object]]]] = {
    "embeds": (
        embeds._MAY_BE,
        lambda text: any(part in text.lower() for part in embeds._PARTS) or embeds._CUSTOM.search(text),
    ),
    "addresses for scripts": (embeds._WORDS, _has("data-", "cite")),
    "conflicts": (leftovers._MAY_BE_MARKER, _has(*(7 * mark for mark in "<|>%+"))),
    "changes": (leftovers._CHANGE, _has("{~~")),
    "tables": (lost_text._DELIMITERS, _has("|")),
    "definitions": (lost_text._DEFINITION, _has("]:")),
    "members only": (members_only._ALONE, _has("[", "{{", "{%")),
    "private comments": (
        private_comments._MAY_BE,
        lambda text: text.startswith(":") or any(part in text for part in private_comments._PARTS),
    ),
    "percents": (foreign_markup._PERCENTS, _has("%%")),
    "comments": (foreign_markup._COMMENT, _has("<!--")),
    "braces": (
        re.compile("|".join(each.pattern for each in (foreign_markup._HUGO, foreign_markup._TAG))),
        _has("{"),
    ),
    "products": (literal_marks._CHAIN, literal_marks._BETWEEN.search),
    "asterisks between digits": (literal_marks._BETWEEN_DIGITS, literal_marks._BETWEEN.search),
    "notes": (literal_marks._NOTE, _has("]:")),
    "bare URLs": (bare_urls._ADDRESS, bare_urls._BEGINS.search),
    "forbidden characters": (text_module._FORBIDDEN, text_module._may_be_forbidden),
}


@pytest.mark.parametrize("name", SHORT_TESTS)
@given(text=TEXTS)
def test_a_short_test_holds_where_the_pattern_matches(name: str, text: str) -> None:
    pattern, holds = SHORT_TESTS[name]
    if found := pattern.search(text):
        assert holds(text)
        assert name != "bare URLs" or bare_urls._BEGINS.match(text, found.start())


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        ('<div><a href="x.mp4"><p>x.mp4</p></a></div><p>Text.</p>', "Text."),
        ('<p><a href="x.mp4"><table><tr><td><p>x.mp4</p></td></tr></table></a></p><p>Text.</p>', "Text."),
        ('<p><a href="x.mp4">x.mp4</a></p><p>Text.</p>', "Text."),
        ('<p>See <a href="x.mp4">x.mp4</a>.</p>', "See x.mp4."),
        ('<div><ins><p><a href="x.mp4">x.mp4</a></p></ins><a href="y.mp4">y.mp4</a></div>', "y.mp4"),
    ],
)
def test_a_link_to_a_file_is_judged_as_in_the_whole_content(content: str, summary: str) -> None:
    assert first_paragraph(SafeHTML(content)) == summary


ADDRESSES = st.lists(
    st.sampled_from(
        (
            "https:// http:// HTTPS:// http\u017f:// www. e.org e_x-.org a. a 字 é / ? # ( ) [ ] :80 @ ' \" 。 路徑 "
            "%41 . _ = & , \u200c \u00b7 \uff5e -- \n \t > < \\"
        ).split(" ")
    )
    | st.just(" "),
    max_size=12,
).map("".join)


@settings(max_examples=1000)
@given(ADDRESSES)
@example("https://e.org/a(b)c https://e.org/a)b")
@example("https://e.org?q=[1]&r=字")
@example("https://e.org.字 https://e.org_/ https://a@e.org/")
def test_a_usual_address_is_read_as_any_other(text: str) -> None:
    nothing = re.compile("(?!)")
    everything = frozenset({"", *map(chr, range(128))})
    with patch.object(bare_urls, "_USUAL_ADDRESS", nothing), patch.object(bare_urls, "_MAY_BELONG", everything):
        bare_urls.bare_urls.cache_clear()
        expected = [*bare_urls.bare_urls(text, www=True)]
    bare_urls.bare_urls.cache_clear()
    assert [*bare_urls.bare_urls(text, www=True)] == expected


TAGS = st.lists(
    st.tuples(
        st.sampled_from("<a|<p>|</b>|<b>|<b c>| d|/e|f| g=h|i=\"j\"|='>'|=\"|='|\"|'|>|<|\n|=|é".split("|")),
        st.integers(1, 60),
    ),
    max_size=8,
).map(lambda pieces: "".join(piece * count for piece, count in pieces))


@settings(max_examples=1000)
@given(TAGS)
@example("<a" + "/b" * 51)
@example("<a" + "=" * 3 + " b" * 50)
@example("<a b='>'" + " c" * 50 + ">")
@example('<a b="it\'s >"' + " c" * 50 + ">")
@example("<a" + " b <c" * 26 + ">")
def test_few_usual_tags_reach_no_limit(html: str) -> None:
    """MAX_ATTRIBUTES is the one limit that few tags can reach."""
    with patch.object(limits, "_FEW", -1):
        refused = _is_refused(html)
    assert _is_refused(html) == refused
    assert not refused or limits._UNUSUAL_TAG.search(html)


def _is_refused(html: str) -> bool:
    try:
        limits.check_markup(html)
    except ArticleError:
        return True
    return False


@given(TEXTS, st.lists(st.sampled_from(PIECES).filter(bool), max_size=3))
def test_any_of_some_parts(text: str, parts: list[str]) -> None:
    assert text_module.has_any(text, parts) == any(part in text for part in parts)


FILES = st.lists(
    st.sampled_from(
        ["![a](", "[b](", "](", ")", "(", "x", "my", ".png", ".pdf", " ", "\u3000", "\n", "\x0b", "<", ">", "=9x9"]
    )
).map("".join)


@given(FILES)
@example("[b](x my.pdf)")
@example("![a]( x.png =9x9)")
@example("![a](=9x9)")
@example("![a](x (1 2).png)")
def test_the_short_test_for_files_with_spaces_holds(text: str) -> None:
    if any(map(file_references._rewritten, file_references._LINK.finditer(text))):
        assert file_references._MAY_BE_REWRITTEN.search(text)


@settings(max_examples=300)
@given(HTML)
@example("<p>&nbsp;</p><p>b</p>")
@example("<ruby><rt><p>a</p></rt></ruby><p>b</p>")
@example('<a href="x.mp4"><p>x.mp4</p></a><p>b</p>')
@example("<h2>h</h2>\n<p>a <b>&lt;c&gt;</b></p><p>b</p>")
def test_a_paragraph_is_read_as_in_a_tree(html: str) -> None:
    content, _ = sanitize(html, "https://example.org/articles/a")
    with patch("feedsvc.articles.summary._SIMPLE", re.compile("(?!)")):
        expected = first_paragraph(content)
    assert first_paragraph(content) == expected


MARKUP: Final = st.lists(
    st.sampled_from(
        '<p> </p> <b> </b> <pre> </pre> <div> </div> <ul> <li> </li> </ul> <a> </a> <a href="https://e.org/"> <br> '
        '<hr> <img> <table> <tr> <td> </td> </tr> </table> <p text <x> </> > & &amp; &lt; \n \xa0 字 "'.split(" ")
    ),
    max_size=8,
).map("".join)


@settings(max_examples=1000)
@given(MARKUP | HTML)
@example("<b><b>x</b></b>")
@example("<div><div>x</div></div>")
@example("<ul>x<li></li></ul>")
@example("<pre>\nx</pre>")
@example("<p>a > b</p>")
@example("<p>a &amp; b &c</p>")
@example("<p><a>x</a></p>")
def test_most_tags_and_texts_are_plain_like_any_other(html: str) -> None:
    nothing = dict.fromkeys(plain_markup._INSIDE, frozenset[str]())
    with patch.object(plain_markup, "_BARE", nothing), patch.object(plain_markup, "_PARTICULAR", plain_markup._INSIDE):
        expected = plain_markup.is_plain(html)
    assert plain_markup.is_plain(html) == expected


@pytest.mark.parametrize(
    "html", ["<ul>x<li></li></ul>", "<pre>\nx</pre>", "<b><b>x</b></b>", "<a>x</a>", "<p>a > b</p>"]
)
def test_markup_that_another_parser_may_change(html: str) -> None:
    assert not plain_markup.is_plain(html)


def test_no_forbidden_character_is_printable() -> None:
    assert not [each for each in map(chr, range(0x110000)) if each.isprintable() and text_module._FORBIDDEN.match(each)]
