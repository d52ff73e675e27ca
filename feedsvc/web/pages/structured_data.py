"""Make the structured data of pages: schema.org's NewsArticle as JSON-LD, and Open Graph."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from feedsvc.model import Article
from feedsvc.web.pages.page import PageContext, in_short


def news_article(page: PageContext, article: Article, others: Sequence[Article]) -> dict[str, Any]:
    """Return a https://schema.org/NewsArticle. `others` are the article's translations."""
    site, base = page.site, page.base
    name = site.title.in_(article.language)
    publisher = {"@type": "Organization", "name": name, "url": base.home}
    logo: str | dict[str, Any] | None = site.logo
    if file := site.logo_file:
        logo = {"@type": "ImageObject", "url": site.logo, "width": file.width, "height": file.height}
    picture: str | dict[str, str] = article.image.url if article.image else ""
    if article.image and article.image.caption:
        picture = {"@type": "ImageObject", "url": article.image.url, "caption": article.image.caption}
    topics = [topic.title.in_(article.language) for each in article.topics if (topic := site.topic(each))]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": in_short(article.summary),
        "url": base.article(article.slug),
        "mainEntityOfPage": article.canonical or base.article(article.slug),
        "datePublished": page.clock.machine(article.published, article.published_offset),
        "dateModified": page.clock.machine(article.updated, article.updated_offset),
        "inLanguage": article.language,
        "author": [
            {
                "@type": "Organization" if each.name == name else "Person",
                "name": each.name,
                **({"url": each.uri} if each.uri else {}),
            }
            for each in article.authors
        ],
        "publisher": publisher | ({"logo": logo} if logo else {}),
        "articleSection": topics,
        "keywords": list(article.tags),
        "image": [picture] if picture else [],
        "workTranslation": [{"@id": base.article(each.slug), "inLanguage": each.language} for each in others],
        "isAccessibleForFree": True,
    }
    return {key: value for key, value in found.items() if value not in ([], "")}


def web_page(page: PageContext, article: Article, others: Sequence[Article]) -> dict[str, Any]:
    """Return a https://schema.org/WebPage for a page of the publication. `others` are its translations."""
    site, base = page.site, page.base
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": article.title,
        "description": in_short(article.summary),
        "url": base.article(article.slug),
        "inLanguage": article.language,
        "publisher": {"@type": "Organization", "name": site.title.in_(article.language), "url": base.home},
        "workTranslation": [{"@id": base.article(each.slug), "inLanguage": each.language} for each in others],
    }
    return {key: value for key, value in found.items() if value not in ([], "")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The preview of a shared page. `picture` is a URL; without one the preview shows the site's logo."""

    kind: str
    language: str
    title: str
    description: str
    url: str
    picture: str | None = None


def open_graph(page: PageContext, preview: Preview) -> Iterator[tuple[str, str]]:
    """Yield the properties (https://ogp.me) of a page, in their order."""
    yield "og:type", preview.kind
    yield "og:site_name", page.site.title.in_(preview.language)
    yield "og:title", preview.title
    if preview.description:
        yield "og:description", in_short(preview.description)
    yield "og:url", preview.url
    if locale := _locale(preview.language):
        yield "og:locale", locale
    if picture := preview.picture or page.site.shared_picture:
        yield "og:image", picture
        for file in page.site.pictures:
            if picture == page.base.media(file.name):
                yield "og:image:width", str(file.width)
                yield "og:image:height", str(file.height)


def open_graph_of_article(
    page: PageContext, article: Article, size: tuple[int, int] | None
) -> Iterator[tuple[str, str]]:
    """Yield the properties of an article's page, including those that only articles have.

    `size` are width and height of the article's image in pixels, None if they are not known.
    """
    preview = Preview(
        kind="website" if article.is_page else "article",
        language=article.language,
        title=article.title,
        description=article.summary,
        url=article.canonical or page.base.article(article.slug),
        picture=article.image.url if article.image else None,
    )
    yield from open_graph(page, preview)
    if size is not None:
        yield "og:image:width", str(size[0])
        yield "og:image:height", str(size[1])
    if article.image and article.image.alt:
        yield "og:image:alt", article.image.alt
    if article.is_page:
        return
    yield "article:published_time", page.clock.machine(article.published, article.published_offset)
    yield "article:modified_time", page.clock.machine(article.updated, article.updated_offset)
    if topic := page.site.topic(article.topics[0]):
        yield "article:section", topic.title.in_(article.language)
    yield from (("article:tag", tag) for tag in article.tags)


def _locale(tag: str) -> str | None:
    """Return language_TERRITORY, as Open Graph wants it: zh_TW for zh-Hant. None where no territory is known."""
    try:
        locale = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    if locale.territory:
        return f"{locale.language}_{locale.territory}"
    spoken = "_".join(filter(None, (locale.language, locale.script)))
    likely = get_global("likely_subtags").get(spoken) or get_global("likely_subtags").get(locale.language)
    return f"{locale.language}_{likely.split('_')[-1]}" if likely else None


def first_seen_at(article: Article) -> str | None:
    """Return the host of an article's canonical URL; None for an article without one."""
    return urlsplit(article.canonical).hostname if article.canonical else None
