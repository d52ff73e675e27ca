"""Rename the file or bundle of an article so that its id stays and its old address leads to the new one.

The front matter is written first, under the old name: an alias that is the article's own slug changes nothing. Then one
rename moves the file. So a sync at any moment sees the article at its old or at its new address, and never two of it.
An alias that has become the slug again is removed last.
"""

import os
import posixpath
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from feedsvc.articles.identity import default_id, with_id
from feedsvc.articles.metadata import fields, frontmatter
from feedsvc.articles.metadata.line_edits import with_alias, with_slug, without_alias
from feedsvc.articles.read import read_head
from feedsvc.articles.read_fields import slug_of_path
from feedsvc.errors import ArticleError, ConfigError, Problem, printable
from feedsvc.files import open_regular, rename_new
from feedsvc.model import Site
from feedsvc.storage.atomic_write import cure_of, replace_unchanged
from feedsvc.store import Snapshot
from feedsvc.suggestions import nearest
from feedsvc.sync.folder.walk import is_article, shown, walk
from feedsvc.sync.links.targets import wiki_name
from feedsvc.sync.recognition.copy_names import originals, why_unread
from feedsvc.text import nfc


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedFile:
    """The file at `path` below the content folder was at `before`. `alias` is the slug that was written, or None.

    `links` has a line for each article that links to the file by its old path.
    """

    path: str
    before: str
    alias: str | None
    links: tuple[str, ...]


