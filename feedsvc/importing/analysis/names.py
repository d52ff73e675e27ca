"""Propose tags from the names in an article, by a site's list of names in several languages. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from feedsvc.importing.analysis.word_finder import WordFinder, make_finder
from feedsvc.site.values import KEYS, unknown_key

# More tags would not describe the article.
MAX_TAGS: Final = 8


@dataclass(frozen=True, slots=True)
class Names:
    """Finds aliases. `tags` maps each alias to its tag."""

    find: WordFinder
    tags: Mapping[str, str]


def load_names(table: Any) -> Names:
    """Return the table [names] of site.toml: tag → aliases, which are case-sensitive. Raises ValueError."""
    if not isinstance(table, dict):
        raise ValueError('must be a table (write [names], then nvidia = ["NVIDIA", "輝達"])')
    tags: dict[str, str] = {}
    for tag, aliases in table.items():
        if tag in KEYS and not isinstance(aliases, list):
            raise ValueError(unknown_key(tag, ()))
        if not isinstance(aliases, list) or not aliases or not all(isinstance(a, str) and a.strip() for a in aliases):
            raise ValueError(f'{tag}: must be a list of names (write {tag} = ["…", "…"])')
        for alias in aliases:
            if tags.setdefault(alias, tag) != tag:
                raise ValueError(f"{tag}: {alias!r} is already a name of {tags[alias]!r} (keep one)")
    return Names(make_finder(tags, exact=True), tags)


def tags_in(title: str, text: str, names: Names) -> tuple[str, ...]:
    """Return the tags of the names in an article, the most frequent first. In the title, a name counts three times."""
    said: Counter[str] = Counter()
    for part, times in ((title, 3), (text, 1)):
        for alias in names.find.found_in(part):
            said[names.tags[alias]] += times
    return tuple(tag for tag, _ in said.most_common(MAX_TAGS))
