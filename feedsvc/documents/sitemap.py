"""The sitemap: every page with the date of its last change (https://www.sitemaps.org/protocol.html)."""

from typing import Final

from lxml import etree

from feedsvc.documents.document import Rendered
from feedsvc.documents.plain import text_document
from feedsvc.errors import UnknownResource
from feedsvc.offsets import rfc3339
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import PAGE

# The address of a page, and when it last changed.
Row = tuple[str, str | None]
SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
# sitemaps.org: no more than 50,000 URLs in a file, and no more than 50,000 files in an index. Each is made in one go,
# so a file is smaller than it may be.
SITEMAP_SIZE: Final = 10_000


def render_sitemap(snapshot: Snapshot) -> Rendered:
    """Return all pages, or an index of the parts that list them where they are too many. Raises StoreError."""
    addresses = snapshot.site().addresses
    parts = count_parts(snapshot)
    if parts == 1:
        return render_sitemap_part(snapshot, 1)
    rows: list[Row] = [(addresses.sitemap_part(number), None) for number in range(1, parts + 1)]
    return _sitemap(snapshot, "sitemapindex", "sitemap", rows)


def count_parts(snapshot: Snapshot) -> int:
    """Return how many parts the sitemap has; of 1, the sitemap itself lists all pages."""
    return -(-(len(_lists(snapshot)) + snapshot.slices.count(Slice())) // SITEMAP_SIZE)


def render_sitemap_part(snapshot: Snapshot, number: int) -> Rendered:
    """Return the `number`th SITEMAP_SIZE pages, counted from 1. Raises UnknownResource where there are none."""
    addresses, lists = snapshot.site().addresses, _lists(snapshot)
    # The lists and pages come first, then the articles.
    offset = (number - 1) * SITEMAP_SIZE
    rows = lists[offset : offset + SITEMAP_SIZE]
    found = snapshot.slugs.page(SITEMAP_SIZE - len(rows), max(0, offset - len(lists)))
    rows += [(addresses.article(slug), rfc3339(changed)) for slug, changed in found]
    if not rows:
        raise UnknownResource(f"no sitemap part {number} (see {addresses.sitemap})")
    return _sitemap(snapshot, "urlset", "url", rows)


def _lists(snapshot: Snapshot) -> list[Row]:
    site = snapshot.site()
    addresses = site.addresses
    pages = snapshot.slugs.page(SITEMAP_SIZE, 0, PAGE)
    return [
        (addresses.home, None),
        *((addresses.topic(each.name), None) for each in site.topics),
        *((addresses.article(slug), rfc3339(changed)) for slug, changed in pages),
    ]


def _sitemap(snapshot: Snapshot, root_name: str, item: str, rows: list[Row]) -> Rendered:
    root = etree.Element(f"{{{SITEMAP}}}{root_name}", nsmap={None: SITEMAP})  # type: ignore[dict-item]
    for location, changed in rows:
        element = etree.SubElement(root, f"{{{SITEMAP}}}{item}")
        etree.SubElement(element, f"{{{SITEMAP}}}loc").text = location
        if changed:
            etree.SubElement(element, f"{{{SITEMAP}}}lastmod").text = changed
    return text_document(snapshot, etree.tostring(root, xml_declaration=True, encoding="UTF-8"), "application/xml")
