"""Find the files of articles and pages: names, stamps, and problems that are known before a file is opened."""

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
from feedsvc.articles.pages import ARTICLES, FOLDERS
from feedsvc.errors import ConfigError, Finding, printable
from feedsvc.files import FileId, NotRegular, id_in
from feedsvc.store.file_records import Stamp
from feedsvc.sync.folder.files import stamp_of, unreadable
from feedsvc.sync.recognition.copy_names import originals, why_unread
from feedsvc.text import nfc

# The maximum depth of nested folders below content/articles and content/pages.
MAX_DEPTH: Final = 50
# Suffixes of files that editors, downloads and desktops leave beside other files.
_TEMPORARY_SUFFIXES: Final = (
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
_SYSTEM_FILES: Final = ("Thumbs.db", "desktop.ini")
# Prefix and suffix of the placeholders that iCloud Drive, Nextcloud and ownCloud write instead of `x.md` when they
# delete its local copy to save space.
_PLACEHOLDERS: Final = ((".", ".icloud"), ("", ".nextcloud"), ("", ".owncloud"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file that should be an article. `path` is its name in the store and in messages; `file` opens it.

    `is_unreadable_folder` says that it is a folder that cannot be read; the known files below it do not count as
    missing.
    `copy_of` is the path of the file beside it whose copy it is by its name, or "".
    """

    path: str
    file: str
    stamp: Stamp
    finding: Finding | None = None
    is_unreadable_folder: bool = False
    copy_of: str = ""


def is_article(name: str) -> bool:
    """Return whether a file with this name is read: its suffix has a reader, and it is not hidden or a backup copy."""
    return posixpath.splitext(name)[1].lower() in READERS and not name.startswith((".", "#", "~"))


def is_skipped(name: str) -> bool:
    """Return whether a file or folder with this name is ignored because it is hidden."""
    return name.startswith(".")


def walk_from(path: Path, content: Path) -> Iterator[Found]:
    """Yield the article files at `path` and below it, as `walk` finds them."""
    roots = (content / each for each in FOLDERS)
    root = next((each for each in roots if path == each or each in path.parents), None)
    inside = path.relative_to(root).parts if root else ()
    if root is None or any(map(is_skipped, inside)):
        return
    start = root.joinpath(*inside[: MAX_DEPTH + 1])
    while start != root:
        try:
            os.lstat(start)
            break
        except (FileNotFoundError, NotADirectoryError):
            yield from _in_cloud(start, content)
            return
        except OSError:  # the parent folder has the problem that is reported
            start = start.parent
    yield from _articles(content, start)


def walk(content: Path) -> Iterator[Found]:
    """Yield every file of an article or page, in a stable order. Raises ConfigError if there is no articles folder."""
    root = content / ARTICLES
    if not root.is_dir():
        raise ConfigError(f"{root}: not a folder (create it; articles are kept there)")
    yield from _articles(content, *_roots(content))


def _roots(content: Path) -> list[Path]:
    """Return the folders that are read: articles, and pages if there is such a folder."""
    return [content / each for each in FOLDERS if each == ARTICLES or os.path.isdir(content / each)]


def _in_cloud(missing: Path, content: Path) -> Iterator[Found]:
    """Yield a finding for the missing article file at this path if a placeholder shows that it was not deleted."""
    name = missing.name
    for beside in (f"{before}{name}{after}" for before, after in _PLACEHOLDERS if is_article(name)):
        if os.path.lexists(missing.with_name(beside)):
            message = (
                f"is stored in the cloud only: {printable(beside)} is in its place "
                "(let the sync program keep the files of this folder on this machine)"
            )
            yield _broken(missing, content, Finding(message=message))
            return


def _placeholder_of(name: str) -> str:
    """Return the name of the file that a placeholder with this name stands for; "" if it is no placeholder."""
    for before, after in _PLACEHOLDERS:
        if name.startswith(before) and name.endswith(after):
            original = name.removeprefix(before).removesuffix(after)
            return original if is_article(original) else ""
    return ""


def is_read(found: Found, published: str | None) -> bool:
    """Return whether a file is read. `published` is the id of its article, or None.

    An article that is already published from a folder that is not read stays published. A folder that cannot be read
    is always included, so that its problem is reported.
    """
    return found.is_unreadable_folder or published is not None or not why_unread(found.path)


def ignored_files(content: Path, published: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Yield the files beside articles and pages that are neither read nor served, each with the reason or ""."""
    for each in _Walk(content).below(*_roots(content)):
        if not isinstance(each, Path):
            continue
        path, name = shown(each, content), each.name
        if is_article(name):
            why = why_unread(path)
            if why and published.get(path) is None:
                yield path, why
        # The name of an article with a suffix of a backup: `x.md~`, `x.md.orig`.
        elif name.endswith(_TEMPORARY_SUFFIXES) and is_article(re.sub(r"(?:~|\.\w+)$", "", name)):
            yield path, "is a backup copy of an editor or a merge"
        elif not (
            media_type_of(name)
            or _placeholder_of(name)
            or name.startswith(("#", "~"))
            or name.endswith(_TEMPORARY_SUFFIXES)
            or name in _SYSTEM_FILES
            or why_unread(path)
        ):
            yield path, ""


def _articles(content: Path, *starts: Path) -> Iterator[Found]:
    for each in _Walk(content).below(*starts):
        if isinstance(each, Found):
            yield each
            continue
        if not is_article(each.name):
            continue
        try:
            status = each.stat()
        except FileNotFoundError:  # deleted meanwhile
            continue
        except OSError as error:
            yield _broken(each, content, unreadable(error))
            continue
        if stat.S_ISREG(status.st_mode):
            path = shown(each, content)
            yield Found(path=path, file=str(each), stamp=stamp_of(status), copy_of=_original(path, content))
        else:
            yield _broken(each, content, unreadable(NotRegular()))


class _Walk:
    """A walk that enters each folder once: by its own path, or by a symlink if it has no other path in the tree.

    If each symlink were followed, thirty folders could make a billion paths.
    """

    def __init__(self, content: Path) -> None:
        self._content, self._limit = content, content.resolve()
        self._entered: dict[FileId, Path] = {}

    def below(self, *starts: Path) -> Iterator[Path | Found]:
        """Yield every file at `starts` and below them, and the problems of folders and symlinks."""
        # With whether each is certainly a regular file, as nearly all are: the names of a folder come with that.
        waiting, links = [(each, False) for each in reversed(starts)], deque[Path]()
        while waiting or links:
            is_late = not waiting
            path, is_regular = (links.popleft(), False) if is_late else waiting.pop()
            if is_regular:
                yield path
                continue
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

    def _enter(self, folder: Path, waiting: list[tuple[Path, bool]]) -> Iterator[Found]:
        """Add the entries of a folder to `waiting`, or yield the problem that prevents it."""
        if len(folder.relative_to(self._content).parts) > MAX_DEPTH + 1:
            message = f"more than {MAX_DEPTH} folders deep (move it up)"
            yield _broken(folder, self._content, Finding(message=message))
            return
        try:
            # The stat of "." also fails for a folder that may be listed but not entered.
            status = os.stat(os.path.join(folder, "."))
            with os.scandir(folder) as entries:
                names = {each.name: each.is_file(follow_symlinks=False) for each in entries}
        except FileNotFoundError:  # deleted meanwhile
            return
        except OSError as error:
            yield replace(_broken(folder, self._content, unreadable(error)), is_unreadable_folder=True)
            return
        first = self._entered.setdefault(id_in(status), folder)
        if first == folder:
            last_first = sorted(names, reverse=True)
            waiting.extend((folder / name, names[name]) for name in last_first if not is_skipped(name))
            for name in sorted({each for name in names if (each := _placeholder_of(name))} - names.keys()):
                yield from _in_cloud(folder / name, self._content)
        else:
            message = (
                f"leads to {printable(shown(first, self._content))}, where its files are read (remove the symlink)"
            )
            yield _broken(folder, self._content, Finding(message=message))


def _original(path: str, content: Path) -> str:
    """Return the path of the file beside this one whose copy it is by its name, spelled as on disk; "" for none."""
    for original in originals(path):
        for form in (original, unicodedata.normalize("NFD", original)):
            if os.path.isfile(content / form):
                return form
    return ""


def copies_beside(path: str, content: Path) -> Iterator[str]:
    """Yield the paths of files below `content`, beside the one at `path`, that are copies of it by their names."""
    folder, name = posixpath.split(path)
    stem, suffix = posixpath.splitext(name)
    is_bundle = stem == "index" and folder not in FOLDERS
    if is_bundle:
        folder, stem = posixpath.split(folder)
    try:
        names = os.listdir(content / folder)
    except OSError:  # the walk reports the problem of the folder
        return
    for each in sorted(names):
        # The name of a copy contains that of its original. This test first takes a hundredth of the time.
        if nfc(stem) in nfc(each) and (is_bundle or each.endswith(suffix)):
            copy = shown(content / folder / (posixpath.join(each, name) if is_bundle else each), content)
            if nfc(path) in originals(copy):
                yield copy


def shown(file: Path, content: Path) -> str:
    """Return the path of a file below `content` for the store and for messages. It is unique for each file.

    Bytes that are not UTF-8 are written as \\xNN, and a backslash as two.
    """
    path, root = str(file), f"{content}/"
    # `relative_to` compares the parts of both, which takes ten times as long.
    below = path.removeprefix(root) if path.startswith(root) else file.relative_to(content).as_posix()
    name = os.fsencode(below)
    return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def _broken(path: Path, content: Path, finding: Finding) -> Found:
    return Found(path=shown(path, content), file=str(path), stamp=Stamp(size=0, mtime_ns=0, inode=0), finding=finding)
