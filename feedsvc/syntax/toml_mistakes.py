"""Say in words how to correct a TOML document that tomllib refuses, for the mistakes that people make. Pure."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from feedsvc.syntax import full_width

_PLACE: Final = re.compile(r" \(at (?:line (\d{1,9}), column (\d{1,9})|end of document)\)\Z")
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_ZEROS: Final = re.compile(r"[+-]?0\d")
_MAX_SHOWN: Final = 80
_OTHERWISE: Final = "quote texts; write lists in [ ]"
_WORDS: Final = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}
# By the beginning of the message of tomllib, the mark that begins what is not closed, which may be lines before.
_OPENERS: Final = {"Unclosed array": "[", "Unterminated string": '"""', "Expected \"'''\"": "'''"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in line `line` of a document, counted from 1, and the remedy. `problem` names place and text."""

    line: int
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where tomllib stopped: an index into the `lines` of the document, and a column, both from 0."""

    lines: list[str]
    index: int
    column: int

    @property
    def text(self) -> str:
        return self.lines[self.index].strip()

    @property
    def rest(self) -> str:
        """The part of the line that tomllib did not read."""
        return self.lines[self.index][self.column :]

    @property
    def key(self) -> str:
        return self.text.partition("=")[0].strip()

    @property
    def value(self) -> str:
        """The text behind the = of the line, without a comment."""
        return self.text.partition("=")[2].partition(" #")[0].strip()


def mistake_of(document: str, error: str) -> Mistake:
    """Return the mistake in a document that tomllib refuses with the message `error`."""
    found = _PLACE.search(error)
    problem = error[: found.start()] if found else error
    lines = document.split("\n")
    if found and found[1]:
        place = _Place(lines, int(found[1]) - 1, int(found[2]) - 1)
    else:
        last = next((number for number in range(len(lines) - 1, 0, -1) if lines[number].strip()), 0)
        place = _Place(lines, last, len(lines[last]))
    place = _beginning(problem, place)
    rules = (rule for words, rule in _RULES if words in problem)
    said = (rule if isinstance(rule, str) else rule(place) for rule in rules)
    character = place.rest[:1]
    if character in full_width.ASCII:
        remedy = f"{full_width.remedy(character)}: {full_width.to_ascii(place.text)}"
    else:
        remedy = next(filter(None, said), _OTHERWISE)
    shown = place.text if len(place.text) <= _MAX_SHOWN else f"{place.text[:_MAX_SHOWN]}…"
    return Mistake(place.index + 1, f"{problem} at column {place.column + 1} of '{shown}'", remedy)


def _beginning(problem: str, place: _Place) -> _Place:
    """Return the place of the text or list that is not closed. tomllib stops behind it, maybe lines later."""
    mark = next((mark for words, mark in _OPENERS.items() if problem.startswith(words)), None)
    # A full-width comma in a list is where it stands.
    if mark is None or place.rest[:1] in full_width.ASCII:
        return place
    for index in range(place.index - 1, -1, -1):
        line = place.lines[index]
        if "=" in place.lines[index + 1].partition("#")[0] and line.partition("=")[2].strip().startswith(mark):
            return _Place(place.lines, index, line.index(mark, line.index("=")))
    return place


def _value(place: _Place) -> str | None:
    """Return the remedy for a value that is none: a word of Python or YAML, a text without quotes, or nothing."""
    value = place.value
    if not value:
        return f'write a value behind the =, or "" for an empty text: {place.key} = ""'
    if value.lower() in _WORDS:
        return f"write {place.key} = {_WORDS[value.lower()]}"
    if value.lower() in ("none", "null", "nil", "~"):
        return "remove the line: TOML has no word for nothing"
    if value[0] == "[" and ",," not in value.replace(" ", ""):
        return "write quotes around each text of the list"
    if value[0] in "[{" or _is_quoted(value):
        return "remove one of the two commas" if ",," in value.replace(" ", "") else None
    return f"write quotes around a text: {place.key} = {_quoted(value)}"


