"""Read drafts and scheduled articles for a preview: as articles that carry a mark. Pure: the time is a parameter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from feedsvc.articles.metadata import marker_table
from feedsvc.articles.metadata.frontmatter import FrontMatter, Value
from feedsvc.articles.metadata.marker_table import DRAFT_NAMES, DRAFT_WORDS, NO, YES, squash
from feedsvc.articles.metadata.visibility import Marker, Visibility, visibility
from feedsvc.articles.read_fields import UNKNOWN_DATE
from feedsvc.errors import Finding
from feedsvc.model import DRAFT, PREVIEW_MARK, Article, ExtraValue, Site

UNTITLED: Final = "(untitled)"
_EMPTY_DATE: Final = squash("an empty date")


def is_unfinished(found: Iterable[Marker]) -> bool:
    """Return whether markers keep a file from the public for one reason alone: it is not published yet.

    Only what marker_table.toml lists for drafts counts. Any other marker, such as a password or `visibility: private`,
    may be about who is allowed to read the file at all, and not all of them may see a preview.
    """
    found = tuple(found)
    against = [each for each in found if each.visibility is not Visibility.PUBLIC]
    return visibility(found) is Visibility.NOT_PUBLIC and all(map(_is_of_draft, against))


def _is_of_draft(marker: Marker) -> bool:
    said = squash(marker.value_text)
    if said not in YES | NO | {_EMPTY_DATE}:
        return said in DRAFT_WORDS
    found = marker_table.match(marker.field.rpartition(".")[2])
    return found is not None and found.name in DRAFT_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The preview of a sync at `now` (UTC)."""

    now: datetime

    def completed(
        self, front: FrontMatter, site: Site, *, is_page: bool = False
    ) -> tuple[FrontMatter, tuple[Finding, ...]]:
        """Return the front matter of a draft with its missing required fields, and a finding for each of them."""
        values: dict[str, Value] = {"title": UNTITLED}
        if not is_page:
            values |= {"published": f"{self.now:%Y-%m-%d}", "topics": [site.topics[0].name]}
        missing = {name: value for name, value in values.items() if front.fields.get(name) in (None, "", [], {})}
        if not missing:
            return front, ()
        findings = tuple(
            Finding(
                line=front.lines.get(name, 0),
                field=name,
                message=f"is missing (add '{name}: …' to the front matter; the preview shows {shown})",
                severity="warning",
            )
            for name, value in missing.items()
            for shown in [", ".join(map(str, value)) if isinstance(value, list) else value]
        )
        return replace(front, fields={**front.fields, **missing}), findings

    def marked(self, article: Article, held: Iterable[datetime], *, is_draft: bool) -> Article:
        """Return the article of a file with its mark, if it has one. `held` are the times of its other markers."""
        if is_draft:
            if article.published == UNKNOWN_DATE.at:  # `published: false` has no date
                now = self.now.replace(microsecond=0)
                article = replace(article, published=now, updated=max(now, article.updated))
            return _with_mark(article, DRAFT)
        due = max((article.published, *held))
        return _with_mark(article, due) if due > self.now else article


def _with_mark(article: Article, mark: ExtraValue) -> Article:
    return replace(article, extra={**article.extra, PREVIEW_MARK: mark})
