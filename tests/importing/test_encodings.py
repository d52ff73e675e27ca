"""The guess of an encoding, on the texts of compare_encodings: a wrong one would publish other words."""

import pytest

from tests.importing.compare_encodings import ENCODINGS, LENGTHS, guess_with_chardet, measure

# Short texts of these standards have few characters by which they differ.
_OFTEN_UNDECIDED = ("big5hkscs", "shift_jis")


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_guess_is_wrong(encoding: str, length: str) -> None:
    assert measure(guess_with_chardet, encoding, length)["wrong"] == 0


@pytest.mark.parametrize("length", LENGTHS[1:])
@pytest.mark.parametrize("encoding", [each for each in ENCODINGS if each not in _OFTEN_UNDECIDED])
def test_a_whole_article_is_decided(encoding: str, length: str) -> None:
    results = measure(guess_with_chardet, encoding, length)
    assert results["right"] == results.total() > 0
