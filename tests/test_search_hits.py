"""Where a text has the terms of a search: as the index finds them, in the text as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.slices.search_hits import excerpt, hits, marked
from feedsvc.slices.search_terms import PIECE, contains, folded, indexed, parsed


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Über die AI-Chips und Émile's café", "ai café UBER", ["Über", "AI", "café"]),
        ("aid, AI", "ai", ["AI"]),
        ("台積電的推論晶片與推論文", "推論 論文", ["推論", "推論文"]),
        ("推,論", "推論", []),
        ("שָׁלוֹם עולם", "שלום", ["שָׁלוֹם"]),
        ("مَرْحَبًا بالعالم", "مرحبا", ["مَرْحَبًا"]),
        ("한국어 반도체", "반도", ["반도"]),
        ("한국어".encode().decode(), "국", ["국"]),
        ("ｱﾊﾞﾄ ﾊﾟﾝ", "パン", ["ﾊﾟﾝ"]),
        ("go 🚀 and 👩‍🚀", "🚀", ["🚀", "👩‍🚀"]),
        ("NVIDIA nvidias invidia", "nvid*", ["NVIDIA", "nvidias"]),
        ("the tea - strait, tea", '"tea strait"', ["tea - strait"]),
        ("Straße ﬁne ＡＩ", "strasse fine ai", ["Straße", "ﬁne", "ＡＩ"]),
    ],
)
def test_marked(text: str, query: str, found: list[str]) -> None:
    parts = marked(text, parsed(query))
    assert "".join(part for part, _ in parts) == text
    assert [part for part, is_found in parts if is_found] == found


# Letters of several scripts, with marks, jamo, widths, ligatures and joiners.
TEXTS = st.text(
    st.sampled_from("ab éßﬁİΣς·,-\u0301\u0345\u0640אָبَ推論文한\u1112\u1161\u11abｱﾊﾞ🚀👩\u200d\ufe0f１％"), max_size=30
)


@given(TEXTS, st.integers(0, 20))
def test_a_text_has_a_hit_of_each_piece_that_the_index_finds(text: str, number: int) -> None:
    pieces = [each[0] for each in PIECE.finditer(folded(text))]
    if not pieces:
        return
    terms = parsed(pieces[number % len(pieces)])
    for term in terms:
        assert contains(indexed(text), term) == bool(hits(text, [term]))


def test_an_excerpt_begins_with_a_sentence_and_has_the_most_terms() -> None:
    text = f"{'Wafers. ' * 400}End here. Then wafers and chips meet. {'More of it. ' * 300}"
    said = excerpt(text, ("chips",), 60)
    assert said is not None
    assert said.startswith("…Then wafers and chips meet.")
    assert said.endswith("…")
    assert excerpt(text, ("nothing",), 60) is None
    far = f"{'Wafers alone here. ' * 30}Now wafers, chips."
    assert "Now wafers, chips." in (excerpt(far, ("chips", "wafers"), 60) or "")


@pytest.mark.parametrize("place", [0, 1990, 1999, 2000, 2001, 4000, 5990])
def test_a_word_at_the_edge_of_a_window_is_found_whole(place: int) -> None:
    text = f"{'x' * (place - 1)} {'underscore score'}" if place else "score"
    for query in ("score", "core"):
        assert (excerpt(text, (query,), 40) is not None) == (query == "score")


@pytest.mark.parametrize("text", ["a " * 100_000, "論" * 200_000, "é" * 100_000, "." * 200_000, "a\u0301" * 50_000])
def test_a_long_text(text: str) -> None:
    """It ends: no step looks through all of the text for each find."""
    terms = parsed(f'"{"a " * 90}" 論論論論論 é')
    excerpt(text, terms, 160)
