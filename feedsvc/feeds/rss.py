"""Render a feed as RSS 2.0 with the content, Dublin Core, Media RSS and Atom modules: by feedgen and an extension."""

from collections.abc import Sequence
from typing import Final

from feedsvc.articles.metadata.shown_fields import as_texts, extras
from feedsvc.feeds.elements import (
    ATOM,
    DC,
    HISTORY,
    MEDIA,
    Element,
    add,
    add_extra,
    add_history,
    as_html,
    cut,
    inert,
    readable,
    rfc822,
)
from feedsvc.feeds.feed import Feed
from feedsvc.feeds.feedgen_adapter import EntryExtension, FeedExtension, generator, without_build_date
from feedsvc.feeds.format import Format, Parts
from feedsvc.model import Person
from feedsvc.offsets import rfc3339

_CONTENT: Final = f"{{{MEDIA}}}content"
_TITLE: Final = f"{{{MEDIA}}}title"
_CREATOR: Final = f"{{{DC}}}creator"
_UPDATED: Final = f"{{{ATOM}}}updated"


def _parts(feed: Feed) -> Parts:
    made = generator(feed, RssFeedExtension, RssEntryExtension, links=True)
    made.title(readable(feed.title))
    made.description(as_html(feed.subtitle))
    if feed.rights:
        made.copyright(readable(feed.rights))
    made.language(feed.language)
    made.ttl(feed.ttl)
    made.link(href=feed.self_url(RSS_FEED.suffix), rel="self", type=RSS_FEED.media_type)
    # feedgen takes the last link, of any rel, for the channel's <link>.
    made.link(href=feed.home_url, rel="alternate")
    if feed.logo or feed.icon:
        made.image(url=feed.logo or feed.icon, title=readable(feed.title), link=feed.home_url)
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
    # RSS Profile, Character Data: 'A publisher SHOULD encode "&" and "<" … using hexadecimal character references.'
    document = made.rss_str().replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")
    return cut(document, b"<item>", b"</channel></rss>")


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
        _add_people(rss[0], self.feed.authors)
        for hub in self.feed.hubs:
            add(rss[0], f"{{{ATOM}}}link", rel="hub", href=hub)
        links = self.feed.archive_links(RSS_FEED.suffix)
        add_history(rss[0], f"{{{ATOM}}}link", links, is_archive=bool(self.feed.chain.own))
        return rss


class RssEntryExtension(EntryExtension):
    """Adds what RSS 2.0 does not define, and the dates without feedgen's `setlocale`."""

    def extend_rss(self, item: Element) -> Element:
        """Complete an `item`."""
        article = self.entry.article
        for each in self.entry.categories:
            add(item, "category", inert(each.label), domain=each.scheme)
        add(item, "pubDate", rfc822(article.published, article.published_offset))
        add(item, _UPDATED, rfc3339(article.updated, article.updated_offset))
        _add_people(item, article.authors)
        if article.language != self.feed.language:
            add(item, f"{{{DC}}}language", article.language)
        if image := article.image:
            size = str(image.length or "")
            content = add(item, _CONTENT, url=image.url, medium="image", type=image.type, fileSize=size)
            if image.alt:
                # Not media:description: feedparser takes it for the description of the item.
                add(content, _TITLE, inert(image.alt), type="plain")
        for other in article.enclosures[1:]:
            size = str(other.length or "")
            content = add(item, _CONTENT, url=other.url, type=other.type, fileSize=size)
            if other.title:
                add(content, _TITLE, inert(other.title), type="plain")
        for field, value in extras(article):
            for text in as_texts(value):
                add_extra(item, field.shown.rss, text)
        return item


def _add_people(parent: Element, people: Sequence[Person]) -> None:
    for person in people:
        add(parent, _CREATOR, inert(person.name))
