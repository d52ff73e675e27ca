"""Every feed of a publication, to subscribe to, in OPML 2.0."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from feedsvc import languages
from feedsvc.documents.document import Rendered, cache_control
from feedsvc.documents.feeds import check_slice
from feedsvc.feeds.feed import titles
from feedsvc.model import Site
from feedsvc.slices.grammar import query
from feedsvc.slices.slice import ALL, Slice
from feedsvc.slices.titles import language_of
from feedsvc.store import Snapshot
from feedsvc.urls import Addresses


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
    spoken = [] if slice_.languages else _spoken(snapshot)
    for each in _of_topics(slice_, site):
        _add(body, site, _by_language(snapshot, each, spoken), suffix)
    return Rendered(
        media_type="text/x-opml; charset=utf-8",
        body=etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True),
        headers={"Cache-Control": cache_control(site.cache)},
        last_modified=snapshot.slices.last_change_of_lists(Slice()),
    )


def _of_topics(slice_: Slice, site: Site) -> Iterator[Slice]:
    """The slice, then what of it is in each topic, in their order; of one that names topics, itself alone."""
    yield slice_
    if slice_.topic is None and not slice_.topics:
        yield from (replace(slice_, topic=topic.name) for topic in site.topics)


def _spoken(snapshot: Snapshot) -> list[str]:
    """The languages that a reader may want one of, where there are several."""
    found = languages.told_apart(snapshot.slices.languages())
    return found if len(found) > 1 else []


def _add(parent: etree._Element, site: Site, feeds: Sequence[Slice], suffix: str) -> None:
    if len(feeds) > 1:
        # A folder without an address: many readers read no further in an outline that is a feed.
        title, _ = titles(site, feeds[0], site.language)
        parent = etree.SubElement(parent, "outline", text=title, title=title)
    for each in feeds:
        etree.SubElement(parent, "outline", _attributes(site, each, suffix))


def _by_language(snapshot: Snapshot, slice_: Slice, spoken: Sequence[str]) -> list[Slice]:
    """The slice, and what of it is in each language where it is in several."""
    narrowed = [replace(slice_, languages=(language,)) for language in spoken]
    found = [each for each in narrowed if snapshot.slices.articles(each, 1)]
    return [slice_, *(found if len(found) > 1 else ())]


def _attributes(site: Site, slice_: Slice, suffix: str) -> dict[str, str]:
    addresses, language = Addresses(site.base_url), language_of(site, slice_)
    title, about = titles(site, slice_, language)
    return {
        "type": "rss",
        "text": title,
        "title": title,
        "description": about,
        "xmlUrl": addresses.feed(slice_.name, suffix, query(slice_)),
        "htmlUrl": addresses.topic(slice_.topic) if slice_.topic else addresses.home,
        "language": language,
    }
