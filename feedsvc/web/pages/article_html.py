"""Rewrite an article's content for its page: headings, images, links, tables. Feeds carry the content unchanged.

SafeHTML writes every attribute in double quotes, so a ">" outside of quotes ends a tag.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from markupsafe import Markup, escape

from feedsvc.model import Enclosure, SafeHTML
from feedsvc.web.pages.code_highlighting import highlighted

# Takes the URL and the width of a picture in pixels, and returns its `srcset`; "" for none.
Sources = Callable[[str, int], str]
# Takes a file and its name on the page, and returns the link to it with its kind and size.
FileFacts = Callable[[Enclosure, str], str]
# Takes a URL and returns the width and height of its image in pixels, None where they are unknown.
Measure = Callable[[str], tuple[int, int] | None]

_TAG: Final = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*+)(?P<rest>(?:[^"<>]|"[^"]*")*+)>')
# The end of a paragraph or figure, or the beginning of its caption, after an image that may be a link.
_ENDS_BLOCK: Final = re.compile(r"\s*(?:</a>\s*)?(?:</p>|</figure>|<figcaption)")
_HREF: Final = re.compile(r' href="([^"]*)"')
_SRC: Final = re.compile(r' src="([^"]*)"')
# Matches attributes one after the other from the tag's name on: a value may contain the text of an attribute, but no
# double quote.
_ATTRIBUTE: Final = re.compile(r' (?P<name>[a-z-]+)="(?P<value>[^"]*)"')
# The empty corner of a table is no header (Markdown has no other way to write it).
_EMPTY_HEADER: Final = re.compile(r"<th>\s*</th>")
# An item of a task list, which is a list without marks: a box stands before each text.
_TASK: Final = re.compile(r"<li>(\s*(?:<p>)?[☐☑] )")
# The mark of a footnote, which is a link to it, and the beginning of an item that may be a footnote.
_MARK: Final = re.compile(r'<sup><a(?P<rest>(?: [a-z-]++="[^"]*+")*+)>(?P<number>[^<>]*+)</a></sup>')
_ITEM: Final = re.compile(r'<li id="([^"]*)">')
# Each text whose HTML has one of Labels has this. The HTML of others is the same in each language of the interface.
LABELLED: Final = re.compile("<table|<iframe|<sup><a ")
# A picture, or a link to it, that is all of a paragraph.
_PICTURE: Final = re.compile(
    r'<p>\s*+(?P<before>(?:<a(?: [a-z-]++="[^"]*+")*+>\s*+)?+)<img(?P<rest>(?: [a-z-]++="[^"]*+")*+)>'
    r"(?P<after>(?:\s*+</a>)?+)\s*+</p>"
)
# A word that a printed column may break. The longest of usual names and German nouns is shorter.
_LONG_WORD: Final = re.compile(r"[^\s<>]{25}")
# In characters of a cell that are searched for such a word: cells nest, and each has the text of the inner ones.
_MAX_SEARCHED: Final = 2_000
# A link that is all of a paragraph.
_LINK: Final = re.compile(r'<p>\s*+<a(?P<rest>(?: [a-z-]++="[^"]*+")*+)>(?P<text>[^<>]++)</a>\s*+</p>')
# The width of a picture in the text, in CSS: as wide as a line, which is about 45 times the size of a letter.
TEXT_WIDTH: Final = "(max-width: 45rem) 100vw, 45rem"
_BLOCKS: Final = frozenset({"p", "figure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The accessible names of scrolling tables, of frames without a title, and of the buttons of footnotes.

    The number of the footnote follows `note`.
    """

    table: str
    frame: str
    note: str
    close: str


