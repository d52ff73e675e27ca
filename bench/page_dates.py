"""Show which date an import finds in saved pages: `python -m bench.page_dates FOLDER`.

FOLDER has pages; sub-folders are read too. What is right of a page may be in `expected-metadata.json` beside a
`source.html` (mozilla/readability, test/test-pages: `publishedTime`), or in `evaldata.json` (adbar/trafilatura, tests:
`date`). Days count, in the time zone of the publication or in UTC, since most sets tell no more.

It prints the date of each page and where it was found, then the number of pages, of those with a date, and of those
whose day is right, wrong and missed, where that is known.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from dateutil.parser import ParserError, parse

from bench.main_text import draft_settings
from feedsvc.errors import ArticleError
from feedsvc.importing.draft import SourceDate
from feedsvc.importing.readers.detect import read_drafts

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def pages_in(folder: Path) -> Iterator[tuple[Path, date | None]]:
    """Yield each page of a folder, sorted by path, with the day of its publication if the set tells it."""
    told: dict[Path, date | None] = {}
    for path in folder.rglob("evaldata.json"):
        files = {each.name: each for part in ("eval", "cache") for each in (path.parent / part).glob("*.html")}
        items = json.loads(path.read_text("utf-8")).values()
        told |= {files[each["file"]]: _day(each.get("date")) for each in items if each["file"] in files}
    for path in folder.rglob("expected-metadata.json"):
        metadata = json.loads(path.read_text("utf-8"))
        told[path.with_name("source.html")] = _day(metadata.get("publishedTime"))
        told[path.with_name("expected.html")] = None
    for path in sorted(folder.rglob("*.htm*")):
        if path.name != "expected.html":
            yield path, told.get(path)


def _day(written: object) -> date | None:
    if not isinstance(written, str):
        return None
    try:
        return date.fromisoformat(written) if _DAY.fullmatch(written) else parse(written).date()
    except (ParserError, ValueError, OverflowError):
        return None


def found_in(path: Path) -> SourceDate | None:
    """Return the date of publication that an import finds in a page."""
    try:
        drafts = list(read_drafts(path.name, path.read_bytes(), draft_settings()))
    except ArticleError:
        return None
    return drafts[0].published if drafts else None


def is_right(found: datetime, day: date) -> bool:
    """Return whether a time is on a day in UTC, or somewhere on earth: sets tell the day where the page is from."""
    return any((found + timedelta(hours=hours)).date() == day for hours in range(-12, 15))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Show which date an import finds in saved pages.")
    parser.add_argument("folder", type=Path)
    counts: Counter[str] = Counter()
    for path, day in pages_in(parser.parse_args().folder):
        found = found_in(path)
        state = ""
        if day is not None:
            state = "missed" if found is None else "right" if is_right(found.at, day) else f"wrong: it is {day}"
        counts.update(["pages", *(["with a date"] if found else []), *([state.partition(":")[0]] if state else [])])
        at = f"{found.at.astimezone(UTC):%Y-%m-%d %H:%M} in {found.found_in}" if found else "none"
        print(f"{path}: {at}{f' ({state})' if state else ''}")
    for what in ("pages", "with a date", "right", "wrong", "missed"):
        print(f"{what}: {counts[what]}")


if __name__ == "__main__":
    main()
