"""The signs by which a file is recognised as a published article, the surest first. Pure."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from feedsvc.errors import printable


class Sign(IntEnum):
    """Why a file should go on publishing an article, the surest sign first."""

    # The file published it before, and writes its id, or no id that is published and still its title or its text.
    SAME_FILE = 0
    # The file writes the id of an article that another file published; if it published another one, it says what that
    # one said.
    WRITTEN = 1
    # Title, dates and text are the same: the file was moved or renamed.
    SAME_TEXT = 2
    # Title and date of publication are the same, the text is nearly: the file was moved and edited.
    NEAR_TEXT = 3
    # The file published it before, and says something else now.
    REWRITTEN = 4
    SLUG = 5
    ALIAS = 6
    # The file published it before, and writes the id of another article that is published, or says what that said.
    DISOWNED = 7
    # The file cannot be read; its slug, its head or its text are those of an article whose file is gone.
    BROKEN = 8


# The file was moved: it need not wait until the other one is believed to be gone.
RENAMED: Final = (Sign.SAME_TEXT, Sign.NEAR_TEXT)


class Claim(NamedTuple):
    sign: Sign
    # Of two files with the same text, say in two languages, the one with the article's address goes on.
    has_moved: bool
    # Of two new files with the same text, the one with the plain name goes on.
    has_copy_name: bool
    published: str
    path: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A file that was recognised by its title, dates and text alone. `slug` is the address it had."""

    path: str
    before: str
    slug: str

    def line(self) -> str:
        """What the report says of it."""
        return (
            f"{printable(self.path)} is {printable(self.before)} renamed: the article keeps its id, and its old "
            f"address leads to it (write aliases: [{self.slug}] so that a new store knows that, too)"
        )
