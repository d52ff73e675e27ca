"""What every reader makes of its source: a neutral draft of an article, and what was left out of it. Frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc.model import Enclosure, Image, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, heading, list, table … of the body. `text` is plain, `level` is 0 but for headings (2 to 6).

    `line` is where it stands in the source, from 1; 0 where that is not known.
    """

    text: str
    markdown: str
    level: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Something of the source that is not in the body. `kind` is a rule's ("related", "notice", …)."""

    kind: str
    text: str
    why: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A moment (UTC) and where the source says it."""

    at: datetime
    found_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article before it is completed. `source` names it for people (a path, and the entry in it).

    `language` is the source's own claim; it is believed when `language_is_sure`. `markdown` is the body where the
    source is Markdown itself. `notes` are said to whoever imports, and change nothing.
    """

    source: str
    title: str
    blocks: tuple[Block, ...]
    markdown: str | None = None
    summary: str = ""
    published: Dated | None = None
    updated: datetime | None = None
    expires: datetime | None = None
    id: str | None = None
    slug: str | None = None
    authors: tuple[Person, ...] = ()
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    language_is_sure: bool = False
    disclosure: str = ""
    canonical: str | None = None
    translation_of: str | None = None
    aliases: tuple[str, ...] = ()
    old_addresses: tuple[str, ...] = ()
    is_draft: bool = False
    cuts: tuple[Cut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The body as Markdown."""
        return self.markdown if self.markdown is not None else joined(self.blocks)

    @property
    def text(self) -> str:
        """The body's paragraphs as plain text, one a line, without headings."""
        return "\n".join(block.text for block in self.blocks if not block.level)

    @property
    def headings(self) -> tuple[str, ...]:
        """The body's headings as plain text."""
        return tuple(block.text for block in self.blocks if block.level)


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """Something of a source that is no article and is passed over; `kind` is what it is, as it is counted."""

    source: str
    kind: str


Item = Draft | SkippedEntry


def joined(blocks: Sequence[Block]) -> str:
    """Blocks as one Markdown text."""
    return "\n\n".join(block.markdown for block in blocks)
