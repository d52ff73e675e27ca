"""What machines other than feed readers ask for: health, robots.txt, the sitemap."""

from typing import Final

from flask import Blueprint, Response, request
from lxml import etree

from feedsvc.errors import UnknownResource
from feedsvc.feeds.slices import slices
from feedsvc.model import Slice
from feedsvc.store import Snapshot
from feedsvc.store.rows import to_text
from feedsvc.urls import Addresses
from feedsvc.web.answers import answer, cache_control
from feedsvc.web.context import cache, context
from feedsvc.web.document import Rendered

blueprint = Blueprint("service", __name__)

SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
# sitemaps.org: no more than 50,000 URLs in a file.
SITEMAP_SIZE: Final = 50_000


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
    """All pages; beyond 50,000 of them an index of the parts that list them."""
    return answer(cache().get("sitemap", _render_sitemap), request)


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> Response:
    """The `number`th 50,000 articles, counted from 1, oldest first."""
    return answer(cache().get(("sitemap", number), lambda snapshot: _render_part(snapshot, number)), request)


def _render_sitemap(snapshot: Snapshot) -> Rendered:
    site = snapshot.site()
    addresses = Addresses(site.base_url)
    pages = [addresses.home, *(addresses.topic(each.topic) for each in slices(site) if each.topic)]
    count = snapshot.count(Slice())
    if len(pages) + count > SITEMAP_SIZE:
        parts = range(1, -(-count // SITEMAP_SIZE) + 1)
        return _sitemap(snapshot, "sitemapindex", "sitemap", [(addresses.sitemap_part(n), None) for n in parts])
    articles = _articles(snapshot, addresses, 1)
    return _sitemap(snapshot, "urlset", "url", [*((page, None) for page in pages), *articles])


def _render_part(snapshot: Snapshot, number: int) -> Rendered:
    articles = _articles(snapshot, Addresses(snapshot.site().base_url), number) if number else []
    if not articles:
        raise UnknownResource(f"no sitemap part {number} (see /sitemap.xml)")
    return _sitemap(snapshot, "urlset", "url", articles)


def _articles(snapshot: Snapshot, addresses: Addresses, number: int) -> list[tuple[str, str | None]]:
    found = snapshot.slugs(SITEMAP_SIZE, (number - 1) * SITEMAP_SIZE)
    return [(addresses.article(slug), to_text(changed)) for slug, changed in found]


def _sitemap(snapshot: Snapshot, root_name: str, item: str, rows: list[tuple[str, str | None]]) -> Rendered:
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
        last_modified=snapshot.last_change(Slice()),
        headers={"Cache-Control": cache_control(snapshot.site().cache)},
    )
