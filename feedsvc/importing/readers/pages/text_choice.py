"""Choose the main text of a page from what two libraries find in it. Pure.

readability-lxml keeps elements of the page, and trafilatura gives plain text without them. The page is divided into its
smallest blocks. A block is of a library's text if the library kept the element, or if most of the block's shingles are
in the library's text. What both found is kept. The rest depends on how far they agree (docs/how-to/import.md
has the measurements). The blocks stay elements of the page, so pictures, tables, code and links are kept.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from enum import Enum
from typing import Final

from selectolax.lexbor import LexborNode

from feedsvc.importing.output.html_to_markdown import children, text_of_node
from feedsvc.text import plain

MARK: Final = "data-place"
_SHINGLE: Final = 5
# The share of a block's shingles that must be in a text.
_SHARE: Final = 0.6
_UNITS: Final = frozenset("p h1 h2 h3 h4 h5 h6 pre figure hr img dt dd".split())
# A table with one of these is a layout, whose parts are blocks of their own.
_LAYOUT: Final = "p, div, h1, h2, h3, table"
BLOCKS: Final = (
    "p, h1, h2, h3, h4, h5, h6, ul, ol, li, dl, table, blockquote, pre, figure, hr, div, section, article, main, "
    "aside, header, footer, center, details, td"
)
# In characters: a block that only trafilatura found, before or behind all that both found, is prose by its length.
_PROSE: Final = 100


class Choice(Enum):
    """What the main text is made of."""

    READABILITY = "readability-lxml"
    TRAFILATURA = "trafilatura"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One of the smallest blocks of a page: neighbouring nodes without a block among them.

    `mark` is the mark of its element, or of the nearest marked one around it. `linked` is the number of characters in
    links. `flat` is the text without white space. `named` says whether its own name, or that of an element around it,
    is one that pages use for their own parts.
    """

    nodes: tuple[LexborNode, ...]
    kind: str
    mark: str
    text: str
    flat: str
    linked: int
    named: bool

    @property
    def is_short(self) -> bool:
        """Return whether the text is shorter than a shingle."""
        return len(self.flat) < _SHINGLE

    @property
    def is_link_row(self) -> bool:
        """Return whether at least half of the text is in links."""
        return self.linked > 0 and self.linked * 2 >= len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How many characters each library found, and both of them.

    `ahead` is the length of what trafilatura alone found in front of the text of readability-lxml.
    """

    readability: int
    trafilatura: int
    common: int
    ahead: int = 0

    @property
    def choice(self) -> Choice:
        """Return which text to use."""
        if not self.trafilatura or not self.readability:
            return Choice.TRAFILATURA if self.trafilatura else Choice.READABILITY
        if self.common < 0.5 * self.readability:
            # A short part of the other text: trafilatura drops paragraphs with few words or odd names.
            return Choice.READABILITY if self.common >= 0.9 * self.trafilatura else Choice.TRAFILATURA
        is_behind = self.ahead < 0.1 * (self.trafilatura - self.common)
        if self.common < 0.32 * self.trafilatura and self.readability >= 1900 and is_behind:
            # An article's length, within a text of three times that: what follows an article is comments or other
            # articles. If a part of it is in front, readability-lxml found one section of many.
            return Choice.READABILITY
        return Choice.TRAFILATURA if self.common < 0.6 * self.trafilatura else Choice.BOTH

    @property
    def is_doubtful(self) -> bool:
        """Return whether less than half of either text is in the other."""
        return self.common < 0.5 * max(self.readability, self.trafilatura)


def blocks_in(node: LexborNode, is_named: Callable[[LexborNode], bool]) -> tuple[Block, ...]:
    """Return the smallest blocks below a node, in order. `is_named` is about the name of one element."""
    return tuple(_blocks(node, "", is_named, named=False))


def _blocks(
    node: LexborNode, mark: str, is_named: Callable[[LexborNode], bool], *, named: bool, depth: int = 0
) -> Iterator[Block]:
    mark = node.attributes.get(MARK) or mark
    run: list[LexborNode] = []

    def block(nodes: list[LexborNode], kind: str, mark: str) -> Iterator[Block]:
        text = plain(" ".join(map(text_of_node, nodes)))
        if text or kind != "text":
            elements = [each for each in nodes if each.is_element_node]
            links = (link for each in elements for link in ([each] if each.tag == "a" else each.css("a")))
            linked = sum(len(text_of_node(link)) for link in links)
            own = named or any(map(is_named, elements))
            yield Block(nodes=tuple(nodes), kind=kind, mark=mark, text=text, flat=flat(text), linked=linked, named=own)

    for child in children(node):
        is_unit = child.tag in _UNITS or (child.tag == "table" and child.css_first(_LAYOUT) is None)
        if not child.is_element_node or (not is_unit and not child.css_matches(BLOCKS) and not child.css_first(BLOCKS)):
            if child.tag == "br" and run and run[-1].tag == "br":
                # Old pages separate paragraphs so.
                yield from block(run, "text", mark)
                run = []
            run.append(child)
            continue
        yield from block(run, "text", mark)
        run = []
        if is_unit or depth >= _MAX_DEPTH:
            yield from block([child], child.tag or "", child.attributes.get(MARK) or mark)
        else:
            yield from _blocks(child, mark, is_named, named=named or is_named(child), depth=depth + 1)
    yield from block(run, "text", mark)


# Deeper elements are one block. Each level is a few frames of the interpreter's stack.
_MAX_DEPTH: Final = 100


def flat(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def found_in(blocks: tuple[Block, ...], text: str) -> frozenset[int]:
    """Return the places of the blocks that are in a text. A block shorter than a shingle must be a line of it."""
    whole, lines = flat(text), {flat(line).strip("-|") for line in text.splitlines()}
    known: frozenset[str] = frozenset()
    places, position = set(), 0
    for place, block in enumerate(blocks):
        own = block.flat
        if block.is_short:
            if own and own in lines:
                places.add(place)
            continue
        # A block that is in the text as it is, behind the one before, has all its shingles in it.
        at = whole.find(own, position, position + _AHEAD)
        if at >= 0:
            places.add(place)
            position = at + len(own)
            continue
        known = known or frozenset(whole[at : at + _SHINGLE] for at in range(len(whole) - _SHINGLE + 1))
        pieces = len(own) - _SHINGLE + 1
        if sum(own[at : at + _SHINGLE] in known for at in range(pieces)) >= _SHARE * pieces:
            places.add(place)
    return frozenset(places)


# In characters: how far behind the block before a block is looked for as it is.
_AHEAD: Final = 5_000


def agreement(blocks: tuple[Block, ...], by_readability: Set[int], by_trafilatura: Set[int]) -> Agreement:
    """Return how far two sets of places of blocks agree."""

    def length(places: Set[int]) -> int:
        return sum(len(blocks[place].text) for place in places)

    first = min(by_readability, default=0)
    return Agreement(
        readability=length(by_readability),
        trafilatura=length(by_trafilatura),
        common=length(by_readability & by_trafilatura),
        ahead=length({place for place in by_trafilatura if place < first}),
    )


def chosen(blocks: tuple[Block, ...], by_readability: Set[int], by_trafilatura: Set[int], *, both: bool) -> set[int]:
    """Return the places of the blocks of the main text: of trafilatura's, or if `both`, what both found and
    the prose that one of them found.

    A block without text, such as a picture, is kept if the blocks with text before and behind it are.
    """
    common = by_readability & by_trafilatura
    kept = set(common if both else by_trafilatura)
    for place in by_readability ^ by_trafilatura if both else ():
        block = blocks[place]
        is_within = min(common) <= place <= max(common)
        if place in by_readability:
            is_prose = not block.named and not block.is_link_row
        else:
            is_prose = is_within or (len(block.text) >= _PROSE and not block.is_link_row)
        if is_prose:
            kept.add(place)
    with_text = [place for place, block in enumerate(blocks) if block.text]
    before: int | None = None
    following = iter(with_text)
    behind = next(following, None)
    for place, block in enumerate(blocks):
        if block.text:
            before, behind = place, next(following, None) if behind == place else behind
        elif before in kept and (behind is None or behind in kept) and not block.named:
            kept.add(place)
    return kept
