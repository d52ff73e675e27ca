"""Values in the front matter of new and imported files: the shortest form that reads as the same value."""

import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feedsvc.articles.metadata.dates import read_date
from feedsvc.articles.metadata.front_matter_writer import file_of, written_date

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 1, 23, tzinfo=UTC), "2026-01-02"),
        (datetime(2026, 1, 1, 8, 30, tzinfo=UTC), "2026-01-01 09:30"),
        (datetime(2026, 1, 1, 8, 30, 5, tzinfo=UTC), "2026-01-01 09:30:05"),
        # The hour that the clocks repeat: without an offset it means the first one.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 02:30:00+01:00"),
    ],
)
def test_a_date_is_written_as_short_as_it_is_exact(moment: datetime, written: str) -> None:
    assert written_date(moment, BERLIN) == written
    assert read_date(written, BERLIN) == moment


def test_a_date_that_cannot_be_read_has_its_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(written: str, zone: ZoneInfo) -> datetime:
        raise ValueError(written)

    monkeypatch.setattr("feedsvc.articles.metadata.front_matter_writer.read_date", refuse)
    assert written_date(datetime(2026, 1, 1, 8, tzinfo=UTC), BERLIN) == "2026-01-01 09:00:00+01:00"


def test_tables_and_lists_are_toml() -> None:
    image = {"url": "a.png", "alt": 'A "drawing" of 晶片'}
    data = file_of({"title": "T", "image": image, "tags": ["a", "b"]}, "Text.\n", "toml").decode()
    _, front, body = data.split("+++\n")
    assert tomllib.loads(front) == {"title": "T", "image": image, "tags": ["a", "b"]}
    assert body == "Text.\n"
