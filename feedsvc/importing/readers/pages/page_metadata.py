"""Read the metadata of a saved page: JSON-LD, Open Graph, <meta>, <time>, <html lang>. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any, Final
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.importing.draft import SourceDate
from feedsvc.importing.readers.pages.json_ld import json_ld_of
from feedsvc.importing.readers.pages.page_dates import date_in_address, shown_date
from feedsvc.importing.readers.pages.page_markers import not_public
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Image, Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

# The types of schema.org's Article that publishers use.
_ARTICLES: Final = frozenset(
    "Article NewsArticle BlogPosting ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle "
    "ReviewNewsArticle TechArticle Report ScholarlyArticle SocialMediaPosting LiveBlogPosting".split()
)
# Types whose date is that of something else than the page.
_PARTS_OF_PAGES: Final = frozenset("Comment Review UserReview VideoObject ImageObject Book Movie Product".split())
_DASH_BEFORE_CLOCK: Final = re.compile(r"(?<=\d-\d\d)-(?=\d\d:)")
# What HTML templates have in `<meta name="author">` until somebody writes a name.
_TEMPLATE_AUTHOR: Final = re.compile(
    r"(?:your |the |full |first )?name,? *e-?mail(?:@\S+)?|(?:your|the|full|first|author'?s?) name|author",
    re.IGNORECASE,
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
        json_ld = json_ld_of(tree)
        found = (each for each in json_ld.tables if not _ARTICLES.isdisjoint(_types(each)))
        self._json_ld: Mapping[str, Any] = next(found, _NONE)
        # What the JSON-LD says of the page rather than of an article. Only its dates are used.
        dated = (each for each in json_ld.tables if _text(each.get("datePublished")))
        whole = (each for each in dated if _types(each).isdisjoint(_PARTS_OF_PAGES))
        self._json_ld_page: Mapping[str, Any] = next(whole, _NONE)
        self._meta: dict[str, list[str]] = {}
        for node in tree.css("meta[content]"):
            names = (node.attributes.get(each) or "" for each in ("property", "name", "itemprop"))
            name = next(filter(None, names), "").strip().lower()
            self._meta.setdefault(name, []).append(plain(node.attributes.get("content") or ""))
        titles = [_text(self._json_ld.get("headline")), *self._meta.get("og:title", ())]
        titles += (plain(node.text(deep=True)) for node in tree.css("title, h1, h2.entry-title"))
        self._not_public = [*not_public(tree, self._meta, json_ld, titles)]

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
    def is_free(self) -> bool:
        """Return whether nothing says that the page, or a part of it, is not for the public."""
        return not self._not_public

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what the person who imports should know of the statements."""
        cure = "is not for the public: made a draft (remove draft: true to publish it)"
        return tuple(f"{each} {cure}" for each in dict.fromkeys(self._not_public))

    @property
    def body(self) -> str:
        """Return the text of the article that the JSON-LD states, "" if it states none."""
        written = self._json_ld.get("articleBody")
        return written if isinstance(written, str) else ""

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
        names = [name for name in written if name and "://" not in name and not _TEMPLATE_AUTHOR.fullmatch(name)]
        return tuple(named) or tuple(Person(name=name) for name in names)

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

    def published(self, settings: ImportSettings, in_text: SourceDate | None) -> SourceDate | None:
        """Return the publication date (UTC) from the first source with a readable date, or None.

        `in_text` is the date in the main text. The address and a date of a change count only without any other.
        """
        marked = self._tree.css(
            "time[pubdate], [itemprop~=datePublished]:not(meta), time.published, time.entry-date, abbr.published"
        )
        times = self._tree.css("article time, main time, header time, time")
        # Without a mark, a <time> is the publication date only if all of them name one date.
        trusted = times if len({node.attributes.get("datetime") for node in times}) == 1 else []
        marks = [("<time>", _written(node)) for node in marked[:1]]
        stated = next(self._dates(settings, "datePublished", _PUBLISHED, marks), None)
        if stated:
            return stated
        shown = shown_date(self._tree, self.title, settings)
        timed = next(self._dates(settings, "", (), [("<time>", _written(node)) for node in trusted[:1]]), None)
        # A <time> may be that of a comment, or of a related article, and is then of another day.
        is_of_that_day = shown and timed and timedelta() < timed.at - shown.at < timedelta(days=1)
        is_day_only = shown and shown.at.astimezone(ZoneInfo(settings.site.timezone)).time() == time()
        found = timed if shown is None or (is_day_only and is_of_that_day) else shown
        changed = self._dates(settings, "", ("dateupdate",), ())
        return found or in_text or date_in_address(self.url, settings) or next(changed, None)

    def updated(self, settings: ImportSettings) -> datetime | None:
        """Return the date of the last change (UTC), or None."""
        found = next(self._dates(settings, "dateModified", ("article:modified_time", "og:updated_time"), ()), None)
        return found.at if found else None

    def _dates(
        self, settings: ImportSettings, key: str, names: Sequence[str], more: Sequence[tuple[str, str]]
    ) -> Iterator[SourceDate]:
        said = (_text(self._json_ld.get(key)), _text(self._json_ld_page.get(key)))
        places = [*(("JSON-LD", each) for each in said), *((name, self._meta_text(name)) for name in names), *more]
        for place, written in places:
            with suppress(ValueError):
                if written:
                    yield SourceDate(at=settings.date(_DASH_BEFORE_CLOCK.sub(" ", written)), found_in=place)

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
    "publish-date",
    "publish_date",
    "publish_time",
    "publishtime",
    "publication_date",
    "firstpublishedtime",
    "og:release_date",
    "og:time",
    "apub:time",
    "weibo: article:create_at",
)


def _types(table: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of a table's types, without the address of the vocabulary."""
    kinds = table.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(re.split("[/#:]", kind)[-1] for kind in named if isinstance(kind, str))


def _written(node: LexborNode) -> str:
    said = (node.attributes.get(name) for name in ("datetime", "content", "title"))
    return next(filter(None, said), None) or plain(node.text(deep=True))


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("url") or value.get("@id") or value.get("alternateName")
    # JSON-LD holds plain text, but many publishers escape it as HTML.
    return plain(unescape(value)) if isinstance(value, str) else ""


def _web_address(written: str | None) -> str | None:
    return resolve(written, "invalid:", FETCH_SCHEMES) if written else None
