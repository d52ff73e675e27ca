"""What machines other than feed readers ask for: health, robots.txt, the sitemap."""

from typing import Final

from flask import Blueprint, Response, request
from lxml import etree

from feedsvc.errors import UnknownResource
from feedsvc.model import Slice
from feedsvc.store import Snapshot
from feedsvc.store.rows import to_text
from feedsvc.urls import Addresses
from feedsvc.web.cache.document import Rendered
from feedsvc.web.context import cache, context
from feedsvc.web.render_limiter import Cost
from feedsvc.web.responses import answer, cache_control

blueprint = Blueprint("service", __name__)

# The address of a page, and when it last changed.
Row = tuple[str, str | None]
SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
# sitemaps.org: no more than 50,000 URLs in a file, and no more than 50,000 files in an index. Each is made in one go,
# so a file is smaller than it may be.
SITEMAP_SIZE: Final = 10_000


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return _probe("ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """There is something to serve and it can be read; else 503."""
    with context().store.read() as snapshot:
        snapshot.site()
    return _probe("ready")


def _probe(text: str) -> Response:
    return Response(f"{text}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Everything may be read; the sitemap is there."""
    return answer(cache().get("robots", _render_robots), request)


def _render_robots(snapshot: Snapshot) -> Rendered:
    text = f"User-agent: *\nAllow: /\n\nSitemap: {Addresses(snapshot.site().base_url).sitemap}\n"
    return _rendered(snapshot, text.encode(), "text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """All pages; beyond SITEMAP_SIZE of them an index of the parts that list them."""
    return answer(cache().get("sitemap", _render_sitemap), request)


@blueprint.get("/sitemap-<int(min=1, max=50000):number>.xml")
def sitemap_part(number: int) -> Response:
    """The `number`th SITEMAP_SIZE pages, counted from 1: lists, then articles, oldest first."""
    return answer(cache().get(("sitemap", number), lambda snapshot: _render_part(snapshot, number), Cost.RARE), request)


def _render_sitemap(snapshot: Snapshot) -> Rendered:
    addresses = Addresses(snapshot.site().base_url)
    parts = -(-(len(_lists(snapshot)) + snapshot.count(Slice())) // SITEMAP_SIZE)
    if parts == 1:
        return _render_part(snapshot, 1)
    rows: list[Row] = [(addresses.sitemap_part(number), None) for number in range(1, parts + 1)]
    return _sitemap(snapshot, "sitemapindex", "sitemap", rows)


def _render_part(snapshot: Snapshot, number: int) -> Rendered:
    rows = _pages(snapshot, SITEMAP_SIZE, (number - 1) * SITEMAP_SIZE)
    if not rows:
        raise UnknownResource(f"no sitemap part {number} (see {Addresses(snapshot.site().base_url).sitemap})")
    return _sitemap(snapshot, "urlset", "url", rows)


def _pages(snapshot: Snapshot, limit: int, offset: int) -> list[Row]:
    """`limit` pages from the one numbered `offset`: the lists come first, then the articles."""
    lists = _lists(snapshot)
    shown: list[Row] = [(page, None) for page in lists[offset : offset + limit]]
    addresses = Addresses(snapshot.site().base_url)
    found = snapshot.slugs(limit - len(shown), max(0, offset - len(lists)))
    return [*shown, *((addresses.article(slug), to_text(changed)) for slug, changed in found)]


def _lists(snapshot: Snapshot) -> list[str]:
    site = snapshot.site()
    addresses = Addresses(site.base_url)
    return [addresses.home, *(addresses.topic(each.name) for each in site.topics)]


def _sitemap(snapshot: Snapshot, root_name: str, item: str, rows: list[Row]) -> Rendered:
    root = etree.Element(f"{{{SITEMAP}}}{root_name}", nsmap={None: SITEMAP})  # type: ignore[dict-item]
    for location, changed in rows:
        element = etree.SubElement(root, f"{{{SITEMAP}}}{item}")
        etree.SubElement(element, f"{{{SITEMAP}}}loc").text = location
        if changed:
            etree.SubElement(element, f"{{{SITEMAP}}}lastmod").text = changed
    return _rendered(snapshot, etree.tostring(root, xml_declaration=True, encoding="UTF-8"), "application/xml")


def _rendered(snapshot: Snapshot, body: bytes, media_type: str) -> Rendered:
    return Rendered(
        media_type=f"{media_type}; charset=utf-8",
        body=body,
        last_modified=snapshot.last_change_of_lists(Slice()),
        headers={"Cache-Control": cache_control(snapshot.site().cache)},
    )
