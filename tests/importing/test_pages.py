"""Saved pages of 11 shapes in five languages: their text, and what they say of themselves."""

import tomllib
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing.desk import Desk
from feedsvc.importing.draft import Draft
from feedsvc.importing.editing import judge
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
def draft(name: str, desk: Desk) -> Draft:
    """What is read of it."""
    return only(f"{name}.html", (PAGES / f"{name}.html").read_bytes(), desk)


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


def test_its_date(name: str, draft: Draft, desk: Desk) -> None:
    written = EXPECTED[name].get("published")
    found = draft.published.at if draft.published else None
    if written is None:
        # Old pages say it in a line of their text only.
        assert found is None or f"{found:%Y}" == "2026"
    else:
        assert found == desk.date(written)


def test_its_language_and_headings(name: str, draft: Draft, desk: Desk) -> None:
    assert judge(draft, desk).language == EXPECTED[name]["language"]
    assert list(draft.headings) == EXPECTED[name]["headings"]


def page(body: str, head: str = "") -> str:
    """A page with enough text around `body` to have a main text."""
    text = "<p>The licence says who may use the machines, for what, and who must be let in to check them.</p>" * 6
    return f"<!DOCTYPE html><html><head><title>T</title>{head}</head><body><article><h1>T</h1>{text}{body}</article>"


def test_images_are_kept_as_links_and_never_fetched(desk: Desk) -> None:
    head = '<link rel="canonical" href="https://old.example/a/b">'
    draft = only("x.html", page('<p><img src="/pic.png" alt="A chart"> and text beside it.</p>', head), desk)
    assert "![A chart](https://old.example/pic.png)" in draft.body


def test_images_saved_beside_the_page_are_left_out_and_said(desk: Desk) -> None:
    draft = only("x.html", page('<p>Text.</p><img src="./T_files/pic.png" alt="A chart">'), desk)
    assert "pic.png" not in draft.body
    assert "1 images saved beside the page" in draft.notes[0]


def test_scripts_leave_nothing(desk: Desk) -> None:
    hostile = '<p onclick="a()">Hi <a href="javascript:b()">there</a></p><script>c()</script><style>d{}</style>'
    body = only("x.html", page(hostile), desk).body
    assert "Hi there" in body
    assert not any(each in body for each in ("onclick", "javascript", "c()", "d{}"))


def test_one_time_element_is_the_date_and_two_that_differ_are_none(desk: Desk) -> None:
    one = '<p><time datetime="2026-03-12">12 March</time></p>'
    other = '<p><time datetime="2026-03-13">13 March</time></p>'
    found = only("x.html", page(one), desk).published
    assert found is not None
    assert found.at == desk.date("2026-03-12")
    assert only("x.html", page(one + other), desk).published is None


def test_broken_json_ld_is_passed_over(desk: Desk) -> None:
    head = '<script type="application/ld+json">{"@type": "Article", </script><meta name="date" content="2026-03-12">'
    found = only("x.html", page("", head), desk).published
    assert found is not None
    assert found.found_in == "date"


def test_a_date_that_is_none_is_passed_over(desk: Desk) -> None:
    head = '<meta name="date" content="yesterday"><meta name="dcterms.date" content="2026-03-12">'
    found = only("x.html", page("", head), desk).published
    assert found is not None
    assert found.found_in == "dcterms.date"
    assert isinstance(found.at, datetime)


@pytest.mark.parametrize(
    "html", ["<html><body></body></html>", "<html><body><script>1</script><nav>a</nav></body></html>"]
)
def test_a_page_without_text_is_refused(html: str, desk: Desk) -> None:
    with pytest.raises(ArticleError, match="no main text was found"):
        only("x.html", html, desk)


@pytest.mark.parametrize("depth", [300, 5000])
def test_hostile_nesting_is_refused_or_read_but_never_breaks(depth: int, desk: Desk) -> None:
    deep = page("<div>" * depth + "<p>Deep.</p>" + "</div>" * depth)
    with suppress(ArticleError):
        assert "The licence says" in only("x.html", deep, desk).body


def test_a_page_saved_as_one_file_with_all_its_pictures_is_read(desk: Desk) -> None:
    picture = f'<img alt="" src="data:image/png;base64,{"A" * 3_000_000}">'
    head = f"<style>{'a{b:c}' * 400_000}</style><script>{'x();' * 400_000}</script>"
    assert "The licence says" in only("x.html", page(picture, head), desk).body


@pytest.mark.parametrize("opened", ["<!--", "<script>", "<style>", "<svg>", "<i "])
def test_what_is_never_closed_is_read_in_time(opened: str, desk: Desk) -> None:
    with pytest.raises(ArticleError):
        only("x.html", f"<html><body>{opened * 100_000}", desk)


def test_the_figures_in_the_docs_are_the_ones_measured() -> None:
    from tests.importing.compare import measure, with_readability

    rows = [measure(with_readability, each, about) for each, about in EXPECTED.items()]
    means = [f"{sum(row[key] for row in rows) / len(rows):.3f}" for key in ("precision", "recall", "f1", "blocks")]
    docs = (Path(__file__).parents[2] / "docs" / "importing.md").read_text("utf-8")
    assert f"| **readability-lxml 0.9** | {' | '.join(means)} |" in docs
