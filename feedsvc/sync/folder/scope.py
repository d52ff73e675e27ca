"""Which files a sync looks at: all of them, or those that may have changed."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from feedsvc.articles.assets import media_type_of
from feedsvc.store import Snapshot
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.folder.walk import Found, copies_beside, is_article, is_read, is_skipped, shown, walk, walk_from
from feedsvc.sync.recognition.copy_names import unread_tail
from feedsvc.sync.targets import wiki_name
from feedsvc.text import nfc


@dataclass(frozen=True, slots=True)
class Scope:
    """`found` are the files that are there, `known` the records of them and of those that are not there.

    `whole` says that these are all files.
    """

    found: list[Found]
    known: dict[str, FileRecord]
    whole: bool

    @property
    def missing(self) -> set[str]:
        """The files that were there and are not; not those below a folder that nobody can look into."""
        closed = tuple(f"{each.path}/" for each in self.found if each.closed)
        return {path for path in self.known.keys() - {each.path for each in self.found} if not path.startswith(closed)}


def look(content: Path, snapshot: Snapshot, changed: Collection[Path] | None) -> Scope:
    """The files to look at when these paths changed; all of them for None, and where paths do not tell.

    Raises ConfigError when there is no folder of articles.
    """
    some = None if changed is None or not _tell(content, changed) else _around(content, snapshot, changed)
    if some is None:
        known = snapshot.files.load()
        some = Scope(readable(walk(content), known), known, whole=True)
    if not some.missing:
        return some
    # A file that published nothing and cannot be read is read again: it may be one that is missing, renamed with a
    # mistake in it.
    broken = {path: replace(record, retry=True) for path, record in snapshot.files.load_broken().items()}
    looked_at = {each.path for each in some.found}
    more = [found for path in sorted(broken.keys() - looked_at) for found in walk_from(content / path, content)]
    return Scope([*some.found, *readable(more, broken)], {**some.known, **broken}, some.whole)


def readable(found: Iterable[Found], known: Mapping[str, FileRecord]) -> list[Found]:
    """The files without those in places that are not read.

    What is published from there stays, also where a folder above was renamed: such a file is read, and the plan says
    whether it is the same.
    """
    found = list(found)
    gone = known.keys() - {each.path for each in found}
    moved = {tail for path in gone if known[path].id and (tail := unread_tail(path))}
    return [
        each
        for each in found
        if is_read(each, known[each.path].id if each.path in known else None)
        or (moved and unread_tail(each.path) in moved)
    ]


def _tell(content: Path, changed: Iterable[Path]) -> bool:
    """Whether these paths say which articles they touch: the site touches all, and a symlink may lead anywhere."""
    articles = content / "articles"
    for path in changed:
        is_asset = not is_article(path.name) and media_type_of(path.name) is not None
        if not (articles in path.parents or is_asset or _is_hidden(path, content)):
            return False
    return True


def _is_hidden(path: Path, content: Path) -> bool:
    return any(map(is_skipped, path.relative_to(content).parts))


def _around(content: Path, snapshot: Snapshot, changed: Iterable[Path]) -> Scope | None:
    """The files at and below `changed`, those that asked for one of them, and those that are tried at each sync.

    None where a file cannot be found by the name in its record (one that is not UTF-8), and where a symlink to a
    folder is among them: whether that is the only way in takes a walk to see.
    """
    names = {shown(path, content): path for path in changed if not _is_hidden(path, content)}
    known = snapshot.files.load_retried()
    for name in names:
        known.update(snapshot.files.load_below(name))
        known.update(snapshot.files.load_some(snapshot.files.askers(nfc(name))))
    # Of a published file with a copy's name is said whether its original is there.
    for name in [each for each in {*names, *known} if is_article(each.rpartition("/")[2])]:
        known.update(snapshot.files.load_some(copies_beside(name, content)))
    for name in {*known, *names}:
        path = content / name
        if "\\" in name or (os.path.islink(path) and os.path.isdir(path)):
            return None
    found = {each.path: each for path in names.values() for each in walk_from(path, content)}
    called = {wiki_name(path) for path in {*names, *known, *found}}
    known.update(snapshot.files.load_some(snapshot.files.askers_by_name(called)))
    for name in known.keys() - found.keys():
        found.update({each.path: each for each in walk_from(content / name, content)})
    known.update(snapshot.files.load_some({*names, *found} - known.keys()))
    return Scope(readable(sorted(found.values(), key=lambda each: each.path), known), known, whole=False)
