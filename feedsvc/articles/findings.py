"""The findings about one file, collected so that all of them are reported at once. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from feedsvc.articles.metadata.field_names import instead_of
from feedsvc.articles.metadata.frontmatter import FrontMatter, Value
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.metadata.visibility import expiries, is_marker
from feedsvc.articles.source_text.private_comments import COMMENT_ADVICE, public_value
from feedsvc.articles.source_text.reference_lines import ReferenceLines
from feedsvc.errors import ArticleError, Finding
from feedsvc.text import line_of_forbidden

T = TypeVar("T")
D = TypeVar("D")
# After this many errors an article is not read further; after this many warnings, no more are added.
MAX_FINDINGS = 100
# The number of characters of a text that are searched for: the rest may contain a line break or a reference.
_RECOGNIZED = 60
_FORBIDDEN = "holds characters that XML forbids (they are dropped)"


class Findings:
    """The findings about a file with the front matter `front`. It reads the fields, and notes their errors.

    A draft (`is_draft`) may have no value for a required field yet: that is a warning. A page needs no other field than
    its title.
    """

    def __init__(self, front: FrontMatter, *, is_draft: bool = False, is_page: bool = False) -> None:
        self._front = front
        self._is_draft = is_draft
        self._required = {"title"} if is_page else {name for name, field in FIELDS.items() if field.is_required}
        self._found: list[Finding] = []
        self._lines: ReferenceLines | None = None

    def check_names(self) -> None:
        """Note fields that are unknown, missing or cut by a comment, and characters that were dropped."""
        for name, value in self._front.fields.items():
            if name != "expires" and any(expiries({name: value})):
                self.warn(name, "is read as 'expires' (write expires)")
            elif name not in FIELDS and not is_marker(name, value):
                self.warn(name, f"unknown field ({instead_of(name)})")
        for name in FIELDS:
            if name in self._required and name not in self._front.fields:
                self._note_missing(name)
        for name, field in FIELDS.items():
            if field.is_prose and name in self._front.commented:
                self.warn(name, f"everything behind ' #' is a comment (put the {name} in quotes)")
        if self._front.forbidden_line:
            self._found.append(Finding(line=self._front.forbidden_line, message=_FORBIDDEN, severity="warning"))

    def read(self, name: str, reader: Callable[[Value], T], default: D) -> T | D:
        """Return the field as `reader` reads it; `default` if it is absent, empty (unless required) or wrong."""
        value = self._front.fields.get(name)
        if value is None or (value == "" and name not in self._required):
            return default
        if FIELDS[name].is_for_readers and (public := public_value(value)) != value:
            self.warn(name, f"a private comment in it {COMMENT_ADVICE}")
            value = public
        try:
            if _holds_forbidden(value):
                self.warn(name, _FORBIDDEN)
            return reader(value)
        except ValueError as error:
            if self._is_draft and not value:
                self._note_missing(name)
            else:
                self.error(name, str(error))
            return default

    def _note_missing(self, name: str) -> None:
        note = self.warn if self._is_draft else self.error
        note(name, f"is missing (add '{name}: …' to the front matter)")

    def error(self, name: str, message: str) -> None:
        """Note an error, which sets the article aside; `name` is a field or "". Raises ArticleError after many."""
        self._found.append(Finding(line=self._line(name), field=name, message=message))
        if len(self._found) > MAX_FINDINGS:
            raise ArticleError(self._found)

    def warn(self, name: str, message: str, line: int = 0) -> None:
        """Note a warning, which does not set it aside; `name` is a field or "", `line` is one of the body, if known.

        A warning that was noted for the same line is not noted again.
        """
        finding = Finding(line=line or self._line(name), field=name, message=message, severity="warning")
        if not self.are_full and finding not in self._found:
            self._found.append(finding)

    def _line(self, name: str) -> int:
        """Return the line of a field; if that of a field in a table is not known, the line of the table."""
        return self._front.lines.get(name) or self._front.lines.get(name.partition(".")[0], 0)

    def warn_at(self, line: int, message: str) -> None:
        """Note a warning about a line of the body, counted in the file; 0 if it is not known."""
        self.warn("", message, line)

    def warn_of(self, text: str, message: str) -> None:
        """Note a warning about the first line of the body that has `text` or its beginning."""
        if not self.are_full:
            self.warn_at(self._line_with(text), message)

    def error_at(self, line: int, message: str) -> None:
        """Note an error about a line of the file; 0 if it is not known."""
        self._found.append(Finding(line=line, message=message))
        if len(self._found) > MAX_FINDINGS:
            raise ArticleError(self._found)

    def error_of(self, text: str, message: str) -> None:
        """Note an error about the first line of the body that has `text` or its beginning."""
        self.error_at(self._line_with(text), message)

    def _line_with(self, text: str) -> int:
        """Return the line of the file where the body has `text`, its beginning, or it in another encoding as a URL."""
        body = self._front.body
        at = body.find(text)
        at = body.find(text[:_RECOGNIZED]) if at < 0 else at
        return self._front.body_line + body.count("\n", 0, at) if at >= 0 else self.line_of(text)

    def line_of(self, reference: str) -> int:
        """Return the line of the file with the first `reference`, an attribute's value; 0 if there is none."""
        if self._lines is None:
            self._lines = ReferenceLines(self._front.body, self._front.body_line)
        return self._lines.line_of(reference)

    @property
    def are_full(self) -> bool:
        """Return whether no more warnings are noted."""
        return len(self._found) >= MAX_FINDINGS

    def is_wrong(self, name: str) -> bool:
        """Return whether there is an error about the field."""
        return any(finding.field == name and finding.severity == "error" for finding in self._found)

    def warnings(self) -> tuple[Finding, ...]:
        """Return all findings. Raises ArticleError with them if one is an error."""
        if any(finding.severity == "error" for finding in self._found):
            raise ArticleError(self._found)
        return tuple(self._found)


def also_on(lines: Sequence[int]) -> str:
    """Return the end of a message that is true of these other lines, too."""
    return f"; also on line {', '.join(map(str, lines[:5]))}{', …' if lines[5:] else ''}" if lines else ""


def by_message(found: Iterable[tuple[int, str]], body: str, first_line: int) -> Iterator[tuple[int, str]]:
    """Yield each message once, with the line of its first offset; the other lines are named behind it.

    `found` are offsets in `body`, in order, each with its message. `body` begins on line `first_line` of the file.
    """
    lines: dict[str, dict[int, None]] = {}
    position, line = 0, first_line
    for offset, message in found:
        line += body.count("\n", position, offset)
        position = offset
        lines.setdefault(message, {})[line] = None
    for message, (first, *others) in lines.items():
        yield first, message + also_on(others)


def _holds_forbidden(value: Value) -> bool:
    """Return whether a value contains a forbidden character, which an escape in YAML ("\\x07") may have written."""
    if isinstance(value, str):
        return line_of_forbidden(value) > 0
    return any(map(_holds_forbidden, value.values() if isinstance(value, dict) else value))
