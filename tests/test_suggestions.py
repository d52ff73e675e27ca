"""Suggestions are those of difflib, which compares a name with each known one."""

from difflib import get_close_matches

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.suggestions import closest

_NAMES = st.text("aBßİ晶", max_size=12)


@given(_NAMES, st.lists(_NAMES, max_size=8))
def test_names_that_are_left_out_by_their_lengths_are_not_similar(name: str, known: list[str]) -> None:
    folded = [each.casefold() for each in known]
    found = closest(name, known)
    similar = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    assert (found is None) == (not similar)
    assert found is None or found.casefold() == similar[0]


def test_a_name_of_the_least_similar_length_is_found() -> None:
    for shorter in range(3, 90, 3):
        longer = shorter * 7 // 3
        assert closest("a" * shorter, ["a" * longer]) == "a" * longer
        assert closest("a" * longer, ["a" * shorter]) == "a" * shorter
        assert closest("a" * shorter, ["a" * (longer + 1)]) is None
