"""The `tsvector`s of an article and the `tsquery`s of a search, as PostgreSQL reads them. Pure.

A tsvector keeps at most 256 positions of a word, positions up to 16,383 and 1 MB. A longer article is split into parts
below each of these limits. Parts overlap by the longest phrase that is looked up, so every such phrase is whole in one.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from feedsvc.slices.search_terms import BREAK, Terms, index_lookup

# The longest phrase that the index finds: the rest of a longer one is compared with the text.
MAX_PHRASE: Final = 128
# Below PostgreSQL's limits of a tsvector (see above), also of words (2,046 bytes).
_MAX_POSITIONS: Final = 16_000
_MAX_EQUAL: Final = 255
_MAX_BYTES: Final = 800_000
# A query has at most 200 characters, which folding makes 1,600 bytes at most: no term is as long.
_MAX_WORD_BYTES: Final = 2000


def sequence_of(found_by: Terms) -> list[str]:
    """Return what an article is found by as one sequence: its words, a break, its pairs.

    No word is a pair: pairs have two CJK characters, and among words each of these stands alone.
    """
    words, pairs = found_by
    return [*words.split(" "), BREAK, *pairs.split(" ")] if pairs else words.split(" ")


def vectors(sequence: Sequence[str]) -> list[str]:
    """Return the text of one tsvector for a sequence, or of one for each of its parts."""
    found, start = [], 0
    while True:
        vector, end = _vector(sequence, start)
        found.append(vector)
        if end == len(sequence):
            return found
        start = end - (MAX_PHRASE - 1)


def _vector(sequence: Sequence[str], start: int) -> tuple[str, int]:
    """Return the tsvector that begins at `start`, with as much as it can have, and where that ends."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    left, end = _MAX_BYTES, start
    for word in sequence[start : start + _MAX_POSITIONS]:
        known = positions[word]
        # A word costs its bytes and some for its entry; each position two.
        left -= 2 if known else 4 * len(word) + 10
        if (len(known) == _MAX_EQUAL and word != BREAK) or left < 0:
            break
        end += 1
        known.append(end - start)
    positions.pop(BREAK, None)
    return " ".join(f"{_quoted(word)}:{','.join(map(str, at))}" for word, at in positions.items() if at and word), end


def tsquery(term: str) -> tuple[str, bool]:
    """Return the tsquery of a term of `search_terms.parsed`, and whether what it finds must be compared with the text.

    A phrase that is too long is looked up by its beginning.
    """
    _, sequence, is_beginning = index_lookup(term)
    is_cut = len(sequence) > MAX_PHRASE
    query = " <-> ".join(map(_quoted, sequence[:MAX_PHRASE]))
    return (query if is_cut or not is_beginning else f"{query}:*"), is_cut


def _quoted(word: str) -> str:
    """Return a word as tsvector and tsquery have it, cut to what they accept."""
    if len(word) * 4 > _MAX_WORD_BYTES:
        word = word.encode()[:_MAX_WORD_BYTES].decode(errors="ignore")
    # Most words are letters.
    if "'" in word or "\\" in word:
        word = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{word}'"
