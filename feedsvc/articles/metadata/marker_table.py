"""The fields by which other systems say who may read a file, and what their values say: marker_table.toml, looked up.

Names and values are compared without case, spaces, `-`, `_` and marks; a prefix of PREFIXES makes no difference.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, IntEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final


class Visibility(IntEnum):
    """Who may read what a marker stands in, the least public first."""

    NOT_PUBLIC = 0
    UNKNOWN = 1
    PUBLIC = 2


class Kind(Enum):
    """What stands in a field; `kind` of a row, in lower case."""

    FLAG = "true or false; a word that is not public counts, and anything else is unknown"
    HINT = "as FLAG, in a field that may say something else: a value that is not known says nothing"
    WORD = "a word such as published or draft; anything else is unknown"
    SET = "nothing, or no; anything else is not public, and is never repeated"
    DATE = "a time until which the file is not public; a flag or a word counts as in FLAG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of marker. `true` and `false` are what yes and no say in it.

    `is_strong` says that the names mean nothing else, so that they count in any table and where they are misspelled.
    `empty` is what a field without a value says; None for nothing. The value of a field that `is_secret` is never
    repeated.
    """

    names: frozenset[str]
    kind: Kind
    true: Visibility = Visibility.NOT_PUBLIC
    false: Visibility = Visibility.PUBLIC
    is_strong: bool = False
    empty: Visibility | None = None
    is_secret: bool = False

    def __post_init__(self) -> None:
        if not self.names or "" in self.names:
            raise ValueError("a row needs names, each with a letter or digit")


# Names are cached up to this number of characters. What is longer is a value.
_LONGEST_NAME: Final = 30


def squash(text: str) -> str:
    """Return a name or word for comparing: `is-Draft`, `IS_DRAFT`, `isDraft` and full-width letters are alike."""
    return _squash_name(text) if len(text) <= _LONGEST_NAME else _squash(text)


def _squash(text: str) -> str:
    if text.isascii():  # NFKC changes none of these characters, and no mark is among them
        return "".join(filter(str.isalnum, text.lower()))
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum() or unicodedata.category(c)[0] == "M")


# Files of one publication have the same fields.
_squash_name: Final = lru_cache(maxsize=4096)(_squash)


def _squashed(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(squash, names))


def _row(table: Mapping[str, Any]) -> Row:
    """Return a row of marker_table.toml. Raises KeyError, TypeError or ValueError if it is none."""
    said = {name: Visibility[table[name].upper()] for name in ("true", "false", "empty") if name in table}
    return Row(**{**table, **said, "kind": Kind[table["kind"].upper()], "names": _squashed(table["names"])})


_TABLES: Final = tomllib.loads(files("feedsvc.articles.metadata").joinpath("marker_table.toml").read_text("utf-8"))
_WORDS, _NAMES = _TABLES["words"], _TABLES["names"]
YES: Final = _squashed(_WORDS["yes"])
NO: Final = _squashed(_WORDS["no"])
PUBLIC_WORDS: Final = _squashed(_WORDS["public"])
NOT_PUBLIC_WORDS: Final = _squashed(_WORDS["not_public"])
UNMISTAKABLE_WORDS: Final = _squashed(_WORDS["unmistakable"])
# Fields and words that say that a file is not published yet, and not that others may not read it.
DRAFT_NAMES: Final = _squashed(_TABLES["drafts"]["names"])
DRAFT_WORDS: Final = _squashed(_TABLES["drafts"]["words"])
PREFIXES: Final = tuple(_NAMES["prefixes"])
SUFFIXES: Final = tuple(_NAMES["suffixes"])
# Dates of which one that cannot be read says nothing.
UNSURE_DATES: Final = _squashed(_NAMES["unsure_dates"])
# Fields that look like a misspelled marker, and are none.
ORDINARY: Final = _squashed(_NAMES["ordinary"])
FREE_TEXT: Final = tuple(map(squash, _NAMES["free_text_endings"]))
ROWS: Final = tuple(map(_row, _TABLES["rows"]))
# What people misspell is not looked for among these.
ROWS_IN_OTHER_LANGUAGES: Final = tuple(map(_row, _TABLES["rows_in_other_languages"]))
_BY_NAME: Final[Mapping[str, Row]] = {name: row for row in (*ROWS_IN_OTHER_LANGUAGES, *ROWS) for name in row.names}
# Names that a misspelled field may be like. Shorter ones, and those of fields that may say something else, are like
# too many others.
_LIKE: Final = tuple(
    name
    for row in ROWS
    if row.kind in (Kind.FLAG, Kind.SET) or (row.kind is Kind.WORD and row.is_strong)
    for name in sorted(row.names)
    if len(name) >= 5 and name not in ("gated", "locked") and not name.endswith(("at", "on"))
)
_LIKENESS: Final = 0.8
_SHORTEST_WORD: Final = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A field that is in the table: its row, and its name there. `is_like` says that it is merely like that name."""

    row: Row
    name: str
    is_like: bool = False


def match(field: str) -> Match | None:
    """Return where a field is in the table; None where it is not."""
    # No name of the table is longer.
    return _match(squash(field[:100]))


# Files of one publication have the same fields, and finding a similar name takes a millisecond.
@lru_cache(maxsize=4096)
def _match(name: str) -> Match | None:
    if name in ORDINARY:
        return None
    for each in _stems(name):
        if each in _BY_NAME:
            return Match(_BY_NAME[each], each)
    # Who leaves out a word did not misspell one: `released` is not like `not released`.
    close = [each for each in get_close_matches(name, _LIKE, n=3, cutoff=_LIKENESS) if not _lacks_word(name, each)][:1]
    return Match(_BY_NAME[close[0]], close[0], is_like=True) if close else None


def _lacks_word(name: str, other: str) -> bool:
    return name in other and len(other) - len(name) >= _SHORTEST_WORD


def is_flag(field: str) -> bool:
    """Return whether yes in this field says that its file is not for the public, and the name means nothing else."""
    found = match(field)
    return (
        found is not None
        and not found.is_like
        and (found.row.kind, found.row.is_strong, found.row.true) == (Kind.FLAG, True, Visibility.NOT_PUBLIC)
    )


def says_not_public(field: str, value: str) -> bool:
    """Return whether a field that is not in the table says all the same that its file is not for the public.

    Sanity calls a document whose `_id` is `drafts.…` or `versions.…` a draft.
    """
    name = squash(field[:100])
    if name == "id":
        return value.startswith(("drafts.", "versions."))
    return name not in ORDINARY and not name.endswith(FREE_TEXT) and squash(value[:100]) in UNMISTAKABLE_WORDS


def _stems(name: str) -> list[str]:
    """Return the name without each prefix and suffix, of which it may have two: `wp_post_status`, `access_level`."""
    found = [name]
    for _ in range(2):
        found += [each[len(prefix) :] for each in found for prefix in PREFIXES if each.startswith(prefix)]
    found += [each.removesuffix(suffix) for each in found for suffix in SUFFIXES if each.endswith(suffix)]
    return list(dict.fromkeys(filter(None, found)))
