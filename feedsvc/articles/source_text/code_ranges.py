"""Find code, tags and HTML comments in the body of a file, in which marks have no meaning. Pure.

CommonMark's reader knows where code is, and writes it down on demand (`sourcepos`). HTML has elements for it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import comrak

from feedsvc.articles.limits import check_markdown
from feedsvc.articles.markup import EXTENSIONS

_WITH_POSITIONS: Final = comrak.RenderOptions()
# Without `unsafe_` no HTML of the body is written, so every position below is comrak's own.
_WITH_POSITIONS.sourcepos, _WITH_POSITIONS.unsafe_ = True, False
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

    `begins` is a pattern of no width that holds wherever one opens.

    `opening.*?closing` would look through the rest of the text for each opening that nothing closes.
    """

    def __init__(
        self, kinds: Mapping[str, tuple[str, str]], flags: re.RegexFlag = re.IGNORECASE, *, begins: str = ""
    ) -> None:
        either = "|".join(f"(?P<{name}>{opening})" for name, (opening, _) in kinds.items())
        self._opening = re.compile(f"{begins}(?:{either})", flags)
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


# HTML §13.1.2: a tag as it is written where nothing is wrong with it. What only begins like one ("若 a<b，c>d") is
# text, to CommonMark §6.6 as well. Tokens are possessive, and none but a quoted value holds "<": time is linear.
_ATTRIBUTE: Final = r"[A-Za-z_:@*][\w:.@*\-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++))?+"
_MARKUP: Final = re.compile(
    rf"(?P<comment><!--(?!-?>))|<(?P<name>[A-Za-z][\w:.\-]*+)(?:[\s/]++{_ATTRIBUTE})*+[\s/]*+>"
    r"|</[A-Za-z][\w:.\-]*+\s*+>|<[A-Za-z][A-Za-z0-9+.\-]{1,31}:[^\s<>]*+>",
    re.ASCII,
)
_SHOWN_VALUE: Final = re.compile(r"\s(?:alt|title)\s*+=\s*+(\"[^\"]*+\"|'[^']*+')", re.IGNORECASE)
_END_TAGS: Final[Mapping[str, re.Pattern[str]]] = {
    "code": re.compile(r"</code\s*+>", re.IGNORECASE),
    "pre": re.compile(r"</pre\s*+>", re.IGNORECASE),
    "script": re.compile(r"</script\s*+>", re.IGNORECASE),
    "style": re.compile(r"</style\s*+>", re.IGNORECASE),
    "textarea": re.compile(r"</textarea\s*+>", re.IGNORECASE),
}
_END_IN_MARKDOWN: Final = re.compile("-->")
_END_IN_HTML: Final = re.compile("--!?>")
_BLANK_LINE: Final = re.compile(r"\n[ \t]*+\n")
_BRACKET: Final = re.compile(r"\\.|[\[\]]|\n[ \t]*+\n", re.DOTALL)
# CommonMark §6.3: a destination, perhaps a title, and the end of the link.
_DESTINATION: Final = re.compile(
    r"\(\s*+(<[^<>\n]*+>|(?:[^\s()<>\\]++|\\.|\([^\s()<>\\]*+\))++)\s*+(?:\"[^\"]*+\"|'[^']*+'|\([^()]*+\))?+\s*+\)"
)


def without_code(body: str, *, is_markdown: bool) -> str:
    """Return `body` with U+0000 for each character of code and HTML comments: length and line breaks stay.

    An element or comment that is not closed is no code: it might hide what must be seen. Raises ArticleError when
    Markdown is past its limits.
    """
    body = _without_markdown_code(body) if is_markdown else body
    found = _markup(body, is_markdown=is_markdown)
    return masked(body, ((start, end) for kind, start, end in found if kind != "tag" and end is not None))


