"""The dates people write → UTC; what is no whole, single, existing moment is refused with what to write."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.metadata.dates import read_date, read_written_date

TAIPEI, NEW_YORK = ZoneInfo("Asia/Taipei"), ZoneInfo("America/New_York")
EXAMPLE = "(write 2026-03-01 or 2026-03-01 09:30)"


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01 15:30",
        "2026-03-01T15:30",
        "2026-03-01T15:30:00",
        "2026-03-01T15:30:00.999",
        "2026-03-01T15:30:00,123456789",
        "2026-03-01T15:30:00+08:00",
        "2026-03-01T15:30:00+0800",
        "2026-03-01T07:30:00Z",
        "2026-03-01T07:30Z",
        "2026-03-01T02:30:00-05:00",
        "2026-03-01  15:30",
        " 2026-03-01 15:30 ",
        "2026/3/1 15:30",
        "2026.03.01 15:30",
        "2026-3-1T15:30",
        "2026-03-01 3:30 PM",
        "20260301T153000",
        "20260301T073000Z",
        "1 March 2026 15:30",
        "March 1, 2026 15:30",
        "Sun, 01 Mar 2026 07:30:00 GMT",
        "Sun, 01 Mar 2026 15:30:00 +0800",
        "2026-03-01 15:30 UTC+8",
        "2026-03-01 15:30 GMT+08:00",
        "2026-03-01 02:30 UTC-5",
        "2026年3月1日 15時30分",
        "2026年3月1日下午3時30分",
        "2026年3月1日 下午3点30分",
        "2026/3/1 下午3:30",
        "2026年3月1日 午後3時30分",
        "２０２６年３月１日　１５：３０",
        "2026년 3월 1일 오후 3시 30분",
        "2026. 3. 1. 오후 3:30".replace(". ", "."),
        "٢٠٢٦-٠٣-٠١ ١٥:٣٠",
    ],
)
def test_every_usual_way_to_write_a_moment_is_read(written: str) -> None:
    assert read_date(written, TAIPEI) == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["2026-03-01", "2026/3/1", "20260301", "1 Mar 2026", "2026年3月1日", "2026년 3월 1일", "2026-03-01 0:00"]
)
def test_a_bare_date_is_its_first_moment_in_the_zone(written: str) -> None:
    assert read_date(written, TAIPEI) == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("上午9時", 1),
        ("早上9點", 1),
        ("午前0時", -8),
        ("오전 9시", 1),
        ("晚上9點", 13),
        ("下午9时", 13),
        ("下午15時", 7),
    ],
)
def test_half_days_are_understood(written: str, hour: int) -> None:
    moment = read_date(f"2026年3月2日 {written}", TAIPEI)
    assert moment == datetime(2026, 3, 2 if hour >= 0 else 1, hour % 24, 0, tzinfo=UTC)


def test_a_moment_has_no_fraction_of_a_second_and_is_in_utc() -> None:
    moment = read_date("2026-03-01T09:30:00.999Z", TAIPEI)
    assert (moment.microsecond, moment.tzinfo) == (0, UTC)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        pytest.param("2026-03-08 01:59", datetime(2026, 3, 8, 6, 59, tzinfo=UTC), id="before the gap"),
        pytest.param("2026-03-08 03:00", datetime(2026, 3, 8, 7, 0, tzinfo=UTC), id="after the gap"),
        pytest.param("2026-11-01 01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), id="shown twice: the first"),
        pytest.param("2026-03-08T02:30Z", datetime(2026, 3, 8, 2, 30, tzinfo=UTC), id="an offset knows no gap"),
    ],
)
def test_clocks_that_change(written: str, utc: datetime) -> None:
    assert read_date(written, NEW_YORK) == utc


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("2026-03-08 02:30", "does not exist in America/New_York: the clocks went forward (write a later time)"),
        ("01/02/2026", f"could be two dates {EXAMPLE}"),
        ("1.3.2026", f"could be two dates {EXAMPLE}"),
        ("2026", f"is not a whole date {EXAMPLE}"),
        ("2026-03", f"is not a whole date {EXAMPLE}"),
        ("March 2026", f"is not a whole date {EXAMPLE}"),
        ("26-03-01", f"names no year of four digits {EXAMPLE}"),
        ("12/31/26", f"names no year of four digits {EXAMPLE}"),
        ("民國115年3月1日", f"names no year of four digits {EXAMPLE}"),
        ("令和8年3月1日", f"names no year of four digits {EXAMPLE}"),
        ("now", f"names no year of four digits {EXAMPLE}"),
        ("Monday", f"names no year of four digits {EXAMPLE}"),
        ("10:00", f"names no year of four digits {EXAMPLE}"),
        ("1772323200", f"names no year of four digits {EXAMPLE}"),
        ("12026-03-01", f"names no year of four digits {EXAMPLE}"),
        ("2026-03-01 tomorrow", f"is not a date {EXAMPLE}"),
        ("2026-03-01 09:30 CST", f"is not a date {EXAMPLE}"),
        ("2026-03-01T09:30:00[Asia/Taipei]", f"is not a date {EXAMPLE}"),
        ("2026-03-01T09:30:00+25:00", f"is not a date {EXAMPLE}"),
        ("2026-03-01T09:30:00-99:99", f"is not a date {EXAMPLE}"),
        ("2026-W09-7", f"is not a date {EXAMPLE}"),
        ("2026-02-30", f"is not a date: day is out of range for month {EXAMPLE}"),
        ("2026-13-01", f"is not a date: month must be in 1..12 {EXAMPLE}"),
        ("2026年13月1日", f"is not a date: month must be in 1..12 {EXAMPLE}"),
        ("2026-03-01T25:00", f"is not a date: hour must be in 0..23 {EXAMPLE}"),
        ("2026年3月1日 10點75分", f"is not a date: minute must be in 0..59 {EXAMPLE}"),
        ("2026-03-01T09:30:60Z", f"is not a date: second must be in 0..59 {EXAMPLE}"),
        ("2026年3月1日 晚上12時", "could be noon or midnight (write 12:00 or 00:00)"),
        ("2026/3/1 上午12:30", "could be noon or midnight (write 12:30 or 00:30)"),
        ("0999-12-31", f"is out of range: the year must be from 1000 to 9998 {EXAMPLE}"),
        ("9999-01-01", f"is out of range: the year must be from 1000 to 9998 {EXAMPLE}"),
    ],
)
def test_what_names_no_single_moment_is_refused(written: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole message is compared)
        read_date(written, NEW_YORK)
    assert str(caught.value) == f"{written!r} {message}"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Taipei", "America/New_York"])
def test_the_zone_of_the_machine_does_not_matter(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """dateutil reads the names of the machine's own zone; a file must mean the same on every machine."""
    monkeypatch.setattr("time.tzname", (ZoneInfo(zone).tzname(datetime(2026, 1, 1)), "XXX"))  # noqa: DTZ001
    with pytest.raises(ValueError, match="is not a date"):
        read_date("2026-03-01 09:30 CST", TAIPEI)


