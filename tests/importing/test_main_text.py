"""The main text of pages of 12 kinds, measured as `python -m bench.main_text` measures it."""

import re
from pathlib import Path
from typing import Any

import pytest
import readability
import trafilatura
from hypothesis import given
from hypothesis import strategies as st

from bench.main_text import Page, ours, pages_in, score
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.errors import ArticleError
from feedsvc.importing.readers.pages import text_choice
from feedsvc.importing.readers.pages.main_text import main_text
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only

PAGES = Path(__file__).parent / "main_text"
TEXT = "<p>The licence says who may use the machines, for what, and who must be let in to check them.</p>"


@pytest.mark.parametrize("page", list(pages_in(PAGES)), ids=lambda page: page.name)
def test_the_text_of_a_page_and_nothing_else(page: Page) -> None:
    found = score(page, ours(page.path))
    assert found.f1 >= 0.98, f"precision {found.precision:.3f}, recall {found.recall:.3f}"


def test_there_is_a_page_of_each_kind() -> None:
    assert len(list(pages_in(PAGES))) == 12


def test_a_doubtful_choice_is_said_with_what_was_left_out(settings: ImportSettings) -> None:
    # readability-lxml takes one of the equal sections and leaves out the others.
    sections = "".join(
        f'<div class="c{n}"><div><h2>S{n}</h2>'
        + "".join(
            f"<p>Part {n}, line {i}: the ship made {i * 7} miles with wind from the north, and the cook counted "
            f"{i * 3} loaves.</p>"
            for i in range(3)
        )
        + "</div></div>"
        for n in range(8)
    )
    html = f"<html><body><h1>T</h1>{sections}</body></html>"
    doubt = main_text(html).doubt
    assert re.match(r"the main text is doubtful: readability-lxml finds [\d,]+ characters, trafilatura [\d,]+,", doubt)
    assert re.search(r"\d characters of the page were left out", doubt)
    assert doubt in only("x.html", html, settings).notes


@given(
    st.lists(st.text("ab 文字\n", max_size=12), max_size=8),
    st.lists(st.integers(0, 7), max_size=8),
    st.text("ab文字", max_size=6),
)
def test_a_block_is_in_a_text_by_its_shingles(texts: list[str], order: list[int], more: str) -> None:
    nodes: dict[str, Any] = {"nodes": (), "kind": "p", "mark": "", "linked": 0, "named": False}
    blocks = tuple(text_choice.Block(text=text, flat="".join(text.split()), **nodes) for text in texts)
    text = "\n".join((*(texts[at] for at in order if at < len(texts)), more))
    flat, lines = "".join(text.split()), {"".join(line.split()).strip("-|") for line in text.splitlines()}
    known = {flat[at : at + 5] for at in range(len(flat) - 4)}

    def is_in(block: text_choice.Block) -> bool:
        own = [block.flat[at : at + 5] for at in range(len(block.flat) - 4)]
        return sum(each in known for each in own) >= 0.6 * len(own) if own else bool(block.flat) and block.flat in lines

    assert text_choice.found_in(blocks, text) == {at for at, block in enumerate(blocks) if is_in(block)}


def test_libraries_that_agree_give_no_warning() -> None:
    assert main_text(f"<html><body><article><h1>T</h1>{TEXT * 6}</article></body></html>").doubt == ""


def test_an_unclosed_drawing_does_not_hide_the_page(settings: ImportSettings) -> None:
    html = f"<html><body><h1>T</h1><svg><title>x</title><article>{TEXT * 6}</article></body></html>"
    assert "The licence says" in only("x.html", html, settings).body


def test_an_empty_comment_does_not_hide_the_page(settings: ImportSettings) -> None:
    # HTML §13.2.5.43: `<!-->` is a comment that is complete.
    html = f"<html><body><h1>T</h1><!--><article>{TEXT * 6}</article></body></html>"
    assert "The licence says" in only("x.html", html, settings).body


def test_a_page_without_text_is_an_error(settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="no main text"):
        only("x.html", "<html><body><nav><a href='/'>Home</a></nav></body></html>", settings)


SENTENCE = "the licence says who may use the machines, for what, and who must be let in to check them"


def _agreement(**found: int) -> text_choice.Choice:
    return text_choice.Agreement(**found).choice


def test_one_section_of_many_is_not_the_article() -> None:
    # trafilatura found three times as much: comments behind the article, or sections in front of one of them.
    assert _agreement(readability=3_000, trafilatura=12_000, common=3_000, ahead=0) is text_choice.Choice.READABILITY
    assert _agreement(readability=3_000, trafilatura=12_000, common=3_000, ahead=899) is text_choice.Choice.READABILITY
    assert _agreement(readability=3_000, trafilatura=12_000, common=3_000, ahead=900) is text_choice.Choice.TRAFILATURA


def test_what_trafilatura_alone_finds_in_front_is_measured() -> None:
    nodes: dict[str, Any] = {"nodes": (), "kind": "p", "mark": "", "linked": 0, "named": False, "flat": ""}
    blocks = tuple(text_choice.Block(text="x" * length, **nodes) for length in (1, 10, 100, 1000))
    assert text_choice.agreement(blocks, {2}, {0, 2, 3}) == text_choice.Agreement(
        readability=100, trafilatura=1101, common=100, ahead=1
    )
    assert text_choice.agreement(blocks, set(), {0, 1}).ahead == 0