def _statement(place: _Place) -> str | None:
    """Return the remedy for a line that goes on behind its value."""
    value, rest = place.value, place.rest.strip()
    if _DATE.match(value):
        return f'write a date as 2026-03-01 or "2026-03-01 09:30", or in quotes: {place.key} = {_quoted(value)}'
    if _ZEROS.match(value):
        return f"write the number without zeros at its beginning, or quotes: {place.key} = {_quoted(value)}"
    if _is_quoted(value) and value[0] in rest:
        inside = _quoted(value[1:-1] if value.endswith(value[0]) else value[1:])
        return f"the text ends at its second {value[0]}; write \\ in front of a quote inside: {place.key} = {inside}"
    if rest[:1] in (",", ";"):
        return f"remove the {rest[0]}: each setting is a line of its own"
    if value[:1].isalnum():
        return f"write quotes around a text: {place.key} = {_quoted(value)}"
    return "write each setting on a line of its own"


def _equals(place: _Place) -> str | None:
    if ":" not in place.text:
        return "write NAME = VALUE in each line, and # in front of a comment"
    key, _, value = place.text.partition(":")
    if place.key == place.text:
        value = value.strip()
        is_value = _is_quoted(value) or value[:1] in "[{" or value in ("true", "false") or value.isdigit()
        return f"write = instead of the colon: {key.strip()} = {value if is_value else _quoted(value)}"
    return "write = instead of the colon"


def _twice(place: _Place) -> str | None:
    """Return the remedy for a key or a table that is there already, with the line of the first one."""
    header = place.text.strip("[] \t") if place.text.startswith("[") else ""
    name = header or place.key
    for index in range(place.index - 1, -1, -1):
        line = place.lines[index].strip()
        if (line.startswith("[") and header and line.strip("[] \t") == name) or (
            not header and line.partition("=")[0].strip() == name
        ):
            return f"line {index + 1} has {name} already: remove one of the two"
        if line.startswith("[") and not header:
            break
    return f"{name} is there already: remove one of the two"


def _key(place: _Place) -> str | None:
    before = place.lines[place.index][: place.column].rstrip()
    if place.rest[:1] == "}" and before.endswith(","):
        return "remove the comma in front of the }"
    if not place.rest.strip():
        return "write a table in { } on one line"
    return "a name has the letters a to z, digits, - and _; write any other in quotes"


def _closing_quote(place: _Place) -> str | None:
    if place.value.startswith('"""'):
        return 'write """ at the end of the text'
    return f"write the quote at the end of the text: {place.key} = {_quoted(place.value[1:])}"


def _is_quoted(value: str) -> bool:
    return value[:1] in ('"', "'")


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


# A part of the message of tomllib, and the remedy, or a function that returns it, or None for the general one.
_RULES: Final[tuple[tuple[str, str | Callable[[_Place], str | None]], ...]] = (
    ("Invalid value", _value),
    ("Expected newline or end of document", _statement),
    ("Expected '=' after a key", _equals),
    ("Cannot overwrite", _twice),
    ("Cannot declare", _twice),
    ("Cannot mutate", _twice),
    ("Duplicate inline table key", "remove one of the two keys in { }"),
    ("Invalid initial character for a key", _key),
    ("Invalid statement", _key),
    ("Unclosed inline table", "write } at the end of the table, and a comma between its parts"),
    ("Unclosed array", "write ] at the end of the list, and a comma between its parts"),
    ("at the end of a table declaration", lambda place: f"write ] at the end: {place.text}]"),
    ("at the end of an array declaration", lambda place: f"write ]] at the end: {place.text.rstrip(']')}]]"),
    ("Illegal character", _closing_quote),
    ("Unterminated string", _closing_quote),
    ('Expected "\'"', _closing_quote),
    ("Expected \"'''\"", "write ''' at the end of the text"),
    ("Unescaped '\\'", "write \\\\ for each \\"),
    ("Invalid date or datetime", "there is no such day or time; write a date as 2026-03-01"),
)
