"""Read a file as an `Article`. Pure: the bytes, the site and a way to find assets are parameters."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from feedsvc import languages
from feedsvc.articles.assets import Asset, Assets
from feedsvc.articles.attachments import Attachments
from feedsvc.articles.findings import Findings
from feedsvc.articles.html.links import Links, OwnLink
from feedsvc.articles.html.lost_elements import lost_elements
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.identity import Identity, default_id
from feedsvc.articles.limits import check_size
from feedsvc.articles.markup import READERS, SOURCE_READERS, read_markdown
from feedsvc.articles.metadata import fields, frontmatter, registry
from feedsvc.articles.metadata.dates import WrittenDate, read_written_date
from feedsvc.articles.metadata.frontmatter import FrontMatter, Value
from feedsvc.articles.metadata.marker_findings import first_expiry, held_until, note_markers, with_times
from feedsvc.articles.metadata.registry import FIELDS, Field
from feedsvc.articles.metadata.second_block import SECOND_BLOCK, second_block
from feedsvc.articles.metadata.visibility import NotPublic, Visibility, expiries, markers, visibility
from feedsvc.articles.partial_article import PartialArticle, PartialArticleError, front_matter_by_lines
from feedsvc.articles.source_text.file_references import with_encoded_references
from feedsvc.articles.source_text.public_body import check_leftovers, public_body
from feedsvc.articles.summary import first_paragraph
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import Article, Enclosure, Image, SafeHTML, Site
from feedsvc.offsets import with_offset
from feedsvc.urls import Addresses

__all__ = ["PIPELINE_VERSION", "Head", "Parsed", "first_paragraph", "read_article", "read_head", "slug_of_path"]

# Part of every article's fingerprint: raise it if this package makes another article of the same file.
PIPELINE_VERSION: Final = 3
_UNKNOWN_DATE: Final = WrittenDate(datetime.fromtimestamp(0, UTC), None)
_SHOWS_NOTHING: Final = re.compile(r"(?:<(?!img|iframe)[^>]*+>|\s|&nbsp;)*+")
EMPTY: Final = "the body shows nothing, so readers get the title alone (write the text below the front matter)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The article in a file, the findings about it, the assets that it uses and asked for, and its links.

    `article.id` is the id of an article that was never published; `sync.identity` puts in the published one. `lines`
    are those of the fields in the file. `held` are other fields than `published` that say a later time before which the
    file is not public (in UTC).
    """

    article: Article
    identity: Identity
    draft: bool
    warnings: tuple[Finding, ...]
    assets: tuple[Asset, ...]
    asked: dict[str, str | None]
    links: tuple[OwnLink, ...] = ()
    lines: Mapping[str, int]
    held: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The facts on which links to an article depend: its slug, and when it is public (UTC; a draft has no times)."""

    slug: str
    draft: bool
    published: datetime
    expires: datetime | None = None


def _no_names(_folder: str) -> Iterable[str]:
    return ()


def _no_article(_path: str) -> str | None:
    return None


def read_article(
    path: str,
    data: bytes,
    site: Site,
    find: Callable[[str], Asset | None],
    names: Callable[[str], Iterable[str]] = _no_names,
    *,
    article: Callable[[str], str | None] = _no_article,
) -> Parsed:
    """Return the article in the file at `path` (relative to content/, forward slashes, a suffix of READERS).

    `find` gives the asset at a path relative to content/, or None; `names` those in a folder, for messages about one
    that is not there. `article` gives the slug of the article in another file, or at "[[name]]" of one that is called
    so; None when there is none, and a key of `links.WHY_NOT` when it is not public. Raises ArticleError with all
    findings.
    """
    try:
        check_size(data)
        front = _front_matter(path, data, site)
    except ArticleError as error:
        # What is wrong with the file must not keep its last version up where a marker says that it is not public.
        # An indented line may be text: of those, only markers that say so for sure count.
        lines = list(frontmatter.written_fields(data))
        found = [(each, "" in line) for line in lines for each in markers(line)]
        said = visibility(each for each, inside in found if not inside or each.visibility is Visibility.NOT_PUBLIC)
        if said is Visibility.PUBLIC:
            raise
        raise NotPublic(error.findings, is_marked=said is Visibility.NOT_PUBLIC) from error
    return _Reading(path, front, site, Assets(posixpath.dirname(path), find, names, article)).parsed()


def _front_matter(path: str, data: bytes, site: Site) -> FrontMatter:
    try:
        return frontmatter.parse(data)
    except ArticleError as error:
        # Where a merge or LFS left its own text, that is what is wrong, and not the YAML that it breaks.
        check_leftovers(data)
        assets = Assets(posixpath.dirname(path), lambda _path: None, _no_names, _no_article)
        reading = _Reading(path, front_matter_by_lines(data), site, assets)
        raise PartialArticleError(error.findings, reading.partial()) from error


def read_head(path: str, data: bytes, site: Site) -> Head:
    """Return the head of the file at `path`. Raises ArticleError if its front matter cannot be read."""
    check_size(data)
    assets = Assets(posixpath.dirname(path), lambda _path: None, _no_names, _no_article)
    return _Reading(path, frontmatter.parse(data), site, assets).head()


def slug_of_path(path: str) -> str:
    """Return the slug of a path: the file's name without suffix, the folder's name for a bundle (`index.*`)."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return fields.slug_from(posixpath.basename(posixpath.dirname(path)) if stem == "index" else stem)


