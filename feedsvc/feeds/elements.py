"""What the two XML formats share: namespaces, elements in lxml's tree, and dates as text."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from html import escape, unescape
from typing import Any, Final

from lxml import etree

from feedsvc.feeds.format import Parts
from feedsvc.offsets import with_offset

HISTORY: Final = "http://purl.org/syndication/history/1.0"
ATOM: Final = "http://www.w3.org/2005/Atom"
DC: Final = "http://purl.org/dc/elements/1.1/"
MEDIA: Final = "http://search.yahoo.com/mrss/"
# The modules that RSS feeds declare, by their prefixes.
MODULES: Final = {"atom": ATOM, "dc": DC, "media": MEDIA}
Element = Any
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The time of day in a text of `datetime.isoformat`.
_TIME: Final = slice(11, 19)

# Where readers that guess take plain text for HTML.
LIKE_A_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")


def cut(document: bytes, opening: bytes, closing: bytes) -> Parts:
    """Cut a document at its entries, which are at its end. Texts do not contain `opening`, since they are escaped."""
    end = len(document) - len(closing)
    start = document.find(opening, 0, end)
    if start < 0:
        return Parts(document[:end], (), closing)
    entries = document[start:end].split(opening)[1:]
    return Parts(document[:start], [opening + each for each in entries], closing)


def add_history(parent: Element, link: str, links: Mapping[str, str], *, is_archive: bool) -> None:
    """Add RFC 5005 §4: whether the document is an archive, and its links to others. `link` is the tag of a link."""
    if is_archive:
        add(parent, f"{{{HISTORY}}}archive")
    for relation, url in links.items():
        add(parent, link, rel=relation, href=url)


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """Append a child. Attributes must not be None."""
    given: dict[str, Any] = attributes
    element = etree.SubElement(parent, tag, given)
    if text is not None:
        element.text = text
    return element


def rfc822(moment: datetime, offset: int | None = None) -> str:
    """Return `moment` (UTC) as RSS requires it (RFC 822 with a four-digit year), in any locale of the process.

    The zone is +0000, or `offset` minutes east of UTC.
    """
    if offset:
        return format_datetime(with_offset(moment, offset))
    # In a third of the time of `format_datetime`: feeds have one of each entry.
    day = f"{_DAYS[moment.weekday()]}, {moment.day:02} {_MONTHS[moment.month - 1]} {moment.year:04}"
    return f"{day} {moment.isoformat()[_TIME]} +0000"


def as_html(text: str) -> str:
    """Return plain text as HTML."""
    return escape(text, quote=False)


def readable(text: str) -> str:
    """Return plain text for a title. Text that looks like HTML is escaped; other text stays unchanged.

    Readers of RSS take a title for HTML when it looks like HTML, and the format cannot declare it.
    """
    return as_html(text) if LIKE_A_TAG.search(text) or unescape(text) != text else text


def inert(text: str) -> str:
    """Return plain text that looks the same and that no reader takes for HTML, by an invisible U+2060.

    For fields that a format defines as plain text: readers that follow it would show an escape.
    """
    return LIKE_A_TAG.sub("<\u2060", text) if "<" in text else text
