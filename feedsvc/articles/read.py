"""A file becomes an Article. Pure: the bytes, the site and a way to find assets are handed in."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles import fields, frontmatter
from feedsvc.articles.assets import Asset, Assets, LinkOutside
from feedsvc.articles.dates import read_date
from feedsvc.articles.frontmatter import FrontMatter, Value
from feedsvc.articles.limits import check_size
from feedsvc.articles.markup import READERS
from feedsvc.articles.sanitize import sanitize
from feedsvc.errors import ArticleError, Finding, nearest
from feedsvc.model import Article, Enclosure, Image, SafeHTML, Site
from feedsvc.text import has_forbidden, plain, shorten
from feedsvc.urls import FETCH_SCHEMES, Addresses, resolve, segment

# Part of every article's fingerprint: raise it when this room makes something else of the same file.
PIPELINE_VERSION: Final = 1
T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a file holds, what `check` says about it, and the assets it uses and asked for."""

    article: Article
    draft: bool
    warnings: tuple[Finding, ...]
    assets: tuple[Asset, ...]
    asked: dict[str, str | None]


def read_article(path: str, data: bytes, site: Site, find: Callable[[str], Asset | None]) -> Parsed:
    """The article in the file at `path` (relative to content/, forward slashes, a suffix of READERS).

    `find` gives the asset at a path relative to content/, or None. Raises ArticleError with all findings.
    """
    check_size(data)
    return _Reading(path, frontmatter.parse(data), site, Assets(posixpath.dirname(path), find)).parsed()