class _TagWriter:
    """Rewrites the tags of one article for its page, in one pass."""

    def __init__(
        self, page: str, labels: Labels, measure: Measure, sources: Sources, players: Mapping[str, Enclosure]
    ) -> None:
        self._page, self._labels, self._measure, self._sources = page, labels, measure, sources
        self._players = dict(players)
        self._levels: list[int] = []
        self._open: list[str] = []
        self._in_head = False
        # Where the text of a paragraph or figure begins, and of a link that begins with it.
        self._begins: int | None = None

    def tag(self, match: re.Match[str]) -> str:
        """Return what the page has in the place of a tag."""
        name, rest, ends = match["name"], match["rest"], bool(match["end"])
        # Whether only white space precedes the tag in its paragraph or figure.
        is_first = self._begins is not None and not match.string[self._begins : match.start()].strip()
        self._begins = match.end() if not ends and (name in _BLOCKS or (name == "a" and is_first)) else None
        tag = match[0]
        match name:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                tag = f"</{self._open.pop()}>" if ends else f"<{self._heading(int(name[1]))}{rest}>"
            case "img":
                is_alone = is_first and _ENDS_BLOCK.match(match.string, match.end()) is not None
                tag = self._image(rest, is_alone)
            case "a" if not ends:
                tag = self._link(rest)
            case "iframe" if not ends:
                titled = "" if " title=" in rest else f' title="{escape(self._labels.frame)}"'
                tag = f'<iframe loading="lazy"{titled}{rest}>'
            # Tables and code that are wider than the page scroll, by keyboard as well (WCAG 2.1.1).
            case "table" if ends:
                tag = f"{tag}</div>"
            case "table":
                label = escape(self._labels.table)
                tag = f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">{tag}'
            case "pre" if not ends:
                tag = f'<pre tabindex="0"{rest}>'
            case "thead":
                self._in_head = not ends
            case "td" | "th" if not ends:
                tag = self._cell(name, rest, match.string[match.end() : match.end() + _MAX_SEARCHED])
        return tag

    def _heading(self, level: int) -> str:
        """Return the name of a heading's tag. The page's title is its only h1: the headings of the text begin with h2
        and leave out no level (WCAG G141).
        """
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        self._open.append(f"h{min(len(self._levels) + 1, 6)}")
        return self._open[-1]

    def _cell(self, name: str, rest: str, following: str) -> str:
        """Return the tag of a cell of a table; `following` begins with its content."""
        # The style sheet aligns cells: HTML has no attribute for it any more.
        classes = [each["value"].lower() for each in _ATTRIBUTE.finditer(rest) if each["name"] == "align"]
        kept = _ATTRIBUTE.sub(lambda each: "" if each["name"] == "align" else each[0], rest)
        if _LONG_WORD.search(_TAG.sub("", following.partition("</t")[0])):
            classes.append("long-word")
        styled = f' class="{" ".join(classes)}"' if classes else ""
        # Which cells a header belongs to (WCAG technique H63).
        scope = f' scope="{"col" if self._in_head else "row"}"' if name == "th" and " scope=" not in kept else ""
        return f"<{name}{scope}{kept}{styled}>"

    def _image(self, rest: str, is_alone: bool) -> str:
        """Return the tag of an image that loads when it comes into view; one without a description is decoration.

        Smaller sizes of it come before `src`: some browsers would begin to load that. Its width and height reserve its
        space on the page. Where an image of unknown size is the only content of its
        paragraph or figure (`is_alone`), the style sheet reserves space.
        """
        source = _SRC.search(rest)
        url = unescape(source[1]) if source else ""
        size = self._measure(url) if url and " width=" not in rest else None
        srcset = self._sources(url, size[0]) if size and " srcset=" not in rest else ""
        offered = f' srcset="{escape(srcset)}" sizes="{TEXT_WIDTH}" decoding="async"' if srcset else ""
        sized = f' width="{size[0]}" height="{size[1]}"' if size and " height=" not in rest else ""
        alone = ' class="alone"' if is_alone else ""
        described = "" if " alt=" in rest else ' alt=""'
        return f'<img loading="lazy"{offered}{alone}{sized}{described}{rest}>'

    def _link(self, rest: str) -> str:
        """Return the tag of a link. A link to a fragment of this page becomes relative, so that it works at every
        address of the page.

        The first link to a file that can be played has the file's player before it.
        """
        found = _HREF.search(rest)
        file = self._players.pop(unescape(found[1]), None) if found else None
        player = ""
        if file:
            player = f"{player_of(file)} "

        def relative(attribute: re.Match[str]) -> str:
            url = unescape(attribute["value"])
            if attribute["name"] != "href" or not url.startswith(f"{self._page}#"):
                return attribute[0]
            return f' href="{escape(url.removeprefix(self._page))}"'

        return f"{player}<a{_ATTRIBUTE.sub(relative, rest)}>"


