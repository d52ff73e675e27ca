"""Find the inputs of an import: files, files in folders and archives, and standard input. Only their bytes are read."""

import os
import posixpath
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from feedsvc.errors import ArticleError, Finding
from feedsvc.files import NotRegular, open_regular
from feedsvc.importing import archive
from feedsvc.importing.readers.detect import kind_called, size_limit
from feedsvc.importing.readers.sites.find import site_of
from feedsvc.importing.source_files import NO_FILES, FilesBeside, FolderFiles
from feedsvc.text import nfc

STDIN: Final = "-"
# The folders that browsers save beside a page.
_PAGE_FILES: Final = ("_files", ".files")
# The folder in which macOS puts its own data about the members of an archive.
_OF_MACOS: Final = "__MACOSX"
_OTHER_KIND: Final = "not a kind that is read"
# The folders of a site of Hugo beside `content`, and the files by which such a site is known. They have examples of
# themes, templates, and the built site, whose pages would be articles a second time.
_OF_HUGO: Final = frozenset(("archetypes", "layouts", "public", "resources", "themes", "node_modules", "_vendor"))
_HUGO_SITE: Final = re.compile(r"(?:hugo|config)\.(?:toml|ya?ml|json)")
# How many folders above a named one may hold the settings of its site.
_LEVELS: Final = 9
_NOT_CONTENT: Final = "a folder of Hugo's own beside content (name it by itself to import it)"


@dataclass(frozen=True, slots=True)
class Input:
    """A file to import. `name` is its name for people. `skipped` is the reason why it is not read, or "".

    `path_in_folder` is its path from the folder that was named on the command line, or that the file is in, or in its
    archive. The names of folders above have no meaning. `beside` are the files to which its text may refer. `member` is
    its path among these if it is in an archive. A member with an unsafe name, or that cannot be read, is `refused`.
    """

    name: str
    path: Path | None
    skipped: str = ""
    path_in_folder: str = ""
    beside: FilesBeside = NO_FILES
    member: str = ""
    refused: str = ""

    @property
    def is_of_other_kind(self) -> bool:
        """Return whether the file is skipped for its suffix. Many files beside articles are."""
        return self.skipped == _OTHER_KIND

    @property
    def is_archive(self) -> bool:
        """Return whether the input holds others."""
        return self.path is not None and not self.member and self.path.suffix.lower() == archive.SUFFIX

    def read(self) -> bytes:
        """Return the bytes of the file, at most one more than its size limit. Raises ArticleError."""
        if self.refused:
            raise _error(self.refused)
        if self.member:
            return self.beside.files.read(self.member, size_limit(self.name))
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
            top = site_folder(folder)
            real, files_of_site, known = folder.resolve(), FolderFiles(top), dict[str, Any]()
            for root, folders, files in os.walk(folder):
                folders[:] = sorted(
                    each for each in folders if not each.startswith(".") and not each.endswith(_PAGE_FILES)
                )
                if is_hugo_site(folders, files):
                    for each in _OF_HUGO.intersection(folders):
                        folders.remove(each)
                        path = Path(root, each)
                        inside = Path(folder.name, path.relative_to(folder)).as_posix()
                        yield Input(str(path), path, _NOT_CONTENT, inside)
                within = (
                    os.path.relpath(root, folder) if top is folder else os.path.relpath(os.path.realpath(root), top)
                )
                beside = FilesBeside(files_of_site, nfc(Path(within).as_posix().removeprefix(".")), known=known)
                for path in (Path(root, file) for file in sorted(files) if not file.startswith(".")):
                    inside = Path(folder.name, path.relative_to(folder)).as_posix()
                    yield Input(str(path), path, _why_skipped(path, real), inside, beside)
        else:
            file = Path(name)
            top = site_folder(file.parent)
            within = "." if top is file.parent else os.path.relpath(os.path.realpath(file.parent), top)
            beside = FilesBeside(FolderFiles(top), nfc(Path(within).as_posix().removeprefix(".")))
            yield Input(name, file, path_in_folder="/".join(file.parts[-2:]), beside=beside)


