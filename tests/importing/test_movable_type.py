"""Exports of Movable Type and Hatena Blog."""

from pathlib import Path

import pytest

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.importing.draft import Draft, SkippedEntry
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, articles

BODY = "-----\nBODY:\n<p>Text.</p>\n-----\n"


def _drafts(text: str, settings: ImportSettings, name: str = "blog.txt") -> list[Draft]:
    return [each for each in read_items(name, text.encode(), settings) if isinstance(each, Draft)]


def _entry(fields: str, title: str = "T") -> str:
    return f"TITLE: {title}\n{fields}{BODY}--------\n"


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("02/10/2026 09:00:00 AM", "2026-02-10T01:00:00"),
        ("02/10/2026 12:30:00 AM", "2026-02-09T16:30:00"),
        ("02/10/2026 12:30:00 PM", "2026-02-10T04:30:00"),
        ("12/31/2026 21:00:00", "2026-12-31T13:00:00"),
    ],
)
def test_the_month_is_first(written: str, date: str, settings: ImportSettings) -> None:
    (draft,) = _drafts(_entry(f"DATE: {written}\n"), settings)
    assert draft.published is not None
    assert draft.published.at.isoformat()[:19] == date


@pytest.mark.parametrize("written", ["13/31/2026 09:00:00", "yesterday"])
def test_a_wrong_date_is_named(written: str, settings: ImportSettings) -> None:
    (draft,) = _drafts(_entry(f"DATE: {written}\nBASENAME: ---\nIMAGE: a.png\n"), settings)
    assert (draft.published, draft.slug, draft.image) == (None, None, None)
    assert draft.notes[0].startswith("DATE: ")


@pytest.mark.parametrize(
    ("status", "is_draft"),
    [("Publish", False), ("Future", True), ("Draft", True), ("Review", True), ("Spam", True), ("Xyz", True)],
)
def test_only_what_was_published_is_no_draft(status: str, is_draft: bool, settings: ImportSettings) -> None:
    (draft,) = _drafts(_entry(f"STATUS: {status}\n"), settings)
    assert draft.is_draft is is_draft


def test_line_breaks_and_markdown(settings: ImportSettings) -> None:
    text = "TITLE: T\nCONVERT BREAKS: {}\n-----\nBODY:\na\n**b**\n\nc\n-----\n--------\n"
    assert _drafts(text.format(1), settings)[0].body == "a\\\n\\*\\*b\\*\\*\n\nc"
    assert _drafts(text.format("markdown"), settings)[0].body == "a\n**b**\n\nc"


def test_an_entry_with_a_fault_costs_no_other(settings: ImportSettings) -> None:
    deep = "<div>" * 5000
    text = f"TITLE: A\n-----\nBODY:\n{deep}\n-----\n--------\n{_entry('', 'B')}"
    assert [each.title for each in _drafts(text, settings)] == ["B"]


def test_comments_are_counted(settings: ImportSettings) -> None:
    text = f"TITLE: T\n{BODY}COMMENT:\nAUTHOR: x\nSECRET\n-----\nPING:\nTITLE: y\n-----\n--------\n"
    items = list(read_items("blog.txt", text.replace("\n", "\r\n").encode(), settings))
    assert [type(each) for each in items] == [SkippedEntry, SkippedEntry, Draft]


@pytest.mark.parametrize("name", ["blog.txt", "blog", "standard input"])
def test_the_beginning_of_a_text_tells(name: str, settings: ImportSettings) -> None:
    assert len(_drafts(_entry(""), settings, name)) == 1


def test_an_export_may_be_larger_than_a_text(run: Run, content: Path, tmp_path: Path) -> None:
    text = f"<p>{'The plant opened. ' * 60}</p>\n" * 1_200
    file = tmp_path / "blog.txt"
    one = "TITLE: {}\nDATE: 02/10/2026 09:00:00\nCATEGORY: chips\n-----\nBODY:\n" + text + "\n-----\n--------\n"
    file.write_text("".join(map(one.format, "AB")), "utf-8")
    assert file.stat().st_size > MAX_BYTES
    run(file)
    assert [each.stem for each in articles(content)] == ["A", "B"]
