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
from feedsvc.feeds.xml_text import XmlText
from feedsvc.model import Person
from feedsvc.offsets import rfc3339

# RSS Profile, Character Data: 'A publisher SHOULD encode "&" and "<" … using hexadecimal character references.'
_XML: Final = XmlText(ampersand="&#x26;", less="&#x3C;")
_END: Final = b"</item>"


def _parts(feed: Feed) -> Parts:
    made = generator(feed, RssFeedExtension)
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
    for entry in feed.entries:
        added = made.add_entry(order="append")
        added.title(readable(entry.article.title))
        added.link(href=entry.url)
        if summary := entry.summary:
            # RSS 2.0: a description is HTML.
            added.description(as_html(summary))
    document = made.rss_str().replace(b"&amp;", _XML.ampersand.encode()).replace(b"&lt;", _XML.less.encode())
    parts = cut(document, b"<item>", b"</channel></rss>")
    return replace(parts, entries=list(map(partial(completed_item, feed), parts.entries, feed.entries)))


def completed_item(feed: Feed, rendered: bytes, entry: Entry) -> bytes:
    """Return an item with its content, with what RSS 2.0 does not define, and with dates without `setlocale`."""
    article = entry.article
    children = [f'<guid isPermaLink="false">{_XML.data(article.id)}</guid>']
    for each in article.enclosures[:1]:
        children.append(_XML.element("enclosure", url=each.url, length=str(each.length), type=each.type))
    # A date has no character that XML escapes.
    children += [
        *map(category_element, entry.categories),
        f"<pubDate>{rfc822(article.published, article.published_offset)}</pubDate>",
        f"<atom:updated>{rfc3339(article.updated, article.updated_offset)}</atom:updated>",
        *map(creator_element, article.authors),
    ]
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
    parts = [rendered.removesuffix(_END)]
    if content := entry.content:
        # Without a summary, the content is the description.
        name = b"content:encoded>" if entry.summary else b"description>"
        parts += [b"<", name, _XML.long_data(content), b"</", name]
    return b"".join([*parts, "".join(children).encode(), _END])


# The entries of a feed have the same few authors and categories.
@lru_cache(1024)
def creator_element(person: Person) -> str:
    """Return the element of an author of an item."""
    return _XML.element("dc:creator", inert(person.name))


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
