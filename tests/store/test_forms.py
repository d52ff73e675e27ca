"""Slices of one form share the statements that look for them: nothing of one stands in what another executes."""

from dataclasses import replace
from datetime import date

import pytest

from feedsvc.slices.slice import Slice
from feedsvc.store.selection import selection
from tests.conftest import Publication


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(Slice("chips"), Slice("cloud"), id="topics"),
        pytest.param(Slice(tags=("a", "b")), Slice(tags=("推論", "c")), id="tags"),
        pytest.param(Slice(tags=("a",), languages=("en",)), Slice(tags=("推論",), languages=("ja",)), id="narrowed"),
        pytest.param(Slice(without=(("tag", "a"),)), Slice(without=(("tag", "b"),)), id="without"),
        pytest.param(Slice(since=date(2026, 1, 1)), Slice(since=date(2025, 5, 5)), id="dates"),
    ],
)
def test_slices_that_ask_alike_have_one_form(publication: Publication, one: Slice, other: Slice) -> None:
    publication.article("first")
    publication.sync()
    with publication.store.read() as snapshot:
        first, second = (selection(snapshot._session.connection, each, snapshot.site()) for each in (one, other))
    assert first.form == second.form
    assert first.form.form == first.form
    assert first.values.keys() == second.values.keys()
    assert first.values != second.values


def test_days_are_those_of_the_site_that_a_snapshot_shows(publication: Publication) -> None:
    publication.article("first", published="2026-03-01T20:00:00Z")
    publication.sync()
    since = Slice(since=date(2026, 3, 2))
    with publication.store.read() as snapshot:
        site = snapshot.site()
        found = []
        for timezone in ("Asia/Taipei", "UTC", "Asia/Taipei"):
            snapshot.show(replace(site, timezone=timezone))
            found.append([each.slug for each in snapshot.slices.articles(since, 10)])
    assert found == [["first"], [], ["first"]]


def test_each_finds_its_own(publication: Publication) -> None:
    publication.article("first", topics="[chips]", tags="[a, 推論]")
    publication.article("second", topics="[cloud]", tags="[a]")
    publication.sync()
    asked = {
        Slice("chips"): ["first"],
        Slice("cloud"): ["second"],
        Slice(tags=("推論",)): ["first"],
        Slice(tags=("a",)): ["first", "second"],
        Slice(without=(("tag", "推論"),)): ["second"],
        Slice(without=(("topic", "cloud"),)): ["first"],
    }
    with publication.store.read() as snapshot:
        for _ in range(2):
            assert {each: sorted(found.slug for found in snapshot.archives.current(each)) for each in asked} == asked