def without_markup(body: str, *, is_markdown: bool) -> str:
    """Mask the tags and the targets of Markdown's links also, in addition to `without_code`: only the text is left.

    `alt` and `title` of tags are text. Raises ArticleError as `without_code`.
    """
    body = _without_markdown_code(body) if is_markdown else body
    ranges: list[tuple[int, int]] = []
    for kind, start, end in _markup(body, is_markdown=is_markdown):
        if end is None or (kind == "tag" and is_markdown and _BLANK_LINE.search(body, start, end)):
            # A paragraph ends at a blank line, and no tag of one goes on behind it.
            continue
        shown = _SHOWN_VALUE.finditer(body, start, end) if kind == "tag" else ()
        edges = [start, *(edge for each in shown for edge in each.span(1)), end]
        ranges += zip(edges[::2], edges[1::2], strict=True)
    body = masked(body, ranges)
    return masked(body, _destinations(body)) if is_markdown else body


def comments(body: str, *, is_markdown: bool) -> Iterator[tuple[int, int | None]]:
    """Yield where each HTML comment outside of code begins and ends; None where nothing ends it."""
    text = _without_markdown_code(body) if is_markdown else body
    last, last_other = body.rfind("-->"), body.rfind("--!>") if is_markdown else -1
    position, closing, other = 0, -1, -1
    for kind, start, closed in _markup(text, is_markdown=is_markdown):
        if kind != "comment" or start < position:
            continue
        end = closed
        # CommonMark knows no code in a comment: it ends at the first mark, though that may seem to stand in code.
        if end is None and closing < start + 4 <= last:
            closing = body.find("-->", start + 4)
        if end is None and closing >= start + 4:
            end = closing + 3
        # HTML ends a comment here, and CommonMark does not: it would show the comment, or hide all up to the next one.
        if other < start + 4 <= last_other:
            other = body.find("--!>", start + 4)
        if other >= start + 4 and (end is None or (other < end and body.find("<!--", other, end) >= 0)):
            end = other + 4
        position = end or position
        yield start, end


def _markup(text: str, *, is_markdown: bool) -> Iterator[tuple[str, int, int | None]]:
    """Yield kind ("code", "comment", "tag"), beginning and end of markup; an unclosed comment has no end."""
    position = 0
    unclosed: set[str] = set()
    while found := _MARKUP.search(text, position):
        name, start, position = (found["name"] or "").lower(), found.start(), found.end()
        if is_markdown and text[start - 1 : start] == "\\":
            continue
        kind = "comment" if found["comment"] else "code" if name in _END_TAGS else "tag"
        if kind == "tag":
            yield kind, start, position
            continue
        # A mark that closes nothing from here on closes nothing from later on, either.
        end_mark = _END_TAGS[name] if name else _END_IN_MARKDOWN if is_markdown else _END_IN_HTML
        closing = None if name in unclosed else end_mark.search(text, position)
        if closing is None:
            unclosed.add(name)
            yield ("tag", start, position) if name else (kind, start, None)
            continue
        position = closing.end()
        yield kind, start, position


def _destinations(text: str) -> Iterator[tuple[int, int]]:
    """Yield the beginning and the end of the target of each link of Markdown."""
    open_ = position = 0
    for found in _BRACKET.finditer(text):
        if found.start() < position or found[0][0] == "\\":
            continue
        if found[0] == "[":
            open_ += 1
        elif found[0] != "]":
            open_ = 0
        elif open_:
            open_ -= 1
            if destination := _DESTINATION.match(text, found.end()):
                yield destination.span(1)
                position = destination.end()


def masked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Return `text` with U+0000 for each character in the ranges, which are in order, but for line breaks."""
    parts: list[str] = []
    position = 0
    for start, end in ranges:
        parts += [text[position:start], _NO_LINE_BREAK.sub(_MASK, text[start:end])]
        position = end
    return "".join((*parts, text[position:]))


def _without_markdown_code(body: str) -> str:
    """Mask code as `masked` does. Its ranges are in bytes, and may overlap."""
    check_markdown(body)
    data, parts, position = body.encode(), list[str](), 0
    for start, end in ((max(start, position), end) for start, end in _markdown_code(body)):
        parts += [data[position:start].decode(), _NO_LINE_BREAK.sub(_MASK, data[start:end].decode())]
        position = max(start, end)
    return "".join((*parts, data[position:].decode()))


# Several questions are asked of one body.
@lru_cache(maxsize=1)
def _markdown_code(body: str) -> Sequence[tuple[int, int]]:
    """Return the ranges of code blocks and code spans in the UTF-8 bytes of `body`, in order."""
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
