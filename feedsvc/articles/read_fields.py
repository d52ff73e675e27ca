"""Read the front matter fields of a file for a sync: values, markers and dates. Pure."""

import posixpath
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from feedsvc.articles.attachments import Attachments
from feedsvc.articles.findings import Findings
from feedsvc.articles.metadata import field_names, fields
from feedsvc.articles.metadata.dates import WrittenDate, read_written_date
from feedsvc.articles.metadata.field_definition import Field
from feedsvc.articles.metadata.frontmatter import FrontMatter, Value
from feedsvc.articles.metadata.marker_findings import first_expiry, with_times
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.metadata.visibility import Marker, Visibility, expiries, visibility
from feedsvc.articles.pages import is_page, page_slug
from feedsvc.model import Enclosure, Image, Site
from feedsvc.offsets import with_offset

UNKNOWN_DATE: Final = WrittenDate(datetime.fromtimestamp(0, UTC), None)


def slug_of_path(path: str) -> str:
    """Return the slug of a path: the file's name without suffix, the folder's name for a bundle (`index.*`)."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return fields.slug_from(posixpath.basename(posixpath.dirname(path)) if stem == "index" else stem)


class FieldReader:
    """The reader of the fields of the file at `path`: the `field_definition.Context` of a sync.

    `found` are the markers among the fields of `front`.
    `visibility` is the least public one that the markers and dates have named so far.
    """

    def __init__(
        self,
        path: str,
        front: FrontMatter,
        site: Site,
        attachments: Attachments,
        findings: Findings,
        *,
        found: Iterable[Marker],
    ) -> None:
        self._path, self._front, self._site = path, front, site
        self._attachments, self._findings = attachments, findings
        self.markers = tuple(with_times(found, self.date))
        self.visibility = visibility(self.markers)

    def values(self) -> dict[str, Any]:
        """Return the value of each field by its name, as far as it does not depend on the files that the body shows."""
        values = {each.name: self.value(each) for each in FIELDS.values() if not each.is_after_body}
        values["expires"] = first_expiry(self._front.fields, self.date, self._findings)
        if not values["slug"] and not self._findings.is_wrong("slug"):
            try:
                values["slug"] = slug_of_path(self._path)
            except ValueError as error:
                self._findings.error("slug", str(error))
        values["slug"] = values["slug"] or ""
        if is_page(self._path):
            self._make_page(values)
        values["language"] = values["language"] or self._site.language
        values["authors"] = values["authors"] or self._site.authors
        return values

    def _make_page(self, values: dict[str, Any]) -> None:
        """Change the values of an article to those of a page, whose slug and those that it names begin with a slash."""
        if values["slug"]:
            try:
                values["slug"] = page_slug(values["slug"], self._path)
            except ValueError as error:
                self._findings.error("slug", str(error))
        if values["translation_of"]:
            values["translation_of"] = f"/{values['translation_of']}"
        # An alias without a slash in the file is a former name of the page; /articles/x is the slug of an article.
        written = fields.texts(self._front.fields.get("aliases") or "")
        names = {each for each in written if "/" not in each}
        values["aliases"] = tuple(f"/{each}" if each in names else each for each in values["aliases"])
        for name in ("topics", "tags"):
            if values[name]:
                message = "is in no feed and in no list (remove the field, or move the file to articles)"
                self._findings.error(name, f"a page {message}")

    def value(self, field: Field) -> Any:
        """Return the value of a field; its default if it is absent, wrong, or not read by itself."""
        if (read := field.read) is None:
            return field.default
        return self._findings.read(field.name, lambda value: read(value, self), field.default)

    @property
    def site(self) -> Site:
        return self._site

    def topics(self, value: Value) -> tuple[str, ...]:
        return fields.topics(value, self._site, self._findings.warn)

    def image(self, value: Value) -> Image:
        return self._attachments.image(value)

    def enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        return self._attachments.enclosures(value)

    def published(self, value: Value) -> WrittenDate:
        """Return the date of publication; for a draft with `published: false` the one under another name, or none."""
        if not any(each.field == "published" for each in self.markers):
            return self.date(value)
        other = next((name for name in self._front.fields if field_names.own_name(name) == "published"), None)
        if self.visibility is Visibility.NOT_PUBLIC:
            return self.date(self._front.fields[other]) if other else UNKNOWN_DATE
        cure = f"write the value of '{other}' here" if other else "write 2026-01-31 09:00"
        raise ValueError(f"{value!r} says that this is published, not when ({cure})")

    def date(self, value: Value) -> WrittenDate:
        return read_written_date(fields.required_text(value), ZoneInfo(self._site.timezone))

    def time(self, value: Value) -> datetime:
        return self.date(value).at

    def updated(self, published: WrittenDate, updated: WrittenDate | None) -> WrittenDate:
        """Return the later of the two dates. Of a day and a time on the same day, the time is the later."""
        if updated is None or updated.at == published.at:
            return published
        if updated.at > published.at:
            return updated
        same_day = updated.offset is not None and (
            with_offset(published.at, updated.offset).date() == with_offset(updated.at, updated.offset).date()
        )
        if not same_day:
            self._findings.warn("updated", "is before published (the later of the two is used)")
        return published

    def expires(self, published: WrittenDate, expires: datetime | None) -> datetime | None:
        """Return when the article is taken down; None for never, and with an error for a time before `published`."""
        if expires is None or expires > published.at:
            return expires
        message = "is not later than published (write when the article is taken down)"
        self._findings.error(next(expiries(self._front.fields))[0], message)
        # One of the two dates is wrong. The last version must not stay published after the written time of expiry.
        self.visibility = Visibility.NOT_PUBLIC
        return None
