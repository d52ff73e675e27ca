"""The adapter for feedgen: a generator with the fields of a feed that both formats have, and bases of extensions.

feedgen writes the date of a build under a process-wide setlocale, and its setter takes no None. `without_build_date`
sets the private attribute: hence the upper bound in pyproject.toml.
"""

from typing import Any, Final

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator

from feedsvc.feeds.feed import Entry, Feed

GENERATOR: Final = "feedsvc"


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """feedgen calls it with the complete element of the feed. `feed` is set before."""

    feed: Feed


class EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """feedgen calls it with the complete element of an entry. `entry` is set before."""

    entry: Entry


def generator(
    feed: Feed, feed_extension: type[FeedExtension], entry_extension: type[EntryExtension] | None = None
) -> FeedGenerator:
    """Return a feedgen generator with the fields of a feed that both formats use, and with the extension registered."""
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
    return made


def without_build_date(made: Any) -> None:
    """Let feedgen write no lastBuildDate: the extension writes it."""
    made._FeedGenerator__rss_lastBuildDate = None
