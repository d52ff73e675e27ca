"""Dates as RSS requires them."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.feeds.elements import rfc822
from feedsvc.offsets import YEARS, with_offset

FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (YEARS.start, YEARS.stop - 1))


@given(st.integers(FIRST, LAST).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_a_date_is_written_as_the_standard_library_does(moment: datetime) -> None:
    assert rfc822(moment) == format_datetime(moment)
    assert rfc822(moment, 480) == format_datetime(with_offset(moment, 480))


@pytest.mark.parametrize(
    ("moment", "offset", "written"),
    [
        (datetime(2026, 2, 1, 3, 4, 5, 678, UTC), None, "Sun, 01 Feb 2026 03:04:05 +0000"),
        (datetime(2026, 1, 31, 16, tzinfo=UTC), 480, "Sun, 01 Feb 2026 00:00:00 +0800"),
        (datetime(2026, 2, 1, 8, tzinfo=UTC), -480, "Sun, 01 Feb 2026 00:00:00 -0800"),
    ],
)
def test_a_date_has_the_zone_of_the_publication(moment: datetime, offset: int | None, written: str) -> None:
    """RFC 822 §5, with the year in four digits of RSS 2.0."""
    assert rfc822(moment, offset) == written
