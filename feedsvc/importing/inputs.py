"""Find the inputs of an import: files, files in folders, and standard input. Only their bytes are read."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from feedsvc.errors import ArticleError, Finding
from feedsvc.files import NotRegular, open_regular
from feedsvc.importing.readers.detect import SUFFIXES, size_limit

STDIN: Final = "-"
# The folders that browsers save beside a page.
_PAGE_FILES: Final = ("_files", ".files")
_OTHER_KIND: Final = "not a kind that is read"


@dataclass(frozen=True, slots=True)
class Input:
    """A file to import. `name` is its name for people. `skipped` is the reason why it is not read, or "".

    `path_in_folder` is its path from the folder that was named on the command line, or that the file is in. The names
    of folders above have no meaning.
    """

    name: str
    path: Path | None
    skipped: str = ""
    path_in_folder: str = ""

    @property
    def is_of_other_kind(self) -> bool:
        """Return whether the file is skipped for its suffix. Many files beside articles are."""
        return self.skipped == _OTHER_KIND

    def read(self) -> bytes:
        """Return the bytes of the file, at most one more than its size limit. Raises ArticleError."""
        try:
            if self.path is None:
                return sys.stdin.buffer.read(size_limit(self.name) + 1)
            with open_regular(self.path) as stream:
                return stream.read(size_limit(self.name) + 1)
        except NotRegular as error:
            raise _error("not a regular file (name a file, or - for standard input)") from error
        except OSError as error:
            raise _error(f"cannot be read: {error.strerror} (check its name and permissions)") from error


def _error(message: str) -> ArticleError:
    return ArticleError([Finding(message=message)])


def inputs(names: Sequence[str]) -> Iterator[Input]:
    """Yield the inputs that the command line names. A folder yields all files in it, sorted by name in each folder."""
    for name in names:
        if name == STDIN:
            yield Input("standard input", None)
        elif Path(name).is_dir():
            folder = Path(name)
            real = folder.resolve()
            for root, folders, files in os.walk(folder):
                folders[:] = sorted(
                    each for each in folders if not each.startswith(".") and not each.endswith(_PAGE_FILES)
                )
                for path in (Path(root, file) for file in sorted(files) if not file.startswith(".")):
                    inside = Path(folder.name, path.relative_to(folder)).as_posix()
                    yield Input(str(path), path, _why_skipped(path, real), inside)
        else:
            yield Input(name, Path(name), path_in_folder="/".join(Path(name).parts[-2:]))


def _why_skipped(path: Path, folder: Path) -> str:
    """Return why a file in a folder is not read, or "". A file that the command line names may be a symlink."""
    if path.suffix.lower() not in SUFFIXES:
        return _OTHER_KIND
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(folder):
        return "a link that leads out of the folder (name the file itself, or copy it into the folder)"
    if path.exists() and not path.is_file():
        return "not a regular file (put a file in its place)"
    return ""
