"""Where code and HTML comments stand in the body of a file: marks in them mean nothing. Pure.

CommonMark's reader knows where code is, and writes it down on demand (`sourcepos`). HTML has elements for it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import comrak

from feedsvc.articles.limits import check_markdown
from feedsvc.articles.markup import EXTENSIONS


def _with_positions() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    # Without `unsafe_` no HTML of the body is written, so every position below is comrak's own.
    options.sourcepos, options.unsafe_ = True, False
    return options


_WITH_POSITIONS: Final = _with_positions()
_POSITION: Final = re.compile(r'<(pre|code) data-sourcepos="(\d+):(\d+)-(\d+):(\d+)"')
_NO_LINE_BREAK: Final = re.compile(r"[^\n]")
_MASK: Final = "\0"
_BACKTICK: Final = ord("`")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text, `text[start:end]`, from an opening to a closing mark of `kind`.

    `end` is None where nothing closes it.
    """

    kind: str
    start: int
    end: int | None


class Pairs:
    """Kinds of opening and closing marks. Names of kinds are Python identifiers; patterns have no groups.

    `opening.*?closing` would look through the rest of the text for each opening that nothing closes.
    """

    def __init__(self, kinds: Mapping[str, tuple[str, str]], flags: re.RegexFlag = re.IGNORECASE) -> None:
        either = "|".join(f"(?P<{name}>{opening})" for name, (opening, _) in kinds.items())
        self._opening = re.compile(either, flags)
        self._closing = {name: re.compile(closing, flags) for name, (_, closing) in kinds.items()}

    def find(self, text: str) -> Iterator[Stretch]:
        """Yield each stretch in order, in time linear in the length of `text`; none is inside another."""
        position = 0
        unclosed: set[str] = set()
        while found := self._opening.search(text, position):
            kind = str(found.lastgroup)
            # A mark that closes nothing from here on closes nothing from later on, either.
            closing = None if kind in unclosed else self._closing[kind].search(text, found.end())
            if closing is None:
                unclosed.add(kind)
            position = closing.end() if closing else found.end()
            yield Stretch(kind, found.start(), closing.end() if closing else None)

    def replaced(self, text: str, made: Callable[[str], str]) -> str:
        """Return `text` with what `made` makes of each stretch that is closed, its marks included."""
        parts: list[str] = []
        position = 0
        for each in self.find(text):
            if each.end is not None:
                parts += [text[position : each.start], made(text[each.start : each.end])]
                position = each.end
        return "".join((*parts, text[position:]))

    def replaced_between(self, text: str, made: Callable[[str], str]) -> str:
        """Return `text` with what `made` makes of all that is in no closed stretch."""
        parts: list[str] = []
        position = 0
        for each in self.find(text):
            if each.end is not None:
                parts += [made(text[position : each.start]), text[each.start : each.end]]
                position = each.end
        return "".join((*parts, made(text[position:])))


_HTML_CODE: Final = Pairs(
    {name: (rf"<{name}(?=[\s/>])", rf"</{name}\s*>") for name in ("pre", "code", "script", "style", "textarea")}
    | {"comment": ("<!--", "-->")}
)


def without_code(body: str, *, is_markdown: bool) -> str:
    """Return `body` with U+0000 for each character of code and HTML comments: length and line breaks stay.

    Raises ArticleError when Markdown is past its limits.
    """
    if is_markdown:
        check_markdown(body)
        body = _masked_bytes(body, _markdown_code(body))
    # An element or comment that is not closed is no code: it might hide what must be seen.
    return masked(body, ((each.start, each.end) for each in _HTML_CODE.find(body) if each.end is not None))


def masked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Return `text` with U+0000 for each character in the ranges, which are in order, but for line breaks."""
    parts: list[str] = []
    position = 0
    for start, end in ranges:
        parts += [text[position:start], _NO_LINE_BREAK.sub(_MASK, text[start:end])]
        position = end
    return "".join((*parts, text[position:]))


def _markdown_code(body: str) -> list[tuple[int, int]]:
    """The ranges of code blocks and code spans in the UTF-8 bytes of `body`, in order."""
    html = comrak.render_markdown(body, extension_options=EXTENSIONS, render_options=_WITH_POSITIONS)
    data = body.encode()
    # comrak counts lines from 1, and columns in bytes from 1.
    begins = [0, 0]
    for each in data.split(b"\n"):
        begins.append(begins[-1] + len(each) + 1)
    begins.append(len(data))
    ranges: list[tuple[int, int]] = []
    for tag, *numbers in _POSITION.findall(html):
        line, column, last_line, last_column = map(int, numbers)
        start, end = begins[line] + column - 1, begins[last_line] + last_column
        if tag == "pre":
            # A block has its lines to itself, but for the marks of lists and quotations around it.
            ranges.append((begins[line], begins[last_line + 1] - 1 if last_column else end))
        elif end <= len(data) and data[start] == data[end - 1] == _BACKTICK:
            # In a table, an escaped "|" shifts the columns behind it: such a span does not count as code.
            ranges.append((start, end))
    return sorted(ranges)


def _masked_bytes(body: str, ranges: list[tuple[int, int]]) -> str:
    """As `masked`, for ranges of bytes that may overlap."""
    data, parts, position = body.encode(), list[str](), 0
    for start, end in ((max(start, position), end) for start, end in ranges):
        parts += [data[position:start].decode(), _NO_LINE_BREAK.sub(_MASK, data[start:end].decode())]
        position = max(start, end)
    return "".join((*parts, data[position:].decode()))
