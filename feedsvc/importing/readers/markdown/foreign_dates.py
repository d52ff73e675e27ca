"""Read the dates of other systems: with names of time zones, and in seconds since 1970. Pure."""

import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedsvc.articles.metadata.dates import read_date
from feedsvc.offsets import YEARS

# In hours: RFC 5322 §4.3, and names that no other zone has. CST is that of America there, and of China elsewhere.
_OFFSETS: Final[Mapping[str, int]] = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "JST": 9,
    "KST": 9,
    "HKT": 8,
    "SGT": 8,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "AEST": 10,
    "AEDT": 11,
}
_ELSEWHERE: Final = timezone(timedelta(hours=5, minutes=17))
_MILLISECONDS: Final = 13
_NAME: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz /_-.")
_LONGEST_NAME: Final = 40


def read_foreign_date(text: str, zone: tzinfo) -> tuple[datetime, str]:
    """Return the moment (UTC) that a text names, and a note if its time zone is not certain, or "".

    A name that several places have counts as that of `zone` if its clocks have that name; otherwise the time is read as
    that of `zone`, and a note says so. Raises ValueError as `read_date` does.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if number := _since_1970(written):
        return number, ""
    try:
        return read_date(text, zone), ""
    except ValueError:
        time, name = _with_name(written)
        if not name or not set(name) <= _NAME or len(name) > _LONGEST_NAME:
            raise
        try:
            at = read_date(time, zone)
        except ValueError:
            time = ""
        if not time:
            # The message is about what was written.
            raise
    # An offset says more than the name behind it.
    if read_date(time, UTC) == read_date(time, _ELSEWHERE) or at.astimezone(zone).tzname() == name:
        return at, ""
    if name.upper() in _OFFSETS:
        return read_date(time, timezone(timedelta(hours=_OFFSETS[name.upper()]))), ""
    if "/" in name:
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return read_date(time, ZoneInfo(name)), ""
    return at, f"{text!r}: {name} is a time zone of several places, or none, so it is read in {zone} (write +08:00, …)"


def _since_1970(written: str) -> datetime | None:
    """Return the moment of a number of seconds or milliseconds; None if the text is no such number."""
    if not written.isascii() or not written.isdecimal() or len(written) not in (9, 10, _MILLISECONDS):
        return None
    seconds = int(written) // 1000 if len(written) == _MILLISECONDS else int(written)
    found = datetime.fromtimestamp(seconds, UTC)
    return found if found.year in YEARS else None


def _with_name(written: str) -> tuple[str, str]:
    """Return a text up to its last digit, and the name behind it without its brackets."""
    end = max((at for at, each in enumerate(written) if each.isdigit()), default=-1) + 1
    time, rest = written[:end], written[end:].strip()
    for half in ("am", "pm"):
        if rest.lower().startswith(half) and not rest[2:3].isalpha():
            time, rest = f"{time} {half}", rest[2:].strip()
    if rest[:1] == "Z" and not rest[1:2].isalpha():
        time, rest = f"{time}Z", rest[1:].strip()
    return time, rest.strip("[]() ")
