"""Days, months and years in the site's time zone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import UnknownResource
from feedsvc.model import Archives, Site
from feedsvc.slices.period import is_named, period_named, period_of
from tests.feeds.cases import SITE

KINDS: list[Archives] = ["day", "month", "year"]


def site(archives: Archives = "month", timezone: str = "Asia/Taipei") -> Site:
    return replace(SITE, archives=archives, timezone=timezone)


@pytest.mark.parametrize(
    ("archives", "label", "start", "end"),
    [
        ("year", "2026", "2025-12-31T16:00Z", "2026-12-31T16:00Z"),
        ("month", "2026-02", "2026-01-31T16:00Z", "2026-02-28T16:00Z"),
        ("month", "2024-12", "2024-11-30T16:00Z", "2024-12-31T16:00Z"),
        ("day", "2024-02-29", "2024-02-28T16:00Z", "2024-02-29T16:00Z"),
    ],
)
def test_a_period_begins_at_midnight_of_its_first_day(archives: Archives, label: str, start: str, end: str) -> None:
    found = period_named(label, site(archives))
    assert (found.start, found.end) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


def test_a_day_of_summer_time_is_shorter() -> None:
    found = period_named("2026-03-29", site("day", "Europe/Berlin"))
    assert (found.end - found.start).total_seconds() == 23 * 3600


@pytest.mark.parametrize("archives", KINDS)
@pytest.mark.parametrize("zone", ["Asia/Taipei", "UTC", "America/New_York", "Pacific/Apia"])
@given(moment=st.datetimes(datetime.fromisoformat("0002-01-03"), datetime.fromisoformat("9998-12-29")))
def test_every_moment_is_in_one_period(archives: Archives, zone: str, moment: datetime) -> None:
    found = period_of(moment.replace(tzinfo=UTC), site(archives, zone))
    assert found.start <= moment.replace(tzinfo=UTC) < found.end
    assert period_named(found.label, site(archives, zone)) == found


@pytest.mark.parametrize(
    "label", ["2026", "2026-3", "2026-13", "2026-03-01", "0001-01", "9999-12", "９０２６-03", "2026-03\n", "", "x"]
)
def test_what_is_no_month_is_refused(label: str) -> None:
    assert not is_named(label, site())
    with pytest.raises(UnknownResource) as caught:
        period_named(label, site())
    assert str(caught.value) == f"no archive {label!r} (archives are by month: write 2026-03)"
