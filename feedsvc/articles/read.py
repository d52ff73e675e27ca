"""Read a file as an `Article`. Pure: the bytes, the site and a way to find assets are parameters."""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from feedsvc.articles.assets import Asset, Assets
from feedsvc.articles.attachments import Attachments
from feedsvc.articles.body_to_html import Content, body_to_html
from feedsvc.articles.findings import Findings
from feedsvc.articles.html.links import MissingFile, OwnLink
from feedsvc.articles.identity import Identity, default_id
from feedsvc.articles.limits import check_size
from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata import frontmatter
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.articles.metadata.marker_findings import embargoes_of, note_markers
from feedsvc.articles.metadata.registry import FIELDS, extra_values
from feedsvc.articles.metadata.second_block import SECOND_BLOCK, second_block
from feedsvc.articles.metadata.visibility import NotPublic, Visibility, markers, visibility
from feedsvc.articles.pages import is_page
from feedsvc.articles.partial_article import PartialArticle, PartialArticleError, front_matter_by_lines
from feedsvc.articles.preview import UNTITLED, Preview, is_unfinished
from feedsvc.articles.read_fields import UNKNOWN_DATE, FieldReader
from feedsvc.articles.source_text.public_body import check_leftovers, public_body
from feedsvc.articles.summary import first_paragraph
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import CODE_LANGUAGES, Article, Site

__all__ = ["PIPELINE_VERSION", "Head", "Parsed", "first_paragraph", "read_article", "read_head"]

