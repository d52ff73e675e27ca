"""The result of every reader: a draft of an article, and the parts of the source that are not in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.errors import Finding
from feedsvc.model import Enclosure, ExtraValue, Image, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, heading, list, table or other block of the body.

    `text` is plain text. `level` is 2 to 6 for headings and 0 for other blocks. `line` is the line in the source, from
    1; 0 if it is not known.
    """

    text: str
    markdown: str
    level: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A part of the source that is not in the body. `kind` is the kind of its rule ("related", "notice", …)."""

    kind: str
    text: str
    reason: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDate:
    """A time (UTC), and the place in the source where it was found."""

    at: datetime
    found_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article before it is completed. `source` is its name for people: a path, and the entry in it.

    `proposed_slug` is made of its address or file name in another system, where several articles may have the same one.
    `language` is the language that the source declares; import believes it if `language_is_sure`. `markdown` is the
    body if the source is Markdown. `link` is the address of an entry at another site. `extra` holds the values of front
    matter fields that have no attribute here. `notes` are shown to the person who imports. `is_unmarked` says that its
    system shows it to nobody but its author, and that it does not say itself who may read it. `is_page` says that it
    is a page of its site, such as an imprint, rather than an article.
    """

    source: str
    title: str
    blocks: tuple[Block, ...]
    markdown: str | None = None
    summary: str = ""
    published: SourceDate | None = None
    updated: datetime | None = None
    expires: datetime | None = None
    id: str | None = None
    slug: str | None = None
    proposed_slug: str = ""
    authors: tuple[Person, ...] = ()
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    language: str | None = None
    language_is_sure: bool = False
    disclosure: str = ""
    canonical: str | None = None
    link: str | None = None
    translation_of: str | None = None
    aliases: tuple[str, ...] = ()
    old_addresses: tuple[str, ...] = ()
    is_draft: bool = False
    is_unmarked: bool = False
    is_page: bool = False
    extra: Mapping[str, ExtraValue] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """Return the body as Markdown."""
        return self.markdown if self.markdown is not None else join_blocks(self.blocks)

    @property
    def text(self) -> str:
        """Return the body's paragraphs as plain text, one on each line, without headings."""
        return "\n".join(block.text for block in self.blocks if not block.level)

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the body's headings as plain text."""
        return tuple(block.text for block in self.blocks if block.level)


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """An entry that is not an article. The report counts such entries by `kind`, and lists the files at `url`."""

    source: str
    kind: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class FailedEntry:
    """An entry that cannot be read, and why. The other entries of its file are not affected."""

    source: str
    findings: tuple[Finding, ...]
    is_unforeseen: bool = False


@dataclass(frozen=True, slots=True)
class FileNote:
    """A warning that concerns a whole feed or export."""

    source: str
    message: str


Item = Draft | SkippedEntry | FailedEntry | FileNote


def unforeseen(error: Exception) -> Finding:
    """Return the finding of an error that no reader expects, with its type."""
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return Finding(message=f"an unforeseen error, {said} (the rest is imported; report it, with what was imported)")


def join_blocks(blocks: Sequence[Block]) -> str:
    """Return the blocks as one Markdown text."""
    return "\n\n".join(block.markdown for block in blocks)
