"""The sitemap: every page with the date of its last change (https://www.sitemaps.org/protocol.html)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from lxml import etree

from feedsvc import languages
from feedsvc.documents.document import Rendered
from feedsvc.documents.plain import text_document
from feedsvc.errors import UnknownResource
from feedsvc.model import Article
from feedsvc.offsets import rfc3339
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import EVERYTHING, PAGE
from feedsvc.store.snapshot.catalogue import Dated

# The address of a page, when it last changed, and the slug of its article or "".
Row = tuple[str, str | None, str]
SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
# developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap: of the last two days, at most 1,000.
NEWS: Final = "http://www.google.com/schemas/sitemap-news/0.9"
NEWS_SIZE: Final = 1000
NEWS_AGE: Final = timedelta(days=2)
# Most publications have fewer articles in that time: the text of each is read, too.
_NEWS_PORTION: Final = 100
XHTML: Final = "http://www.w3.org/1999/xhtml"
# sitemaps.org: no more than 50,000 URLs in a file, and no more than 50,000 files in an index. Each is made in one go,
# so a file is smaller than it may be.
SITEMAP_SIZE: Final = 10_000


def render_sitemap(snapshot: Snapshot) -> Rendered:
    """Return all pages, or an index of the parts that list them where they are too many. Raises StoreError."""
    addresses = snapshot.site().addresses
    parts = count_parts(snapshot)
    if parts == 1:
        return render_sitemap_part(snapshot, 1)
    rows: list[Row] = [(addresses.sitemap_part(number), None, "") for number in range(1, parts + 1)]
    return _sitemap(snapshot, "sitemapindex", "sitemap", rows)


def count_parts(snapshot: Snapshot) -> int:
    """Return how many parts the sitemap has; of 1, the sitemap itself lists all pages."""
    return -(-(len(_lists(snapshot)) + snapshot.slices.count(Slice())) // SITEMAP_SIZE)


def parts_with(snapshot: Snapshot, places: Iterable[Dated]) -> set[int]:
    """Return the numbers of the parts that list articles at these places, or listed them before they were removed."""
    lists, total = len(_lists(snapshot)), snapshot.slices.count(Slice())
    # The number of the older ones: as many as before a removal, which the total does not count.
    older = [total - snapshot.catalogue.count_newer(EVERYTHING, each) for each in places]
    # Pages of the publication are among the lists, in the first part.
    found = {1, *((lists + each - less) // SITEMAP_SIZE + 1 for each in older for less in (0, 1))}
    return {each for each in found if each <= count_parts(snapshot)}


def render_sitemap_part(snapshot: Snapshot, number: int) -> Rendered:
    """Return the `number`th SITEMAP_SIZE pages, counted from 1. Raises UnknownResource where there are none."""
    addresses, lists = snapshot.site().addresses, _lists(snapshot)
    # The lists and pages come first, then the articles.
    offset = (number - 1) * SITEMAP_SIZE
    rows = lists[offset : offset + SITEMAP_SIZE]
    found = snapshot.slugs.page(SITEMAP_SIZE - len(rows), max(0, offset - len(lists)))
    rows += [(addresses.article(slug), rfc3339(changed), slug) for slug, changed in found]
    if not rows:
        raise UnknownResource(f"no sitemap part {number} (see {addresses.sitemap})")
    return _sitemap(snapshot, "urlset", "url", rows)


def render_news(snapshot: Snapshot) -> Rendered:
    """Return the sitemap of the articles of the last two days before the newest one, newest first.

    Rendering reads no clock. Google does not count older articles, so that those of a pause do no harm.
    """
    site = snapshot.site()
    found = list(_newest(snapshot))
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "news": NEWS})  # type: ignore[dict-item]
    for each in found:
        url = etree.SubElement(root, f"{{{SITEMAP}}}url")
        etree.SubElement(url, f"{{{SITEMAP}}}loc").text = site.addresses.article(each.slug)
        news = etree.SubElement(url, f"{{{NEWS}}}news")
        publication = etree.SubElement(news, f"{{{NEWS}}}publication")
        etree.SubElement(publication, f"{{{NEWS}}}name").text = site.title.in_(each.language)
        etree.SubElement(publication, f"{{{NEWS}}}language").text = _news_language(each.language)
        etree.SubElement(news, f"{{{NEWS}}}publication_date").text = rfc3339(each.published)
        etree.SubElement(news, f"{{{NEWS}}}title").text = each.title
    return text_document(snapshot, etree.tostring(root, xml_declaration=True, encoding="UTF-8"), "application/xml")


def _newest(snapshot: Snapshot) -> Iterator[Article]:
    """Yield the articles of NEWS_AGE before the newest one that first appeared here, of the newest NEWS_SIZE."""
    newest = None
    for start in range(0, NEWS_SIZE, _NEWS_PORTION):
        for each in snapshot.slices.articles(Slice(), _NEWS_PORTION, start):
            if each.canonical is None:
                newest = newest or each.published
                if each.published < newest - NEWS_AGE:
                    return
                yield each


def _news_language(tag: str) -> str:
    """Return the language of ISO 639, but zh-tw and zh-cn for Chinese, as Google News has them."""
    spoken = languages.language_and_script(tag)
    return {"zh-Hant": "zh-tw", "zh-Hans": "zh-cn"}.get("-".join(filter(None, spoken)), tag.partition("-")[0])


def _lists(snapshot: Snapshot) -> list[Row]:
    site = snapshot.site()
    addresses = site.addresses
    pages = snapshot.slugs.page(SITEMAP_SIZE, 0, PAGE)
    return [
        (addresses.home, None, ""),
        *((addresses.topic(each.name), None, "") for each in site.topics),
        (addresses.feeds, None, ""),
        *((addresses.article(slug), rfc3339(changed), slug) for slug, changed in pages),
    ]


def _sitemap(snapshot: Snapshot, root_name: str, item: str, rows: list[Row]) -> Rendered:
    groups = snapshot.translations.groups() if root_name == "urlset" else {}
    namespaces = {None: SITEMAP, "xhtml": XHTML} if groups else {None: SITEMAP}
    root = etree.Element(f"{{{SITEMAP}}}{root_name}", nsmap=namespaces)  # type: ignore[arg-type]
    for location, changed, slug in rows:
        element = etree.SubElement(root, f"{{{SITEMAP}}}{item}")
        etree.SubElement(element, f"{{{SITEMAP}}}loc").text = location
        if changed:
            etree.SubElement(element, f"{{{SITEMAP}}}lastmod").text = changed
        # Each version names all of them, itself included.
        for other, language in groups.get(slug, ()):
            url = snapshot.site().addresses.article(other)
            etree.SubElement(element, f"{{{XHTML}}}link", rel="alternate", hreflang=language, href=url)
    return text_document(snapshot, etree.tostring(root, xml_declaration=True, encoding="UTF-8"), "application/xml")
