"""Render a feed as RSS 2.0 with the content, Dublin Core, Media RSS and Atom modules: by feedgen and an extension."""

from dataclasses import replace
from functools import lru_cache, partial
from typing import Final

from feedsvc.articles.metadata.shown_fields import as_texts, extras
from feedsvc.feeds.elements import (
    ATOM,
    DC,
    HISTORY,
    MEDIA,
    Element,
    add,
    add_history,
    as_html,
    cut,
    inert,
    readable,
    rfc822,
)
from feedsvc.feeds.feed import Category, Entry, Feed
from feedsvc.feeds.feedgen_adapter import FeedExtension, generator, without_build_date
from feedsvc.feeds.format import Format, Parts
from feedsvc.feeds.xml_text import XmlText, completed
from feedsvc.offsets import rfc3339

# RSS Profile, Character Data: 'A publisher SHOULD encode "&" and "<" … using hexadecimal character references.'
_XML: Final = XmlText(ampersand="&#x26;", less="&#x3C;")


def _parts(feed: Feed) -> Parts:
    contents = [entry.content for entry in feed.entries]
    made = generator(feed, contents, RssFeedExtension, links=True)
    made.title(readable(feed.title))
    made.description(as_html(feed.subtitle))
    if feed.rights:
        made.copyright(readable(feed.rights))
    made.language(feed.language)
    made.ttl(feed.ttl)
    made.link(href=feed.self_url(RSS_FEED.suffix), rel="self", type=RSS_FEED.media_type)
    # feedgen takes the last link, of any rel, for the channel's <link>.
    made.link(href=feed.home_url, rel="alternate")
    if feed.raster_picture:
        made.image(url=feed.raster_picture, title=readable(feed.title), link=feed.home_url)
    without_build_date(made)
    for added, entry in zip(made.entry(), feed.entries, strict=True):
        added.title(readable(entry.article.title))
        added.guid(entry.article.id, permalink=False)
        if summary := entry.summary:
            # RSS 2.0: a description is HTML. It is set after the content, which feedgen would replace by it.
            added.description(as_html(summary))
        if entry.article.enclosures:
            first = entry.article.enclosures[0]
            added.enclosure(url=first.url, length=str(first.length), type=first.type)
    document = made.rss_str().replace(b"&amp;", _XML.ampersand.encode()).replace(b"&lt;", _XML.less.encode())
    parts = cut(document, b"<item>", b"</channel></rss>")
    return replace(parts, entries=list(map(partial(completed_item, feed), parts.entries, feed.entries, contents)))


def completed_item(feed: Feed, rendered: bytes, entry: Entry, content: str) -> bytes:
    """Return an item with its content, with what RSS 2.0 does not define, and with dates without `setlocale`."""
    article = entry.article
    children = [*map(category_element, entry.categories)]
    children.append(_XML.element("pubDate", rfc822(article.published, article.published_offset)))
    children.append(_XML.element("atom:updated", rfc3339(article.updated, article.updated_offset)))
    children += [_XML.element("dc:creator", inert(person.name)) for person in article.authors]
    if article.language != feed.language:
        children.append(_XML.element("dc:language", article.language))
    if image := article.image:
        # Not media:description: feedparser takes it for the description of the item.
        size = str(image.length or "")
        children.append(_media(inert(image.alt), url=image.url, medium="image", type=image.type, fileSize=size))
    for other in article.enclosures[1:]:
        children.append(_media(inert(other.title), url=other.url, type=other.type, fileSize=str(other.length or "")))
    for field, value in extras(article):
        for text in as_texts(value) if field.shown.rss else ():
            children.append(_XML.element(field.shown.rss, inert(text)))
    # feedgen writes the content as the description of an item that has no summary.
    opening = b"<content:encoded>" if entry.summary else b"<description>"
    return completed(rendered, b"</item>", "".join(children), opening, _XML.long_data(content))


# The entries of a feed have the same few categories.
@lru_cache(1024)
def category_element(category: Category) -> str:
    """Return the element of a category of an item."""
    return _XML.element("category", inert(category.label), domain=category.scheme)


def _media(title: str, **attributes: str | None) -> str:
    content = _XML.element("media:content", **attributes)
    if not title:
        return content
    return f"{content.removesuffix('/>')}>{_XML.element('media:title', title, type='plain')}</media:content>"


# An item without a language has that of the channel.
RSS_FEED: Final = Format(
    suffix="rss",
    name="RSS",
    media_type="application/rss+xml",
    carries_tombstones=False,
    separator=b"",
    parts=_parts,
    beside=lambda feed, entry: entry.article.language == feed.language,
)


class RssFeedExtension(FeedExtension):
    """Adds what feedgen's channel does not have."""

    def extend_ns(self) -> dict[str, str]:
        """Return the prefixes of the modules."""
        return {"dc": DC, "media": MEDIA} | ({"fh": HISTORY} if self.feed.chain.own else {})

    def extend_rss(self, rss: Element) -> Element:
        """Add the date of the last change, without feedgen's `setlocale`, and people without an e-mail address."""
        add(rss[0], "lastBuildDate", rfc822(self.feed.updated))
        for person in self.feed.authors:
            add(rss[0], f"{{{DC}}}creator", inert(person.name))
        for hub in self.feed.hubs:
            add(rss[0], f"{{{ATOM}}}link", rel="hub", href=hub)
        links = self.feed.archive_links(RSS_FEED.suffix)
        add_history(rss[0], f"{{{ATOM}}}link", links, is_archive=bool(self.feed.chain.own))
        return rss
