"""Every feed of a publication, to subscribe to, in OPML 2.0."""

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from feedsvc import languages
from feedsvc.documents.cache_control import cache_control
from feedsvc.documents.document import Rendered
from feedsvc.documents.feeds import check_slice
from feedsvc.feeds.feed import titles
from feedsvc.model import Site
from feedsvc.slices.grammar import query
from feedsvc.slices.slice import ALL, Slice
from feedsvc.slices.titles import language_of
from feedsvc.store import Snapshot


def render_opml(snapshot: Snapshot, slice_: Slice, suffix: str) -> Rendered:
    """Return the feeds of a slice, by topic and language, in the format `suffix`.

    Raises StoreError, and what `check_slice` raises.
    """
    site = snapshot.site()
    check_slice(snapshot, site, ALL, slice_)
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = titles(site, slice_, language_of(site, slice_))[0]
    body = etree.SubElement(root, "body")
    # The slice, then the part of it in each topic, in their order; a slice that names topics stands by itself.
    slices = [slice_]
    if slice_.topic is None and not slice_.topics:
        slices += [replace(slice_, topic=topic.name) for topic in site.topics]
    # Readers may want one language where there are several.
    ranges = [] if slice_.languages else languages.distinguishable(snapshot.slices.languages())
    for each in slices:
        _add(body, site, [each, *parts_in_languages(snapshot, each, ranges)], suffix)
    return Rendered(
        media_type="text/x-opml; charset=utf-8",
        body=etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True),
        headers={"Cache-Control": cache_control(site.cache)},
        last_modified=snapshot.slices.last_change_of_lists(Slice()),
    )


def parts_in_languages(snapshot: Snapshot, slice_: Slice, ranges: Sequence[str]) -> list[Slice]:
    """Return the parts of a slice in each of these language ranges that have articles; none where only one has."""
    narrowed = [replace(slice_, languages=(each,)) for each in ranges] if len(ranges) > 1 else []
    found = [part for part in narrowed if snapshot.slices.count_up_to(part, 1)]
    return found if len(found) > 1 else []


def _add(parent: etree._Element, site: Site, feeds: Sequence[Slice], suffix: str) -> None:
    """Add an outline for each feed, in a folder where there are several."""
    if len(feeds) > 1:
        # A folder without an address: many readers read no further in an outline that is a feed.
        title, _ = titles(site, feeds[0], site.language)
        parent = etree.SubElement(parent, "outline", text=title, title=title)
    addresses = site.addresses
    for each in feeds:
        language = language_of(site, each)
        title, about = titles(site, each, language)
        attributes = {
            "type": "rss",
            "text": title,
            "title": title,
            "description": about,
            "xmlUrl": addresses.feed(each.name, suffix, query(each)),
            "htmlUrl": addresses.topic(each.topic) if each.topic else addresses.home,
            "language": language,
        }
        etree.SubElement(parent, "outline", attributes)
