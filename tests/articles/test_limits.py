"""How large and how deep an article may be: at the limit it passes, past it the message says what to do."""

from collections.abc import Callable
from typing import Any

import pytest

from feedsvc.articles import limits
from feedsvc.articles.html import policy
from feedsvc.articles.html.rewrite import rewrite
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.errors import ArticleError

FIFTY = " ".join(f"a{n}" for n in range(50))
ATTRIBUTES = "a <p> with more than 50 attributes (remove some)"
ELEMENTS = "more than 20,000 elements (split the article)"
FORMATTING = "too many different formatting elements (<b>, <font …>, …) that could be left open (remove some)"
REFERENCES = "more than 20,000 characters <, > and & or no-break spaces in the text (split the article)"
CANDIDATES = "more than 5,000 images to choose from in srcset attributes (remove some)"
RENDERED = "its Markdown makes too much HTML (name each footnote less often, or split the article)"
GROWN = (
    "its HTML grows to more than 4,194,304 characters when links and images get their whole addresses "
    "(shorten the slug, use fewer links, or split the article)"
)
PLAYED = "more than 100 video and audio files (link some of them, or split the article)"
CELLS = "its tables could have more than 400,000 cells (make them narrower, or split the article)"
MARKS = "more than 400,000 line breaks and marks of Markdown such as * _ ~ [ (remove some, or split the article)"
# 37 elements, each of which could be open.
FORMATTED = "".join(f"<font size={n}>" for n in range(37))
NL = "\n"
SCANNED = "tags inside the attributes of tags, again and again (remove them, or close the quotes)"


