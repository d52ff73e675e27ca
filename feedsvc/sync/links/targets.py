"""Find the articles that links to files lead to, from the front matter of these files."""

import os
import posixpath
from collections.abc import Mapping, Set
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

from feedsvc.articles.assets import is_article_path
from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.pages import FOLDERS
from feedsvc.articles.preview import Preview
from feedsvc.articles.read import read_head
from feedsvc.errors import ArticleError
from feedsvc.files import open_regular
from feedsvc.model import Site
from feedsvc.store.file_records import Stamp
from feedsvc.sync.assets import AssetFinder
from feedsvc.sync.folder.files import stamp_of, trusted
from feedsvc.sync.folder.walk import is_article, is_skipped, shown
from feedsvc.text import nfc

# The target of a link in a file record: the stamp of its file, and its slug or a key of `links.WHY_NOT`.
Target = tuple[Stamp, str]
_INDEX: Final = "index"


def is_target(asked: str) -> bool:
    """Return whether a key in a file record names an article that is linked to, not a file that is served."""
    return asked.startswith("[[") or is_article_path(asked)


def wiki_name(path: str) -> str:
    """Return the key of the file at `path` for a wiki link: its name without suffix, or the folder of a bundle."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return _key(posixpath.basename(posixpath.dirname(path)) if stem == _INDEX else stem)


def _key(name: str) -> str:
    return f"[[{nfc(name).casefold()}]]"


class TargetFinder:
    """Reads the heads of the files that articles link to, and caches them for one sync at `now` (UTC).

    `waiting` has the missing files that do not count as deleted yet: their earlier results are still valid. `slug`
    writes the target of each link that it looks for to `asked`. In a `preview`, links lead to drafts, too.
    """

    def __init__(
        self,
        content: Path,
        site: Site,
        now: datetime,
        files: AssetFinder,
        waiting: Set[str] = frozenset(),
        *,
        preview: Preview | None = None,
    ) -> None:
        self._preview = preview
        self._content, self._site, self._now, self._files = content, site, now, files
        self._waiting = {nfc(each) for each in waiting} | {wiki_name(each) for each in waiting}
        self._known: dict[str, Target] = {}
        self._found: dict[str, Target | None] = {}
        self._expiring: set[str] = set()
        self._named: dict[str, list[str]] | None = None
        self.asked: dict[str, Target | None] = {}

    def remember(self, asked: Mapping[str, Target | None]) -> None:
        """Add the results of an earlier sync."""
        self._known.update({path: each for path, each in asked.items() if each and is_target(path)})

    def slug(self, asked: str) -> str | None:
        """Return the slug of the article that a link means, or a key of `links.WHY_NOT`; None when there is none."""
        self.asked[asked] = target = self.stamp(asked)
        return target[1] if target else None

    def stamp(self, asked: str) -> Target | None:
        """Return the stamp of the file that a link names, and its target; None if there is no such file.

        A file that cannot be read keeps its earlier target, since its last good version stays published.
        """
        if asked not in self._found:
            file = self._file(asked)
            known = self._known.get(asked)
            found = self._read(file, asked) if file else None
            if found is None and asked in self._waiting:
                found = known
            elif found and found[1] == "?aside" and known and not known[1].startswith("?"):
                found = found[0], known[1]
            self._found[asked] = found
        return self._found[asked]

    def unchanged(self, asked: str, known: Target | None) -> bool:
        """Return whether the stamp of the file is unchanged. Does not read the file."""
        file = self._file(asked)
        if file is None:
            return known is None or asked in self._waiting
        try:
            return known is not None and stamp_of(file.stat()) == known[0]
        except OSError:
            return False

    def is_pending(self, asked: str) -> bool:
        """Return whether the target may change with time alone, without a change of the file."""
        found = self._found.get(asked)
        return asked in self._waiting or asked in self._expiring or (found is not None and found[1] == "?later")

    def _file(self, asked: str) -> Path | None:
        """Return the article file that the key names; None if it is not read."""
        path = self._path(asked)
        parts = path.split("/")
        if parts[0] not in FOLDERS or any(map(is_skipped, parts)) or not is_article(parts[-1]):
            return None
        return self._files.regular(path)

    def _path(self, asked: str) -> str:
        """Return the path of the file that the key names; "" if there is none.

        Of several files that a wiki link names, this is the one in the fewest folders, then the first by path.
        """
        if not asked.startswith("[["):
            return asked
        if self._named is None:
            # The walk happens once per sync, and only if there are wiki links.
            paths: list[str] = []
            walks = [os.walk(self._content / each) for each in FOLDERS]
            for inside, folders, names in chain.from_iterable(walks):
                folders[:] = [each for each in folders if not is_skipped(each)]
                paths += [shown(Path(inside, each), self._content) for each in names if is_article(each)]
            self._named = {}
            for path in sorted(paths, key=lambda each: (each.count("/"), each)):
                self._named.setdefault(wiki_name(path), []).append(path)
        folder, _, last = asked[2:-2].rpartition("/")
        ends = f"/{nfc(folder).casefold()}" if folder else ""
        for path in self._named.get(_key(posixpath.splitext(last)[0] if is_article_path(last) else last), ()):
            is_bundle = posixpath.splitext(posixpath.basename(path))[0] == _INDEX
            at = posixpath.dirname(posixpath.dirname(path) if is_bundle else path)
            if f"/{nfc(at).casefold()}".endswith(ends):
                return nfc(path)
        return ""

    def _read(self, file: Path, asked: str) -> Target | None:
        try:
            with open_regular(file) as stream:
                stamp = trusted(stamp_of(os.fstat(stream.fileno())))
                data = stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError:
            return Stamp(size=0, mtime_ns=0, inode=0), "?aside"
        try:
            head = read_head(self._path(asked), data, self._site, self._preview)
        except ArticleError:
            return stamp, "?aside"
        if head.expires is not None and head.expires > self._now:
            self._expiring.add(asked)
        if head.draft:
            return stamp, "?draft"
        if head.expires is not None and head.expires <= self._now:
            return stamp, "?expired"
        return stamp, "?later" if head.published > self._now else head.slug
