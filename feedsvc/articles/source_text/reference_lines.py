"""On which line of a body each reference stands: the targets of links and the values of attributes. Pure.

An article may have thousands of links to our own addresses, so one pass over the body finds the lines of all.
"""

import re
from html import escape, unescape
from typing import Final
from urllib.parse import unquote

from feedsvc.articles.source_text.bare_urls import bare_urls
from feedsvc.text import nfc

# Markdown's targets, bare or in angle brackets, with spaces or without; definitions; attributes; automatic links;
# wiki links.
_REFERENCE: Final = re.compile(
    r"\]\(\s*+(?:<([^<>\n]*+)>|((?:[^\s()<>\\]++|\\.|\([^\s()<>\\]*+\))++)(?:[ \t]++([^()<>\n\"]*+)\))?+)"
    r"|\]:[ \t]*+<?+([^\s<>]++)"
    r"|=\s*+(?:\"([^\"<>]*+)\"|'([^'<>]*+)'|([^\s\"'<>]++))"
    r"|<([A-Za-z][\w+.\-]*+:[^\s<>]*+)>"
    r"|\[\[([^\[\]|\n]++)"
)
_IN_A_VALUE: Final = re.compile(r"[^\s,]++")
# A reference that no such mark stands around is looked for in the whole body. Each search takes linear time.
_MAX_SEARCHES: Final = 20


class ReferenceLines:
    """The lines of the references in `body`, which begins on line `first_line` of its file."""

    def __init__(self, body: str, first_line: int) -> None:
        self._body, self._first_line = nfc(body), first_line
        self._lines: dict[str, int] | None = None
        self._searches = 0

    def line_of(self, reference: str) -> int:
        """Return the line on which the body first names `reference`, an attribute's value; 0 where it is not found.

        Markdown's reader percent-encodes references, and the sanitizer has them in NFC; people write neither.
        """
        if self._lines is None:
            self._lines = self._read()
        return self._lines.get(_key(reference), 0) or self._search(reference)

    def _read(self) -> dict[str, int]:
        lines: dict[str, int] = {}
        line, position = self._first_line, 0
        found = [(each.start(), *filter(None, each.groups())) for each in _REFERENCE.finditer(self._body)]
        found += [(each.start, self._body[each.start : each.end]) for each in bare_urls(self._body, www=True)]
        for start, *parts in sorted(found, key=lambda each: each[0]):
            line += self._body.count("\n", position, start)
            position = start
            # Most are one part without white space or commas, so all of what may be meant is the same.
            if len(parts) == 1 and "," not in parts[0] and parts[0].split() == parts:
                lines.setdefault(_key(parts[0]), line)
                continue
            for written in (" ".join(parts), *parts, *(_IN_A_VALUE.findall(parts[0]) if parts else ())):
                lines.setdefault(_key(written), line)
        return lines

    def _search(self, reference: str) -> int:
        if self._searches >= _MAX_SEARCHES:
            return 0
        self._searches += 1
        for written in dict.fromkeys((reference, unquote(reference), escape(reference), escape(unquote(reference)))):
            pattern = rf"(?<![\w/.%-]){re.escape(nfc(written))}(?![\w/%-])"
            if written and (found := re.search(pattern, self._body)):
                return self._first_line + self._body.count("\n", 0, found.start())
        return 0


def _key(reference: str) -> str:
    if "%" in reference or "&" in reference:
        reference = unquote(unescape(reference))
    return nfc(reference).strip()
