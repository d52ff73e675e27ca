"""The rows of the hub as values. Times are seconds since 1970 in UTC."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Mode = Literal["subscribe", "unsubscribe", "denied"]
# When a version is not tried again: later than any lease ends.
NEVER: Final = 1e12


def key_of(feed: str, callback: str) -> str:
    """Return the key of a subscription: a digest, since an index has room for short values only."""
    return hashlib.sha256(f"{feed}\n{callback}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A request of a subscriber, which `mode` says, before it is verified; or a denial with its `reason`.

    `feed` is the path and query of the feed below base_url, `topic` the URL that the subscriber wrote, `host` the host
    of the callback.
    """

    feed: str
    callback: str
    topic: str
    host: str
    mode: Mode
    secret: str | None = field(default=None, repr=False)
    lease_seconds: int = 0
    reason: str = ""
    requested_at: float
    attempts: int = 0
    claim: str = ""

    @property
    def key(self) -> str:
        """Return the key of the subscription that it is about."""
        return key_of(self.feed, self.callback)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A claimed subscription, and the version to be delivered: that with the tag `tag` of its feed.

    `attempts` is how often that version, or an earlier one, failed without a success since.
    """

    id: int
    feed: str
    callback: str
    secret: str | None = field(default=None, repr=False)
    tag: str
    tried_tag: str
    attempts: int
    claim: str
    claimed_until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The outcome of a delivery.

    `gone` ends the subscription. Otherwise a failure has the times of the next attempt: `next_attempt_at` for this
    version, `retry_after_at` for any.
    """

    delivery: Delivery
    tag: str
    succeeded: bool
    gone: bool = False
    is_slow: bool = False
    next_attempt_at: float = 0.0
    retry_after_at: float = 0.0
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideHub:
    """A claimed hub of others, and the commit that it was told of last."""

    url: str
    epoch: str
    commits: int
    seq: int
    attempts: int
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """A self-test: `problem` is None while it runs, "" if it went well, else why not."""

    begun_at: float
    verified_at: float | None
    delivered_at: float | None
    problem: str | None

    @property
    def seconds(self) -> float | None:
        """Return how long the round trip took; None without one."""
        return self.delivered_at - self.begun_at if self.delivered_at is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubNumbers:
    """What the hub did and what it has to do.

    `subscribers` are by feed. `due` is how many subscriptions do not have the current version yet, `failing` how many
    of them failed at least once, and `oldest_due_at` when the oldest undelivered version became the current one.
    `counters` are totals: deliveries, failures, verified, refused, denied, ended.
    """

    subscribers: Mapping[str, int] = field(default_factory=dict)
    due: int = 0
    failing: int = 0
    oldest_due_at: float | None = None
    pending: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    outside_problems: Mapping[str, str] = field(default_factory=dict)
    self_test: SelfTest | None = None
