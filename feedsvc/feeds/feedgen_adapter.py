"""The adapter for feedgen: a generator with the fields that RSS and Atom share, and the bases of their extensions.

feedgen writes the date of a build under a process-wide setlocale, and its setter takes no None. `without_build_date`
sets the private attribute: hence the upper bound in pyproject.toml.
"""

from collections.abc import Sequence
from typing import Any, Final

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator

from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.xml_text import PLACEHOLDER

GENERATOR: Final = "feedsvc"


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """feedgen calls it with the complete element of the feed. `feed` is set before."""

    feed: Feed


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """feedgen calls it with the complete element of an entry. `entry` is set before."""

    entry: Entry


def generator(
    feed: Feed,
    contents: Sequence[str],
    feed_extension: type[FeedExtension],
    entry_extension: type[EntryExtension] | None = None,
    *,
    links: bool,
) -> FeedGenerator:
    """Return a feedgen generator with the fields that both formats use, the extension registered, and the entries.

    `contents` are those of the entries; PLACEHOLDER stands for each that is not "". Without `links`, only entries
    without content get one, since feedgen demands it.
    """
    made = FeedGenerator()
    made.register_extension("feedsvc", feed_extension, entry_extension)
    made.feedsvc.feed = feed
    made.id(feed.id)
    made.title(feed.title)
    made.subtitle(feed.subtitle)
    # Without a version, so that a new version of feedsvc changes no bytes and no ETag.
    made.generator(GENERATOR)
    if feed.rights:
        made.rights(feed.rights)
    for each, content in zip(feed.entries, contents, strict=True):
        entry: FeedEntry = made.add_entry(order="append")
        if entry_extension is not None:
            entry.feedsvc.entry = each
        entry.id(feed.uri(each.article.id))
        entry.title(each.article.title)
        if links or not content:
            entry.link(href=each.url, rel="alternate")
        if content:
            entry.content(PLACEHOLDER, type="html")
        if summary := each.summary:
            entry.summary(summary)
    return made


def without_build_date(made: Any) -> None:
    """Let feedgen write no lastBuildDate: the extension writes it."""
    made._FeedGenerator__rss_lastBuildDate = None
