"""content/articles as the place for imported articles. It knows the existing articles by id and by slug."""

import os
import posixpath
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from feedsvc.articles.identity import default_id
from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata import fields, frontmatter
from feedsvc.articles.read import slug_of_path
from feedsvc.errors import ArticleError
from feedsvc.importing.output import atomic_write
from feedsvc.importing.output.article_file import ArticleFile
from feedsvc.importing.output.existing import ExistingFile, existing_at
from feedsvc.importing.output.merge import differences, revised
from feedsvc.model import Site


class Outcome(Enum):
    """What was done with an article."""

    WRITTEN = "written"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    SHOWN = "shown, nothing written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The path and the outcome of an article. `differs` names the fields in which the existing file differs.

    `kept` is the new name of a file that was replaced.
    """

    path: Path
    outcome: Outcome
    differs: tuple[str, ...] = ()
    kept: Path | None = None


@dataclass(slots=True)
class ContentFolder:
    """The folder. An existing article that differs stays unchanged, unless `force`."""

    content: Path
    site: Site
    front_matter: str
    force: bool
    _by_id: dict[str, Path] = field(default_factory=dict)
    _by_slug: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for root, _, names in os.walk(self.content / "articles"):
            for name in names:
                if posixpath.splitext(name)[1].lower() in READERS and not name.startswith("."):
                    self._note(Path(root, name))

    def _note(self, path: Path) -> None:
        """Note the id and slug of a file; a broken file is known by its name only."""
        front = None
        with suppress(ArticleError, OSError):
            front = frontmatter.parse(path.read_bytes())
        with suppress(ValueError):
            written = front.fields if front else {}
            slug = fields.slug(written["slug"]) if written.get("slug") else slug_of_path(path.as_posix())
            aliases = fields.aliases(written.get("aliases", ""), self.site.base_url)
            given = fields.identifier(written["id"]) if written.get("id") else None
            self._by_slug[slug] = path
            self._by_id[given or default_id(self.site.tag_authority, slug, aliases)] = path

    def look(self, article_file: ArticleFile) -> Placed:
        """Return where an article would be written, and the outcome. Writes nothing."""
        path, existing = self._place_for(article_file)
        if existing is None:
            return Placed(path=path, outcome=Outcome.WRITTEN)
        differs = differences(existing, article_file, self.site)
        outcome = (Outcome.REPLACED if self.force else Outcome.KEPT) if differs else Outcome.UNCHANGED
        return Placed(path=path, outcome=outcome, differs=differs)

    def put(self, article_file: ArticleFile) -> Placed:
        """Write an article's file, completely or not at all.

        Raises ArticleError if the existing file cannot hold it, ConfigError if the disk does not allow it.
        """
        placed = self.look(article_file)
        if placed.outcome is Outcome.WRITTEN and not atomic_write.create(placed.path, article_file.data):
            # Another import, or a person, has written this file meanwhile. Decide again with it.
            self._by_slug[slug_of_path(placed.path.as_posix())] = placed.path
            self._note(placed.path)
            return self.put(article_file)
        existing = existing_at(placed.path, self.content, self.site) if placed.outcome is Outcome.REPLACED else None
        if existing is not None:
            data = revised(existing, article_file, self.site, self.front_matter)
            placed = replace(placed, kept=atomic_write.replace(placed.path, data))
        self._by_slug.setdefault(slug_of_path(placed.path.as_posix()), placed.path)
        self._by_id.setdefault(article_file.article.id, placed.path)
        return placed

    def _place_for(self, article_file: ArticleFile) -> tuple[Path, ExistingFile | None]:
        """Return the path of the existing article (by its id, or by its slug if it has none), or a new path."""
        completed = article_file.completed
        found = self._by_slug.get(completed.slug) if completed.draft.id is None else None
        known = found or self._by_id.get(article_file.article.id)
        existing = existing_at(known, self.content, self.site) if known else None
        if known and existing:
            return known, existing
        return self._new_place(completed.slug, article_file.article.published), None

    def _new_place(self, slug: str, published: datetime) -> Path:
        local = published.astimezone(ZoneInfo(self.site.timezone))
        free, number = slug, 1
        while free in self._by_slug:
            number += 1
            free = f"{slug}-{number}"
        return self.content / "articles" / f"{local:%Y}" / f"{local:%m}" / f"{free}.md"
