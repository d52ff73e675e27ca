"""The periods of archives: days, months or years in the site's time zone. Pure; no clock."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from feedsvc.errors import UnknownResource
from feedsvc.model import Archives, Site

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.A)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period from `start` up to, not including, `end`, in UTC. `label` is its name in addresses: 2026, 2026-03 …"""

    label: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of period: an example of its labels, and a function from a first day to the next one."""

    example: str
    next: Callable[[date], date]


_KINDS: Final[Mapping[str, _Kind]] = {
    "year": _Kind("2026", lambda day: date(day.year + 1, 1, 1)),
    "month": _Kind("2026-03", lambda day: (day + timedelta(days=31)).replace(day=1)),
    "day": _Kind("2026-03-05", lambda day: day + timedelta(days=1)),
}


def period_of(moment: datetime, site: Site) -> Period:
    """Return the period that contains `moment`."""
    day = moment.astimezone(ZoneInfo(site.timezone)).date()
    found = _period(day.isoformat()[: len(_KINDS[site.archives].example)], site.archives, site.timezone)
    assert found is not None
    return found


def period_named(label: str, site: Site) -> Period:
    """Return the period with that label. Raises UnknownResource with the form of labels."""
    found = _period(label, site.archives, site.timezone)
    if found is None:
        example = _KINDS[site.archives].example
        raise UnknownResource(f"no archive {label[:80]!r} (archives are by {site.archives}: write {example})")
    return found


def is_named(label: str, site: Site) -> bool:
    """Return whether `label` is a label in the site's present periods."""
    return _period(label, site.archives, site.timezone) is not None


# Each document asks several times for the running period.
@lru_cache(256)
def _period(label: str, archives: Archives, timezone: str) -> Period | None:
    kind = _KINDS[archives]
    whole = f"{label}-01-01"[:10]
    if len(label) != len(kind.example) or not _DAY.fullmatch(whole):
        return None
    try:
        first = date.fromisoformat(whole)
        following = kind.next(first)
    except (ValueError, OverflowError):
        return None
    # Its first midnight must exist in UTC too.
    if first.year == 1:
        return None
    return Period(label=label, start=_midnight(first, timezone), end=_midnight(following, timezone))


def midnight(day: date, site: Site) -> datetime:
    """Return the beginning of a day in the site's time zone, in UTC."""
    return _midnight(day, site.timezone)


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(timezone)).astimezone(UTC)