class Renamer:
    """Renames files of one publication; `snapshot` is the state of its store, which is not written."""

    def __init__(self, content: Path, site: Site, snapshot: Snapshot) -> None:
        self._content, self._site, self._snapshot = Path(os.path.abspath(content)), site, snapshot

    def rename(self, old: str, new: str) -> RenamedFile:
        """Rename the article with the slug or path `old`. Raises ConfigError, and nothing is changed then."""
        file = self._file(old)
        path = shown(file, self._content)
        # A symlink may lead to files that are not of this publication, which a sync does not read either.
        if os.path.realpath(file) != os.path.join(os.path.realpath(self._content), file.relative_to(self._content)):
            raise ConfigError(f"{printable(path)} is reached through a symlink (rename the file where it is)")
        is_bundle = posixpath.splitext(file.name)[0] == "index" and file.parent.name != "articles"
        name = self._name(new, path)
        source = file.parent if is_bundle else file
        target = source.with_name(name if is_bundle else f"{name}{file.suffix}")
        after = posixpath.join(shown(target, self._content), file.name) if is_bundle else shown(target, self._content)
        self._check_name(name, path, after)
        try:
            with open_regular(file.resolve(strict=True)) as stream:
                data = stream.read()
            changed, alias = self._changed(path, data, name, after)
            if os.path.lexists(target) and target != source and not os.path.samefile(source, target):
                raise FileExistsError
            if changed != data:
                replace_unchanged(file.resolve(strict=True), data, changed)
            try:
                rename_new(source, target)
            except OSError:
                if changed != data:
                    replace_unchanged(file.resolve(strict=True), changed, data)
                raise
            if (tidied := without_alias(changed, name)) != changed:
                # Its own slug is no alias of an article. The old name needed it until now: an address must not end.
                with suppress(OSError):
                    moved = target / file.name if is_bundle else target
                    replace_unchanged(moved.resolve(strict=True), changed, tidied)
        except FileExistsError as error:
            raise ConfigError(
                f"{printable(after)} exists already, so nothing was renamed (use another name)"
            ) from error
        except OSError as error:
            cure = cure_of(error, "try again")
            raise ConfigError(f"{printable(path)}: not renamed: {error.strerror} ({cure})") from error
        slug = self._slug(path, data)
        return RenamedFile(path=after, before=path, alias=alias, links=tuple(self._links(path, after, slug)))

    def _file(self, old: str) -> Path:
        """Return the file that `old` names: by a path from here or from the content folder, else by its slug."""
        for base in (Path.cwd(), self._content, self._content / "articles"):
            file = Path(os.path.abspath(base / old))
            if self._content / "articles" not in file.parents or not os.path.lexists(file):
                continue
            inside = [each for each in file.glob("index.*") if is_article(each.name)] if file.is_dir() else [file]
            if len(inside) != 1 or not is_article(inside[0].name):
                raise ConfigError(f"{printable(old)} is no article and no bundle (name a file that is read)")
            return inside[0]
        id_ = self._snapshot.claims.of([old]).get(old)
        brief = self._snapshot.identities.briefs([id_]).get(id_) if id_ else None
        if id_ and brief:
            if brief.slug != old:
                raise ConfigError(f"{printable(old)} is an old address of {printable(brief.slug)} (name that)")
            paths = self._snapshot.files.publishers([id_]).get(id_, set())
            known = [self._content / each for each in sorted(paths) if os.path.lexists(self._content / each)]
            if known:
                return known[0]
        files = {each.path: Path(each.file) for each in walk(self._content) if not each.is_unreadable_folder}
        slugs = {path: slug for path in files if (slug := _slug_of(path))}
        found = [path for path, slug in slugs.items() if slug == nfc(old)]
        if len(found) > 1:
            raise ConfigError(
                f"{printable(old)} is the name of {', '.join(map(printable, found))} (name one by its path)"
            )
        if not found:
            raise ConfigError(f"no article has the slug or path {old!r} ({nearest(old, sorted(set(slugs.values())))})")
        return files[found[0]]

    def _name(self, new: str, path: str) -> str:
        """Return `new` without the suffix of the file at `path`. Refuse a path, and a name that is no slug."""
        suffix = posixpath.splitext(path)[1]
        name = new.removesuffix(suffix)
        try:
            if "/" not in new:
                return fields.slug(name)
            parts = [each for each in name.split("/") if each] or [""]
            last = parts[-2] if parts[-1] == "index" and len(parts) > 1 else parts[-1]
            message = f"the file stays in its folder (write {fields.slug_from(last.removesuffix(suffix))})"
        except ValueError as error:
            raise ConfigError(f"NEW: {error}") from error
        raise ConfigError(f"NEW is a name without a folder: {message}")

    def _check_name(self, name: str, path: str, after: str) -> None:
        """Refuse a name that would not be read, or is the address of another article."""
        if why := why_unread(after) or ("" if is_article(posixpath.basename(after)) else "would not be read"):
            raise ConfigError(f"NEW: a file with the name {name} {why} (use another name)")
        if name == "index":
            raise ConfigError("NEW: index is the name of the file in a bundle (use another name)")
        beside = [each for each in originals(after) if each != path and os.path.lexists(self._content / each)]
        if beside:
            raise ConfigError(f"NEW: {name} is by its name a copy of {printable(beside[0])} (use another name)")
        id_ = self._snapshot.claims.of([name]).get(name)
        others = self._snapshot.files.publishers([id_]).get(id_, set()) if id_ else set()
        if others and path not in others:
            raise ConfigError(f"NEW: {name} is already used by {printable(min(others))} (use another name)")

    def _changed(self, path: str, data: bytes, new: str, after: str) -> tuple[bytes, str | None]:
        """Return the bytes that the file needs under its new name, and the alias that was added, if any."""
        record = self._snapshot.files.load_some([path]).get(path)
        id_ = record.id if record else None
        is_readable = False
        try:
            front = frontmatter.parse(data)
            is_readable = True
            slug = self._slug(path, data)
            if slug == new and after == path:
                raise ConfigError(f"{printable(path)} has this name already")
            changed = with_slug(data, new) if front.fields.get("slug") else data
            # Nobody knows the address of a draft that was never published.
            is_known = not self._is_draft(path, data) or self._snapshot.slugs.at(slug) is not None
            if slug != new and is_known:
                changed = with_alias(changed, slug)
            id_ = id_ or self._default(data, slug)
            if not front.fields.get("id") and self._default(changed, new) != id_:
                changed = with_id(changed, id_)
        except ArticleError as error:
            if id_ is None and not is_readable:
                return data, None  # such a file was never published, and has no address
            problem = Problem(path=path, finding=error.findings[0])
            raise ConfigError(f"{problem}; so nothing was renamed") from error
        return changed, slug if slug != new and is_known else None

    def _default(self, data: bytes, slug: str) -> str:
        """Return the id that a file without `id` has by default under this slug."""
        written = frontmatter.parse(data).fields.get("aliases", "")
        try:
            aliases = fields.aliases(written, self._site.base_url)
        except ValueError:
            aliases = ()
        return default_id(self._site.tag_authority, slug, [each for each in aliases if each != slug])

    def _is_draft(self, path: str, data: bytes) -> bool:
        try:
            return read_head(path, data, self._site).draft
        except ArticleError:
            return False

    def _slug(self, path: str, data: bytes) -> str:
        try:
            written = frontmatter.parse(data).fields.get("slug")
        except ArticleError:
            written = None
        return str(written) if written else _slug_of(path)

    def _links(self, path: str, after: str, slug: str) -> Iterator[str]:
        """Yield a line for each other file that names the renamed file, or a file in its bundle, by the old path."""
        is_bundle = posixpath.splitext(posixpath.basename(path))[0] == "index"
        whole, wiki = nfc(posixpath.dirname(path) if is_bundle else path), wiki_name(path)
        dependents = self._snapshot.files.dependents([whole]) | self._snapshot.files.dependents_by_name([wiki])
        for asker, record in sorted(self._snapshot.files.load_some(dependents - {path}).items()):
            by_path = any(each == whole or each.startswith(f"{whole}/") for each in record.asked)
            by_name = record.asked.get(wiki)
            if not by_path and not (by_name and by_name[1] == slug):
                continue
            old = posixpath.basename(whole)
            new = posixpath.dirname(after) if is_bundle else after
            line = self._line_of(asker, old if by_path else posixpath.splitext(old)[0])
            cure = f"write {posixpath.relpath(new, posixpath.dirname(asker))}"
            if not by_path:
                cure = f"write [[{posixpath.splitext(posixpath.basename(new))[0]}]]"
            yield f"{printable(asker)}:{line} links to {printable(whole)} ({printable(cure)})"

    def _line_of(self, path: str, name: str) -> str:
        """Return the number of the first line that has a name, with a colon; "" if none has."""
        try:
            with open_regular(self._content / path) as stream:
                lines = nfc(stream.read().decode("utf-8", "replace")).splitlines()
        except OSError:
            return ""
        texts = (name.casefold(), quote(name).casefold())
        found = (at for at, line in enumerate(lines, 1) if any(text in line.casefold() for text in texts))
        number = next(found, 0)
        return f"{number}:" if number else ""


def _slug_of(path: str) -> str:
    """Return the slug that the name of a file gives it; "" if none can be made."""
    try:
        return slug_of_path(path)
    except ValueError:
        return ""
