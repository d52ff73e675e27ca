"""Compare what finds the main text of saved pages: `python -m bench.main_text FOLDER [--every N] [--only NAME,NAME]`.

FOLDER has pages and what is right of each, in one of these layouts; sub-folders are read too:

- `NAME/source.html` and `NAME/expected.html`: a folder for each page (mozilla/readability, test/test-pages).
- `NAME.html` and `NAME.txt`: the expected text, one block a line (tests/importing/main_text of this repository).
- `evaldata.json`, with pages in `eval/` and `cache/`: pieces that the text has and pieces that it does not have
  (adbar/trafilatura, tests).

For each library it prints the mean over all pages of precision, recall and F1, the seconds that it took, and the pages
with the lowest F1. A text is compared by its shingles of five characters without white space, as multisets. Where only
pieces are known, precision is the share of wanted pieces among all pieces that were found, recall the share of the
wanted pieces that were found. Titles that a library gives count as it gives them.
"""

import argparse
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import trafilatura
from readability import Document
from readability.readability import Unparseable
from selectolax.lexbor import LexborHTMLParser

from feedsvc.errors import ArticleError
from feedsvc.importing.readers.decoding import decode_html
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.readers.pages.html import STANDFIRST
from feedsvc.importing.settings import ImportSettings, load_settings

CONTENT: Final = Path(__file__).parents[1] / "content"
_SHINGLE: Final = 5
_WORST: Final = 8
# The pieces of trafilatura's set that count for a page, of each kind, as its own evaluation does.
_MAX_PIECES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, and its expected text or, where that is not known, pieces `with_` and `without` which it must be."""

    name: str
    path: Path
    text: str = ""
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How near a text is to the expected one: each value from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def pages_in(folder: Path) -> Iterator[Page]:
    """Yield the pages of a folder, sorted by path."""
    for path in sorted(folder.rglob("evaldata.json")):
        files = {each.name: each for part in ("eval", "cache") for each in (path.parent / part).glob("*.html")}
        for item in json.loads(path.read_text("utf-8")).values():
            if item["file"] in files:
                wanted, unwanted = (tuple(item[key][:_MAX_PIECES]) for key in ("with", "without"))
                yield Page(name=item["file"], path=files[item["file"]], with_=wanted, without=unwanted)
    for path in sorted(folder.rglob("*.html")):
        expected = path.with_name("expected.html")
        if path.name == "source.html" and expected.exists():
            yield Page(name=path.parent.name, path=path, text=text_of(expected.read_text("utf-8")))
        elif path.with_suffix(".txt").exists():
            yield Page(name=path.stem, path=path, text=path.with_suffix(".txt").read_text("utf-8"))


def text_of(html: str) -> str:
    """Return the text of an HTML fragment, without what no browser shows."""
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, template, noscript"):
        node.decompose()
    return tree.body.text(deep=True, separator=" ") if tree.body else ""


def score(page: Page, found: str) -> Score:
    """Return how near `found` is to what is right of a page."""
    if page.text:
        wanted, mine = _shingles(page.text), _shingles(found)
        common = sum((wanted & mine).values())
        return Score(common / max(1, mine.total()), common / max(1, wanted.total()))
    flat = _flat(found)
    right = sum(_flat(piece) in flat for piece in page.with_)
    wrong = sum(_flat(piece) in flat for piece in page.without)
    return Score(right / max(1, right + wrong), right / max(1, len(page.with_)))


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _shingles(text: str) -> Counter[str]:
    flat = _flat(text)
    return Counter(flat[at : at + _SHINGLE] for at in range(max(1, len(flat) - _SHINGLE + 1)))


@cache
def draft_settings() -> ImportSettings:
    """Return the settings of an import into the sample publication."""
    return load_settings(CONTENT, "https://example.org", "http://127.0.0.1:8000")


def ours(path: Path) -> str:
    """Return the text of the draft that `feedsvc import` makes of a page, or "" if it makes none.

    A standfirst within the text of the page becomes the summary, which is shown above the text.
    """
    try:
        drafts = list(read_drafts(path.name, path.read_bytes(), draft_settings()))
    except ArticleError:
        return ""
    standfirsts = [cut.text for draft in drafts for cut in draft.cuts if cut.reason == STANDFIRST]
    return "\n".join((*standfirsts, *(block.text for draft in drafts for block in draft.blocks)))


def by_readability(path: Path) -> str:
    """Return what readability-lxml finds."""
    try:
        return text_of(str(Document(decode_html(path.read_bytes())).summary(html_partial=True)))
    except (ArticleError, Unparseable, ValueError, TypeError):
        return ""


def by_trafilatura(path: Path) -> str:
    """Return what trafilatura finds, with the options of its own evaluation."""
    try:
        html = decode_html(path.read_bytes())
    except ArticleError:
        return ""
    return trafilatura.extract(html, include_comments=False, include_tables=True) or ""


LIBRARIES: Final[Mapping[str, Callable[[Path], str]]] = {
    "feedsvc": ours,
    "readability-lxml": by_readability,
    "trafilatura": by_trafilatura,
}


def measure(pages: list[Page], extract: Callable[[Path], str]) -> tuple[dict[str, Score], float]:
    """Return the score of each page, and the seconds of extraction."""
    scores, seconds = {}, 0.0
    for page in pages:
        begun = time.perf_counter()
        found = extract(page.path)
        seconds += time.perf_counter() - begun
        scores[page.name] = score(page, found)
    return scores, seconds


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(prog="python -m bench.main_text", description="Compare main texts of pages.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth page")
    arguments.add_argument("--only", default="", metavar="NAME,NAME", help="only the pages with these names")
    given = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    names = set(filter(None, given.only.split(",")))
    pages = [page for page in pages_in(given.folder) if not names or page.name in names][:: given.every]
    if not pages:
        arguments.error(f"{given.folder}: no pages with expected texts (python -m bench.main_text --help)")
    print(f"{len(pages):,} pages         precision  recall      F1  seconds")
    for name, extract in LIBRARIES.items():
        scores, seconds = measure(pages, extract)
        precision, recall, f1 = (
            sum(getattr(each, key) for each in scores.values()) / len(scores) for key in ("precision", "recall", "f1")
        )
        print(f"{name:20}{precision:9.3f}{recall:8.3f}{f1:8.3f}{seconds:9.1f}")
        worst = sorted(scores, key=lambda each: scores[each].f1)[:_WORST]
        print("    worst: " + ", ".join(f"{each} {scores[each].f1:.2f}" for each in worst))


if __name__ == "__main__":
    main()
