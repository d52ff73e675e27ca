"""Documents that change with the lists of the publication: the frame that they share, and robots.txt."""

from feedsvc.documents.cache_control import cache_control
from feedsvc.documents.document import Rendered
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot


def text_document(snapshot: Snapshot, body: bytes, media_type: str) -> Rendered:
    """Return a document in UTF-8 that changes when an article, a topic or the site does."""
    return Rendered(
        media_type=f"{media_type}; charset=utf-8",
        body=body,
        last_modified=snapshot.slices.last_change_of_lists(Slice()),
        headers={"Cache-Control": cache_control(snapshot.site().cache)},
    )


def render_robots(snapshot: Snapshot) -> Rendered:
    """Return robots.txt (RFC 9309): everything may be read, and the sitemaps are there."""
    addresses = snapshot.site().addresses
    text = f"User-agent: *\nAllow: /\n\nSitemap: {addresses.sitemap}\nSitemap: {addresses.sitemap_news}\n"
    return text_document(snapshot, text.encode(), "text/plain")
