"""Read the front matter and the body of a file. Pure.

YAML between `---` lines, TOML between `+++` lines. YAML scalars stay the text that was written: `no`, `012` and
`1:30` mean what they say until the schema types them. Anchors and aliases are refused (they make bombs).
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeAlias

import yaml

from feedsvc import toml
from feedsvc.errors import ArticleError, Finding
from feedsvc.syntax import full_width
from feedsvc.syntax.nesting import TooDeep
from feedsvc.syntax.toml_mistakes import mistake_of
from feedsvc.text import line_of_forbidden, without_forbidden

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

MAX_FRONT_MATTER = 64 * 1024
MAX_DEPTH = 8
MAX_FIELDS = 100
_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_TOML_KEY = re.compile(r"""\s*(?:\[{1,2}\s*)?(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*(?:[=.\]]|$)""")
_SEPARATORS = re.compile("[:=\uff1a]")
_FULL_WIDTH_COLON = re.compile(r"\s*[A-Za-z_]+\s*\uff1a")
# What stands in front of a character that has no meaning in YAML where an ASCII mark has one.
_FULL_WIDTH = re.compile(rf"[ \t]*+(?:- *+)?(?:[A-Za-z_]++:? *+)?([{re.escape(''.join(full_width.ASCII))}])")
_FIELD = re.compile(r"([A-Za-z_]+): +([^\s\[{\"'|>].*)")
_QUOTES = "put a text in quotes if ': ' is in it, or if it begins with one of [ ] { } * & ! % @ ` | > \" '"
# YAML 1.1 ends a line at these, an editor and its reader do not.
_NO_LINE_ENDS = dict.fromkeys(map(ord, "\x85\u2028\u2029"), " ")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The fields as written, the line each field stands on, and what follows the closing fence.

    A field in a table has a line under its path, such as `meta.draft`; in TOML only top-level fields have one.

    The body begins on line `body_line` of the file, counted from 1.
    `commented` names fields with a comment behind their text. Characters that XML forbids are left out;
    `forbidden_line` is where the first of them stood, 0 when there was none.
    """

    fields: Mapping[str, Value]
    lines: Mapping[str, int]
    commented: frozenset[str]
    body: str
    body_line: int
    forbidden_line: int
    is_toml: bool = False


@dataclass(frozen=True, slots=True)
class _Head:
    """What a reader finds between the fences."""

    fields: dict[str, Value]
    lines: dict[str, int]
    commented: frozenset[str] = frozenset()


def parse(data: bytes) -> FrontMatter:
    """Split and read a file. Raises ArticleError with the line of the first thing wrong."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _error(line, f"not UTF-8: byte 0x{data[error.start]:02x} (save the file as UTF-8)") from error
    legal = without_forbidden(text)
    lines = legal.split("\n")
    fence = lines[0].rstrip()
    if fence.startswith("{"):
        cure = "convert it with hugo convert toYAML --unsafe, or write the fields as YAML between lines '---'"
        raise _error(1, f"no front matter that feedsvc reads: this is JSON ({cure})")
    if fence not in _FENCES:
        raise _error(
            1, "no front matter (begin the file with a line '---', then title, published and topics, then '---')"
        )
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in _FENCES[fence]), None)
    if end is None:
        raise _error(1, f"the front matter is not closed (add a line '{fence}' behind its last field)")
    head = "\n".join(lines[1:end]).translate(_NO_LINE_ENDS)
    if len(head) > MAX_FRONT_MATTER:
        raise _error(1, f"the front matter is longer than {MAX_FRONT_MATTER} characters (move text to the body)")
    found = _read_yaml(head) if fence == "---" else _read_toml(head)
    if len(found.fields) > MAX_FIELDS:
        raise _error(1, f"the front matter has more than {MAX_FIELDS} fields (close it with a line '{fence}')")
    # U+0085 is a line end in XML 1.1 and to some programs, and nothing at all to others; HTML forbids it.
    body = "\n".join(lines[end + 1 :]).replace("\x85", " ")
    return FrontMatter(
        fields=found.fields,
        lines=found.lines,
        commented=found.commented,
        body=body,
        body_line=end + 2,
        forbidden_line=line_of_forbidden(text) if len(legal) < len(text) else 0,
        is_toml=fence == "+++",
    )


def written_fields(data: bytes) -> Iterator[dict[str, Value]]:
    """Yield each line of front matter that cannot be read as it seems to be meant: a field and its text.

    An indented field stands in a table without a name. All ends with the fence, or an empty line where there is none.
    """
    lines = data[:MAX_FRONT_MATTER].decode("utf-8-sig", "replace").splitlines()
    fence = lines[0].rstrip() if lines else ""
    ends = [n for n, line in enumerate(lines) if n and line.rstrip() in _FENCES.get(fence, ())]
    end = ends[0] if ends else next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    for line in lines[1:end]:
        name, *rest = _SEPARATORS.split(line, maxsplit=1)
        if rest:
            value = rest[0].partition(" #")[0].strip(" \t'\"")
            field: dict[str, Value] = {name.strip(" \t-'\""): value}
            yield {"": field} if name[:1] in (" ", "\t", "-") else field


def _error(line: int, message: str) -> ArticleError:
    return ArticleError([Finding(line=line, message=message)])


def _too_deep(line: int) -> ArticleError:
    return _error(line, f"the front matter is nested deeper than {MAX_DEPTH} levels (flatten it)")


def _read_yaml(head: str) -> _Head:
    if all(_FULL_WIDTH_COLON.match(text) for text in head.split("\n") if text.strip()) and head.strip():
        raise _yaml_error(head, 1, "")
    try:
        return _YamlReader(head).read()
    except yaml.MarkedYAMLError as error:  # the other kind is about characters, and none of those is left
        mark = error.problem_mark if not error.context or "block" in error.context else error.context_mark
        line = mark.line + 2 if mark else 1
        raise _yaml_error(head, line, str(error.problem)) from error


def _yaml_error(head: str, line: int, problem: str) -> ArticleError:
    """Return a message for a common mistake, else the message of the parser."""
    for number, text in enumerate(head.split("\n"), 2):
        if _FULL_WIDTH_COLON.match(text):
            return _error(number, "the colon behind the field's name is a full-width one (write ': ')")
        if number == line and text.startswith("\t"):
            return _error(number, "YAML is not indented with tabs (use spaces)")
        # The parser may stop one line later.
        if number in (line, line - 1) and (found := _FULL_WIDTH.match(text)):
            cure = "write ': ' instead of ；" if found[1] == "；" else full_width.remedy(found[1])
            return _error(number, f"broken YAML: {problem} ({cure})")
    texts = head.split("\n")
    field = _FIELD.fullmatch(texts[line - 2].rstrip()) if 2 <= line < len(texts) + 2 else None
    if field and (": " in field[2] or field[2][0] in "*&!%@`"):
        quoted = json.dumps(field[2], ensure_ascii=False)
        return _error(line, f"broken YAML: {problem} (put the text in quotes: {field[1]}: {quoted})")
    return _error(line, f"broken YAML: {problem} ({_QUOTES})")


class _YamlReader:
    """Builds the value from the parser's events, iteratively: nesting is counted, nothing is resolved."""

    def __init__(self, head: str) -> None:
        self._head = head
        self._text = head.split("\n")
        self.root: Value = ""
        self.lines: dict[str, int] = {}
        self.commented: set[str] = set()
        self._open: list[list[Value] | dict[str, Value]] = []
        self._keys: list[str | None] = []
        # What stands in front of the names in each open table: "meta." for those in `meta`.
        self._paths: list[str] = []

    def read(self) -> _Head:
        for event in yaml.parse(self._head, Loader=_LOADER):
            line = event.start_mark.line + 2 if event.start_mark else 1
            if getattr(event, "anchor", None) is not None:
                raise _error(line, "YAML anchors and aliases are not allowed (write the value out)")
            if isinstance(event, yaml.ScalarEvent):
                self._note_comment(event)
                is_null = not event.style and event.value in ("~", "null")
                self._put("" if is_null else str(event.value), line)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._enter([], line)
            elif isinstance(event, yaml.MappingStartEvent):
                self._enter({}, line)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._keys.pop()
                self._paths.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and event.explicit:
                raise _error(line, "YAML directives and further documents are not allowed (remove '%…' and '--- …')")
        if self.root == "":
            return _Head({}, {})
        if not isinstance(self.root, dict):
            raise _error(2, "the front matter is not a list of fields (write 'title: …', one field a line)")
        return _Head(self.root, self.lines, frozenset(self.commented))

    def _note_comment(self, event: Any) -> None:
        """Note the field whose plain text ends where a comment begins."""
        field = self._keys[0] if len(self._open) == 1 else None
        end = event.end_mark
        if field and not event.style and self._text[end.line][end.column :].lstrip().startswith("#"):
            self.commented.add(field)

    def _enter(self, value: list[Value] | dict[str, Value], line: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _too_deep(line)
        key = self._keys[-1] if self._keys else None
        path = self._paths[-1] if self._paths else ""
        self._put(value, line)
        self._open.append(value)
        self._keys.append(None)
        self._paths.append(f"{path}{key}." if key else path)

    def _put(self, value: Value, line: int) -> None:
        if not self._open:
            self.root = value
            return
        parent = self._open[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif self._keys[-1] is None:
            if not isinstance(value, str) or not value:
                raise _error(line, "a field's name must be plain text (write 'name: …')")
            if value in parent:
                raise ArticleError([Finding(line=line, field=value, message="given twice (keep one)")])
            self.lines.setdefault(f"{self._paths[-1]}{value}", line)
            self._keys[-1] = value
        else:
            parent[self._keys[-1]] = value
            self._keys[-1] = None


def _read_toml(head: str) -> _Head:
    try:
        fields = {key: _as_text(value, 1) for key, value in toml.loads(head, parse_float=str).items()}
    except tomllib.TOMLDecodeError as error:
        mistake = mistake_of(head, str(error))
        raise _error(mistake.line + 1, f"broken TOML: {mistake.problem} ({mistake.remedy})") from error
    except TooDeep as error:
        raise _too_deep(1) from error
    except ValueError as error:
        raise _error(1, f"broken TOML: {toml.HUGE_NUMBER}") from error  # Python writes no such number either
    lines: dict[str, int] = {}
    # The last line first, so that the first line of a name counts.
    for number, text in reversed(list(enumerate(head.split("\n"), 2))):
        match = _TOML_KEY.match(text)
        if match:
            lines[match[1] or match[2] or match[3]] = number
    return _Head(fields, {name: line for name, line in lines.items() if name in fields})


def _as_text(value: Any, depth: int) -> Value:
    """Return a TOML value in the form of a YAML value: texts, lists and tables."""
    if depth > MAX_DEPTH:
        raise _too_deep(1)
    if isinstance(value, dict):
        return {key: _as_text(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each, depth + 1) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
