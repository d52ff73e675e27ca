"""Read the metadata of a saved page: JSON-LD, Open Graph, <meta>, <time>, <html lang>. Pure; nothing is guessed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from feedsvc.importing.draft import Dated
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Image, Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

# The types of schema.org's Article that publishers use.
_ARTICLES: Final = frozenset(
    "Article NewsArticle BlogPosting ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle "
    "ReviewNewsArticle TechArticle Report ScholarlyArticle SocialMediaPosting LiveBlogPosting".split()
)
_NONE: Final[Mapping[str, Any]] = {}


class Metadata:
    """The statements of a page about itself. Where several sources have one, the most deliberate comes first."""

    def __init__(self, tree: LexborHTMLParser, saved_from: str | None = None) -> None:
        self._saved_from = saved_from
        self._tree = tree
        self._linked: Mapping[str, Any] = next(_articles(tree), _NONE)
        self._meta: dict[str, list[str]] = {}
        for node in tree.css("meta[content]"):
            name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()
            self._meta.setdefault(name, []).append(plain(node.attributes.get("content") or ""))

    @property
    def title(self) -> str:
        """Return the headline without the site's name. The last source is <title>, which usually has that name."""
        written = self._first(
            _text(self._linked.get("headline")),
            self._said("og:title", "twitter:title"),
            self._node("h1"),
            self._node("title"),
        )
        return _without_site(written, self._node("h1"), self._said("og:site_name", "application-name"))

    @property
    def summary(self) -> str:
        """Return the standfirst."""
        return self._first(
            _text(self._linked.get("description")), self._said("og:description", "description", "twitter:description")
        )

    @property
    def language(self) -> str | None:
        """Return the language in the article's JSON-LD or in <html>."""
        root = self._tree.root
        written = _text(self._linked.get("inLanguage")) or (root.attributes.get("lang") if root else "")
        return written or None

    @property
    def url(self) -> str | None:
        """Return the page's own address."""
        link = self._tree.css_first('link[rel~="canonical"][href]')
        href = link.attributes.get("href") if link else None
        said = (href, self._said("og:url"), _text(self._linked.get("url")), _text(self._linked.get("mainEntityOfPage")))
        return next(filter(None, map(_web_address, (*said, self._saved_from))), None)

    @property
    def base(self) -> str | None:
        """Return the address against which relative links are resolved (HTML §2.4.3), or None if there is none."""
        node = self._tree.css_first("base[href]")
        href = (node.attributes["href"] or "") if node else ""
        return (resolve(href, self.url or "invalid:", FETCH_SCHEMES) if href else None) or self.url

    @property
    def authors(self) -> tuple[Person, ...]:
        """Return the authors."""
        named = tuple(_people(self._linked.get("author")))
        written = self._meta.get("author") or self._meta.get("article:author") or []
        return named or tuple(Person(name=name) for name in written if name and "://" not in name)

    @property
    def tags(self) -> tuple[str, ...]:
        """Return the keywords."""
        said = self._linked.get("keywords")
        listed = said.split(",") if isinstance(said, str) else said if isinstance(said, list) else []
        words = [plain(each) for each in listed if isinstance(each, str)] or self._meta.get("article:tag", [])
        return tuple(dict.fromkeys(filter(None, words)))

    def image(self, base: str) -> Image | None:
        """Return the picture."""
        said = self._linked.get("image")
        first = said[0] if isinstance(said, list) and said else said
        written = _text(first.get("url")) if isinstance(first, dict) else _text(first)
        url = (
            resolve(written or self._said("og:image"), base, FETCH_SCHEMES)
            if written or self._said("og:image")
            else None
        )
        return Image(url=url, alt=self._said("og:image:alt")) if url else None

    def published(self, settings: ImportSettings) -> Dated | None:
        """Return the publication date, from the first source with a readable date."""
        return next(self._dates(settings, "datePublished", _PUBLISHED, self._times()), None)

    def updated(self, settings: ImportSettings) -> datetime | None:
        """Return the date of the last change."""
        found = next(self._dates(settings, "dateModified", ("article:modified_time", "og:updated_time"), ()), None)
        return found.at if found else None

    def _dates(
        self, settings: ImportSettings, key: str, names: Sequence[str], more: Sequence[tuple[str, str]]
    ) -> Iterator[Dated]:
        places = [("JSON-LD", _text(self._linked.get(key))), *((name, self._said(name)) for name in names), *more]
        for place, written in places:
            with suppress(ValueError):
                if written:
                    yield Dated(at=settings.date(written), found_in=place)

    def _times(self) -> list[tuple[str, str]]:
        """Return the <time> elements with the date: marked ones, or the only one of the page."""
        marked = self._tree.css("time[pubdate], time[itemprop~=datePublished], time.published, time.entry-date")
        times = [*marked, *self._tree.css("article time, main time, header time, time")]
        different = {node.attributes.get("datetime") for node in times}
        trusted = marked or (times if len(different) == 1 else [])
        return [("<time>", node.attributes.get("datetime") or node.text() or "") for node in trusted[:1]]

    def _said(self, *names: str) -> str:
        return next((text for name in names for text in self._meta.get(name, []) if text), "")

    def _node(self, selector: str) -> str:
        node = self._tree.css_first(selector)
        return plain(node.text(deep=True)) if node else ""

    @staticmethod
    def _first(*texts: str) -> str:
        return next(filter(None, texts), "")


_BEFORE_SITE: Final = re.compile(r"(?<!\s)\s++[-–—·•/]\s+|(?<!\s)\s*+(?:[|｜：»]\s*|:\s+)")
_LONGEST_SITE: Final = 40


def _without_site(title: str, heading: str, site: str) -> str:
    """Return a title without the site's name at its end, or without a text that the page's heading does not have."""
    for match in _BEFORE_SITE.finditer(title):
        headline, behind = title[: match.start()].strip(), title[match.end() :].strip()
        is_name = behind.casefold() == site.casefold() or (headline == heading and len(behind) <= _LONGEST_SITE)
        if headline and behind and is_name:
            return headline
    return title


_PUBLISHED: Final = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "parsely-pub-date",
    "dc.date.issued",
    "dc.date",
    "dcterms.date",
    "dcterms.issued",
    "citation_publication_date",
)


def _articles(tree: LexborHTMLParser) -> Iterator[Mapping[str, Any]]:
    for script in tree.css('script[type="application/ld+json"]'):
        with suppress(ValueError, RecursionError):
            yield from _of_kind_article(json.loads(script.text(deep=True) or ""))


def _of_kind_article(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for each in value:
            yield from _of_kind_article(each, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        if _ARTICLES.intersection(
            kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
        ):
            yield value
        yield from _of_kind_article(value.get("@graph", []), depth + 1)


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("url") or value.get("@id") or value.get("alternateName")
    return plain(_unescaped(value)) if isinstance(value, str) else ""


def _unescaped(text: str) -> str:
    """JSON-LD holds plain text, but many publishers escape it as HTML."""
    from html import unescape

    return unescape(text)


def _people(value: Any) -> Iterator[Person]:
    for each in value if isinstance(value, list) else [value]:
        table: Mapping[str, Any] = each if isinstance(each, dict) else {"name": each}
        name = _text(table.get("name"))
        if name and "://" not in name:
            yield Person(name=name, uri=_web_address(_text(table.get("url"))))


def _web_address(written: str | None) -> str | None:
    return resolve(written, "invalid:", FETCH_SCHEMES) if written else None
