"""The similarity of two texts: the Jaccard index of their 5-grams, exact or estimated from a MinHash sketch. Pure.

The 5-grams consist of characters, because Chinese and Japanese have no spaces between words.
"""

import heapq
import zlib
from collections.abc import Sequence
from typing import Final

GRAM: Final = 5
# Characters of a text that are compared.
MAX_TEXT: Final = 200_000
# Hashes in a sketch: the standard error of an index of 0.9 is then 0.02.
SKETCH: Final = 256


def comparable(text: str) -> str:
    """Return the part of `text` that is compared, without white space, because line breaks may differ."""
    return "".join(text.split())[:MAX_TEXT]


def similarity(one: str, other: str) -> float:
    """Return the Jaccard index of the 5-grams of two comparable texts, 0 to 1."""
    if one == other:
        return 1.0
    first, second = _grams(one), _grams(other)
    return len(first & second) / len(first | second)


def sketch(text: str) -> tuple[int, ...]:
    """Return the least hashes of the 5-grams of a comparable text, in order: a MinHash of one hash function."""
    return tuple(heapq.nsmallest(SKETCH, {zlib.crc32(each.encode()) for each in _grams(text)}))


def sketched_similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimate the Jaccard index of two texts by their sketches; exact for texts of fewer grams than a sketch has."""
    first, second = set(one), set(other)
    union = heapq.nsmallest(SKETCH, first | second)
    return sum(each in first and each in second for each in union) / len(union)


def _grams(text: str) -> set[str]:
    return {text[at : at + GRAM] for at in range(max(1, len(text) - GRAM + 1))}
