"""The main text of pages of 12 kinds, measured as `python -m bench.main_text` measures it."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.main_text import Page, ours, pages_in, score
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
