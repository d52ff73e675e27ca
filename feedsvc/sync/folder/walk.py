"""Finding the files below content/articles: names, stamps, and what is wrong with a file before it is opened."""

import os
import posixpath
import re
import stat
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from feedsvc.articles.assets import media_type_of
from feedsvc.articles.markup import READERS
from feedsvc.errors import ConfigError, Finding, printable
from feedsvc.files import FileId, NotRegular, id_in
from feedsvc.store.file_records import Stamp
from feedsvc.sync.folder.files import stamp_of, unreadable
from feedsvc.sync.recognition.copy_names import originals, why_unread
from feedsvc.text import nfc

# Folders below content/articles, one in the other.
MAX_DEPTH: Final = 50
# What editors, downloads and desktops leave beside files.
_SPARE: Final = (
    "~",
    ".bak",
    ".orig",
    ".part",
    ".swp",
    ".tmp",
    ".rej",
    ".mine",
    ".crdownload",
    "___jb_tmp___",
    "___jb_old___",
)
_FURNITURE: Final = ("Thumbs.db", "desktop.ini")
# What iCloud Drive, Nextcloud and ownCloud leave in the place of `x.md` when they delete its local copy to save space.
_PLACEHOLDERS: Final = ((".", ".icloud"), ("", ".nextcloud"), ("", ".owncloud"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file that ought to be an article. `path` is its name for the store and for people; `file` opens it.

    `closed` says that it is a folder nobody can look into: what was known to be below is not missing. `copy_of` is the
    path of a file beside it whose copy it is by its name, or "".
    """

    path: str
    file: Path
    stamp: Stamp
    finding: Finding | None = None
    closed: bool = False
    copy_of: str = ""


def is_article(name: str) -> bool:
    """Whether a file of that name is read: a suffix with a reader, and neither hidden nor an editor's spare copy."""
    return posixpath.splitext(name)[1].lower() in READERS and not name.startswith((".", "#", "~"))


def is_skipped(name: str) -> bool:
    """Whether a file or folder of that name is passed by: a hidden one."""
    return name.startswith(".")


def walk_from(path: Path, content: Path) -> Iterator[Found]:
    """The article files at `path` and below it, as `walk` finds them."""
    articles = content / "articles"
    if path != articles and articles not in path.parents:
        return
    inside = path.relative_to(articles).parts
    if any(map(is_skipped, inside)):
        return
    start = articles.joinpath(*inside[: MAX_DEPTH + 1])
    while start != articles:
        try:
            os.lstat(start)
            break
        except (FileNotFoundError, NotADirectoryError):
            yield from _in_cloud(start, content)
            return
        except OSError:  # what is to be said of the folder above
            start = start.parent
    yield from _articles(start, content)


def walk(content: Path) -> Iterator[Found]:
    """Every article file below `content`/articles, in a stable order. Raises ConfigError when that is no folder."""
    root = content / "articles"
    if not root.is_dir():
        raise ConfigError(f"{root}: not a folder (make it; articles are kept there)")
    yield from _articles(root, content)


def _in_cloud(missing: Path, content: Path) -> Iterator[Found]:
    """The article file that is missing at this path, where a placeholder says that it was not deleted."""
    name = missing.name
    for beside in (f"{before}{name}{after}" for before, after in _PLACEHOLDERS if is_article(name)):
        if os.path.lexists(missing.with_name(beside)):
            message = (
                f"is in the cloud alone: {printable(beside)} is in its place "
                "(let the sync program keep the files of this folder on this machine)"
            )
            yield _broken(missing, content, Finding(message=message))
            return


def _placeholder_of(name: str) -> str:
    """The name of the file in whose place a file of this name is, or ""."""
    for before, after in _PLACEHOLDERS:
        if name.startswith(before) and name.endswith(after):
            original = name.removeprefix(before).removesuffix(after)
            return original if is_article(original) else ""
    return ""


def is_read(found: Found, published: str | None) -> bool:
    """Whether a file is read: what is `published` from a place that is not read stays so. A closed folder is said."""
    return found.closed or published is not None or not why_unread(found.path)


def passed_by(content: Path, published: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """The files below `content`/articles that are neither read nor served, each with the reason or ""."""
    for each in _Walk(content).below(content / "articles"):
        if not isinstance(each, Path):
            continue
        path, name = shown(each, content), each.name
        if is_article(name):
            why = why_unread(path)
            if why and published.get(path) is None:
                yield path, why
        # The name of an article with something behind it: `x.md~`, `x.md.orig`.
        elif name.endswith(_SPARE) and is_article(re.sub(r"(?:~|\.\w+)$", "", name)):
            yield path, "is a copy that an editor or a merge left"
        elif not (
            media_type_of(name)
            or _placeholder_of(name)
            or name.startswith(("#", "~"))
            or name.endswith(_SPARE)
            or name in _FURNITURE
            or why_unread(path)
        ):
            yield path, ""


def _articles(start: Path, content: Path) -> Iterator[Found]:
    for each in _Walk(content).below(start):
        if isinstance(each, Found):
            yield each
            continue
        if not is_article(each.name):
            continue
        try:
            status = each.stat()
        except FileNotFoundError:  # it went just now
            continue
        except OSError as error:
            yield _broken(each, content, unreadable(error))
            continue
        if stat.S_ISREG(status.st_mode):
            path = shown(each, content)
            yield Found(path=path, file=each, stamp=stamp_of(status), copy_of=_original(path, content))
        else:
            yield _broken(each, content, unreadable(NotRegular()))


class _Walk:
    """One way through a tree that enters each folder once: by its own name, and by a symlink only if it has no other.

    Were symlinks followed wherever they lead, thirty folders could make a billion paths.
    """

    def __init__(self, content: Path) -> None:
        self._content, self._limit = content, content.resolve()
        self._entered: dict[FileId, Path] = {}

    def below(self, start: Path) -> Iterator[Path | Found]:
        """Every file at `start` and below it, and what is wrong with folders and symlinks."""
        waiting, links = [start], deque[Path]()
        while waiting or links:
            is_late = not waiting
            path = links.popleft() if is_late else waiting.pop()
            is_link, is_folder, is_inside = os.path.islink(path), os.path.isdir(path), True
            if is_link:
                try:
                    is_inside = path.resolve(strict=True).is_relative_to(self._limit)
                except (OSError, RuntimeError):
                    is_inside = False
            if not is_inside:
                if is_article(path.name) or not path.suffix:
                    message = "a symlink that leads out of the content folder, or nowhere (copy the file)"
                    yield _broken(path, self._content, Finding(message=message))
            elif is_link and is_folder and not is_late:
                links.append(path)
            elif is_folder:
                yield from self._enter(path, waiting)
            else:
                yield path

    def _enter(self, folder: Path, waiting: list[Path]) -> Iterator[Found]:
        """Let what is in a folder wait for its turn, or say why not."""
        if len(folder.relative_to(self._content / "articles").parts) > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} folders deep (move it up)"
            yield _broken(folder, self._content, Finding(message=message))
            return
        try:
            # Of what is inside: that fails, too, for a folder that may be listed but not entered.
            status = os.stat(os.path.join(folder, "."))
            names = sorted(os.listdir(folder), reverse=True)
        except FileNotFoundError:  # it went just now
            return
        except OSError as error:
            yield replace(_broken(folder, self._content, unreadable(error)), closed=True)
            return
        first = self._entered.setdefault(id_in(status), folder)
        if first == folder:
            waiting.extend(folder / name for name in names if not is_skipped(name))
            for name in sorted({each for name in names if (each := _placeholder_of(name))} - set(names)):
                yield from _in_cloud(folder / name, self._content)
        else:
            message = (
                f"leads to {printable(shown(first, self._content))}, where its files are read (remove the symlink)"
            )
            yield _broken(folder, self._content, Finding(message=message))


def _original(path: str, content: Path) -> str:
    """The path of the file beside this one whose copy it is by its name, as that one is written, or ""."""
    for original in originals(path):
        for form in (original, unicodedata.normalize("NFD", original)):
            if os.path.isfile(content / form):
                return form
    return ""


def copies_beside(path: str, content: Path) -> Iterator[str]:
    """Yield the paths beside the one at `path`, below `content`, of files that are copies of it by their names."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    is_bundle = stem == "index" and folder != "articles"
    if is_bundle:
        folder, stem = posixpath.split(folder)
    try:
        names = os.listdir(content / folder)
    except OSError:  # what is wrong with the folder is said of it
        return
    for each in sorted(names):
        # A copy's name has its original's in it: looking for that first takes a hundredth of the time.
        if nfc(stem) in nfc(each) and (is_bundle or each.endswith(suffix)):
            copy = shown(content / folder / (posixpath.join(each, name) if is_bundle else each), content)
            if nfc(path) in originals(copy):
                yield copy


def shown(file: Path, content: Path) -> str:
    """A file below `content` as the store and people call it: no two files alike.

    Bytes that are not UTF-8 are written as \\xNN, a backslash that is one as two.
    """
    name = os.fsencode(file.relative_to(content).as_posix())
    return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def _broken(path: Path, content: Path, finding: Finding) -> Found:
    return Found(path=shown(path, content), file=path, stamp=Stamp(size=0, mtime_ns=0, inode=0), finding=finding)
