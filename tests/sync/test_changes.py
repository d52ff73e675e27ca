"""What happens to a file, and what readers see of it."""

from datetime import timedelta

import pytest

from tests.conftest import SITE_TOML, Publication
from tests.sync.looks import all_validators, feed, last_modified, now, status, titles, tombstones, validators


def test_added_changed_removed_unchanged(publication: Publication) -> None:
    publication.article("one")
    file = publication.article("two")
    assert publication.sync().added == ("one", "two")
    publication.article("one", "Other text.")
    file.unlink()
    report = publication.sync()
    assert (report.added, report.changed, report.removed) == ((), ("one",), ("two",))
    assert titles(publication) == ["one"]
    assert list(report.lines()) == ["~ one", "- two", "0 added, 1 changed, 1 removed, 0 set aside"]


def test_a_sync_of_the_same_files_changes_no_byte_and_no_validator(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    before = all_validators(publication)
    with publication.store.read() as snapshot:
        commit = snapshot.commit()
    assert publication.sync().is_unchanged
    assert publication.sync(whole=True).is_unchanged
    assert all_validators(publication) == before
    with publication.store.read() as snapshot:
        assert snapshot.commit() == commit


def test_last_modified_is_the_commit_that_touched_the_feed(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    first = now(publication)
    publication.article("two", topics="[cloud]", published="2026-01-01 00:00")
    publication.sync()
    assert last_modified(publication, "chips") == first
    assert last_modified(publication, "cloud") == now(publication)
    assert last_modified(publication) == now(publication)


def test_a_clock_that_goes_backwards_moves_no_last_modified_back(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    first = now(publication)
    publication.now -= timedelta(hours=1)
    publication.article("one", "Later, by an earlier clock.")
    assert publication.sync().changed == ("one",)
    assert last_modified(publication) == first


def test_a_removed_article_is_gone_everywhere(publication: Publication) -> None:
    file = publication.article("one", topics="[chips, cloud]")
    publication.article("other")
    publication.sync()
    file.unlink()
    publication.sync()
    assert status(publication, "one") == 410
    assert b"tag:example.org,2026:one" in feed(publication, "cloud")
    assert [tombstones(publication, name) for name in ("all", "chips", "cloud")] == [1, 1, 1]
    assert titles(publication) == ["other"]
    assert titles(publication, "cloud") == []


def test_a_readded_article_loses_its_tombstone(publication: Publication) -> None:
    file = publication.article("one")
    publication.sync()
    text = file.read_bytes()
    file.unlink()
    publication.sync()
    file.write_bytes(text)
    assert publication.sync().added == ("one",)
    assert tombstones(publication) == 0
    assert status(publication, "one") == 200


def test_a_tombstone_expires_as_a_commit(publication: Publication) -> None:
    publication.write("site.toml", f"tombstone_days = 3\n{SITE_TOML}")
    file = publication.article("one")
    publication.sync()
    file.unlink()
    publication.sync()
    before = validators(publication)
    publication.now += timedelta(days=3, minutes=-2)
    publication.sync()
    assert validators(publication) == before
    publication.sync()
    assert tombstones(publication) == 0
    assert validators(publication).etag != before.etag
    assert last_modified(publication) == now(publication)
    assert status(publication, "one") == 410


def test_an_article_that_left_a_topic_is_alive(publication: Publication) -> None:
    publication.article("one", topics="[chips, cloud]")
    publication.sync()
    publication.article("one", topics="[chips]")
    assert publication.sync().changed == ("one",)
    assert tombstones(publication, "cloud") == 0
    assert titles(publication, "cloud") == []
    assert last_modified(publication, "cloud") == now(publication)
    assert status(publication, "one") == 200


def test_a_draft_is_not_published(publication: Publication) -> None:
    publication.article("one", draft="true")
    report = publication.sync()
    assert (report.added, report.problems) == ((), ())
    assert status(publication, "one") == 404


def test_an_article_edited_into_a_draft_is_removed(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    publication.article("one", draft="yes")
    assert publication.sync().removed == ("one",)
    assert status(publication, "one") == 410
    assert tombstones(publication) == 1


@pytest.mark.parametrize(
    "broken",
    [b"no front matter", b"---\ntitle: [\n---\n", b"---\ntitle: x\n---\n\xff\xfe", b"", b"---\ntitle: open"],
)
def test_a_broken_file_keeps_its_last_good_version(publication: Publication, broken: bytes) -> None:
    file = publication.article("one", "Good.")
    publication.sync()
    before = all_validators(publication)
    good = file.read_bytes()
    file.write_bytes(broken)
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert report.failed
    assert not report.removed
    assert all_validators(publication) == before
    assert publication.sync().set_aside == ["articles/one.md"]
    file.write_bytes(good.replace(b"Good.", b"Mended."))
    report = publication.sync()
    assert (report.changed, report.set_aside) == (("one",), [])
    assert b"Mended." in feed(publication)


def test_a_broken_file_that_goes_takes_its_article_along(publication: Publication) -> None:
    file = publication.article("one")
    publication.sync()
    file.write_bytes(b"broken")
    publication.sync()
    file.unlink()
    report = publication.sync()
    assert (report.removed, report.problems) == (("one",), ())


def test_a_scheduled_article_is_released_at_its_time(publication: Publication) -> None:
    publication.article("base")
    publication.sync()
    publication.article("later", published="2026-11-01T12:05:00Z")
    before = all_validators(publication)
    assert publication.sync().added == ()
    assert status(publication, "later") == 404
    assert all_validators(publication) == before
    with publication.store.read() as snapshot:
        release = snapshot.schedule.waiting().next_release
        assert release is not None
        assert release.isoformat() == "2026-11-01T12:05:00+00:00"
    publication.sync()
    assert publication.sync().is_unchanged  # 12:04
    assert publication.sync().added == ("later",)  # 12:05
    assert last_modified(publication) == now(publication)
    assert titles(publication) == ["later", "base"]
    with publication.store.read() as snapshot:
        assert snapshot.schedule.waiting().next_release is None


def test_a_scheduled_article_withdrawn_leaves_no_trace(publication: Publication) -> None:
    publication.article("base")
    publication.article("mate", translation_of="later", language="zh-Hant")
    publication.sync()
    before = all_validators(publication)
    file = publication.article("later", published="2026-12-01", aliases="[earlier]")
    publication.sync()
    file.unlink()
    assert publication.sync().is_unchanged
    assert all_validators(publication) == before
    assert status(publication, "later") == 404
    assert status(publication, "earlier") == 404


def test_a_scheduled_article_takes_no_address_before_its_time(publication: Publication) -> None:
    publication.article("old", id="urn:x:1")
    publication.sync()
    publication.article("old", id="urn:x:1", slug="new")
    publication.sync()
    file = publication.article("late", slug="old", published="2026-12-01")
    publication.sync()
    assert status(publication, "old") == 301
    file.unlink()
    publication.sync()
    assert status(publication, "old") == 301


def test_an_article_moved_into_the_future_is_gone_until_then(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    publication.article("one", published="2026-11-01T12:10:00Z")
    publication.sync()
    assert status(publication, "one") == 410
    assert tombstones(publication) == 1
    publication.now += timedelta(minutes=10)
    assert publication.sync().added == ("one",)
    assert status(publication, "one") == 200
    assert tombstones(publication) == 0


def test_a_file_with_two_faults_says_both(publication: Publication) -> None:
    publication.article("one", title="-", topics="[chip]")
    problems = list(map(str, publication.sync().problems))
    assert problems == [
        "articles/one.md: title: is missing (add 'title: …' to the front matter)",
        "articles/one.md:3: topics: unknown topic 'chip' (did you mean 'chips'?)",
    ]