# Part of every article's fingerprint: raise it if this package makes another article of the same file.
PIPELINE_VERSION: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The article in a file, the findings about it, the assets that it uses and asked for, and its links.

    `article.id` is the id of an article that was never published; `sync.identity` puts in the published one. `lines`
    are those of the fields in the file. `embargoes` are other fields than `published` that say a later time before
    which the file is not public (in UTC).
    """

    article: Article
    identity: Identity
    draft: bool
    warnings: tuple[Finding, ...]
    assets: tuple[Asset, ...]
    asked: dict[str, str | None]
    links: tuple[OwnLink, ...] = ()
    missing: tuple[MissingFile, ...] = ()
    lines: Mapping[str, int]
    embargoes: Mapping[str, datetime] = field(default_factory=dict)


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
    preview: Preview | None = None,
) -> Parsed:
    """Return the article in the file at `path` (relative to content/, forward slashes, a suffix of READERS).

    `find` returns the asset at a path relative to content/, or None; `names` the names in a folder, for suggestions.
    `article` returns the slug of the article in another file, or for "[[name]]" in the file with that name; None if
    there is no file, and a key of `links.WHY_NOT` if it is not public. A `preview` makes an article with a mark of a
    draft or a scheduled file. Raises ArticleError with all findings.
    """
    try:
        check_size(data)
        front = _front_matter(path, data, site)
    except ArticleError as error:
        # An error in the file must not keep its last version published if a marker says that it is not public.
        # An indented line may be text: of those, only markers that say so for sure count.
        lines = list(frontmatter.written_fields(data))
        found = [(each, "" in line) for line in lines for each in markers(line)]
        said = visibility(each for each, inside in found if not inside or each.visibility is Visibility.NOT_PUBLIC)
        if said is Visibility.PUBLIC:
            raise
        raise NotPublic(error.findings, is_marked=said is Visibility.NOT_PUBLIC) from error
    assets = Assets(posixpath.dirname(path), find, names, article, site.keep_location)
    return _Reading(path, front, site, assets, preview).parsed()


def _front_matter(path: str, data: bytes, site: Site) -> FrontMatter:
    try:
        return frontmatter.parse(data)
    except ArticleError as error:
        # Where a merge or LFS left its own text, that is what is wrong, and not the YAML that it breaks.
        check_leftovers(data)
        assets = Assets(posixpath.dirname(path), lambda _path: None, _no_names, _no_article)
        reading = _Reading(path, front_matter_by_lines(data), site, assets)
        raise PartialArticleError(error.findings, reading.partial()) from error


def read_head(path: str, data: bytes, site: Site, preview: Preview | None = None) -> Head:
    """Return the head of the file at `path`. Raises ArticleError if its front matter cannot be read.

    In a `preview`, drafts have one too, and every article is public at once.
    """
    check_size(data)
    assets = Assets(posixpath.dirname(path), lambda _path: None, _no_names, _no_article)
    return _Reading(path, frontmatter.parse(data), site, assets, preview).head()


class _Reading:
    """The reading of one file."""

    def __init__(
        self, path: str, front: FrontMatter, site: Site, assets: Assets, preview: Preview | None = None
    ) -> None:
        # A draft may be incomplete. The preview shows it; its placeholders are no findings of `check` and `sync`.
        found = tuple(markers(front.fields))
        is_draft = is_unfinished(found)
        self.is_page = is_page(path)
        self.is_previewed = preview is not None and is_draft
        self.placeholders: tuple[Finding, ...] = ()
        if preview is not None and self.is_previewed:
            front, self.placeholders = preview.completed(front, site, is_page=self.is_page)
            found = tuple(markers(front.fields))
        self.front, self.site, self.assets, self.preview = front, site, assets, preview
        self.suffix = posixpath.splitext(path)[1].lower()
        self.findings = Findings(front, is_draft=is_draft, is_page=self.is_page)
        self.attachments = Attachments(assets, site.addresses, self.findings)
        self.fields = FieldReader(path, front, site, self.attachments, self.findings, found=found)
        self.links: tuple[OwnLink, ...] = ()
        self.missing: tuple[MissingFile, ...] = ()

    def parsed(self) -> Parsed:
        try:
            return self._parsed()
        except ArticleError as error:
            # A file beside the article that is still being written is looked at again soon, as it is.
            if self.fields.visibility is Visibility.PUBLIC or type(error) not in (ArticleError, PartialArticleError):
                raise
            raise NotPublic(error.findings, is_marked=self.fields.visibility is Visibility.NOT_PUBLIC) from error

    def partial(self, content: str | None = None, values: Mapping[str, Any] | None = None) -> PartialArticle:
        """Return what is readable in a file that is set aside. Without arguments, its front matter is broken."""
        values = self.fields.values() if values is None else values
        published = values["published"]
        return PartialArticle(
            title=values["title"],
            published=published and published.at,
            slug=values["slug"],
            id=values["id"],
            content=READERS[self.suffix](self.front.body) if content is None else content,
            links=self.links,
            missing=self.missing,
        )

    def _parsed(self) -> Parsed:
        self.findings.check_names()
        note_markers(self.fields.markers, self.findings)
        if second := second_block(self.front.body):
            line = self.front.body_line + self.front.body.count("\n", 0, second.offset)
            self.findings.error_at(line, SECOND_BLOCK)
            # A marker in the second block must unpublish the last version also.
            self.fields.visibility = min(self.fields.visibility, second.visibility)
        self.front = replace(self.front, body=public_body(self.front, READERS[self.suffix], self.findings))
        values = self.fields.values()
        content = body_to_html(
            self.front,
            suffix=self.suffix,
            slug=values["slug"],
            language=values["language"],
            site=self.site,
            assets=self.assets,
            attachments=self.attachments,
            findings=self.findings,
            is_public=self.fields.visibility is Visibility.PUBLIC,
        )
        self.links, self.missing = content.links, content.missing
        article, identity = self._article(values, content)
        is_draft = self.fields.visibility is not Visibility.PUBLIC
        embargoes = embargoes_of(self.fields.markers, article.published)
        if self.preview is not None and (self.is_previewed or not is_draft):
            article = self.preview.marked(article, embargoes.values(), is_draft=is_draft)
            is_draft, embargoes = False, {}
        return Parsed(
            article=article,
            identity=identity,
            draft=is_draft,
            warnings=(*self.placeholders, *self.findings.warnings()),
            assets=tuple(self.assets.used.values()),
            asked=self.assets.asked,
            links=self.links,
            missing=self.missing,
            lines=self.front.lines,
            embargoes=embargoes,
        )

    def head(self) -> Head:
        # Even if the file has other errors.
        if self.fields.visibility is not Visibility.PUBLIC and not self.is_previewed:
            return Head(slug="", draft=True, published=datetime.max.replace(tzinfo=UTC))
        self.findings.check_names()
        values = self.fields.values()
        self.findings.warnings()
        published = (values["published"] or UNKNOWN_DATE).at
        published = max((published, *embargoes_of(self.fields.markers, published).values()))
        if self.preview is not None:
            published = UNKNOWN_DATE.at
        return Head(slug=values["slug"], draft=False, published=published, expires=values["expires"])

    def _article(self, values: dict[str, Any], content: Content) -> tuple[Article, Identity]:
        slug, published = values["slug"], values["published"] or UNKNOWN_DATE
        updated = self.fields.updated(published, values["updated"])
        expires = self.fields.expires(published, values["expires"])
        aliases = tuple(each for each in values["aliases"] if each != slug)
        identity = Identity(
            default=default_id(self.site.tag_authority, slug, () if self.is_page else aliases),
            written=values["id"],
            line=self.front.lines.get("id", 2),
            is_toml=self.front.is_toml,
        )
        values |= {each.name: self.fields.value(each) for each in FIELDS.values() if each.is_after_body}
        enclosures = self.attachments.complete(values["enclosure"], content.shown)
        # Only here, so that everything that is wrong is said at once.
        try:
            self.findings.warnings()
        except ArticleError as error:
            raise PartialArticleError(error.findings, self.partial(content.html, values)) from error
        article = Article(
            id=identity.id,
            slug=slug,
            # Only drafts, which are not published, have no title or topics here.
            title=values["title"] or UNTITLED,
            published=published.at,
            updated=updated.at,
            published_offset=published.offset,
            updated_offset=updated.offset,
            language=values["language"],
            summary=values["summary"] or first_paragraph(content.html),
            content=content.html,
            topics=() if self.is_page else values["topics"] or (self.site.topics[0].name,),
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
            extra=extra_values(values) | ({CODE_LANGUAGES: content.code} if content.code else {}),
        )
        self.attachments.check_caption(article)
        return article, identity
