"""Propose topics by a site's weighted keywords, with the keywords that gave points. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any, Final, TypeAlias

from feedsvc import languages
from feedsvc.importing.analysis.line_shapes import width
from feedsvc.importing.analysis.word_finder import make_finder, normalize_width
from feedsvc.site.values import KEYS, unknown_key

# Topic → language → word → weight.
Keywords: TypeAlias = Mapping[str, Mapping[str, Mapping[str, float]]]

TITLE: Final = 3
HEADING: Final = 2
# More occurrences of a keyword count no more (the title counts as three): one word alone decides little.
_MAX_COUNT: Final = 4
# In columns. A longer text mentions more topics in passing, so it needs more points: twice as many at four times the
# length.
_SHORT: Final = 800
# Texts of all languages contain names and abbreviations of this language.
_COMMON_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicScore:
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
    keywords: dict[str, dict[str, dict[str, float]]] = {}
    for topic, topic_table in tables.items():
        by_language = topic_table.get("keywords", {})
        for key in by_language if isinstance(by_language, dict) else ():
            if key in KEYS:
                raise ValueError(f"{topic}.keywords: {unknown_key(key, ())}")
        if not isinstance(by_language, dict) or not all(isinstance(table, dict) for table in by_language.values()):
            raise ValueError(f"{topic}.keywords: must be a table per language (write en = {{ chip = 2 }})")
        keywords[topic] = {}
        for tag, table in by_language.items():
            place = f"{topic}.keywords.{tag}"
            language = languages.canonical(tag)
            for word, weight in table.items():
                if word in KEYS and isinstance(weight, str):
                    raise ValueError(f"{place}: {unknown_key(word, ())}")
                if isinstance(weight, bool) or not isinstance(weight, int | float):
                    raise ValueError(f"{place}: the weight of {word!r} is not a number (write {word!r} = 2)")
                if not normalize_width(word):
                    raise ValueError(f"{place}: a keyword is empty (remove it)")
            keywords[topic][language] = {word: float(weight) for word, weight in table.items()}
    return keywords


def classify(
    *, title: str, headings: Sequence[str], text: str, language: str, keywords: Keywords, threshold: float
) -> tuple[TopicScore, ...]:
    """Return a score for each topic, in the order of site.toml.

    Each occurrence of a keyword gives its weight, at most four times. An occurrence in the title counts three times,
    one in a heading twice. A longer keyword hides the shorter ones in it. Negative weights take points. A long text
    needs more than `threshold`.
    """
    parts = ((title, TITLE), ("\n".join(headings), HEADING), (text, 1))
    needed = round(threshold * max(1.0, sqrt(width(text) / _SHORT)), 1)
    topic_scores: list[TopicScore] = []
    for topic, tables in keywords.items():
        others = [tag for tag in tables if tag != _COMMON_LANGUAGE]
        own = languages.best(language, others) if language != _COMMON_LANGUAGE else None
        weights = {**tables.get(_COMMON_LANGUAGE, {}), **(tables[own] if own else {})}
        find = _finder(tuple(weights))
        counts: Counter[str] = Counter()
        for part, times in parts:
            for word in find.found_in(part):
                counts[word] += times
        points = {word: weights[word] * min(count, _MAX_COUNT) for word, count in counts.items()}
        words = sorted(points.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        topic_scores.append(TopicScore(topic=topic, score=sum(points.values()), needed=needed, words=tuple(words)))
    return tuple(topic_scores)


_finder = lru_cache(maxsize=256)(make_finder)