_PIECES = st.sampled_from(
    "2026 03 1 - / : . T Z +08:00 am Mar 10:30 9999 nan 1e9 ½ 年 下午 12時 UTC+8 GMT-25 ( ' ² 2026-03-01 20260301 "
    "feb Mon 99999999999 \0 \n".split(" ")
)


@given(st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=8).map("".join), st.lists(_PIECES).map(" ".join)))
def test_any_text_is_a_moment_in_utc_or_refused(written: str) -> None:
    try:
        moment = read_date(written, NEW_YORK)
    except ValueError as error:
        said = str(error)
    else:
        assert (moment.tzinfo, moment.microsecond) == (UTC, 0)
        return
    assert said.startswith(repr(written))


@pytest.mark.parametrize(
    ("written", "zone", "utc", "offset"),
    [
        pytest.param("2026-10-15", "Asia/Taipei", datetime(2026, 10, 14, 16, tzinfo=UTC), 480, id="ISO"),
        pytest.param("15 Oct 2026", "Asia/Taipei", datetime(2026, 10, 14, 16, tzinfo=UTC), 480, id="English"),
        pytest.param("2026年10月15日", "Asia/Taipei", datetime(2026, 10, 14, 16, tzinfo=UTC), 480, id="Chinese"),
        pytest.param("1975-07-01", "Asia/Taipei", datetime(1975, 6, 30, 15, tzinfo=UTC), 540, id="summer time of 1975"),
        pytest.param("2026-07-04", "America/New_York", datetime(2026, 7, 4, 4, tzinfo=UTC), -240, id="DST"),
        pytest.param("2026-12-24", "America/New_York", datetime(2026, 12, 24, 5, tzinfo=UTC), -300, id="no DST"),
        pytest.param("2026-11-01", "America/Havana", datetime(2026, 11, 1, 4, tzinfo=UTC), -240, id="midnight twice"),
        pytest.param("2018-11-04", "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC), -120, id="no midnight"),
        pytest.param("1890-01-01", "Asia/Taipei", datetime(1889, 12, 31, 15, 54, tzinfo=UTC), 486, id="mean time"),
        pytest.param(
            "1890-01-01", "Asia/Shanghai", datetime(1889, 12, 31, 15, 54, 17, tzinfo=UTC), 486, id="with seconds"
        ),
    ],
)
def test_a_date_without_a_time_keeps_the_offset_of_its_day(written: str, zone: str, utc: datetime, offset: int) -> None:
    """RFC 3339 §5.6: time-numoffset is hours and minutes."""
    found = read_written_date(written, ZoneInfo(zone))
    assert (found.at, found.offset) == (utc, offset)


@pytest.mark.parametrize(
    "written",
    ["2026-10-15 00:00", "2026-10-15T00:00:00+08:00", "15 Oct 2026 12am", "Oct 15, 2026 00:00", "2026年10月15日 0時"],
)
def test_midnight_that_was_written_is_a_time(written: str) -> None:
    found = read_written_date(written, TAIPEI)
    assert (found.at, found.offset) == (datetime(2026, 10, 14, 16, tzinfo=UTC), None)


def test_a_day_that_a_zone_left_out_is_refused() -> None:
    """Samoa had no 30 December 2011: it moved over the date line."""
    with pytest.raises(ValueError, match=r"'2011-12-30' does not exist in Pacific/Apia"):
        read_date("2011-12-30", ZoneInfo("Pacific/Apia"))
    assert read_date("2011-12-31", ZoneInfo("Pacific/Apia")) == datetime(2011, 12, 30, 10, tzinfo=UTC)
