"""feedsvc.feeds.formats: a format is a value that says what it can do, and nobody asks for its suffix instead."""

import ast
from pathlib import Path

import pytest

from feedsvc.errors import BadParameter, UnknownResource
from feedsvc.feeds.feed import Tombstone
from feedsvc.feeds.formats import DEFAULT_FORMAT, FORMATS, check_has_changes, format_named, format_of_changes
from tests.feeds.cases import EVENING, article, feed

PACKAGE = Path(__file__).parents[2] / "feedsvc"
each_format = pytest.mark.parametrize("suffix", FORMATS)


def test_a_format_is_found_by_its_suffix() -> None:
    assert [format_named(suffix).suffix for suffix in FORMATS] == list(FORMATS)
    assert next(iter(FORMATS.values())) is DEFAULT_FORMAT
    with pytest.raises(UnknownResource, match=r"^unknown format 'xml' \(known: atom, rss, json\)$"):
        format_named("xml")


@each_format
def test_a_format_carries_tombstones_where_it_says_so(suffix: str) -> None:
    """RFC 6721 for Atom, our extension for JSON Feed; RSS has no word for a removed item."""
    format_, gone = FORMATS[suffix], Tombstone(id="tag:example.org,2026:gone", at=EVENING)
    made = feed(article("first"), tombstones=(gone,))
    assert (gone.id.encode() in format_.render(made)) == format_.carries_tombstones


@each_format
def test_changes_are_in_a_format_that_carries_tombstones(suffix: str) -> None:
    format_ = FORMATS[suffix]
    assert format_of_changes(format_).carries_tombstones
    if format_.carries_tombstones:
        assert format_of_changes(format_) is format_
        check_has_changes(suffix)
    else:
        with pytest.raises(BadParameter, match=r"cannot say what was removed \(ask for atom or json\)"):
            check_has_changes(suffix)


def test_an_unknown_format_is_not_told_what_it_cannot_carry() -> None:
    check_has_changes("xml")


def test_no_module_but_the_formats_own_asks_for_a_suffix() -> None:
    """A comparison with "atom", "rss" or "json" is a capability that nobody named."""
    found = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for folder in ("documents", "feeds", "slices", "web")
        for file in sorted((PACKAGE / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        and any(isinstance(each, ast.Constant) and each.value in FORMATS for each in ast.walk(node))
    ]
    assert found == []
