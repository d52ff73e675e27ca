"""The valid years of dates, offsets from UTC in whole minutes, and times in RFC 3339. Pure."""

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

# Four digits, so that a day before and after each date exists in every zone (Python's dates end with 9999).
YEARS: Final = range(1000, 9999)
_SECONDS: Final = len("1000-01-01T00:00:00")


def offset_at(moment: datetime, zone: tzinfo) -> int:
    """Return the offset of `zone` at an aware moment, in minutes east of UTC.

    RFC 3339 §5.6 has no seconds in an offset, but zones had them before they kept standard time (Asia/Taipei was at
    +08:06:00, Asia/Shanghai at +08:05:43). They are rounded up: midnight is then shown at most 59 s later on the same
    day, where rounding down would show the day before.
    """
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return -(-offset // timedelta(minutes=1))


def with_offset(moment: datetime, minutes: int) -> datetime:
    """Return the same moment on a clock that is `minutes` east of UTC."""
    return moment.astimezone(_clock(minutes))


# Making one takes as long as using it.
@lru_cache(256)
def _clock(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def rfc3339(moment: datetime, offset: int | None = None) -> str:
    """Return `moment` (UTC) as RFC 3339: with Z, or on a clock `offset` minutes east of UTC."""
    if offset is not None:
        return with_offset(moment, offset).isoformat(timespec="seconds")
    return f"{moment.isoformat(timespec='seconds')[:_SECONDS]}Z"
