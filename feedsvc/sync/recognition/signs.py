"""The signs by which a file is recognised as a published article, the surest first. Pure."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from feedsvc.errors import printable


class Sign(IntEnum):
    """Why a file should go on publishing an article, the surest sign first."""

    # The file published the article before, and writes its id; or it writes no published id, and still has the title or
    # the text.
    SAME_FILE = 0
    # The file writes the id of an article that another file published. If the file published another article itself, it
    # now has the content of the article with that id.
    WRITTEN = 1
    # Title, dates and text are the same: the file was moved or renamed.
    SAME_TEXT = 2
    # Title and date of publication are the same, the text is nearly: the file was moved and edited.
    NEAR_TEXT = 3
    # The file published the article before, and has another content now.
    REWRITTEN = 4
    SLUG = 5
    ALIAS = 6
    # The file published the article before, and now writes the id, or has the content, of another published article.
    GIVEN_UP = 7
    # The file cannot be read; its slug, head or text are those of an article whose file is missing.
    BROKEN = 8


# The signs that a file was moved: it does not wait until the other file counts as deleted.
RENAMED: Final = (Sign.SAME_TEXT, Sign.NEAR_TEXT)


class Claim(NamedTuple):
    sign: Sign
    # Of two files with the same text, for example in two languages, the one with the article's address continues it.
    has_moved: bool
    # Of two new files with the same text, the one without a copy's name continues the article.
    has_copy_name: bool
    published: str
    path: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A file that was recognised by its title, dates and text alone. `slug` is its former slug."""

    path: str
    before: str
    slug: str

    def line(self) -> str:
        """Return the line of the report."""
        return (
            f"{printable(self.path)} is {printable(self.before)} renamed: the article keeps its id, and its old "
            f"address leads to it (write aliases: [{self.slug}] so that a new store knows that, too)"
        )
