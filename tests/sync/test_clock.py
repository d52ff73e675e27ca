"""The clock of the machine is set back by hours, as by NTP after a start with a wrong one: nothing breaks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from feedsvc.store.writer_problems import problems_of
from feedsvc.store.writer_state import WriterState
from tests.conftest import START, Publication
from tests.sync.looks import feed, titles

HOURS = timedelta(hours=5)


def test_what_is_published_stays_and_what_is_due_later_comes(publication: Publication) -> None:
    publication.article("now", title="Now", published="2026-11-01T10:00:00Z")
    publication.article("later", title="Later", published="2026-11-01T13:00:00Z")
    publication.sync()
    before = feed(publication)
    publication.now -= HOURS
    assert publication.sync().is_unchanged
    # Also that which is younger than the clock now is: readers have it.
    assert feed(publication) == before
    publication.write("articles/edited.md", "---\ntitle: Edited\npublished: 2026-10-01\ntopics: chips\n---\nText.\n")
    assert publication.sync().added == ("Edited",)
    publication.now = START + timedelta(hours=2)
    assert publication.sync().added == ("Later",)
    assert titles(publication) == ["Later", "Now", "Edited"]


def test_what_was_released_stays(publication: Publication) -> None:
    publication.article("later", title="Later", published="2026-11-01T13:00:00Z")
    publication.article("goes", title="Goes", published="2026-11-01T10:00:00Z", expires="2026-11-01T13:00:00Z")
    publication.sync()
    publication.now = START + timedelta(hours=2)
    publication.sync()
    assert titles(publication) == ["Later"]
    publication.now -= HOURS
    publication.sync(whole=True)
    assert "Later" in titles(publication)
    publication.now = START + timedelta(hours=3)
    publication.sync(whole=True)
    assert titles(publication) == ["Later"]


STATE = WriterState(pid=1, started_at=START, seen_at=START, looked_at=START)


@pytest.mark.parametrize("seconds", [-50, 0, 50])
def test_a_writer_that_runs_is_not_silent(seconds: float) -> None:
    assert problems_of(STATE, START + timedelta(seconds=seconds)) == ()


@pytest.mark.parametrize("moved", [HOURS, -HOURS])
def test_a_writer_that_ended_is_silent_on_any_clock(moved: timedelta) -> None:
    """One that runs writes another time within seconds."""
    assert [each.name for each in problems_of(STATE, START + moved)] == ["silent"]


def test_starts_of_another_time_are_no_recent_ones() -> None:
    now = START - HOURS
    state = replace(STATE, seen_at=now, looked_at=now, starts=(START,) * 9)
    assert problems_of(state, now) == ()
