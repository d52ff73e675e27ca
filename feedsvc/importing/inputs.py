"""What there is to import: files, folders and standard input. Opens them, and nothing else."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.sources import SUFFIXES

STDIN: Final = "-"
# WordPress exports of large sites; an article's own limit is checked with the article.
MAX_BYTES: Final = 256 * 1024 * 1024
# What browsers put beside a page they save.
_PAGE_FILES: Final = ("_files", ".files")


@dataclass(frozen=True, slots=True)
class Input:
    """A file to import. `name` is what people call it; `known` whether its suffix is one that is read."""

    name: str
    path: Path | None
    known: bool = True

    def read(self) -> bytes:
        """Its bytes. Raises ArticleError."""
        try:
            data = sys.stdin.buffer.read(MAX_BYTES + 1) if self.path is None else self._read(self.path)
        except OSError as error:
            raise _error(f"cannot be read: {error.strerror} (check its name and permissions)") from error
        if len(data) > MAX_BYTES:
            raise _error(f"larger than {MAX_BYTES:,} bytes (split it)")
        return data

    @staticmethod
    def _read(path: Path) -> bytes:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)


def _error(message: str) -> ArticleError:
    return ArticleError([Finding(message=message)])


def inputs(names: Sequence[str]) -> Iterator[Input]:
    """What the names on the command line mean, folders with all that is in them, in a stable order."""
    for name in names:
        if name == STDIN:
            yield Input("standard input", None)
        elif Path(name).is_dir():
            yield from _folder(Path(name))
        else:
            yield Input(name, Path(name))


def _folder(folder: Path) -> Iterator[Input]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and not each.endswith(_PAGE_FILES))
        for name in sorted(names):
            if not name.startswith("."):
                path = Path(root, name)
                yield Input(str(path), path, path.suffix.lower() in SUFFIXES)
