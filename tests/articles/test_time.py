"""Reading an article takes time linear in its length. The quadratic versions take minutes, which the limit ends."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches

import pytest

from feedsvc.articles.read import read_article
from feedsvc.articles.source_text.reference_lines import ReferenceLines
from feedsvc.errors import ArticleError
from feedsvc.suggestions import MAX_HINTS
from tests.articles.test_lost_elements import HEAD, read
from tests.feeds.cases import SITE

PARAGRAPH = "A paragraph about roads, bridges and other things. " * 10


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("unit", "number", "suffix"),
    [
        pytest.param(PARAGRAPH + "[^{0}]\n\n[^{0}]: Note\n\n", 2500, ".md", id="footnotes"),
        pytest.param("[^{0}]: Note\n\n", 20_000, ".md", id="footnotes that nothing refers to"),
        pytest.param("[a](#x{0})\n\n# y{0}\n\n", 6000, ".md", id="links to nowhere, and headings"),
        pytest.param(PARAGRAPH + "[a](/articles/x{0})\n\n", 2500, ".md", id="links to our own addresses"),
        pytest.param(PARAGRAPH + "[a](tel:{0})\n\n", 2500, ".md", id="addresses that feeds do not link to"),
        pytest.param("<noscript><img src=https://e.org/{0}></noscript>", 9000, ".html", id="pictures in noscript"),
        pytest.param("<li><input type=checkbox>a", 9000, ".html", id="tasks"),
        pytest.param("<iframe src=https://e.org/{0}></iframe>\n", 9000, ".html", id="frames"),
    ],
)
def test_thousands_of_a_kind_are_read_in_linear_time(unit: str, number: int, suffix: str) -> None:
    parsed = read("".join(unit.replace("{0}", str(each)) for each in range(number)), suffix)
    assert len(parsed.warnings) <= 100


@pytest.mark.parametrize("body", ["[a](#x{0})\n\n# y{0}\n\n", "[a](x{0}.md)\n\n", "![a](x{0}.png)\n\n"])
def test_only_some_names_are_compared_with_all_others(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def count(*given: object, **named: object) -> object:
            nonlocal asked
            asked += 1
            return function(*given, **named)

        return count

    monkeypatch.setattr("feedsvc.suggestions.get_close_matches", counted(get_close_matches))

    def names(_folder: str) -> Iterable[str]:
        return [f"z{each}.md" for each in range(50)] + [f"z{each}.png" for each in range(50)]

    text = "".join(body.replace("{0}", str(each)) for each in range(60))
    parsed = read_article("articles/a.md", (HEAD + text).encode(), SITE, lambda _path: None, names)
    assert len(parsed.warnings) == 60
    assert asked == MAX_HINTS


def test_the_body_is_searched_for_a_few_references_alone() -> None:
    lines = ReferenceLines("one\ntwo three\n" + "".join(f"word{each}\n" for each in range(40)), 1)
    assert [lines.line_of(f"word{each}") for each in range(40)] == [*range(3, 23), *[0] * 20]


@pytest.mark.parametrize(
    ("body", "reference"),
    [
        ("[a](b.md)", "b.md"),
        ("[a](<b c.md> 'd')", "b%20c.md"),
        ("[a](b c.md)", "b%20c.md"),
        ("[a](b_(c).md)", "b_(c).md"),
        ("[a](b\\)c.md)", "b\\)c.md"),
        ("[a]: /b?c=d&amp;e", "/b?c=d&e"),
        ("<a href = '/b'>", "/b"),
        ('<img srcset="b.png 1x, c.png 2x">', "c.png"),
        ("<video src=b.mp4>", "b.mp4"),
        ("<https://e.org/b>", "https://e.org/b"),
        ("[[b|c]]", "b"),
        ("見https://e.org/b。", "https://e.org/b"),
        ("[a](晶片.md)", "%E6%99%B6%E7%89%87.md"),
        ("[a](が.png)", "が.png"),
    ],
)
def test_a_reference_is_found_however_it_is_written(body: str, reference: str) -> None:
    assert ReferenceLines(f"One.\n{body} two\n{body}", 6).line_of(reference) == 7


@pytest.mark.parametrize(
    "body",
    [
        "![a](https://e.org/a.mp3)",
        "見 ftp://e.org/路後",
        "[a](ftp://例え.jp/路)",
        "<a href='tel: 1'>a</a>",
        "[x](../../../a.md)",
        "![x](../../../a.png)",
        "[[no such]]",
    ],
)
def test_each_finding_about_a_reference_has_its_line(body: str) -> None:
    site = replace(SITE, wikilinks=True)
    data = f"{HEAD}One.\n\n{body}\n".encode()
    try:
        found = read_article("articles/a.md", data, site, lambda _path: None).warnings
    except ArticleError as error:
        found = tuple(error.findings)
    assert [each.line for each in found] == [8]
