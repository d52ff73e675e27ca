"""Headings and anchors have ids, so that links can lead to them."""

import pytest

from feedsvc.articles.html.headings import heading_id
from feedsvc.articles.html.sanitize import sanitize
from tests.articles.test_read import read, warned

PAGE = "https://example.org/articles/a"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Plain heading", "plain-heading"),
        ("C++ & Rust: a_b", "c--rust-a_b"),
        ("一、晶片的價格", "一晶片的價格"),
        ("العربية الفصحى", "العربية-الفصحى"),
        ("हिन्दी भाषा", "हिन्दी-भाषा"),
        ("か\u3099", "が"),
        ("🚀 Go", "-go"),
        ("…", "section"),
        ("x" * 300, "x" * 100),
    ],
)
def test_an_id_is_made_as_github_makes_it(text: str, name: str) -> None:
    assert heading_id(text) == name


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("# A *b*", '<h1 id="c-a-b">A <em>b</em></h1>'),
        ("# A\n\n## A\n\n# A 1", '<h1 id="c-a">A</h1>\n<h2 id="c-a-1">A</h2>\n<h1 id="c-a-1-1">A 1</h1>'),
        ('<h2 id="own">A</h2><h3>Own</h3>', '<h2 id="c-own">A</h2><h3 id="c-own-1">Own</h3>'),
        ('<h2 id=" ">A</h2>', '<h2 id="c-a">A</h2>'),
    ],
)
def test_headings_get_ids_that_are_unique_and_own_ids_stay(body: str, html: str) -> None:
    content = read(body=body).article.content
    assert content == html
    assert sanitize(content, PAGE)[0] == content


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ('<a name="old">x</a> <a href="#old">y</a>', '<span id="c-old">x</span>'),
        ('<a name="old" href="https://e.org/">x</a> <a href="#old">y</a>', '<a href="https://e.org/" id="c-old" '),
        ('<a name="old" id="new">x</a> <a href="#old">y</a> <a href="#new">z</a>', '<span id="c-old"></span>'),
        ('<p id="old">p</p><a name="old">x</a> <a href="#old">y</a>', "</p>x "),
    ],
)
def test_an_anchor_keeps_its_target(body: str, html: str) -> None:
    found = read(body=body)
    assert warned(found) == []
    assert html in found.article.content
    assert f'href="{PAGE}#c-old"' in found.article.content


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Text.\n\n[x](#nope)\n\n# Hope", "links to '#nope' in 'a', where nothing has that id (did you mean '#hope'?)"),
        ("Text.\n\n[x](a.md#標體)\n\n# 標題", "links to 'a.md', which is not there (check its name)"),
    ],
)
def test_a_link_to_nothing_in_the_article_or_beside_it_is_a_warning(body: str, message: str) -> None:
    (found,) = warned(read(body=body))
    assert found[:2] == (9, "")
    assert found[2].startswith(message)


def test_a_fragment_of_another_article_gets_the_prefix_of_ids() -> None:
    content = read(body="[x](other#part) [y](/articles/other?ui=en#part)").article.content
    assert 'href="https://example.org/articles/other#c-part"' in content
    assert 'href="https://example.org/articles/other?ui=en#c-part"' in content


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("![an a](晶 片.png)", '<img src="https://example.org/media/2.png" alt="an a">'),
        ("[x](晶 片.png)", '<a href="https://example.org/media/2.png" rel="noopener">x</a>'),
        (r"\![a](晶 片.png)", "![a](晶 片.png)"),
        ("`![a](晶 片.png)`", "<code>![a](晶 片.png)</code>"),
        ("[1](see page 3)", "[1](see page 3)"),
    ],
)
def test_a_file_whose_name_has_spaces_is_found(body: str, html: str) -> None:
    """CommonMark §6.3 allows no space in a destination without angle brackets, but people and editors write it."""
    assert html in read(body=body).article.content


def test_a_file_with_spaces_that_is_not_there_is_a_warning() -> None:
    assert warned(read(body="![a](my photo.png)")) == [
        (7, "", "no file 'my photo.png' beside the article that can be served (check its name)")
    ]