@pytest.mark.parametrize("first", ["<p>{}</p>", "<p>{}</p><div></div>"])
def test_a_description_that_is_the_first_paragraph_leaves_it_in_the_text(first: str, settings: ImportSettings) -> None:
    text = "".join(f"<p>In {year}, {SENTENCE}.</p>" for year in range(2001, 2009))
    head = f'<title>T</title><meta property="og:description" content="In 2000, {SENTENCE}.">'
    html = (
        f"<html><head>{head}</head><body><article>{first.format(f'In 2000, {SENTENCE}.')}{text}</article></body></html>"
    )
    draft = only("x.html", html, settings)
    assert draft.text.startswith(f"In 2000, {SENTENCE}.")
    # The summary of an article without one is its first paragraph.
    assert draft.summary == ""


@pytest.mark.parametrize("first", ["<div><p>{}</p></div>", '<p class="standfirst">{}</p>', "<h2>{}</h2>"])
def test_a_standfirst_is_the_summary_and_not_repeated(first: str, settings: ImportSettings) -> None:
    text = "".join(f"<p>In {year}, {SENTENCE}.</p>" for year in range(2001, 2009))
    head = f'<title>T</title><meta property="og:description" content="In 2000, {SENTENCE}.">'
    html = (
        f"<html><head>{head}</head><body><article>{first.format(f'In 2000, {SENTENCE}.')}{text}</article></body></html>"
    )
    draft = only("x.html", html, settings)
    assert draft.summary == f"In 2000, {SENTENCE}."
    assert f"In 2000, {SENTENCE}." not in draft.body


@pytest.mark.parametrize("length", [1, 600_000])
def test_long_pages_are_read_once_by_each_library(
    length: int, settings: ImportSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Any, Any]] = []
    document = readability.Document

    def made(html: str, **options: Any) -> Any:
        calls.append(("readability", options["retry_length"] == 0))
        return document(html, **options)

    def extract(_html: str, **options: Any) -> str:
        calls.append(("trafilatura", options["fast"]))
        return SENTENCE

    monkeypatch.setattr(readability, "Document", made)
    monkeypatch.setattr(trafilatura, "extract", extract)
    only("x.html", f"<title>T</title><p>{SENTENCE}</p><p>{'word ' * (length // 5)}</p>", settings)
    assert calls == [("readability", length > 1), ("trafilatura", length > 1)]


def test_import_leaves_bleach_to_the_reading_of_the_file(
    settings: ImportSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_hosts: object) -> Any:
        raise AssertionError("bleach is called for HTML that becomes a file")

    text = f"<p>{SENTENCE} <i><b>a</i>b</b> <ruby>東<rt>とう</rt></ruby> <a href='https://a.example/?a&b'>x</a></p>" * 9
    monkeypatch.setattr("feedsvc.articles.html.sanitize._bleach", fail)
    draft = only("x.html", f"<title>T</title><article>{text}<table><td onclick='x()'>1</table></article>", settings)
    assert "onclick" not in draft.body
    with pytest.raises(AssertionError, match="bleach"):
        sanitize(f"{text}<table><td>1</table>", "https://a.example/")


def test_a_page_may_have_twice_the_elements_of_an_article(settings: ImportSettings) -> None:
    text = "".join(f"<p>In {year}, {SENTENCE}.</p>" for year in range(2001, 2009))
    menu = "<ul>" + "<li><a href='/x'>x</a></li>" * 10 + "</ul>"
    page = f"<title>T</title><nav>{menu * 1_500}</nav><article>{text}</article>"
    draft = only("x.html", page, settings)
    assert draft.text.count(SENTENCE) == 8
    assert "- [x]" not in draft.body
    with pytest.raises(ArticleError, match="more than 40,000 elements"):
        only("x.html", page.replace("</article>", menu * 500 + "</article>"), settings)
    # An article of more than 20,000 elements is refused when its text is known.
    with pytest.raises(ArticleError, match="more than 20,000 elements"):
        only("x.html", f"<title>T</title><article>{text}{f'<p><q>{SENTENCE}</q></p>' * 11_000}</article>", settings)


@pytest.mark.parametrize(("comments", "is_read_by_both"), [(100, True), (9_500, False)])
def test_one_library_reads_a_page_larger_than_an_article(
    comments: int, is_read_by_both: bool, settings: ImportSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    document = readability.Document

    def made(html: str, **options: Any) -> Any:
        calls.append(len(html))
        return document(html, **options)

    monkeypatch.setattr(readability, "Document", made)
    text = "".join(f"<p>In {year}, {SENTENCE}.</p>" for year in range(2001, 2009))
    comment = "<div class='c'><span>Anna</span><p>I think so too.</p></div>"
    page = f"<title>T</title><article>{text}</article><div id='comments'>{comment * comments}</div>"
    assert only("x.html", page, settings).text.count(SENTENCE) == 8
    assert bool(calls) is is_read_by_both
