"""The main text of pages of 12 kinds, measured as `python -m bench.main_text` measures it."""

import re
from pathlib import Path

import pytest

from bench.main_text import Page, ours, pages_in, score
from feedsvc.errors import ArticleError
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
