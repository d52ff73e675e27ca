"""When what failed is tried again. Pure; times are seconds since 1970 in UTC."""

import random
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from feedsvc.store.subscriptions.values import NEVER

MINUTE: Final = 60.0
HOUR: Final = 3600.0
# After each failure of one version, until the next attempt. After the last one, the next change is.
RETRY_SECONDS: Final = (5.0, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
# Of a verification, which a subscriber waits for. It can ask again.
VERIFICATION_SECONDS: Final = (5.0, MINUTE)
# Each time is longer by up to this part, so that those that failed together do not come together.
JITTER: Final = 0.2
# What a subscriber can ask for.
MAX_RETRY_AFTER: Final = 24 * HOUR


def next_attempt(failures: int, now: float, delays: tuple[float, ...] = RETRY_SECONDS) -> float:
    """Return when a version that failed `failures` times is tried again; NEVER after the last of `delays`."""
    if failures > len(delays):
        return NEVER
    return now + delays[failures - 1] * (1 + JITTER * random.random())  # noqa: S311


def retry_after(value: str | None, now: float) -> float:
    """Return the time that a Retry-After (RFC 9110 §10.2.3) names, at most MAX_RETRY_AFTER from `now`; 0 without."""
    if not value:
        return 0.0
    text = value.strip()
    if text.isascii() and text.isdigit():
        return now + min(float(text[:9]), MAX_RETRY_AFTER)
    try:
        at: datetime = parsedate_to_datetime(text)
        return min(at.timestamp(), now + MAX_RETRY_AFTER)
    except (ValueError, OverflowError):
        return 0.0