class _Reading:
    """The reading of one file. It is the `registry.Context` of a sync."""

    def __init__(self, path: str, front: FrontMatter, site: Site, assets: Assets) -> None:
        self.path, self.front, self.site, self.assets = path, front, site, assets
        self.addresses = Addresses(site.base_url)
        self.reader = READERS[posixpath.splitext(path)[1].lower()]
        self.findings = Findings(front)
        self.attachments = Attachments(assets, self.addresses, self.findings)
        self.markers = tuple(with_times(markers(front.fields), self.date))
        self.visibility = visibility(self.markers)
        self.links: tuple[OwnLink, ...] = ()

    def parsed(self) -> Parsed:
        try:
            return self._parsed()
        except ArticleError as error:
            # A file beside the article that is still being written is looked at again soon, as it is.
            if self.visibility is Visibility.PUBLIC or type(error) not in (ArticleError, PartialArticleError):
                raise
            raise NotPublic(error.findings, is_marked=self.visibility is Visibility.NOT_PUBLIC) from error

    def partial(self, content: str | None = None, values: Mapping[str, Any] | None = None) -> PartialArticle:
        """Return what is readable in a file that is set aside. Without arguments, its front matter is broken."""
        values = self._values() if values is None else values
        published = values["published"]
        return PartialArticle(
            title=values["title"],
            published=published and published.at,
            slug=values["slug"],
            id=values["id"],
            content=self.reader(self.front.body) if content is None else content,
            links=self.links,
        )

    def _parsed(self) -> Parsed:
        self.findings.check_names()
        note_markers(self.markers, self.findings)
        if second := second_block(self.front.body):
            line = self.front.body_line + self.front.body.count("\n", 0, second.offset)
            self.findings.error_at(line, SECOND_BLOCK)
            # A marker in it must take down the last version, too.
            self.visibility = min(self.visibility, second.visibility)
        self.front = replace(self.front, body=public_body(self.front, self.reader, self.findings))
        values = self._values()
        article, identity = self._article(values)
        return Parsed(
            article=article,
            identity=identity,
            draft=self.visibility is not Visibility.PUBLIC,
            warnings=self.findings.warnings(),
            assets=tuple(self.assets.used.values()),
            asked=self.assets.asked,
            links=self.links,
            lines=self.front.lines,
            held=held_until(self.markers, article.published),
        )

    def head(self) -> Head:
        if self.visibility is not Visibility.PUBLIC:  # whatever else is wrong with it
            return Head(slug="", draft=True, published=datetime.max.replace(tzinfo=UTC))
        self.findings.check_names()
        values = self._values()
        self.findings.warnings()
        published = values["published"].at
        published = max((published, *held_until(self.markers, published).values()))
        return Head(slug=values["slug"], draft=False, published=published, expires=values["expires"])

    def _values(self) -> dict[str, Any]:
        """Return the value of each field by its name, as far as it does not depend on the files that the body shows."""
        values = {each.name: self._value(each) for each in FIELDS.values() if not each.is_after_body}
        values["expires"] = first_expiry(self.front.fields, self.date, self.findings)
        if not values["slug"] and not self.findings.is_wrong("slug"):
            try:
                values["slug"] = slug_of_path(self.path)
            except ValueError as error:
                self.findings.error("slug", str(error))
        values["slug"] = values["slug"] or ""
        values["language"] = values["language"] or self.site.language
        values["authors"] = values["authors"] or self.site.authors
        return values

    def _value(self, field: Field) -> Any:
        read = field.read
        return self.findings.read(field.name, lambda value: read(value, self), field.default) if read else field.default

    def topics(self, value: Value) -> tuple[str, ...]:
        return fields.topics(value, self.site, self.findings.warn)

    def image(self, value: Value) -> Image:
        return self.attachments.image(value)

    def enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        return self.attachments.enclosures(value)

    def published(self, value: Value) -> WrittenDate:
        """Return the date of publication; for a draft with `published: false` the one under another name, or none."""
        if not any(each.field == "published" for each in self.markers):
            return self.date(value)
        other = next((name for name in self.front.fields if registry.ours(name) == "published"), None)
        if self.visibility is Visibility.NOT_PUBLIC:
            return self.date(self.front.fields[other]) if other else _UNKNOWN_DATE
        cure = f"write the value of '{other}' here" if other else "write 2026-01-31 09:00"
        raise ValueError(f"{value!r} says that this is published, not when ({cure})")

    def date(self, value: Value) -> WrittenDate:
        return read_written_date(fields.required_text(value), ZoneInfo(self.site.timezone))

    def _updated(self, published: WrittenDate, updated: WrittenDate | None) -> WrittenDate:
        """The later of the two dates. A day says nothing against a time on the same day, which is then the later."""
        if updated is None or updated.at == published.at:
            return published
        if updated.at > published.at:
            return updated
        same_day = updated.offset is not None and (
            with_offset(published.at, updated.offset).date() == with_offset(updated.at, updated.offset).date()
        )
        if not same_day:
            self.findings.warn("updated", "is before published (the later of the two is used)")
        return published

    def _expires(self, published: WrittenDate, expires: datetime | None) -> datetime | None:
        """When the article is taken down; None for never, and with an error for a time before it is published."""
        if expires is None or expires > published.at:
            return expires
        message = "is not later than published (write when the article is taken down)"
        self.findings.error(next(expiries(self.front.fields))[0], message)
        # Whichever date is wrong, its last version must not stay up past the one that is written.
        self.visibility = Visibility.NOT_PUBLIC
        return None

    def _article(self, values: dict[str, Any]) -> tuple[Article, Identity]:
        slug, published = values["slug"], values["published"] or _UNKNOWN_DATE
        content, shown = self._content(slug, values["language"])
        updated = self._updated(published, values["updated"])
        expires = self._expires(published, values["expires"])
        aliases = tuple(each for each in values["aliases"] if each != slug)
        identity = Identity(
            default=default_id(self.site.tag_authority, slug, aliases),
            written=values["id"],
            line=self.front.lines.get("id", 2),
            is_toml=self.front.is_toml,
        )
        values |= {each.name: self._value(each) for each in FIELDS.values() if each.is_after_body}
        enclosures = self.attachments.complete(values["enclosure"], shown)
        # Only here, so that everything that is wrong is said at once.
        try:
            self.findings.warnings()
        except ArticleError as error:
            raise PartialArticleError(error.findings, self.partial(content, values)) from error
        article = Article(
            id=identity.id,
            slug=slug,
            title=values["title"],
            published=published.at,
            updated=updated.at,
            published_offset=published.offset,
            updated_offset=updated.offset,
            language=values["language"],
            summary=values["summary"] or first_paragraph(content),
            content=content,
            topics=values["topics"],
            authors=values["authors"],
            tags=values["tags"],
            image=values["image"],
            enclosures=enclosures,
            canonical=values["canonical"],
            translation_of=values["translation_of"],
            aliases=aliases,
            disclosure=values["disclosure"] or None,
            media=tuple(self.assets.used),
            expires=expires,
            extra={name: text for name, text in values.items() if text and not FIELDS[name].attribute},
        )
        return article, identity

    def _content(self, slug: str, language: str) -> tuple[SafeHTML, tuple[Enclosure, ...]]:
        reader = self.reader
        if reader is read_markdown:
            html = read_markdown(with_encoded_references(self.front.body), wikilinks=self.site.wikilinks)
        else:
            html = reader(self.front.body)
        if languages.direction(language) == "rtl" and " dir=" not in html:
            # Feeds have no word for a direction, and a reader shows the content on a page of its own.
            html = f'<div dir="rtl" lang="{language}">{html}</div>'
        links = Links(slug, self.site, self.assets, self.attachments, self.findings)
        page = self.addresses.article(slug)
        content, shown = sanitize(html, page, self.attachments.place, self.site.embed_hosts, links.place)
        self.attachments.check_pictures(content)
        source = SOURCE_READERS[posixpath.splitext(self.path)[1].lower()]
        for line, message in lost_elements(
            self.front.body, self.front.body_line, source, frozenset(self.site.embed_hosts)
        ):
            self.findings.warn_at(line, message)
        if _SHOWS_NOTHING.fullmatch(content) and self.visibility is Visibility.PUBLIC:
            self.findings.warn_at(self.front.body_line, EMPTY)
        links.check_fragments(content)
        self.links = links.found
        return content, shown