def site_folder(folder: Path) -> Path:
    """Return the folder of the site in which a named folder is; the folder itself if it is in none.

    The settings of a site say who may read the files below it, also where one folder alone is imported.
    """
    real, vault = folder.resolve(), None
    above = [real, *real.parents][:_LEVELS]
    for each in above:
        if each in (Path.home(), Path(each.anchor)):
            break
        site = site_of(FilesBeside(FolderFiles(each), "" if each == real else real.relative_to(each).as_posix()))
        if site is not None and not site.is_private:
            return folder if each == real else each / site.root
        vault = vault or (each if site is not None else None)
    return folder if vault in (None, real) else vault


def is_hugo_site(folders: Iterable[str], files: Iterable[str]) -> bool:
    """Return whether these are the names in the folder of a site of Hugo."""
    return "content" in folders and any(map(_HUGO_SITE.fullmatch, files))


def _why_skipped(path: Path, folder: Path) -> str:
    """Return why a file in a folder is not read, or "". A file that the command line names may be a symlink."""
    if path.suffix.lower() == archive.SUFFIX:
        return "an archive within a folder (name it by itself)"
    if not kind_called(path.name):
        return _OTHER_KIND
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(folder):
        return "a link that leads out of the folder (name the file itself, or copy it into the folder)"
    if path.exists() and not path.is_file():
        return "not a regular file (put a file in its place)"
    return ""


@contextmanager
def opened(each: Input, encoding: str | None = None) -> Iterator[tuple[Iterable[Input], Sequence[str]]]:
    """Give the inputs in an input, and warnings: itself, or the members of an archive while that is open.

    `encoding` is that of names in an archive. Raises ArticleError if an archive cannot be read.
    """
    if each.path is None or not each.is_archive or each.skipped:
        yield [each], ()
        return
    with archive.open_archive(each.path, encoding) as found:
        yield members(each, found), found.notes


def members(of: Input, found: archive.Archive) -> Iterator[Input]:
    """Yield the members of an archive as `inputs` yields the files of a folder."""
    known: dict[str, Any] = {}
    parts_of = {path: path.split("/") for path in (*found.paths, *found.refused)}
    sites = {path.rpartition("/")[0] for path in found.paths if _HUGO_SITE.fullmatch(path.rpartition("/")[2])}
    sites = {site for site in sites if any(path.startswith(f"{site}/content/".lstrip("/")) for path in found.paths)}
    of_hugo = tuple(f"{site}/{name}/".lstrip("/") for site in sorted(sites) for name in sorted(_OF_HUGO))
    for folder in of_hugo:
        if any(path.startswith(folder) for path in found.paths):
            yield Input(f"{of.name}/{folder}", of.path, _NOT_CONTENT, folder, member=folder)

    def order(path: str) -> list[tuple[int, str]]:
        *folders, name = parts_of[path]
        return [*((1, folder) for folder in folders), (0, name)]

    for path in sorted(parts_of, key=order):
        *folders, name = parts_of[path]
        suffix = posixpath.splitext(name)[1].lower()
        if any((part.startswith(".") and part != "..") or part == _OF_MACOS for part in (*folders, name)):
            continue
        if any(folder.endswith(_PAGE_FILES) for folder in folders) or path.startswith(of_hugo):
            continue
        skipped = "" if kind_called(name) else _OTHER_KIND
        if suffix == archive.SUFFIX:
            skipped = "an archive within an archive (unpack it, and import it by itself)"
        beside = FilesBeside(found, posixpath.dirname(path), known=known)
        refused = found.refused.get(path, "")
        yield Input(f"{of.name}/{path}", of.path, skipped, path, beside, member=path, refused=refused)