def slug_of_path(path: str) -> str:
    """The slug a path gives: the file's name without suffix, the folder's for a bundle (`index.*`)."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return fields.slug_from(posixpath.basename(posixpath.dirname(path)) if stem == "index" else stem)


class _Reading:
    """One file on its way: collects findings so that all of them are said at once."""

    def __init__(self, path: str, front: FrontMatter, site: Site, assets: Assets) -> None:
        self.path, self.front, self.site, self.assets = path, front, site, assets
        self.findings: list[Finding] = []
        self.addresses = Addresses(site.base_url)

    def parsed(self) -> Parsed:
        self._check_names()
        values = self._values()
        self._stop_on_errors()
        article = self._article(values)
        self._stop_on_errors()
        warnings = tuple(finding for finding in self.findings if finding.severity == "warning")
        return Parsed(
            article=article,
            draft=values["draft"],
            warnings=warnings,
            assets=tuple(self.assets.used.values()),
            asked=self.assets.asked,
        )

    def _check_names(self) -> None:
        for name in self.front.fields:
            if name not in fields.KNOWN:
                self._warn(name, f"unknown field ({nearest(name, fields.KNOWN)})")
        for name in fields.REQUIRED:
            if name not in self.front.fields:
                self._error(name, f"is missing (add '{name}: …' to the front matter)")

    def _values(self) -> dict[str, Any]:
        zone = ZoneInfo(self.site.timezone)
        read = self._read
        return {
            "title": read("title", fields.required_text, ""),
            "published": read("published", lambda value: read_date(fields.required_text(value), zone), None),
            "updated": read("updated", lambda value: read_date(fields.required_text(value), zone), None),
            "topics": read("topics", lambda value: fields.topics(value, self.site), ()),
            "slug": read("slug", fields.slug, None) or self._default_slug(),
            "id": read("id", fields.identifier, None),
            "language": read("language", fields.language, self.site.language),
            "summary": read("summary", fields.text, ""),
            "authors": read("authors", fields.people, ()) or self.site.authors,
            "tags": read("tags", fields.texts, ()),
            "canonical": read("canonical", fields.url, None),
            "translation_of": read("translation_of", fields.slug, None),
            "aliases": read("aliases", fields.slugs, ()),
            "draft": read("draft", fields.flag, False),
        }

    def _article(self, values: dict[str, Any]) -> Article:
        slug, published = values["slug"], values["published"]
        content, shown = self._content(slug)
        updated: datetime = values["updated"] or published
        if updated < published:
            self._warn("updated", "is before published (the later of the two is used)")
        aliases = tuple(each for each in values["aliases"] if each != slug)
        return Article(
            id=values["id"] or self._tag_uri((*aliases, slug)[0]),
            slug=slug,
            title=values["title"],
            published=published,
            updated=max(updated, published),
            language=values["language"],
            summary=values["summary"] or first_paragraph(content),
            content=content,
            topics=values["topics"],
            authors=values["authors"],
            tags=values["tags"],
            image=self._read("image", self._image, None),
            enclosures=(*self._read("enclosure", self._enclosures, ()), *shown),
            canonical=values["canonical"],
            translation_of=values["translation_of"],
            aliases=aliases,
            media=tuple(self.assets.used),
        )

    def _content(self, slug: str) -> tuple[SafeHTML, tuple[Enclosure, ...]]:
        if has_forbidden(self.front.body):
            self._warn("", "holds characters that XML forbids (they are dropped)", self._line_of_forbidden())
        html = READERS[posixpath.splitext(self.path)[1].lower()](self.front.body)
        return sanitize(html, self.addresses.article(slug), self._asset_url)

    def _asset_url(self, reference: str) -> str | None:
        """The public URL of a file beside the article; None leaves the reference as it is."""
        try:
            asset = self.assets.at(reference)
        except LinkOutside as error:
            self._error("", str(error))
            return None
        if asset is None:
            self._note_missing(reference)
            return None
        return self.addresses.media(asset.name)

    def _note_missing(self, reference: str) -> None:
        missing = [path for path, name in self.assets.asked.items() if name is None]
        if missing and posixpath.splitext(reference.partition("?")[0])[1]:
            self._warn("", f"no file {reference!r} beside the article that can be served (check its name)")

    def _image(self, value: Value) -> Image:
        table = (
            {"src": fields.required_text(value)}
            if isinstance(value, str)
            else fields.table_of(value, {"src": fields.required_text, "alt": fields.text})
        )
        url, asset = self._file_or_url(table.get("src", ""))
        return Image(
            url=url,
            alt=table.get("alt", ""),
            type=asset.type if asset else fields.guess_media_type(url),
            length=asset.length if asset else None,
        )

    def _enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        items = value if isinstance(value, list) else [value]
        return tuple(self._enclosure(each) for each in items if each != "")

    def _enclosure(self, value: Value) -> Enclosure:
        keys = {
            "url": fields.required_text,
            "file": fields.required_text,
            "type": fields.media_type,
            "length": fields.length,
        }
        table = {"url": value} if isinstance(value, str) else fields.table_of(value, keys)
        url, asset = self._file_or_url(table.get("file") or table.get("url", ""))
        type_ = table.get("type") or (asset.type if asset else fields.guess_media_type(url))
        if type_ is None:
            raise ValueError(f"the type of {url} is not known (add type: audio/mpeg, …)")
        return Enclosure(url=url, type=type_, length=asset.length if asset else int(table.get("length", "0")))

    def _file_or_url(self, reference: str) -> tuple[str, Asset | None]:
        asset = self.assets.at(reference)
        if asset is not None:
            return self.addresses.media(asset.name), asset
        url = resolve(reference, self.addresses.home if reference.startswith("/") else "invalid:", FETCH_SCHEMES)
        if url is None:
            raise ValueError(
                f"{reference!r} is neither a file beside the article nor a web address "
                "(check the name, or write https://…)"
            )
        return url, None

    def _default_slug(self) -> str:
        if "slug" in self.front.fields and self._failed("slug"):
            return ""
        try:
            return slug_of_path(self.path)
        except ValueError as error:
            self._error("slug", str(error))
            return ""

    def _tag_uri(self, name: str) -> str:
        return f"tag:{self.site.tag_authority}:{segment(name)}"

    def _read(self, name: str, reader: Callable[[Value], T], default: D) -> T | D:
        value = self.front.fields.get(name, "")
        if value == "" and name not in fields.REQUIRED:
            return default
        if name not in self.front.fields:
            return default
        try:
            self._note_forbidden(name, value)
            return reader(value)
        except ValueError as error:
            self._error(name, str(error))
            return default

    def _note_forbidden(self, name: str, value: Value) -> None:
        if has_forbidden(str(value)):
            self._warn(name, "holds characters that XML forbids (they are dropped)")

    def _line_of_forbidden(self) -> int:
        return next(
            (self.front.body_line + n for n, line in enumerate(self.front.body.split("\n")) if has_forbidden(line)), 0
        )

    def _failed(self, name: str) -> bool:
        return any(finding.field == name and finding.severity == "error" for finding in self.findings)

    def _error(self, name: str, message: str) -> None:
        self.findings.append(Finding(line=self.front.lines.get(name, 0), field=name, message=message))

    def _warn(self, name: str, message: str, line: int = 0) -> None:
        place = line or self.front.lines.get(name, 0)
        self.findings.append(Finding(line=place, field=name, message=message, severity="warning"))

    def _stop_on_errors(self) -> None:
        if any(finding.severity == "error" for finding in self.findings):
            raise ArticleError(self.findings)


def first_paragraph(content: SafeHTML) -> str:
    """The plain text of the first paragraph that has any, about 200 characters; without one, of the whole."""
    body = LexborHTMLParser(content).body
    if body is None:
        return ""
    for aside in body.css('rt, rp, sup > a[href*="#"]'):
        aside.decompose()
    for line_break in body.css("br"):
        line_break.replace_with(" ")
    paragraphs: list[LexborNode] = body.css("p")
    texts = (plain(node.text(deep=True)) for node in [*paragraphs, body])
    return shorten(next(filter(None, texts), ""))
