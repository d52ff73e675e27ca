"""What was counted a moment ago, in memory. Pure."""

from collections import defaultdict
from typing import Final, Literal, NamedTuple

from feedsvc.web.subscribers import Report

# A feed and its format: ("chips", "atom"); everything that is no feed is `OTHER`.
FeedKey = tuple[str, str]
OTHER: Final[FeedKey] = ("other", "")
Result = Literal["full", "unchanged", "error"]


class Poll(NamedTuple):
    """How one was answered: with the document (200), without (304) or not at all. Sizes in bytes."""

    result: Result
    sent: int = 0
    saved: int = 0


class Tally:
    """`results` counts polls, `bytes` adds up (sent, saved), `subscribers` holds what each reader said last."""

    __slots__ = ("bytes", "results", "subscribers")

    def __init__(self) -> None:
        self.results: defaultdict[tuple[FeedKey, Result], int] = defaultdict(int)
        self.bytes: dict[FeedKey, tuple[int, int]] = {}
        self.subscribers: dict[tuple[FeedKey, str], int] = {}

    def add(self, key: FeedKey, poll: Poll, report: Report | None) -> None:
        """One more."""
        self.results[key, poll.result] += 1
        sent, saved = self.bytes.get(key, (0, 0))
        self.bytes[key] = (sent + poll.sent, saved + poll.saved)
        if report is not None:
            self.subscribers[key, report.reader] = report.subscribers
