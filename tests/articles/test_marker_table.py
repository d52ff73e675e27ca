"""marker_table.toml has rows that can be told apart, and words that are some."""

import pytest

from feedsvc.articles.metadata import marker_table
from feedsvc.articles.metadata.marker_table import ROWS, ROWS_IN_OTHER_LANGUAGES, Kind, Row, match


def test_each_name_is_in_one_row_and_is_found_there() -> None:
    rows = (*ROWS, *ROWS_IN_OTHER_LANGUAGES)
    names = [name for row in rows for name in row.names]
    assert len(names) == len(set(names)) > 500
    found = {name: match(name) for row in rows for name in row.names if name not in marker_table.ORDINARY}
    assert [name for name, each in found.items() if each is None or each.is_like] == []


@pytest.mark.parametrize("words", ["YES", "NO", "PUBLIC_WORDS", "NOT_PUBLIC_WORDS", "UNMISTAKABLE_WORDS", "ORDINARY"])
def test_no_word_is_empty(words: str) -> None:
    assert "" not in getattr(marker_table, words)


@pytest.mark.parametrize("names", [[], [""], ["draft", ""]])
def test_a_row_without_names_is_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match="a row needs names"):
        Row(names=frozenset(names), kind=Kind.FLAG)


@pytest.mark.parametrize("name", ["released", "newsletter", "rendered", "ready"])
def test_who_leaves_out_a_word_misspelled_nothing(name: str) -> None:
    """`released` was taken for a misspelled `not released`, so that `released: true` made a draft."""
    found = match(name)
    assert found is None or not found.is_like


def test_no_word_says_two_things() -> None:
    assert not marker_table.YES & marker_table.NO
    assert not marker_table.PUBLIC_WORDS & marker_table.NOT_PUBLIC_WORDS


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("draft", True),
        ("Members-Only", True),
        ("private", True),
        ("darft", False),  # merely like one
        ("hidden", False),  # a style of many themes
        ("published", False),  # yes makes it public
        ("title", False),
    ],
)
def test_a_flag_says_by_its_name_alone_that_a_file_is_not_for_the_public(field: str, expected: bool) -> None:
    assert marker_table.is_flag(field) == expected
