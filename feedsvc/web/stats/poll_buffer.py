"""The counts in memory before they are written. Pure."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal

from feedsvc.web.stats.user_agent_subscribers import Report

# The name and format of a feed: ("chips", "atom"); `OTHER` stands for all unknown feeds.
FeedKey = tuple[str, str]
OTHER: Final[FeedKey] = ("other", "")
Result = Literal["full", "unchanged", "error"]


# Compared by identity, so that Counter counts thousands of the same object in C.
@dataclass(frozen=True, slots=True, eq=False)
class Poll:
    """The answer to one poll: the document (200), no body (304) or an error. Sizes are in bytes."""

    feed: FeedKey
    result: Result
    sent: int = 0
    saved: int = 0


def polled(feed: FeedKey, result: Result, length: int, whole: int) -> Poll:
    """Return a poll. `length` is the length of the body, `whole` that of the document without a content coding; the
    difference is saved.
    """
    sent = length if result == "full" else 0
    return Poll(feed, result, sent, max(0, whole - sent) if result != "error" else 0)


class PollBuffer:
    """Counts of polls: `results` by feed and result, `bytes` as (sent, saved), `subscribers` as last reported."""

    __slots__ = ("bytes", "results", "subscribers")

    def __init__(self) -> None:
        self.results: defaultdict[tuple[FeedKey, Result], int] = defaultdict(int)
        self.bytes: dict[FeedKey, tuple[int, int]] = {}
        self.subscribers: dict[tuple[FeedKey, str], int] = {}

    def add(self, feed: FeedKey, poll: Poll, times: int) -> None:
        """Add `times` polls like `poll` to `feed`."""
        self.results[feed, poll.result] += times
        sent, saved = self.bytes.get(feed, (0, 0))
        self.bytes[feed] = (sent + times * poll.sent, saved + times * poll.saved)

    def record(self, feed: FeedKey, report: Report) -> None:
        """Set the number of subscribers that a reader of `feed` reports."""
        self.subscribers[feed, report.reader] = report.subscribers
