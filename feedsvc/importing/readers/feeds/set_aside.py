"""Set parts of a text aside, so that later steps do not change them. Pure."""

import re
from typing import Final

# U+0000 is no character of XML or HTML, so no text has it.
_MARK: Final = re.compile(r"\0[bi](\d+)\0")
_BLOCK: Final = r"\0b\d+\0"
_IS_BLOCK: Final = re.compile(_BLOCK)
_ALONE: Final = re.compile(rf"<p(?:\s[^<>]*)?>\s*+((?:{_BLOCK}\s*+)+)</p>", re.IGNORECASE)


class SetAside:
    """HTML that is finished. A mark stands for each part until `restored`; parts may contain marks of earlier ones."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def block(self, html: str) -> str:
        """Return the mark of one or more block elements, as a paragraph of its own."""
        self._parts.append(html)
        return f"\n\n\0b{len(self._parts) - 1}\0\n\n"

    def inline(self, html: str) -> str:
        """Return the mark of text or inline elements."""
        self._parts.append(html)
        return f"\0i{len(self._parts) - 1}\0"

    def restored(self, text: str) -> str:
        """Return `text` with the parts in place of their marks."""
        return _MARK.sub(lambda mark: self.restored(self._parts[int(mark[1])]), text)


def is_block(text: str) -> bool:
    """Return whether `text` is the mark of blocks, and nothing else."""
    return _IS_BLOCK.fullmatch(text) is not None


def blocks_unwrapped(text: str) -> str:
    """Return `text` without paragraphs around marks of blocks, since HTML has no block in a paragraph."""
    return _ALONE.sub(r"\n\n\1\n\n", text)
