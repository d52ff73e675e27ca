"""Write a completed draft as a Markdown file with front matter. Pure: equal drafts give equal bytes."""

import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc.articles.assets import Asset, asset_of
from feedsvc.articles.metadata.front_matter_writer import fields_with, file_of
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.read import read_article
from feedsvc.importing.complete import CompletedDraft
from feedsvc.model import Article, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFile:
    """A completed draft as a file, and the article that a sync will read from it.

    `media` are the bytes of the files beside it, by name.
    """

    completed: CompletedDraft
    data: bytes
    article: Article
    media: Mapping[str, bytes] = field(default_factory=dict)


def article_file_of(
    completed: CompletedDraft, site: Site, front_matter: str, media: Mapping[str, bytes] = MappingProxyType({})
) -> ArticleFile:
    """Return the file, read once as a sync reads it. Raises ArticleError with the reason why a sync would set it aside.

    `front_matter` is a key of front_matter_writer.FORMATS. `media` are the files beside the article, by name.
    """
    data = file_of(fields_of(completed, site.timezone), f"\n{completed.draft.body}\n", front_matter)

    def find(path: str) -> Asset | None:
        found = media.get(posixpath.basename(path))
        return None if found is None else asset_of(path, hashlib.sha256(found).hexdigest(), len(found))

    path = f"articles/{completed.slug}/index.md" if media else f"articles/{completed.slug}.md"
    parsed = read_article(path, data, site, find)
    return ArticleFile(completed=completed, data=data, article=parsed.article, media=media)


def file_without_date(completed: CompletedDraft, site: Site, front_matter: str) -> str:
    """Return the file with a comment in place of its missing date."""
    data = file_of(fields_of(completed, site.timezone), f"\n{completed.draft.body}\n", front_matter)
    fence, _, rest = data.decode().partition("\n")
    return f"{fence}\n# published: missing (write a date, 2026-03-01)\n{rest}"


def fields_of(completed: CompletedDraft, timezone: str) -> dict[str, Any]:
    """Return the front matter of an article, without fields that would be empty."""
    draft, published = completed.draft, completed.published
    changed = draft.updated if draft.updated and (published is None or draft.updated > published.at) else None
    # If an old address is the article's own slug, it is not an alias.
    former = (each for each in draft.old_addresses if each != completed.slug)
    given: dict[str, Any] = {
        "published": published.at if published else None,
        "updated": changed,
        "language": completed.language,
        "aliases": tuple(dict.fromkeys((*draft.aliases, *former))),
    }
    values = {name: given.get(name, each.value_in(draft)) for name, each in FIELDS.items() if each.is_written}
    return fields_with(values, ZoneInfo(timezone))
