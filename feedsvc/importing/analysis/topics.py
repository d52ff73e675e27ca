"""Propose topics by a site's weighted keywords, with the keywords that gave points. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any, Final, TypeAlias

from feedsvc import languages
from feedsvc.importing.analysis.line_shapes import width
from feedsvc.importing.analysis.word_finder import even, finder
from feedsvc.site.values import KEYS, unknown_key

# Topic → language → word → weight.
Keywords: TypeAlias = Mapping[str, Mapping[str, Mapping[str, float]]]

TITLE: Final = 3
HEADING: Final = 2
# More occurrences of a keyword count no more (the title counts as three): one word alone decides little.
_MOST: Final = 4
# In columns. A longer text mentions more topics in passing, so it needs more points: twice as many at four times the
# length.
_SHORT: Final = 800
# Texts of all languages contain names and abbreviations of this language.
_EVERYWHERE: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A topic's score, the score that it needs, and its keywords with their points, the highest first."""

    topic: str
    score: float
    needed: float
    words: tuple[tuple[str, float], ...]

    @property
    def chosen(self) -> bool:
        """Return whether the score is high enough."""
        return self.score >= self.needed


def load_keywords(tables: Mapping[str, Any]) -> Keywords:
    """Return the `keywords` of the [topics.NAME] tables of site.toml. Raises ValueError."""
    return {name: _languages(name, table.get("keywords", {})) for name, table in tables.items()}


def _languages(topic: str, tables: Any) -> dict[str, dict[str, float]]:
    for key in tables if isinstance(tables, dict) else ():
        if key in KEYS:
            raise ValueError(f"{topic}.keywords: {unknown_key(key, ())}")
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ValueError(f"{topic}.keywords: must be a table per language (write en = {{ chip = 2 }})")
    return {languages.canonical(tag): _weights(f"{topic}.keywords.{tag}", table) for tag, table in tables.items()}


def _weights(place: str, table: Mapping[str, Any]) -> dict[str, float]:
    for word, weight in table.items():
        if word in KEYS and isinstance(weight, str):
            raise ValueError(f"{place}: {unknown_key(word, ())}")
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise ValueError(f"{place}: the weight of {word!r} is not a number (write {word!r} = 2)")
        if not even(word):
            raise ValueError(f"{place}: a keyword is empty (remove it)")
    return {word: float(weight) for word, weight in table.items()}


def classify(
    *, title: str, headings: Sequence[str], text: str, language: str, keywords: Keywords, threshold: float
) -> tuple[Verdict, ...]:
    """Return a verdict for each topic, in the order of site.toml.

    Each occurrence of a keyword gives its weight, at most four times. An occurrence in the title counts three times,
    one in a heading twice. A longer keyword hides the shorter ones in it. Negative weights take points. A long text
    needs more than `threshold`.
    """
    parts = ((title, TITLE), ("\n".join(headings), HEADING), (text, 1))
    needed = round(threshold * max(1.0, sqrt(width(text) / _SHORT)), 1)
    return tuple(_verdict(topic, _words_for(tables, language), parts, needed) for topic, tables in keywords.items())


def _words_for(tables: Mapping[str, Mapping[str, float]], language: str) -> dict[str, float]:
    own = languages.best(language, [tag for tag in tables if tag != _EVERYWHERE]) if language != _EVERYWHERE else None
    return {**tables.get(_EVERYWHERE, {}), **(tables[own] if own else {})}


def _verdict(topic: str, weights: Mapping[str, float], parts: Sequence[tuple[str, int]], needed: float) -> Verdict:
    find = _finder(tuple(weights))
    said: Counter[str] = Counter()
    for text, times in parts:
        for word in find.found_in(text):
            said[word] += times
    points = {word: weights[word] * min(count, _MOST) for word, count in said.items()}
    score = sum(points.values())
    words = sorted(points.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    return Verdict(topic=topic, score=score, needed=needed, words=tuple(words))


_finder = lru_cache(maxsize=256)(finder)
