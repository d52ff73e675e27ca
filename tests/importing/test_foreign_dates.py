"""Dates of other systems: names of time zones, and numbers of seconds."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedsvc.importing.readers.markdown.foreign_dates import read_foreign_date
from tests.importing.conftest import Run, articles


@pytest.mark.parametrize(
    ("zone", "written", "utc"),
    [
        ("Asia/Taipei", "2024-05-01 10:00 CST", "2024-05-01 02:00"),
        ("America/Chicago", "2024-01-01 10:00 CST", "2024-01-01 16:00"),
        ("UTC", "2024-05-01 10:00 JST", "2024-05-01 01:00"),
        ("UTC", "2024-05-01 10:00 KST", "2024-05-01 01:00"),
        ("UTC", "2024-05-01 10:00 HKT", "2024-05-01 02:00"),
        ("UTC", "2024-05-01 10:00:30 PDT", "2024-05-01 17:00"),
        ("Asia/Taipei", "2024-05-01 10:00 UTC", "2024-05-01 10:00"),
        ("Asia/Taipei", "Wed, 01 May 2024 10:00:00 EST", "2024-05-01 15:00"),
        ("UTC", "2024-05-01 10:00 PM EST", "2024-05-02 03:00"),
        ("UTC", "2024-05-01 10:00 +08:00 Taipei", "2024-05-01 02:00"),
        ("UTC", "2024-05-01T10:00:00+08:00[Asia/Taipei]", "2024-05-01 02:00"),
        ("UTC", "2024-05-01T10:00:00Z [UTC]", "2024-05-01 10:00"),
        ("UTC", "2024-05-01 10:00 Asia/Taipei", "2024-05-01 02:00"),
        ("UTC", "Wed May 01 2024 10:00:00 GMT+0800 (China Standard Time)", "2024-05-01 02:00"),
        ("Asia/Taipei", "1714557600", "2024-05-01 10:00"),
        ("Asia/Taipei", "1714557600000", "2024-05-01 10:00"),
        ("Asia/Taipei", "20240501", "2024-04-30 16:00"),
    ],
)
def test_what_is_certain_has_no_note(zone: str, written: str, utc: str) -> None:
    at, note = read_foreign_date(written, ZoneInfo(zone))
    assert (f"{at:%Y-%m-%d %H:%M}", note) == (utc, "")


@pytest.mark.parametrize("name", ["CST", "IST", "BST", "Nowhere/Land", "local time"])
def test_a_name_of_several_places_leaves_the_time_of_the_site(name: str) -> None:
    at, note = read_foreign_date(f"2024-05-01 10:00 {name}", ZoneInfo("Asia/Tokyo"))
    assert f"{at:%H:%M}" == "01:00"
    assert f"{name} is a time zone of several places, or none, so it is read in Asia/Tokyo" in note


@pytest.mark.parametrize(
    "written", ["soon", "2024", "05/06/2024 JST", "12", "99999999999999999999", "2024-05-01 10:00 %"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"date|year|two dates"):
        read_foreign_date(written, ZoneInfo("UTC"))


def test_such_a_date_sets_no_article_aside(run: Run, content: Path, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: A\ndate: 2024-05-01 10:00 IST\nupdated: 1714557700\n---\nA wafer.\n")
    result = run(tmp_path / "a.md", "--topic", "chips")
    assert result.exit_code == 0
    assert result.stderr.count("IST is a time zone of several places") == 1
    assert "published: 2024-05-01 10:00" in articles(content)[0].read_text().replace("'", "")
