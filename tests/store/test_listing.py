"""What pages list beside slices, through the store's door."""

from datetime import UTC, datetime

import pytest

from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot, Version
from feedsvc.store.snapshot import lists
from tests.conftest import Publication


@pytest.fixture
def shelf(publication: Publication) -> Publication:
    """Five articles: two of a kind in most respects, two at the same moment."""
    publication.article("a", "The café is 輝達's.", published="2026-07-01 10:00", tags="[nvidia, 'C++']")
    publication.article("b", "Nothing <em>here</em>.", published="2026-08-31 23:30", authors="[Ann, Bob]")
    publication.article("c", published="2026-09-01 00:30", authors="[{name: Ann}]", tags="[nvidia]", topics="[cloud]")
    publication.article("d", published="2026-09-02 10:00", title="Strait")
    publication.article("e", published="2026-09-02 10:00", title="Tea")
    publication.sync()
    return publication


def slugs(found: list[object]) -> list[str]:
    return [each.slug for each in found]  # type: ignore[attr-defined]


def test_most_used(shelf: Publication) -> None:
    """Of that slice's articles alone; the most used first, then by name; no more than asked for."""
    with shelf.store.read() as snapshot:
        assert snapshot.lists.most_used(Slice(), "tag", 9) == ["nvidia", "C++"]
        assert snapshot.lists.most_used(Slice(), "tag", 1) == ["nvidia"]
        assert snapshot.lists.most_used(Slice("chips"), "tag", 9) == ["C++", "nvidia"]
        assert snapshot.lists.most_used(Slice("cloud"), "author", 9) == ["Ann"]
        assert snapshot.lists.most_used(Slice(tags=("nvidia", "C++")), "tag", 9) == ["nvidia", "C++"]
        assert snapshot.lists.most_used(Slice(terms=("輝達",)), "tag", 9) == ["C++", "nvidia"]
        assert snapshot.lists.most_used(Slice(languages=("ja",)), "tag", 9) == []


def test_only_the_newest_articles_are_asked(shelf: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it costs has an end."""
    monkeypatch.setattr(lists, "RECENT", 3)
    with shelf.store.read() as snapshot:
        assert snapshot.lists.most_used(Slice(), "tag", 9) == ["nvidia"]


def test_before_and_from(shelf: Publication) -> None:
    """The nearest dates on either side of a moment; a moment's own is of what begins with it."""
    with shelf.store.read() as snapshot:
        start, end = datetime(2026, 8, 31, 16, tzinfo=UTC), datetime(2026, 9, 2, 2, tzinfo=UTC)
        assert snapshot.lists.last_before(start) == datetime(2026, 8, 31, 15, 30, tzinfo=UTC)
        assert snapshot.lists.first_from(end) == end
        assert snapshot.lists.last_before(None) == end
        assert snapshot.lists.first_from(datetime(2027, 1, 1, tzinfo=UTC)) is None


def test_neighbours(shelf: Publication) -> None:
    """The chain of a topic, in the order its list has, through articles of one moment as well."""
    with shelf.store.read() as snapshot:
        listed = snapshot.slices.articles(Slice("chips"), 9)
        chain = [snapshot.lists.neighbours(each, "chips") for each in listed]
        ids = snapshot.lists.neighbour_ids(listed, "chips", {})
        some = snapshot.lists.neighbour_ids(listed[1:2], "chips", {})
    assert ids == {
        each.id: (older.id if older else "", newer.id if newer else "")
        for each, (older, newer) in zip(listed, chain, strict=True)
    }
    assert some == {id_: ids[id_] for id_ in some}
    assert [newer.slug if newer else None for _, newer in chain] == [None, *slugs([*listed[:-1]])]
    assert [older.slug if older else None for older, _ in chain] == [*slugs([*listed[1:]]), None]


def test_overview(shelf: Publication) -> None:
    """What is published, what waits, what is set aside and why, and when it was last looked at."""
    shelf.article("later", published="2027-01-01 10:00", title="Later")
    shelf.article("wrong", topics="[chip]")
    shelf.article("warned", language="en", topics="[chips, cloud]")
    shelf.sync()
    with shelf.store.read() as snapshot:
        seen = snapshot.overview()
    assert (seen.total, seen.scheduled_count, seen.set_aside_count) == (6, 1, 1)
    assert seen.articles == {("chips", "en"): 5, ("cloud", "en"): 2}
    assert [each.title for each in seen.scheduled] == ["Later"]
    assert [(each.path, each.findings[0].field) for each in seen.set_aside] == [("articles/wrong.md", "topics")]
    assert seen.synced == shelf.now


def test_a_sync_that_finds_nothing_new_is_a_sync(shelf: Publication) -> None:
    """Its time moves on, and no reader sees a difference."""

    def seen(snapshot: Snapshot) -> tuple[datetime | None, Version]:
        return snapshot.overview().synced, snapshot.version()

    with shelf.store.read() as snapshot:
        _, version = seen(snapshot)
    shelf.sync()
    with shelf.store.read() as snapshot:
        assert seen(snapshot) == (shelf.now, version)
