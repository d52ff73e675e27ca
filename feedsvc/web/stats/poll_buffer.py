"""What was counted a moment ago, in memory. Pure."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal

from feedsvc.web.stats.user_agents import Report

# A feed and its format: ("chips", "atom"); everything that is no feed is `OTHER`.
FeedKey = tuple[str, str]
OTHER: Final[FeedKey] = ("other", "")
Result = Literal["full", "unchanged", "error"]


# Compared as the thing it is, so that thousands of the same are counted in C.
@dataclass(frozen=True, slots=True, eq=False)
class Poll:
    """How one was answered: with the document (200), without (304) or not at all. Sizes in bytes."""

    feed: FeedKey
    result: Result
    sent: int = 0
    saved: int = 0


def polled(feed: FeedKey, result: Result, length: int, whole: int) -> Poll:
    """`length` is that of a body, `whole` that of the document without a coding: what was not sent of it was saved."""
    sent = length if result == "full" else 0
    return Poll(feed, result, sent, max(0, whole - sent) if result != "error" else 0)


class PollBuffer:
    """`results` counts polls, `bytes` adds up (sent, saved), `subscribers` holds what each reader said last."""

    __slots__ = ("bytes", "results", "subscribers")

    def __init__(self) -> None:
        self.results: defaultdict[tuple[FeedKey, Result], int] = defaultdict(int)
        self.bytes: dict[FeedKey, tuple[int, int]] = {}
        self.subscribers: dict[tuple[FeedKey, str], int] = {}

    def add(self, feed: FeedKey, poll: Poll, times: int) -> None:
        """So many more like `poll`, of `feed`."""
        self.results[feed, poll.result] += times
        sent, saved = self.bytes.get(feed, (0, 0))
        self.bytes[feed] = (sent + times * poll.sent, saved + times * poll.saved)

    def hear(self, feed: FeedKey, report: Report) -> None:
        """What a reader of `feed` says."""
        self.subscribers[feed, report.reader] = report.subscribers
