"""Select the files that a sync considers: all of them, or those that may have changed."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from feedsvc.articles.assets import media_type_of
from feedsvc.articles.pages import FOLDERS
from feedsvc.store import Snapshot
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.folder.walk import Found, copies_beside, is_article, is_read, is_skipped, shown, walk, walk_from
from feedsvc.sync.links.targets import wiki_name
from feedsvc.sync.recognition.copy_names import unread_tail
from feedsvc.text import nfc


@dataclass(frozen=True)
class Scope:
    """The files that a sync considers.

    `found` has the existing files, `known` the records of these and of missing ones, by path. `whole` says that these
    are all files.
    """

    found: list[Found]
    known: dict[str, FileRecord]
    whole: bool

    @cached_property
    def missing(self) -> set[str]:
        """The paths of records without a file, except below a folder that cannot be read."""
        closed = tuple(f"{each.path}/" for each in self.found if each.is_unreadable_folder)
        gone = self.known.keys() - {each.path for each in self.found} if self.known else set[str]()
        return {path for path in gone if not path.startswith(closed)}


def find_scope(content: Path, snapshot: Snapshot, changed: Collection[Path] | None) -> Scope:
    """Return the files to consider if the paths in `changed` changed.

    All files are returned for None, and if the paths do not determine the affected articles.
    Raises ConfigError if there is no articles folder.
    """
    some = (
        None
        if changed is None or not _is_decidable(content, changed)
        else _scope_of_changes(content, snapshot, changed)
    )
    if some is None:
        known = snapshot.files.load()
        some = Scope(readable(walk(content), known), known, whole=True)
    if not some.missing:
        return some
    # An unreadable file that publishes nothing is read again: it may be a missing file that was renamed and got a
    # mistake in the same edit.
    broken = {path: replace(record, retry=True) for path, record in snapshot.files.load_broken().items()}
    looked_at = {each.path for each in some.found}
    more = [found for path in sorted(broken.keys() - looked_at) for found in walk_from(content / path, content)]
    return Scope([*some.found, *readable(more, broken)], {**some.known, **broken}, some.whole)


def readable(found: Iterable[Found], known: Mapping[str, FileRecord]) -> list[Found]:
    """Return the files without those in folders that are not read.

    An article that is already published from such a folder stays published, even if a parent folder was renamed: its
    file is read, and the plan decides whether it is the same article.
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


def _is_decidable(content: Path, changed: Iterable[Path]) -> bool:
    """Return whether the paths determine the affected articles: site.toml affects all, a symlink possibly any."""
    roots = {content / each for each in FOLDERS}
    for path in changed:
        is_asset = not is_article(path.name) and media_type_of(path.name) is not None
        if not (roots.intersection(path.parents) or is_asset or _is_hidden(path, content)):
            return False
    return True


def _is_hidden(path: Path, content: Path) -> bool:
    return any(map(is_skipped, path.relative_to(content).parts))


def _scope_of_changes(content: Path, snapshot: Snapshot, changed: Iterable[Path]) -> Scope | None:
    """Return the files at and below `changed`, the files that depend on one of them, and those that each sync retries.

    Return None if a file cannot be found by the path in its record (a name that is not UTF-8), or if a symlink to a
    folder is among them: only a walk of the whole folder shows whether the files have another path.
    """
    names = {shown(path, content): path for path in changed if not _is_hidden(path, content)}
    known = {**snapshot.files.load_retried(), **snapshot.files.load_below(names)}
    known.update(snapshot.files.load_some(snapshot.files.dependents(map(nfc, names))))
    # A published file whose name is that of a copy has a warning that depends on the existence of its original.
    affected = [each for each in {*names, *known} if is_article(each.rpartition("/")[2])]
    known.update(snapshot.files.load_some(copy for each in affected for copy in copies_beside(each, content)))
    for name in {*known, *names}:
        path = content / name
        if "\\" in name or (os.path.islink(path) and os.path.isdir(path)):
            return None
    found = {each.path: each for path in names.values() for each in walk_from(path, content)}
    called = {wiki_name(path) for path in {*names, *known, *found}}
    known.update(snapshot.files.load_some(snapshot.files.dependents_by_name(called)))
    for name in known.keys() - found.keys():
        found.update({each.path: each for each in walk_from(content / name, content)})
    known.update(snapshot.files.load_some({*names, *found} - known.keys()))
    return Scope(readable(sorted(found.values(), key=lambda each: each.path), known), known, whole=False)
