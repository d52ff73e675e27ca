"""Bytes → front matter and body. Pure.

YAML between `---` lines, TOML between `+++` lines. YAML scalars stay the text that was written: `no`, `012` and
`1:30` mean what they say until the schema types them. Anchors and aliases are refused (they make bombs).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeAlias

import yaml

from feedsvc.errors import ArticleError, Finding

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

MAX_FRONT_MATTER = 64 * 1024
MAX_DEPTH = 8
_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_TOML_KEY = re.compile(r"""\s*\[{0,2}\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*(?:[=.\]]|$)""")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The fields as written, the line each top-level field stands on, and what follows the closing fence."""

    fields: Mapping[str, Value]
    lines: Mapping[str, int]
    body: str
    body_line: int


def parse(data: bytes) -> FrontMatter:
    """Split and read a file. Raises ArticleError with the line of the first thing wrong."""
    lines = _decode(data).split("\n")
    fence = lines[0].rstrip()
    if fence not in _FENCES:
        raise _error(
            1, "no front matter (begin the file with a line '---', then title, published and topics, then '---')"
        )
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in _FENCES[fence]), None)
    if end is None:
        raise _error(1, f"the front matter is not closed (add a line '{fence}' behind its last field)")
    head = "\n".join(lines[1:end])
    if len(head) > MAX_FRONT_MATTER:
        raise _error(1, f"the front matter is longer than {MAX_FRONT_MATTER} characters (move text to the body)")
    fields, places = _read_yaml(head) if fence == "---" else _read_toml(head)
    return FrontMatter(fields=fields, lines=places, body="\n".join(lines[end + 1 :]), body_line=end + 2)


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(line, f"not UTF-8: byte 0x{data[error.start]:02x} (save the file as UTF-8)") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _error(line: int, message: str) -> ArticleError:
    return ArticleError([Finding(line=line, message=message)])


def _read_yaml(head: str) -> tuple[dict[str, Value], dict[str, int]]:
    try:
        return _YamlReader().read(head)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise _error(line, f"broken YAML: {error.problem} (quote texts that hold ': ' or begin with a mark)") from error
    except yaml.YAMLError as error:
        raise _error(1, f"broken YAML: {' '.join(str(error).split())}") from error


class _YamlReader:
    """Builds the value from the parser's events, iteratively: nesting is counted, nothing is resolved."""

    def __init__(self) -> None:
        self.root: Value = ""
        self.lines: dict[str, int] = {}
        self._open: list[list[Value] | dict[str, Value]] = []
        self._keys: list[str | None] = []

    def read(self, head: str) -> tuple[dict[str, Value], dict[str, int]]:
        for event in yaml.parse(head, Loader=_LOADER):
            line = event.start_mark.line + 2 if event.start_mark else 1
            if getattr(event, "anchor", None) is not None:
                raise _error(line, "YAML anchors and aliases are not allowed (write the value out)")
            if isinstance(event, yaml.ScalarEvent):
                self._put(_scalar(event), line)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._enter([], line)
            elif isinstance(event, yaml.MappingStartEvent):
                self._enter({}, line)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._keys.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and event.version is not None:
                raise _error(line, "YAML directives are not allowed (remove the line beginning with '%')")
        if self.root == "":
            return {}, {}
        if not isinstance(self.root, dict):
            raise _error(2, "the front matter is not a list of fields (write 'title: …', one field a line)")
        return self.root, self.lines

    def _enter(self, value: list[Value] | dict[str, Value], line: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _error(line, f"the front matter is nested deeper than {MAX_DEPTH} levels")
        self._put(value, line)
        self._open.append(value)
        self._keys.append(None)

    def _put(self, value: Value, line: int) -> None:
        if not self._open:
            self.root = value
            return
        parent = self._open[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif self._keys[-1] is None:
            self._key(parent, value, line)
        else:
            parent[self._keys[-1]] = value
            self._keys[-1] = None

    def _key(self, parent: dict[str, Value], key: Value, line: int) -> None:
        if not isinstance(key, str) or not key:
            raise _error(line, "a field's name must be plain text")
        if key in parent:
            raise ArticleError([Finding(line=line, field=key, message="given twice (keep one)")])
        if len(self._open) == 1:
            self.lines[key] = line
        self._keys[-1] = key


def _scalar(event: Any) -> str:
    plain_null = not event.style and event.value in ("~", "null")
    return "" if plain_null else str(event.value)


def _read_toml(head: str) -> tuple[dict[str, Value], dict[str, int]]:
    try:
        table = tomllib.loads(head, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        found = re.search(r"at line (\d+)", str(error))
        raise _error(int(found[1]) + 1 if found else 1, f"broken TOML: {error}") from error
    lines: dict[str, int] = {}
    for number, line in enumerate(head.split("\n"), 2):
        match = _TOML_KEY.match(line)
        if match:
            lines.setdefault(match[1] or match[2] or match[3], number)
    return {key: _as_text(value, 0) for key, value in table.items()}, {k: n for k, n in lines.items() if k in table}


def _as_text(value: Any, depth: int) -> Value:
    """A TOML value in the shape that YAML's has: texts, lists and tables."""
    if depth > MAX_DEPTH:
        raise _error(1, f"the front matter is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {key: _as_text(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each, depth + 1) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
