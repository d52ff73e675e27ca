"""How a cursor is written, and who may ask for changes."""

import pytest

from feedsvc.errors import BadParameter
from feedsvc.slices.cursor import Cursor, parse_cursor
from feedsvc.slices.grammar import AFTER, parse, parse_after
from feedsvc.slices.slice import Slice


def test_a_cursor_is_read_as_it_is_written() -> None:
    assert parse_cursor("0123abcd-45") == Cursor("0123abcd", 45)
    assert str(Cursor("0123abcd", 45)) == "0123abcd-45"


@pytest.mark.parametrize(
    "written", ["", "45", "0123abcd", "0123abcd-", "0123ABCD-4", "0123abcd--4", "0123abcd-٤", "x" * 99]
)
def test_what_is_no_cursor_is_refused(written: str) -> None:
    with pytest.raises(BadParameter) as caught:
        parse_cursor(written)
    assert str(caught.value).startswith(f"parameter 'after': {written[:80]!r} is not a cursor (")


@pytest.mark.parametrize(
    ("slice_", "values", "message"),
    [
        (Slice(), ["0123abcd-1", "0123abcd-2"], "is given twice"),
        (Slice(terms=("a",)), ["0123abcd-1"], "a search has no changes"),
    ],
)
def test_who_has_no_changes_is_told_so(slice_: Slice, values: list[str], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        parse_after(slice_, values)


def test_changes_are_of_current_feeds_alone() -> None:
    assert parse_after(Slice(), ["0123abcd-1"]) == Cursor("0123abcd", 1)
    with pytest.raises(BadParameter, match="only a current feed has changes"):
        parse("all", [(AFTER, "0123abcd-1")])
