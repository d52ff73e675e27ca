"""Read the metadata of a saved page: JSON-LD, Open Graph, <meta>, <time>, <html lang>. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from html import unescape
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from feedsvc.importing.draft import SourceDate
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
_BEFORE_SITE: Final = re.compile(r"(?<!\s)\s++[-–—·•/]\s+|(?<!\s)\s*+(?:[|｜：»]\s*|:\s+)")
# In characters.
_MAX_SITE_NAME: Final = 40


class PageMetadata:
    """The statements of a page about itself. Where several sources have one, the most deliberate comes first."""

    def __init__(self, tree: LexborHTMLParser, saved_from: str | None = None) -> None:
        self._saved_from = saved_from
        self._tree = tree
        self._json_ld: Mapping[str, Any] = _NONE
        for script in tree.css('script[type="application/ld+json"]'):
            with suppress(ValueError, RecursionError):
                self._json_ld = self._json_ld or next(_articles_in(json.loads(script.text(deep=True) or "")), _NONE)
        self._meta: dict[str, list[str]] = {}
        for node in tree.css("meta[content]"):
            name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()
            self._meta.setdefault(name, []).append(plain(node.attributes.get("content") or ""))

    @property
    def title(self) -> str:
        """Return the headline without the site's name. The last source is <title>, which usually has that name."""
        sources = (_text(self._json_ld.get("headline")), self._meta_text("og:title", "twitter:title"))
        written = next(filter(None, (*sources, self._text_of("h1"), self._text_of("title"))), "")
        site, heading = self._meta_text("og:site_name", "application-name").casefold(), self._text_of("h1")
        for match in _BEFORE_SITE.finditer(written):
            headline, behind = written[: match.start()].strip(), written[match.end() :].strip()
            # The text behind the mark is the site's name, or short and not part of the page's heading.
            is_name = behind.casefold() == site or (headline == heading and len(behind) <= _MAX_SITE_NAME)
            if headline and behind and is_name:
                return headline
        return written

    @property
    def summary(self) -> str:
        """Return the standfirst."""
        written = self._meta_text("og:description", "description", "twitter:description")
        return _text(self._json_ld.get("description")) or written

    @property
    def language(self) -> str | None:
        """Return the language in the article's JSON-LD or in <html>."""
        root = self._tree.root
        written = _text(self._json_ld.get("inLanguage")) or (root.attributes.get("lang") if root else "")
        return written or None

    @property
    def url(self) -> str | None:
        """Return the page's own http or https address, or None if it names none."""
        link = self._tree.css_first('link[rel~="canonical"][href]')
        href = link.attributes.get("href") if link else None
        said = (
            href,
            self._meta_text("og:url"),
            _text(self._json_ld.get("url")),
            _text(self._json_ld.get("mainEntityOfPage")),
        )
        return next(filter(None, map(_web_address, (*said, self._saved_from))), None)

    @property
    def base(self) -> str | None:
        """Return the address against which relative links are resolved (HTML §2.4.3), or None if there is none."""
        node = self._tree.css_first("base[href]")
        href = (node.attributes["href"] or "") if node else ""
        return (resolve(href, self.url or "invalid:", FETCH_SCHEMES) if href else None) or self.url

    @property
    def authors(self) -> tuple[Person, ...]:
        """Return the authors, without profile addresses that stand in place of names."""
        named: list[Person] = []
        authors = self._json_ld.get("author")
        for each in authors if isinstance(authors, list) else [authors]:
            table: Mapping[str, Any] = each if isinstance(each, dict) else {"name": each}
            name = _text(table.get("name"))
            if name and "://" not in name:
                named.append(Person(name=name, uri=_web_address(_text(table.get("url")))))
        written = self._meta.get("author") or self._meta.get("article:author") or []
        return tuple(named) or tuple(Person(name=name) for name in written if name and "://" not in name)

    @property
    def tags(self) -> tuple[str, ...]:
        """Return the keywords, each once."""
        said = self._json_ld.get("keywords")
        listed = said.split(",") if isinstance(said, str) else said if isinstance(said, list) else []
        words = [plain(each) for each in listed if isinstance(each, str)] or self._meta.get("article:tag", [])
        return tuple(dict.fromkeys(filter(None, words)))

    def image(self, base: str) -> Image | None:
        """Return the picture of the article, with its address resolved against `base`, or None."""
        listed = self._json_ld.get("image")
        first = listed[0] if isinstance(listed, list) and listed else listed
        written = _text(first.get("url")) if isinstance(first, dict) else _text(first)
        address = written or self._meta_text("og:image")
        url = resolve(address, base, FETCH_SCHEMES) if address else None
        return Image(url=url, alt=self._meta_text("og:image:alt")) if url else None

    def published(self, settings: ImportSettings) -> SourceDate | None:
        """Return the publication date (UTC) from the first source with a readable date, or None."""
        marked = self._tree.css("time[pubdate], time[itemprop~=datePublished], time.published, time.entry-date")
        times = [*marked, *self._tree.css("article time, main time, header time, time")]
        # Without a mark, a <time> is the publication date only if all of them name one date.
        trusted = marked or (times if len({node.attributes.get("datetime") for node in times}) == 1 else [])
        more = [("<time>", node.attributes.get("datetime") or node.text() or "") for node in trusted[:1]]
        return next(self._dates(settings, "datePublished", _PUBLISHED, more), None)

    def updated(self, settings: ImportSettings) -> datetime | None:
        """Return the date of the last change (UTC), or None."""
        found = next(self._dates(settings, "dateModified", ("article:modified_time", "og:updated_time"), ()), None)
        return found.at if found else None

    def _dates(
        self, settings: ImportSettings, key: str, names: Sequence[str], more: Sequence[tuple[str, str]]
    ) -> Iterator[SourceDate]:
        places = [("JSON-LD", _text(self._json_ld.get(key))), *((name, self._meta_text(name)) for name in names), *more]
        for place, written in places:
            with suppress(ValueError):
                if written:
                    yield SourceDate(at=settings.date(written), found_in=place)

    def _meta_text(self, *names: str) -> str:
        return next((text for name in names for text in self._meta.get(name, []) if text), "")

    def _text_of(self, selector: str) -> str:
        node = self._tree.css_first(selector)
        return plain(node.text(deep=True)) if node else ""


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


def _articles_in(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for each in value:
            yield from _articles_in(each, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        if _ARTICLES.intersection(
            kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
        ):
            yield value
        yield from _articles_in(value.get("@graph", []), depth + 1)


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("url") or value.get("@id") or value.get("alternateName")
    # JSON-LD holds plain text, but many publishers escape it as HTML.
    return plain(unescape(value)) if isinstance(value, str) else ""


def _web_address(written: str | None) -> str | None:
    return resolve(written, "invalid:", FETCH_SCHEMES) if written else None
