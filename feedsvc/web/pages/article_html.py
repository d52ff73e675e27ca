"""An article's content as its page shows it; feeds carry it as it is.

SafeHTML writes every attribute in double quotes, so a tag ends where it seems to.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from types import MappingProxyType
from typing import Final

from markupsafe import Markup, escape

from feedsvc.model import Enclosure, SafeHTML

# Width and height in pixels of what stands at a URL, where they are known.
Measure = Callable[[str], tuple[int, int] | None]

_TAG: Final = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*+)(?P<rest>(?:[^"<>]|"[^"]*")*+)>')
# What ends a paragraph or a figure, or begins its caption, behind a picture that may be a link.
_ENDS_BLOCK: Final = re.compile(r"\s*(?:</a>\s*)?(?:</p>|</figure>|<figcaption)")
_HREF: Final = re.compile(r' href="([^"]*)"')
_SRC: Final = re.compile(r' src="([^"]*)"')
# One after the other from a tag's name on: a value may hold what looks like an attribute, but for its quotes.
_ATTRIBUTE: Final = re.compile(r' (?P<name>[a-z-]+)="(?P<value>[^"]*)"')
# The corner of a table heads nothing (Markdown has no other way to write it).
_EMPTY_HEADER: Final = re.compile(r"<th>\s*</th>")
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS: Final = frozenset({"p", "figure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a scrolling table and a frame are called where they bring no name."""

    table: str
    frame: str


class _Shown:
    """One pass over the tags of an article."""

    def __init__(self, page: str, labels: Labels, measure: Measure, players: Mapping[str, Enclosure]) -> None:
        self._page, self._labels, self._measure = page, labels, measure
        self._players = dict(players)
        self._levels: list[int] = []
        self._open: list[str] = []
        self._in_head = False
        # Where the text of a paragraph or figure begins, and of a link that begins with it.
        self._begins: int | None = None

    def tag(self, match: re.Match[str]) -> str:
        name, ends = match["name"], bool(match["end"])
        is_first, self._begins = self._is_first(match), None
        if not ends and (name in _BLOCKS or (name == "a" and is_first)):
            self._begins = match.end()
        if name == "img" and is_first and _ENDS_BLOCK.match(match.string, match.end()):
            return self._image(match, ends, ' class="alone"')
        if name in _HEADINGS:
            return f"</{self._open.pop()}>" if ends else f"<{self._heading(int(name[1]))}{match['rest']}>"
        change = _CHANGES.get(name)
        return change(self, match, ends) if change else match[0]

    def _is_first(self, match: re.Match[str]) -> bool:
        """Whether nothing but space stands before a tag in its paragraph or figure."""
        return self._begins is not None and not match.string[self._begins : match.start()].strip()

    def _heading(self, level: int) -> str:
        """The page's title is its only h1: what stands below begins with h2 and leaves out no level (WCAG G141)."""
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        self._open.append(f"h{min(len(self._levels) + 1, 6)}")
        return self._open[-1]

    def _image(self, match: re.Match[str], _ends: bool, alone: str = "") -> str:
        """It loads when it comes into view, into room that was kept for it; without a description it is decoration.

        Where it is all that its paragraph or figure shows, the stylesheet keeps room for one whose size nobody knows.
        """
        rest = match["rest"]
        source = _SRC.search(rest)
        size = self._measure(source[1].replace("&amp;", "&")) if source and " width=" not in rest else None
        room = f' width="{size[0]}" height="{size[1]}"' if size and " height=" not in rest else ""
        described = "" if " alt=" in rest else ' alt=""'
        return f'<img loading="lazy"{alone}{room}{described}{rest}>'

    def _link(self, match: re.Match[str], ends: bool) -> str:
        """A link to a place on the page itself stays on it, whatever its address says beside.

        The first link to a file that can be played stands in the place of a player, and below it here.
        """
        if ends:
            return match[0]
        found = _HREF.search(match["rest"])
        file = self._players.pop(unescape(found[1]), None) if found else None
        return f"{self._player(file) if file else ''}<a{_ATTRIBUTE.sub(self._fragment, match['rest'])}>"

    def _player(self, file: Enclosure) -> str:
        tag = file.type.partition("/")[0]
        return f'<{tag} controls preload="metadata" src="{escape(file.url)}" aria-label="{escape(file.name)}"></{tag}> '

    def _fragment(self, attribute: re.Match[str]) -> str:
        url = unescape(attribute["value"])
        if attribute["name"] != "href" or not url.startswith(f"{self._page}#"):
            return attribute[0]
        return f' href="{escape(url.removeprefix(self._page))}"'

    def _frame(self, match: re.Match[str], ends: bool) -> str:
        titled = "" if " title=" in match["rest"] else f' title="{escape(self._labels.frame)}"'
        return match[0] if ends else f'<iframe loading="lazy"{titled}{match["rest"]}>'

    def _scrolling_table(self, match: re.Match[str], ends: bool) -> str:
        """What is wider than the page scrolls, by keyboard as well (WCAG 2.1.1)."""
        if ends:
            return f"{match[0]}</div>"
        return f'<div class="scroll" role="group" aria-label="{escape(self._labels.table)}" tabindex="0">{match[0]}'

    def _head_of_table(self, match: re.Match[str], ends: bool) -> str:
        self._in_head = not ends
        return match[0]

    def _header(self, match: re.Match[str], ends: bool) -> str:
        """Which cells it heads (WCAG technique H63)."""
        cell = self._cell(match, ends)
        scope = "" if ends or " scope=" in cell else f' scope="{"col" if self._in_head else "row"}"'
        return f"<th{scope}{cell[3:]}" if scope else cell

    def _cell(self, match: re.Match[str], ends: bool) -> str:
        """Its alignment is the style sheet's matter: HTML has no attribute for it any more."""
        return match[0] if ends else f"<{match['name']}{_ATTRIBUTE.sub(_aligned, match['rest'])}>"

    def _scrolling(self, match: re.Match[str], ends: bool) -> str:
        return match[0] if ends else f'<pre tabindex="0"{match["rest"]}>'


def _aligned(attribute: re.Match[str]) -> str:
    return f' class="{attribute["value"].lower()}"' if attribute["name"] == "align" else attribute[0]


_CHANGES: Final[dict[str, Callable[[_Shown, re.Match[str], bool], str]]] = {
    "a": _Shown._link,
    "img": _Shown._image,
    "iframe": _Shown._frame,
    "table": _Shown._scrolling_table,
    "thead": _Shown._head_of_table,
    "td": _Shown._cell,
    "th": _Shown._header,
    "pre": _Shown._scrolling,
}


def for_page(
    content: SafeHTML,
    page: str,
    labels: Labels,
    measure: Measure = lambda _url: None,
    players: Mapping[str, Enclosure] = MappingProxyType({}),
) -> Markup:
    """Return `content` for the page at the URL `page`, which its fragment links are absolute against.

    `players` are the video and audio files, by URL, that the page plays where the text links to them.
    """
    shown = _Shown(page, labels, measure, players)
    return Markup(_TAG.sub(shown.tag, _EMPTY_HEADER.sub("<td></td>", content)))  # noqa: S704