@pytest.mark.parametrize(
    ("check", "value"),
    [
        pytest.param(limits.check_size, b"x" * limits.MAX_BYTES, id="2 MiB"),
        pytest.param(limits.check_markup, f"<p {FIFTY}>", id="50 attributes"),
        pytest.param(limits.check_markup, f"<p {FIFTY}><p {FIFTY}>", id="50 attributes each"),
        pytest.param(limits.check_markup, "<p title='" + "a " * 90 + "'>", id="words inside quotes are no attributes"),
        pytest.param(limits.check_markup, "<p title=\"<b>\" x = 'y'>", id="white space around ="),
        pytest.param(limits.check_markup, "<p>" * 20_000, id="20,000 elements"),
        pytest.param(limits.check_markup, "< p 1 < 2 </p> <1>" * 30_000, id="what is no tag does not count"),
        pytest.param(limits.check_markup, "<b>" * 20_000, id="one formatting element many times"),
        pytest.param(
            limits.check_markup, "".join(f"<font size={n}>" for n in range(500)), id="500 formatting elements"
        ),
        pytest.param(limits.check_markup, FORMATTED + "<p>" * (9_009 - 37), id="a tree of 999,999"),
        pytest.param(limits.check_markup, f'<p a="{"x" * (limits.MAX_SCANNED - 7)}"', id="20 MiB of attributes"),
        pytest.param(limits.check_markdown, f"{'| ' * 399}{NL * 1_000}", id="400,000 cells"),
        pytest.param(limits.check_markdown, "a\n:-\n" + "b\n" * 399_998, id="400,000 lines"),
        pytest.param(limits.check_markdown, "*_~[" * 100_000, id="400,000 marks"),
        pytest.param(limits.check_markdown, "文" * 400_001, id="many characters that mark nothing"),
        pytest.param(limits.check_markup, "<", id="a lone <"),
        pytest.param(limits.check_markup, '<a b="', id="an unclosed quote"),
        pytest.param(limits.check_references, "&lt;" * 20_000, id="20,000 references"),
        pytest.param(limits.check_markup, f"<img srcset='{',' * 2_500}'>" * 2, id="5,000 candidates"),
        pytest.param(limits.check_markup, f"<p title='{',' * 5_001}'>", id="commas elsewhere"),
        pytest.param(limits.check_files, 1_000, id="1,000 files"),
        pytest.param(limits.check_rendered, "x" * 2 * limits.MAX_BYTES, id="4 MiB of HTML"),
        pytest.param(limits.check_length, 2 * limits.MAX_BYTES, id="4 MiB on the way"),
        pytest.param(limits.check_enclosures, 100, id="100 files to play"),
        pytest.param(limits.check_elements, 20_000, id="elements counted"),
        pytest.param(limits.check_depth, 200, id="200 deep"),
    ],
)
def test_at_the_limit_all_is_well(check: Callable[[Any], None], value: object) -> None:
    check(value)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        pytest.param(
            limits.check_size,
            b"x" * (limits.MAX_BYTES + 1),
            "too many bytes, the limit is 2,097,152 (split it, or move images out of the text)",
            id="size",
        ),
        pytest.param(limits.check_markup, f"<P {FIFTY} b>", ATTRIBUTES, id="attributes"),
        pytest.param(limits.check_markup, f"<!-- <p {FIFTY} b> -->", ATTRIBUTES, id="attributes in a comment"),
        pytest.param(limits.check_markup, "<p/" + "a/" * 51, ATTRIBUTES, id="attributes parted by slashes"),
        pytest.param(limits.check_markup, "<p>" * 20_001, ELEMENTS, id="elements"),
        pytest.param(
            limits.check_markup, "<a " * 20_001, "a <a> with more than 50 attributes (remove some)", id="tags"
        ),
        pytest.param(limits.check_markup, "".join(f"<font size={n}>" for n in range(600)), FORMATTING, id="formatting"),
        pytest.param(limits.check_markup, FORMATTED + "<p>" * (9_010 - 37), FORMATTING, id="a tree of 1,000,110"),
        pytest.param(limits.check_markup, "<p/x=" * 400_000, SCANNED, id="tags in unquoted values"),
        pytest.param(
            limits.check_markup,
            f'<p a="{"x" * (limits.MAX_SCANNED - 6)}"',
            SCANNED,
            id="more than 20 MiB of attributes",
        ),
        pytest.param(limits.check_markdown, f"{'| ' * 399}{NL * 1_001}", CELLS, id="cells"),
        pytest.param(limits.check_markdown, "-|-\n" * 200_001, CELLS, id="cells of two columns"),
        pytest.param(limits.check_markdown, "a\n:-\n" + "b\n" * 399_999, MARKS, id="rows of one column"),
        *(pytest.param(limits.check_markdown, mark * 400_001, MARKS, id=f"marks {mark}") for mark in "*_~[]!<&\\`"),
        pytest.param(
            limits.check_markup, f"<{'x' * 40} {FIFTY} b>", ATTRIBUTES.replace("p", "x" * 20, 1), id="long name"
        ),
        pytest.param(limits.check_references, "&amp;" * 50_001, REFERENCES, id="references"),
        pytest.param(limits.check_markup, f"<img SrcSet='{',' * 2_501}'>" * 2, CANDIDATES, id="candidates"),
        pytest.param(limits.check_markup, f"<img srcset='{'&comma;' * 5_001}'>", CANDIDATES, id="candidates, escaped"),
        pytest.param(
            limits.check_files, 1_001, "names more than 1,000 files beside the article (split it)", id="files"
        ),
        pytest.param(limits.check_rendered, "x" * (2 * limits.MAX_BYTES + 1), RENDERED, id="HTML that Markdown made"),
        pytest.param(limits.check_length, 2 * limits.MAX_BYTES + 1, GROWN, id="HTML on its way"),
        pytest.param(limits.check_enclosures, 101, PLAYED, id="files to play"),
        pytest.param(limits.check_elements, 20_001, ELEMENTS, id="elements counted"),
        pytest.param(limits.check_depth, 201, "elements nested deeper than 200 (remove wrappers)", id="depth"),
    ],
)
def test_past_the_limit_the_article_is_refused(check: Callable[[Any], None], value: object, message: str) -> None:
    with pytest.raises(ArticleError) as caught:
        check(value)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("html", "message"),
    [
        pytest.param("<div>" * 200, None, id="200 deep"),
        pytest.param("<div>" * 201, "elements nested deeper than 200 (remove wrappers)", id="201 deep"),
        pytest.param("<i>" * 150 + "<p>" * 100, None, id="a tree that its text does not show"),
        pytest.param("<table><td>" * 60, "elements nested deeper than 200 (remove wrappers)", id="implied elements"),
        pytest.param("<p>x</p>" * 20_000, None, id="20,000 side by side"),
        pytest.param("<table><td>" + "</table><table><td>" * 6_000, ELEMENTS, id="elements that the parser adds"),
    ],
)
def test_the_tree_is_measured_too(html: str, message: str | None) -> None:
    if message is None:
        rewrite(html, "https://example.org/a", lambda _reference: None)
        return
    with pytest.raises(ArticleError) as caught:
        rewrite(html, "https://example.org/a", lambda _reference: None)
    assert str(caught.value) == message


