"""Find and write the files of imported articles in content/articles, by the ids and slugs of the existing ones."""

import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from itertools import count, takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

from feedsvc.articles.identity import default_id
from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata import fields, frontmatter
from feedsvc.articles.read_fields import slug_of_path
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.output.article_file import ArticleFile
from feedsvc.importing.output.existing import ExistingFile, bytes_at, existing_file
from feedsvc.importing.output.merge import differences, revised
from feedsvc.model import Site
from feedsvc.storage import atomic_write


class Outcome(Enum):
    """The outcome of an article. Values are words of the report."""

    WRITTEN = "written"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    SHOWN = "shown, nothing written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The path and the outcome of an article. `differs` names the fields in which the existing file differs.

    `backup` is the new name of a file that was replaced. The existing article `stays_draft` although the source is
    public now: an import publishes no article that is there already.
    """

    path: Path
    outcome: Outcome
    differs: tuple[str, ...] = ()
    backup: Path | None = None
    stays_draft: bool = False


@dataclass(slots=True)
class ContentFolder:
    """The content folder. An existing article that differs stays unchanged, unless `force`.

    `front_matter` is a key of front_matter_writer.FORMATS, for new files.
    """

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

    def find_place(self, article_file: ArticleFile) -> Placement:
        """Return where an article would be written, and the outcome. Writes nothing."""
        completed = article_file.completed
        by_slug = [self._by_slug[slug] for slug in takewhile(self._by_slug.__contains__, _numbered(completed.slug))]
        by_id = [self._by_id[each] for each in (article_file.article.id,) if each in self._by_id]
        # An article with an id is known by it; its slug may be that of another article.
        for path in dict.fromkeys(by_id or by_slug if completed.draft.id else [*by_slug, *by_id]):
            data = bytes_at(path)
            if data is None:
                continue
            if data == article_file.data and not article_file.media:
                # Most articles of an import that is run again. Reading and rendering them would take as long as before.
                return Placement(path=path, outcome=Outcome.UNCHANGED)
            existing = existing_file(path, data, self.content, self.site)
            differs = differences(existing, article_file, self.site)
            is_known = completed.draft.id is not None and path in by_id
            if not is_known and _is_other_article(existing, article_file, differs):
                continue
            outcome = (Outcome.REPLACED if self.force else Outcome.CONFLICT) if differs else Outcome.UNCHANGED
            stays_draft = existing.is_draft and not completed.draft.is_draft
            return Placement(path=path, outcome=outcome, differs=differs, stays_draft=stays_draft)
        local = article_file.article.published.astimezone(ZoneInfo(self.site.timezone))
        free = next(slug for slug in _numbered(completed.slug) if slug not in self._by_slug)
        month = self.content / "articles" / f"{local:%Y}" / f"{local:%m}"
        path = month / free / "index.md" if article_file.media else month / f"{free}.md"
        return Placement(path=path, outcome=Outcome.WRITTEN)

    def put(self, article_file: ArticleFile) -> Placement:
        """Write an article's file, completely or not at all, behind the files beside it.

        Raises ArticleError if the existing file cannot hold it, ConfigError if the disk does not allow it.
        """
        placed = self.find_place(article_file)
        if placed.outcome in (Outcome.WRITTEN, Outcome.REPLACED):
            self._put_media(placed.path, article_file.media)
        if placed.outcome is Outcome.WRITTEN and not atomic_write.create(placed.path, article_file.data):
            # Another import, or a person, has written this file meanwhile. Decide again with it.
            self._by_slug[slug_of_path(placed.path.as_posix())] = placed.path
            self._note(placed.path)
            return self.put(article_file)
        before = bytes_at(placed.path) if placed.outcome is Outcome.REPLACED else None
        if before is not None:
            existing = existing_file(placed.path, before, self.content, self.site)
            data = revised(existing, article_file, self.site, self.front_matter)
            placed = replace(placed, backup=atomic_write.replace(placed.path, data))
        self._by_slug.setdefault(slug_of_path(placed.path.as_posix()), placed.path)
        self._by_id.setdefault(article_file.article.id, placed.path)
        return placed

    def _put_media(self, article: Path, media: Mapping[str, bytes]) -> None:
        """Write files beside an article. Raises ArticleError if it is in no bundle, or a file of that name differs."""
        if media and article.stem != "index":
            message = f"{article} is no bundle, and its pictures need one (move it to {article.stem}/index.md there)"
            raise ArticleError([Finding(message=message)])
        for name, data in media.items():
            path = article.with_name(name)
            if atomic_write.create(path, data) or path.read_bytes() == data:
                continue
            if not self.force:
                message = f"{path} has other content than the picture to import (--force keeps it under another name)"
                raise ArticleError([Finding(message=message)])
            atomic_write.replace(path, data)


def _numbered(slug: str) -> Iterator[str]:
    """Yield the slug, and then the slug with 2, 3, … at its end."""
    yield slug
    yield from (f"{slug}-{number}" for number in count(2))


def _is_other_article(existing: ExistingFile, article_file: ArticleFile, differs: Sequence[str]) -> bool:
    """Return whether an article has only the slug in common with the existing one (decision 0308).

    A slug that the source or the person who imports gives names one article. An article with an id of its own is the
    existing one if that has none, and the two have one title and date: import gave articles of sites no id before
    (decision 0320).
    """
    completed = article_file.completed
    if existing.parsed is None:
        return completed.draft.id is not None
    ours, theirs = existing.parsed.article, article_file.article
    if completed.draft.id is not None:
        has_id = existing.front is not None and bool(existing.front.fields.get("id"))
        return has_id or (ours.title, ours.published) != (theirs.title, theirs.published)
    # A substitute for a missing date tells no articles apart.
    if "text" not in differs or "slug" not in completed.proposed or "published" in completed.proposed:
        return False
    if ours.canonical and theirs.canonical:
        return ours.canonical != theirs.canonical
    return abs(ours.published - theirs.published) >= timedelta(days=1)
