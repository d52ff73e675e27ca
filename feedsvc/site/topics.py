"""Read the topics of site.toml: their tables and their former names. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from feedsvc.model import Localized, Topic
from feedsvc.site.faults import KeyFault, KeyFaults
from feedsvc.site.values import localized, plain_text, title, unknown_key
from feedsvc.slices.slice import ALL
from feedsvc.text import lowered

T = TypeVar("T")
MAX_FORMER_NAMES: Final = 100
# `importing` reads the keywords, and reports errors in them.
_TOPIC_KEYS: Final = ("title", "description", "aliases", "keywords")
_TOPIC: Final = re.compile(r"[a-z0-9][a-z0-9\-]{0,63}")


def topics(tables: Any, language: str) -> tuple[Topic, ...]:
    """Return the topics of the tables [topics.NAME]. Raises KeyFaults with all errors."""
    if not isinstance(tables, dict) or not tables:
        raise ValueError("at least one [topics.NAME] table is needed")
    good: list[Topic] = []
    faults: list[KeyFault] = []
    for name, table in tables.items():
        try:
            good.append(topic(name, table, language))
        except KeyFaults as error:
            good.append(error.good)
            faults += error.faults
        except ValueError as error:
            faults.append(KeyFault(("topics", name), str(error)))
    if faults:
        raise KeyFaults(faults, tuple(good))
    return tuple(good)


def topic(name: str, table: Any, language: str) -> Topic:
    """Return the topic of the table [topics.`name`]. Raises KeyFaults with all errors."""
    if name == ALL or not _TOPIC.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a topic's name (use a-z, 0-9 and -; 'all' is taken)")
    if not isinstance(table, dict):
        raise ValueError(f"must be a table (write [topics.{name}])")
    faults = [
        KeyFault(("topics", name, key), unknown_key(key, _TOPIC_KEYS), shown=f"topics.{name}")
        for key in table
        if key not in _TOPIC_KEYS
    ]

    def part(key: str, reader: Callable[[Any], T], default: T) -> T:
        try:
            return reader(table[key]) if key in table else default
        except ValueError as error:
            faults.append(KeyFault(("topics", name, key), str(error)))
            return default

    made = Topic(
        name=name,
        title=part("title", lambda value: title(value, language), Localized({language: name})),
        description=part("description", lambda value: localized(value, language), Localized({language: ""})),
        aliases=part("aliases", former_names, ()),
    )
    if faults:
        raise KeyFaults(faults, made)
    return made


def former_names(value: Any) -> tuple[str, ...]:
    """Return former names of topics, here or elsewhere: letters and digits of any script, `-`, `_`; in lower case."""
    if not isinstance(value, list):
        raise ValueError('must be a list of names (write ["old-name"])')
    if len(value) > MAX_FORMER_NAMES:
        raise ValueError(f"more than {MAX_FORMER_NAMES} names (keep those that others link to)")
    names = [lowered(plain_text(each)) for each in value]
    for name in names:
        if name == ALL or not all(c.isalnum() or c in "-_" or unicodedata.category(c)[0] == "M" for c in name):
            raise ValueError(
                f"{name[:80]!r} cannot be a former name of a topic (use letters, digits, - and _; 'all' is taken)"
            )
    if len(set(names)) < len(names):
        raise ValueError(f"{max(names, key=names.count)!r} is there twice (remove one)")
    return tuple(names)


def former_name_faults(topics: Sequence[Topic], gone: Sequence[str]) -> Iterator[KeyFault]:
    """Yield an error for each former or gone name that a topic has, or that two topics have."""
    taken = {topic.name: topic.name for topic in topics}
    for topic in topics:
        for alias in topic.aliases:
            if alias in taken:
                other = f"the topic {taken[alias]!r}" if taken[alias] != topic.name else "the topic itself"
                said = f"{alias!r} names {other} already (remove it from one)"
                yield KeyFault(f"topics.{topic.name}.aliases", said)
        taken.update(dict.fromkeys(topic.aliases, topic.name))
    for name in gone:
        if name in taken:
            said = f"{name!r} names the topic {taken[name]!r} (remove it here, or that table)"
            yield KeyFault("gone_topics", said)
