"""Compares libraries that find the main text of a page, on the pages beside this file.

Run it in a virtual environment that has them all:

    pip install trafilatura readability-lxml resiliparse && python -m tests.importing.compare

For each library: precision, recall and F1 of the text (five-character shingles, title and standfirst left out), how
many of the expected blocks stand on a line of their own, how many headings are still headings, and the time of a pass.
"""

import re
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feedsvc.importing.readers.decoding import decode_html

PAGES = Path(__file__).parent / "pages"
_BLOCKS = "p,h1,h2,h3,h4,h5,h6,li,td,th,figcaption,blockquote,pre,div,section,article,table,tr,ul,ol,figure,br"


def lines_of(html: str) -> list[str]:
    """The text of the blocks, one a line."""
    tree = LexborHTMLParser(html)
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    text = tree.body.text(deep=True) if tree.body else ""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def with_trafilatura(html: str) -> str:
    """HTML by trafilatura."""
    import trafilatura

    found: str | None = trafilatura.extract(
        html,
        output_format="html",
        include_comments=False,
        include_tables=True,
        include_images=True,
        include_links=True,
        include_formatting=True,
    )
    return found or ""


def with_readability(html: str) -> str:
    """HTML by readability-lxml."""
    from readability import Document

    return str(Document(html).summary(html_partial=True))


def with_resiliparse(html: str) -> str:
    """HTML by resiliparse."""
    from resiliparse.extract.html2text import extract_plain_text

    return str(
        extract_plain_text(html, preserve_formatting="minimal_html", main_content=True, comments=False, post_meta=False)
    )


LIBRARIES: dict[str, Callable[[str], str]] = {
    "trafilatura": with_trafilatura,
    "readability-lxml": with_readability,
    "resiliparse": with_resiliparse,
}


def shingles(lines: list[str]) -> Counter[str]:
    """Every five characters in a row, without white space."""
    text = re.sub(r"\s+", "", "".join(lines))
    return Counter(text[at : at + 5] for at in range(max(1, len(text) - 4)))


def measure(extract: Callable[[str], str], name: str, about: dict[str, Any]) -> dict[str, float]:
    """The figures of one page."""
    html = decode_html((PAGES / f"{name}.html").read_bytes())
    wanted = (PAGES / f"{name}.txt").read_text("utf-8").splitlines()
    begun = time.perf_counter()
    found = extract(html)
    seconds = time.perf_counter() - begun
    # Whether a library gives title and standfirst is no matter: both are taken from the page's metadata.
    extra = {about["title"], about.get("summary", "")}
    lines = [line for line in lines_of(found) if line not in extra]
    right, mine = shingles(wanted), shingles(lines)
    common = sum((right & mine).values())
    headings = {" ".join(node.text().split()) for node in LexborHTMLParser(found).css("h1,h2,h3,h4,h5,h6")}
    precision, recall = common / max(1, sum(mine.values())), common / sum(right.values())
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "blocks": sum(line in lines for line in wanted) / len(wanted),
        "headings": sum(each in headings for each in about["headings"]) / max(1, len(about["headings"])),
        "seconds": seconds,
    }


def main() -> None:
    """Prints a table, and the pages a library is worst at."""
    pages: dict[str, dict[str, Any]] = tomllib.loads((PAGES / "expected.toml").read_text("utf-8"))
    print(f"{len(pages)} pages        precision  recall     f1  blocks  headings  perfect  ms/page")
    for library, extract in LIBRARIES.items():
        extract("<html><body><p>Warm up.</p></body></html>")
        rows = {name: measure(extract, name, about) for name, about in pages.items()}
        mean = {key: sum(row[key] for row in rows.values()) / len(rows) for key in next(iter(rows.values()))}
        perfect = sum(row["f1"] > 0.999 for row in rows.values())
        print(
            f"{library:18} {mean['precision']:9.3f} {mean['recall']:7.3f} {mean['f1']:6.3f} {mean['blocks']:7.3f} "
            f"{mean['headings']:9.3f} {perfect:8} {mean['seconds'] * 1000:8.1f}"
        )
        worst = sorted(rows, key=lambda name: rows[name]["f1"])[:4]
        print("   worst: " + ", ".join(f"{name} {rows[name]['f1']:.2f}" for name in worst))


if __name__ == "__main__":
    main()
