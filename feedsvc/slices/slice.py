"""The set of articles that a feed is about, as a value. Pure."""

from dataclasses import KW_ONLY, dataclass
from datetime import date
from typing import Final, Literal

from feedsvc import languages

# The path's name for a feed of everything. No topic has this name.
ALL: Final = "all"
Body = Literal["full", "summary"]
MAX_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Slice:
    """The set of articles that a feed is about, and how much it shows of them. `Slice()` is every article.

    An article of the slice is in `topic`, has one of the `topics`, `tags`, `authors` and `languages` each, all
    `terms`, and nothing of `without`. Empty fields select everything. Two spellings of one set are equal: the
    constructor sorts values and removes repetitions and values that another one includes.

    `languages` are ranges of `languages.range_of`, `terms` those of `search_terms.parsed`, `without` pairs such as
    ("tag", "nvidia"). `since` and `until` are the first and the last day of publication, in the site's time zone.
    `limit` is the largest number of articles, None for the site's. `body` "summary" omits the content.
    """

    topic: str | None = None
    _: KW_ONLY
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    without: tuple[tuple[str, str], ...] = ()
    terms: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    limit: int | None = None
    body: Body = "full"

    def __post_init__(self) -> None:
        if self.limit is not None and not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit must be from 1 to {MAX_LIMIT}")
        if self.since and self.until and self.since > self.until:
            raise ValueError("since must not be later than until")
        for name in ("tags", "authors", "without", "terms"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        object.__setattr__(self, "languages", languages.widest(self.languages))
        kept = languages.widest(value for facet, value in self.without if facet == "lang")
        without = (each for each in self.without if each[0] != "lang" or each[1] in kept)
        object.__setattr__(self, "without", tuple(without))
        topic, topics = _topics(self.topic, set(self.topics))
        object.__setattr__(self, "topic", topic)
        object.__setattr__(self, "topics", topics)

    @property
    def name(self) -> str:
        """The slice's name in the path of URLs: the topic's, or "all"."""
        return self.topic or ALL

    @property
    def base(self) -> "Slice":
        """The slice that the path alone names."""
        return Slice(self.topic)


def _topics(topic: str | None, topics: set[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the canonical form of `topic` and `topics`: the path has a single one, or the first of two."""
    if topic is None:
        return (topics.pop(), ()) if len(topics) == 1 else (None, tuple(sorted(topics)))
    if topic in topics or not topics:
        return topic, ()
    if len(topics) == 1:
        first, second = sorted((topic, *topics))
        return first, (second,)
    return topic, tuple(sorted(topics))