def player_of(file: Enclosure) -> Markup:
    """Return the element that plays an audio or video file."""
    written = Markup('<{0} controls preload="metadata" src="{1}" aria-label="{2}"></{0}>')
    return written.format(file.type.partition("/")[0], file.url, file.name)


def with_caption(match: re.Match[str]) -> str:
    """Return a picture that is all of a paragraph as a figure, with its title as the caption, if it has one."""
    title = next(
        (unescape(each["value"]) for each in _ATTRIBUTE.finditer(match["rest"]) if each["name"] == "title"), ""
    )
    if not title.strip():
        return match[0]
    rest = _ATTRIBUTE.sub(lambda each: "" if each["name"] == "title" else each[0], match["rest"])
    caption = f"<figcaption>{escape(title)}</figcaption>"
    return f"<figure>{match['before']}<img{rest}>{match['after']}{caption}</figure>"


def with_popovers(content: str, page: str, labels: Labels) -> str:
    """Return `content` with a button beside each mark of a footnote. It shows the footnote as a popover (HTML §6.12).

    The footnote stays an item of its list: the style sheet shows it there while it is closed. A browser without
    popovers shows the link, and not the buttons, which are `hidden` for it. The button has its number in `value`, so
    that the text of the page has each number once. An id of the link moves to the mark, since a link that is not shown
    is no target.
    """
    notes = {unescape(id_): id_ for id_ in _ITEM.findall(content)}
    marked: set[str] = set()

    def with_button(match: re.Match[str]) -> str:
        attributes = {each["name"]: each["value"] for each in _ATTRIBUTE.finditer(match["rest"])}
        base, _, fragment = unescape(attributes.get("href", "")).rpartition("#")
        note = notes.get(unquote(fragment))
        if note is None or base not in ("", page):
            return match[0]
        marked.add(note)
        number = match["number"]
        id_ = f' id="{attributes["id"]}"' if "id" in attributes else ""
        rest = _ATTRIBUTE.sub(lambda each: "" if each["name"] == "id" else each[0], match["rest"])
        return (
            f'<sup class="ref"{id_}><a{rest}>{number}</a><button type="button" hidden popovertarget="{note}" '
            f'value="{number}" aria-label="{escape(labels.note)} {number}"></button></sup>'
        )

    def as_popover(item: re.Match[str]) -> str:
        if item[1] not in marked:
            return item[0]
        close = f'popovertargetaction="hide" aria-label="{escape(labels.close)}"'
        return f'<li popover id="{item[1]}"><button type="button" hidden popovertarget="{item[1]}" {close}></button>'

    written = _MARK.sub(with_button, content)
    return _ITEM.sub(as_popover, written) if marked else written


def for_page(
    content: SafeHTML,
    page: str,
    labels: Labels,
    measure: Measure = lambda _url: None,
    *,
    sources: Sources = lambda _url, _width: "",
    players: Mapping[str, Enclosure] = MappingProxyType({}),
    file_facts: FileFacts = lambda _file, _name: "",
    code: Sequence[str] = (),
) -> Markup:
    """Return `content` as the page at the URL `page` shows it; its links to fragments of the page are absolute.

    `sources` returns the smaller sizes of a picture. `players` are the video and audio files, by URL, that the page
    plays where the text links to them: where such a link is a paragraph, its text is the name above the player, and
    `file_facts` are below. `code` has the languages of its blocks of code
    (`articles.html.code_languages`).
    """
    left = dict(players)

    def as_player(match: re.Match[str]) -> str:
        found = _HREF.search(match["rest"])
        file = left.pop(unescape(found[1]), None) if found else None
        if file is None:
            return match[0]
        name, facts = match["text"], file_facts(file, unescape(match["text"]))
        return f'<figure><figcaption class="file">{name}</figcaption>{player_of(file)}{facts}</figure>'

    content = SafeHTML(_LINK.sub(as_player, content)) if players else content
    writer = _TagWriter(page, labels, measure, sources, left)
    written = _TASK.sub(r'<li class="task">\1', _EMPTY_HEADER.sub("<td></td>", _PICTURE.sub(with_caption, content)))
    written = with_popovers(written, page, labels)
    return highlighted(_TAG.sub(writer.tag, written), code)
