"""Finding the files below content/articles: names, stamps, and what is wrong with a file before it is opened."""

import os
import posixpath
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from feedsvc.articles.markup import READERS
from feedsvc.errors import ConfigError, Finding
from feedsvc.store.notebook import Stamp

# A file written this lately may be written again within the same tick of its clock, so its stamp proves nothing.
RACY_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file that ought to be an article. `path` is its name for the store and for people; `file` opens it."""

    path: str
    file: Path
    stamp: Stamp
    finding: Finding | None = None


def is_article(name: str) -> bool:
    """Whether a file of that name is read: a suffix with a reader, and neither hidden nor an editor's spare copy."""
    return posixpath.splitext(name)[1].lower() in READERS and not name.startswith((".", "#", "~"))


def is_skipped(name: str) -> bool:
    """Whether a file or folder of that name is passed by: a hidden one."""
    return name.startswith(".")


def walk_from(path: Path, content: Path) -> Iterator[Found]:
    """The article files at `path` and below it, as `walk` finds them."""
    articles = content / "articles"
    if path == articles or articles in path.parents:
        inside = path.relative_to(articles).parts
        if not any(map(is_skipped, inside)) and os.path.lexists(path):
            yield from _entry(path, content, content.resolve(), frozenset())


def walk(content: Path) -> Iterator[Found]:
    """Every article file below `content`/articles, in a stable order. Raises ConfigError when that is no folder."""
    root = content / "articles"
    if not root.is_dir():
        raise ConfigError(f"{root}: not a folder (make it; articles are kept there)")
    yield from _folder(root, content, content.resolve(), frozenset())


def _folder(folder: Path, content: Path, limit: Path, above: frozenset[tuple[int, int]]) -> Iterator[Found]:
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield _broken(folder, content, f"cannot be listed: {error.strerror} (check its permissions)")
        return
    place = (status.st_dev, status.st_ino)
    if place in above:
        yield _broken(folder, content, "leads back to a folder it stands in (remove the symlink)")
        return
    for entry in entries:
        yield from _entry(Path(entry.path), content, limit, above | {place})


def _entry(file: Path, content: Path, limit: Path, above: frozenset[tuple[int, int]]) -> Iterator[Found]:
    name = file.name
    if is_skipped(name):
        return
    if file.is_symlink() and not _inside(file, limit):
        if is_article(name) or not posixpath.splitext(name)[1]:
            yield _broken(file, content, "a symlink that leads out of the content folder, or nowhere (copy the file)")
        return
    if file.is_dir():
        yield from _folder(file, content, limit, above)
    elif is_article(name):
        yield look(file, content)


def _inside(file: Path, limit: Path) -> bool:
    try:
        return file.resolve(strict=True).is_relative_to(limit)
    except (OSError, RuntimeError):
        return False


def look(file: Path, content: Path) -> Found:
    """One file as it looks from outside."""
    try:
        status = file.stat()
    except OSError as error:
        return _broken(file, content, f"cannot be read: {error.strerror} (check its permissions)")
    if not stat.S_ISREG(status.st_mode):
        return _broken(file, content, "not a regular file (replace it by one)")
    return Found(path=shown(file, content), file=file, stamp=stamp_of(status))


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp in a stat result."""
    return Stamp(size=status.st_size, mtime_ns=status.st_mtime_ns, inode=status.st_ino)


def trusted(stamp: Stamp) -> Stamp:
    """The stamp of a file that is read now, without its time when that proves nothing yet."""
    return stamp if time.time_ns() - stamp.mtime_ns > RACY_NS else replace(stamp, mtime_ns=0)


def shown(file: Path, content: Path) -> str:
    """A file below `content` as the store and people call it; bytes that are not UTF-8 are written as \\xNN."""
    return os.fsencode(file.relative_to(content).as_posix()).decode("utf-8", "backslashreplace")


def _broken(file: Path, content: Path, message: str) -> Found:
    return Found(
        path=shown(file, content),
        file=file,
        stamp=Stamp(size=0, mtime_ns=0, inode=0),
        finding=Finding(message=message),
    )
