"""Find feeds that are larger than `feed_bytes` in site.toml and therefore show summaries of their older entries."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from feedsvc.errors import Finding, Problem
from feedsvc.feeds.feed import assemble
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Article, Site
from feedsvc.slices.grammar import slices
from feedsvc.slices.period import period_of
from feedsvc.slices.slice import MAX_LIMIT, Slice

# The maximum number of bytes that escaping adds to a character in any format: "<" becomes "&#x3C;" in RSS.
_ESCAPED: Final = {"<": 5, "&": 5, ">": 3, '"': 1, "\n": 1}
# The approximate size of an entry without its texts, in bytes.
_FIELDS: Final = 4096


def large_feeds(site: Site, current: Callable[[Slice], Sequence[Article]]) -> Iterator[Problem]:
    """Yield a warning for each feed of a topic that is too large. `current` returns the articles of a slice's feed."""
    for slice_ in slices(site) if site.feed_bytes else ():
        articles = current(slice_)
        if sum(map(_max_size, articles)) <= site.feed_bytes:
            continue
        made = assemble(replace(site, feed_bytes=0), slice_, articles, updated=site.established)
        size, name = max((len(each.render(made)), each.name) for each in FORMATS.values())
        if size > site.feed_bytes:
            message = (
                f"the feed {slice_.name!r} would have {size:,} bytes in {name}, the limit is {site.feed_bytes:,}: its "
                "older entries show their summary only (raise feed_bytes, lower feed_size, or shorten its articles)"
            )
            yield Problem(path="site.toml", finding=Finding(field="feed_bytes", severity="warning", message=message))


def _max_size(article: Article) -> int:
    """Return an upper estimate of the size of an entry in any format, in bytes.

    It is cheap, and spares most feeds from being rendered only to be measured.
    """
    content = article.content
    escaped = sum(content.count(character) * more for character, more in _ESCAPED.items())
    return len(content.encode()) + escaped + 6 * len(article.title) + 12 * len(article.summary) + _FIELDS


def current_of(articles: Iterable[Article], site: Site, now: datetime) -> Callable[[Slice], list[Article]]:
    """Return a function with the result of `Snapshot.archives.current` at `now` (UTC) for a store of these articles."""
    live = [each for each in articles if each.published <= now and (each.expires is None or now < each.expires)]
    newest = sorted(live, key=lambda each: (-each.published.timestamp(), each.id))
    start = period_of(now, site).start

    def current(slice_: Slice) -> list[Article]:
        mine = [each for each in newest if slice_.topic is None or slice_.topic in each.topics]
        running = sum(each.published >= start for each in mine)
        return mine[: min(MAX_LIMIT, max(site.feed_size, running))]

    return current
