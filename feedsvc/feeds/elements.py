"""What the two XML formats share: namespaces, dates as text, a feedgen generator to start from."""

import re
from datetime import datetime
from html import escape, unescape
from typing import Any, Final

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.format import Parts
from feedsvc.offsets import with_offset

HISTORY: Final = "http://purl.org/syndication/history/1.0"
ATOM: Final = "http://www.w3.org/2005/Atom"
GENERATOR: Final = "feedsvc"
Element = Any

# Where readers that guess take plain text for HTML.
LIKE_A_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """feedgen calls it with the finished element of the feed; `feed` is set before that."""

    feed: Feed


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """feedgen calls it with the finished element of an entry; `entry` and `feed` are set before that."""

    entry: Entry
    feed: Feed


def generator(feed: Feed, feed_extension: type[FeedExtension], entry_extension: type[EntryExtension]) -> FeedGenerator:
    """A feedgen generator with what both formats take from it, the extension registered and the entries in order."""
    made = FeedGenerator()
    made.register_extension("feedsvc", feed_extension, entry_extension)
    made.feedsvc.feed = feed
    made.id(feed.id)
    made.title(feed.title)
    made.subtitle(feed.subtitle)
    # Without a version: a new one of feedsvc gives no feed other bytes, nor another ETag.
    made.generator(GENERATOR)
    if feed.rights:
        made.rights(feed.rights)
    for each in feed.entries:
        _add_entry(made, feed, each)
    return made


def _add_entry(made: FeedGenerator, feed: Feed, entry: Entry) -> None:
    added: FeedEntry = made.add_entry(order="append")
    added.feedsvc.entry, added.feedsvc.feed = entry, feed
    added.id(feed.uri(entry.article.id))
    added.title(entry.article.title)
    added.link(href=entry.url, rel="alternate")
    if entry.content:
        added.content(entry.content, type="html")
    if entry.summary:
        added.summary(entry.summary)


def cut(document: bytes, opening: bytes, closing: bytes) -> Parts:
    """A document cut at its entries, which are the last in it. Nothing else is `opening`: texts have no "<" in them."""
    end = len(document) - len(closing)
    start = document.find(opening, 0, end)
    if start < 0:
        return Parts(document[:end], (), closing)
    entries = document[start:end].split(opening)[1:]
    return Parts(document[:start], [opening + each for each in entries], closing)


def add_history(parent: Element, link: str, feed: Feed, suffix: str) -> None:
    """RFC 5005 §4: whether the document is an archive, and where the past goes on. `link` is the tag of links."""
    if feed.chain.own:
        add(parent, f"{{{HISTORY}}}archive")
    for relation, url in feed.archive_links(suffix).items():
        add(parent, link, rel=relation, href=url)


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """A new last child; attributes that are None or empty are left out."""
    given: dict[str, Any] = attributes
    if not all(given.values()):
        given = {name: value for name, value in given.items() if value}
    element = etree.SubElement(parent, tag, given)
    if text is not None:
        element.text = text
    return element


def rfc3339(moment: datetime, offset: int | None = None) -> str:
    """Return `moment` (UTC) as RFC 3339: with Z, or on a clock `offset` minutes east of UTC."""
    if offset is not None:
        return with_offset(moment, offset).isoformat(timespec="seconds")
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def rfc822(moment: datetime, offset: int | None = None) -> str:
    """Return `moment` (UTC) as RSS wants it (RFC 822 with a four-digit year), whatever the process's locale.

    Its zone is +0000, or the one `offset` minutes east of UTC.
    """
    moment = with_offset(moment, offset or 0)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    time = f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    return f"{day}, {moment.day:02} {month} {moment.year:04} {time} {moment:%z}"


def as_html(text: str) -> str:
    """Plain text as HTML."""
    return escape(text, quote=False)


def readable(text: str) -> str:
    """Plain text for a title: where it looks like HTML it becomes HTML that reads the same, else it stays as it is.

    Readers of RSS take a title for HTML when it looks so, and the format has no way to tell them.
    """
    return as_html(text) if LIKE_A_TAG.search(text) or unescape(text) != text else text


def inert(text: str) -> str:
    """Plain text that looks the same and stays text where a reader takes it for HTML: U+2060 is invisible.

    For what a format has as plain text only: escaping would be shown by readers that follow it.
    """
    return LIKE_A_TAG.sub("<\u2060", text)
