"""The pages of the documentation, and the code that is written in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def page(name: str) -> str:
    """Return the text of a page below docs/."""
    return (ROOT / "docs" / name).read_text("utf-8")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the fenced blocks: language and text, without the indentation of a list."""
    for indentation, language, block in _BLOCK.findall(text):
        yield language, re.sub(rf"^{indentation}", "", block, flags=re.MULTILINE)


def without_blocks(text: str) -> str:
    """Return `text` without fenced blocks."""
    return _BLOCK.sub("", text)


def spans(text: str) -> list[str]:
    """Return the code spans."""
    return _SPAN.findall(without_blocks(text))


def commands(text: str) -> Iterator[str]:
    """Yield the commands of a page: the lines of shell blocks without prompt and comment, and the code spans."""
    for language, block in blocks(text):
        if language in ("console", "sh"):
            for line in block.splitlines():
                for command in re.sub(r"^[$#] | # .*| {2,}#.*", "", line).split(" && "):
                    yield command.strip()
    yield from spans(text)


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the table whose first row is `heading` (its cells with ` | ` between them)."""
    lines = text.splitlines()
    found: list[list[str]] = []
    for line in lines[lines.index(f"| {heading} |") + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


def names(cell: str) -> list[str]:
    """Return the code spans of a cell."""
    return _SPAN.findall(cell)