def test_end_tags_that_end_nothing_are_counted() -> None:
    with pytest.raises(ArticleError) as caught:
        limits.check_markup("<p>" * 20_000 + "</b>" * 30_001)
    assert str(caught.value) == "too many end tags for its elements (remove those that end nothing)"


LONG_PAGE = "https://example.org/articles/" + "%F0%90%90%80" * 80


@pytest.mark.parametrize(
    ("html", "message"),
    [
        pytest.param("<a href=#>x</a>" * 4_000, None, id="4,000 links to itself"),
        pytest.param("<a href=#>x</a>" * 19_000, GROWN, id="19,000 links to itself"),
        pytest.param("<q cite=?>x</q>" * 19_000, GROWN, id="19,000 quotations of itself"),
        pytest.param("<img src=?>" * 19_000, GROWN, id="19,000 images on it"),
        pytest.param("<iframe src=?></iframe>" * 9_000, GROWN, id="9,000 frames of it"),
        pytest.param(f"<img src=? srcset='{'? 1x,' * 4_990}'>", GROWN, id="4,990 candidates on it"),
        pytest.param("".join(f"<video src=//a/{n}></video>" for n in range(100)), None, id="100 players"),
        pytest.param("".join(f"<video src=//a/{n}></video>" for n in range(101)), PLAYED, id="101 players"),
        pytest.param("<audio>" + "".join(f"<source src=//a/{n}>" for n in range(101)), PLAYED, id="101 sources"),
    ],
)
def test_what_grows_is_refused_while_it_grows(html: str, message: str | None) -> None:
    if message is None:
        sanitize(html, LONG_PAGE)
        return
    with pytest.raises(ArticleError) as caught:
        sanitize(html, LONG_PAGE)
    assert str(caught.value) == message


def test_past_the_limit_no_more_addresses_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []

    def allowed_value(tag: str, name: str, value: str, page: str) -> str | None:
        judged.append(value)
        return real(tag, name, value, page)

    real = policy.allowed_value
    monkeypatch.setattr(policy, "allowed_value", allowed_value)
    with pytest.raises(ArticleError):
        sanitize("<a href=#>x</a>" * 19_000, LONG_PAGE)
    assert len(judged) < 2 * limits.MAX_HTML / len(LONG_PAGE)


def test_attributes_beyond_the_limit_are_left_out() -> None:
    """Of real tags: a text that looks like one within the attributes of another is left as it is."""
    inner = f'<b title="<i {FIFTY} b1>">x</b>'
    html = f"<p {FIFTY} b1='>' b2>text</p><br>{inner}<p {FIFTY}>"
    assert limits.with_few_attributes(html) == f"<p {FIFTY}>text</p><br>{inner}<p {FIFTY}>"
    limits.check_markup(limits.with_few_attributes(f"<p {FIFTY} b1 b2>"))
