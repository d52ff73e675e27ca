"""Find words in text of any script. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_LETTER = "A-Za-z0-9\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_HAS_LETTER_FIRST = re.compile(f"[{_LETTER}]")
_HAS_LETTER_LAST = re.compile(f"[{_LETTER}]$")


def normalize_width(text: str) -> str:
    """Return `text` with characters of one width (NFKC) and single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


@dataclass(frozen=True, slots=True)
class WordFinder:
    """Finds words in a text, the longest one if several begin at a place: "potato chips" hides its "chips"."""

    expression: re.Pattern[str] | None
    words: Mapping[str, str]

    def found_in(self, text: str) -> Iterator[str]:
        """Yield the words in `text` as they were given, in order, once for each occurrence."""
        if self.expression is not None:
            for match in self.expression.finditer(normalize_width(text)):
                lower = match[0].casefold()
                # The text may have the word in another case, or in the plural with -s or -es.
                forms = (match[0], lower, lower[:-1], lower[:-2])
                yield next(self.words[each] for each in forms if each in self.words)


def make_finder(words: Iterable[str], *, exact: bool = False) -> WordFinder:
    """Return a finder of `words`.

    A word that begins or ends with an alphabetic letter must be a whole word there: "chip" is in "AI chip，" and in
    "的chip", but not in "chipmunk". Chinese, Japanese and Korean have no such boundaries. Unless `exact`, case is
    ignored and an English plural matches.
    """
    given = {normalize_width(word): word for word in words}
    ordered = sorted(given, key=lambda word: (-len(word), word))
    alternatives: list[str] = []
    for word in ordered:
        before = f"(?<![{_LETTER}])" if _HAS_LETTER_FIRST.match(word) else ""
        after = f"(?![{_LETTER}])" if _HAS_LETTER_LAST.search(word) else ""
        plural = "(?:e?s)?" if not exact and word[-1].isascii() and word[-1].isalpha() else ""
        alternatives.append(f"{before}{re.escape(word)}{plural}{after}")
    return WordFinder(
        re.compile("|".join(alternatives), 0 if exact else re.IGNORECASE) if ordered else None,
        given if exact else {word.casefold(): original for word, original in given.items()},
    )
