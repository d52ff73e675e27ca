"""Find the articles to which a text links: in which file each is, the slug that it gets, and who may read it. Pure."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.visibility import unread_folder
from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft, Item
from feedsvc.importing.readers.decoding import decode
from feedsvc.importing.readers.markdown.detection import DATED_NAME
from feedsvc.importing.readers.markdown.heads import HASH
from feedsvc.importing.readers.markdown.references import slug_of_file
from feedsvc.importing.readers.sites.source_site import SourceSite
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FilesBeside

_SUFFIX: Final = re.compile(r"\.(?:md|mdx|markdown|mkd|mdown|qmd|html?)$", re.IGNORECASE)
_READ: Final = (".md", ".mdx", ".markdown", ".mkd", ".mdown", ".qmd")
# Past this number of files, links are made of names alone.
_MAX_FILES: Final = 20_000
Read = Callable[[str, str, ImportSettings, FilesBeside], Item]


@dataclass(frozen=True, slots=True)
class Target:
    """The article that a file becomes."""

    slug: str
    is_public: bool


class LinkTargets:
    """The files to which the text at `path` links. `read` returns the draft in a file without looking at its links."""

    def __init__(
        self, path: str, beside: FilesBeside, settings: ImportSettings, site: SourceSite | None, read: Read
    ) -> None:
        self.path, self.beside, self._settings, self._site, self._read = path, beside, settings, site, read

    @property
    def base_url(self) -> str:
        """Return the public address of this publication."""
        return self._settings.site.base_url

    @property
    def tag_authority(self) -> str:
        """Return the authority of the ids of this publication."""
        return self._settings.site.tag_authority

    def slug_of(self, path: str) -> str:
        """Return the slug of the article in a file; one made of the name if the file is not there."""
        found = self._found(path)
        if found is None:
            # In a vault, a link may name a note that nobody has written yet.
            return "" if self._site is not None and self._site.is_private else slug_of_file(path)
        return found.slug or slug_of_file(path)

    def is_hidden(self, path: str) -> bool:
        """Return whether a file is known, and not for the public."""
        found = self._found(path)
        return found is not None and not found.is_public

    def at(self, path: str) -> Target | None:
        """Return the article in the file at a path among all files; None if none can be read."""
        key = f"target {path}"
        known = self.beside.known
        if key not in known:
            # Two texts may name each other.
            known[key] = None
            known[key] = self._read_at(path)
        found: Target | None = known[key]
        return found

    def _read_at(self, path: str) -> Target | None:
        try:
            text = decode(self.beside.files.read(path, MAX_BYTES), None).text
            item = self._read(path, text, self._settings, replace(self.beside, folder=posixpath.dirname(path)))
        except ArticleError:
            # It will be set aside.
            return Target("", is_public=False)
        if not isinstance(item, Draft):
            return None
        slug = item.slug or item.proposed_slug
        try:
            slug = slug or fields.slug_from(item.title)
        except ValueError:
            slug = ""
        is_hidden = item.is_draft or bool(unread_folder(path))
        is_hidden = is_hidden or bool(self._site and self._site.why_not_public(path))
        return Target(slug, is_public=not is_hidden)

    def _found(self, reference: str) -> Target | None:
        path = self._located(unquote(reference))
        return None if path is None or path == self.path else self.at(path)

    def _located(self, reference: str) -> str | None:
        """Return the path of the file that a reference means: the one of its path, else the nearest of its name."""
        written = _SUFFIX.sub("", reference.strip()).rstrip("/")
        wanted = posixpath.normpath(posixpath.join("/", written)).strip("/").casefold().removesuffix("/index")
        wanted = wanted.removesuffix("/_index")
        name = posixpath.basename(wanted)
        if not name:
            return None
        folder = posixpath.dirname(self.path)
        direct = posixpath.normpath(posixpath.join(folder, written)).casefold()
        found: list[tuple[bool, int, int, str]] = []
        for each in self._by_name().get(name, ()):
            whole = _SUFFIX.sub("", each).casefold().removesuffix("/index")
            dated = DATED_NAME.fullmatch(posixpath.basename(whole))
            if f"/{whole}".endswith(f"/{wanted}") or "/" not in wanted or dated:
                shared = len(posixpath.commonprefix([each, f"{folder}/"]))
                found.append((whole != direct, -shared, len(each), each))
        return min(found)[-1] if found else None

    def _by_name(self) -> Mapping[str, Sequence[str]]:
        known = self.beside.known
        if "paths by name" not in known:
            paths = [each for each in self.beside.files.paths if each.lower().endswith(_READ)]
            found: dict[str, list[str]] = {}
            for path in paths if len(paths) <= _MAX_FILES else ():
                stem = _SUFFIX.sub("", path.casefold())
                name = posixpath.basename(stem.removesuffix("/index"))
                dated = DATED_NAME.fullmatch(name)
                for each in {name, HASH.sub("", name), dated[1] if dated else name}:
                    found.setdefault(each, []).append(path)
            known["paths by name"] = found
        by_name: Mapping[str, Sequence[str]] = known["paths by name"]
        return by_name
