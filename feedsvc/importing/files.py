"""The one module of this room that touches the disk: finding what to import, and putting articles into content/."""

import os
import posixpath
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from feedsvc.articles import fields, frontmatter
from feedsvc.articles.markup import READERS
from feedsvc.articles.read import slug_of_path
from feedsvc.errors import ArticleError, ConfigError, Finding
from feedsvc.importing.editing import Edited
from feedsvc.importing.sources import SUFFIXES
from feedsvc.model import Site
from feedsvc.urls import segment

STDIN: Final = "-"
# WordPress exports of large sites; an article's own limit is checked with the article.
MAX_BYTES: Final = 256 * 1024 * 1024
# What browsers put beside a page they save.
_PAGE_FILES: Final = ("_files", ".files")


@dataclass(frozen=True, slots=True)
class Input:
    """A file to import. `name` is what people call it; `known` whether its suffix is one that is read."""

    name: str
    path: Path | None
    known: bool = True

    def read(self) -> bytes:
        """Its bytes. Raises ArticleError."""
        try:
            data = sys.stdin.buffer.read(MAX_BYTES + 1) if self.path is None else self._read(self.path)
        except OSError as error:
            raise _error(f"cannot be read: {error.strerror} (check its name and permissions)") from error
        if len(data) > MAX_BYTES:
            raise _error(f"larger than {MAX_BYTES:,} bytes (split it)")
        return data

    @staticmethod
    def _read(path: Path) -> bytes:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)


def _error(message: str) -> ArticleError:
    return ArticleError([Finding(message=message)])


def inputs(names: Sequence[str]) -> Iterator[Input]:
    """What the names on the command line mean, folders with all that is in them, in a stable order."""
    for name in names:
        if name == STDIN:
            yield Input("standard input", None)
        elif Path(name).is_dir():
            yield from _folder(Path(name))
        else:
            yield Input(name, Path(name))


def _folder(folder: Path) -> Iterator[Input]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and not each.endswith(_PAGE_FILES))
        for name in sorted(names):
            if not name.startswith("."):
                path = Path(root, name)
                yield Input(str(path), path, path.suffix.lower() in SUFFIXES)


class Outcome(Enum):
    """What came of putting an article on its place."""

    WRITTEN = "written"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    SHOWN = "shown, nothing written"


@dataclass(slots=True)
class Shelf:
    """content/articles as a place to put articles. It knows what stands there already, by id and by slug."""

    content: Path
    site: Site
    _by_id: dict[str, Path] = field(default_factory=dict)
    _by_slug: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for root, _, names in os.walk(self.content / "articles"):
            for name in names:
                if posixpath.splitext(name)[1].lower() in READERS and not name.startswith("."):
                    self._note(Path(root, name))

    def _note(self, path: Path) -> None:
        """What a file says of its id and slug; a broken one is known by its name alone."""
        front = None
        with suppress(ArticleError, OSError):
            front = frontmatter.parse(path.read_bytes())
        with suppress(ValueError):
            written = front.fields if front else {}
            slug = fields.slug(written["slug"]) if written.get("slug") else slug_of_path(path.as_posix())
            aliases = fields.slugs(written.get("aliases", ""))
            given = fields.identifier(written["id"]) if written.get("id") else None
            self._by_slug[slug] = path
            self._by_id[given or self._tag_uri((*aliases, slug)[0])] = path

    def _tag_uri(self, name: str) -> str:
        return f"tag:{self.site.tag_authority}:{segment(name)}"

    def place_for(self, edited: Edited) -> Path:
        """Where an article stands already (by its id, or by its slug when it has none), or where it is to stand."""
        if edited.draft.id is None and edited.slug in self._by_slug:
            return self._by_slug[edited.slug]
        known = self._by_id.get(edited.draft.id or self._tag_uri(edited.slug))
        return known or self._new_place(edited.slug, edited.published.at)

    def _new_place(self, slug: str, published: datetime) -> Path:
        local = published.astimezone(ZoneInfo(self.site.timezone))
        free, number = slug, 1
        while free in self._by_slug:
            number += 1
            free = f"{slug}-{number}"
        return self.content / "articles" / f"{local:%Y}" / f"{local:%m}" / f"{free}.md"

    def put(self, edited: Edited, data: bytes, *, force: bool) -> tuple[Path, Outcome]:
        """Put an article's file on its place: whole or not at all. Another version there is kept, unless `force`."""
        path = self.place_for(edited)
        outcome = _put(path, data, force=force)
        self._by_slug.setdefault(slug_of_path(path.as_posix()), path)
        self._by_id.setdefault(edited.draft.id or self._tag_uri(edited.slug), path)
        return path, outcome


def _put(path: Path, data: bytes, *, force: bool) -> Outcome:
    there = _bytes_at(path)
    if there is not None and (there == data or not force):
        return Outcome.UNCHANGED if there == data else Outcome.KEPT
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One name for each place, so that what an interrupted import left is overwritten by the next. It is hidden:
        # neither sync nor the watcher sees it.
        spare = path.with_name(f".{path.name}.importing")
        with spare.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror} (check the folder)") from error
    return Outcome.WRITTEN if there is None else Outcome.REPLACED


def _bytes_at(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror} (check the folder)") from error
