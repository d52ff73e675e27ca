"""`expires` takes an article down at its time: a commit of the writer like a scheduled release (410, tombstone)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.store import Store
from feedsvc.sync import check
from feedsvc.web import create_app
from tests.conftest import Publication
from tests.sync.looks import feed, last_modified, now, status, titles, tombstones

# The publication is in Asia/Taipei (UTC+8): 2026-11-01 22:00 there is 14:00 in UTC, two hours after the first sync.
TIME = "2026-11-01 22:00"
DUE = datetime(2026, 11, 1, 14, 0, tzinfo=UTC)


def test_it_is_taken_down_at_its_time(publication: Publication) -> None:
    publication.article("one", expires=TIME)
    publication.article("other")
    report = publication.sync()
    assert report.added == ("one", "other")
    assert "the next is taken down 2026-11-01 22:00+08:00" in list(report.lines())[-1]
    with publication.store.read() as snapshot:
        assert snapshot.schedule.next_due() == DUE
    publication.now = DUE - timedelta(minutes=2)
    assert publication.sync(changed=()).is_unchanged
    report = publication.sync(changed=())
    assert (report.removed, report.expired, report.drafts) == (("one",), 1, 0)
    assert list(report.lines())[-1].endswith("0 set aside, 1 expired")
    assert (status(publication, "one"), tombstones(publication), titles(publication)) == (410, 1, ["other"])
    assert b"tag:example.org,2026:one" in feed(publication)
    assert last_modified(publication) == now(publication)


def test_a_restart_and_a_new_reading_bring_nothing_back(publication: Publication) -> None:
    publication.article("one", expires=TIME)
    publication.sync()
    publication.now = DUE
    publication.sync(changed=())
    publication.store.close()
    publication.store = Store(publication.settings.store)
    assert publication.sync().is_unchanged
    assert publication.sync(whole=True).is_unchanged
    publication.write(
        "site.toml", (publication.settings.content / "site.toml").read_text() + "[topics.x]\ntitle = 'X'\n"
    )
    assert publication.sync().is_unchanged
    assert status(publication, "one") == 410


def test_many_in_one_commit_are_not_held_back_by_the_guard(publication: Publication) -> None:
    for number in range(20):
        publication.article(f"a{number}", expires=TIME)
    publication.sync()
    publication.now = DUE
    report = publication.sync()
    assert (len(report.removed), report.refused) == (20, 0)
    assert tombstones(publication) == 20


def test_dates_in_the_past_that_are_written_into_many_files_are_not_held_back(publication: Publication) -> None:
    for number in range(20):
        publication.article(f"a{number}")
    publication.sync()
    for number in range(20):
        publication.article(f"a{number}", expires="2026-10-20")
    assert len(publication.sync().removed) == 20


def test_one_that_is_over_at_its_first_sync_is_never_published(publication: Publication) -> None:
    publication.article("one", expires="2026-10-20")
    report = publication.sync()
    assert (report.added, report.removed, report.expired) == ((), (), 1)
    assert (status(publication, "one"), tombstones(publication)) == (404, 0)


def test_one_that_was_scheduled_and_is_over_before_anybody_looked(publication: Publication) -> None:
    publication.article("one", published="2026-11-01 21:00", expires=TIME)
    publication.sync()
    publication.now = DUE
    report = publication.sync(changed=())
    assert (report.added, report.removed, report.scheduled) == ((), (), 0)
    assert status(publication, "one") == 404


@pytest.mark.parametrize("later", ["2027-01-01", "-"])
def test_another_time_brings_it_back_under_its_id(publication: Publication, later: str) -> None:
    publication.article("one", expires=TIME)
    publication.sync()
    before = feed(publication)
    publication.now = DUE
    publication.sync(changed=())
    publication.article("one", expires=later)
    assert publication.sync().added == ("one",)
    assert (status(publication, "one"), tombstones(publication)) == (200, 0)
    assert b"<id>tag:example.org,2026:one</id>" in before
    assert b"<id>tag:example.org,2026:one</id>" in feed(publication)


def test_a_later_time_that_is_written_while_nobody_looked(publication: Publication) -> None:
    """Were the old time looked at first, readers would see a tombstone and a new article."""
    publication.article("one", expires=TIME)
    publication.sync()
    publication.now = DUE
    publication.article("one", expires="2026-12-01")
    report = publication.sync()
    assert (report.added, report.removed) == ((), ())
    assert status(publication, "one") == 200


def test_another_article_may_take_its_slug_as_that_of_a_removed_one(publication: Publication) -> None:
    publication.article("one", expires=TIME)
    publication.sync()
    publication.now = DUE
    publication.sync(changed=())
    publication.article("two", slug="one", id="urn:x:two")
    assert publication.sync().added == ("two",)
    assert (status(publication, "one"), publication.sync(whole=True).is_unchanged) == (200, True)


def test_its_old_address_stays_gone_when_it_gets_another_slug(publication: Publication) -> None:
    publication.article("one", expires=TIME)
    publication.sync()
    publication.now = DUE
    publication.sync(changed=())
    publication.article("one", slug="new", expires=TIME)
    assert publication.sync().is_unchanged
    assert (status(publication, "one"), status(publication, "new")) == (410, 404)


def test_the_status_page_says_what_expires(publication: Publication) -> None:
    token = "sixteen-letters-or-more"
    publication.article("one", expires="2026-12-01")
    publication.article("over", expires="2026-10-20")
    publication.sync()
    client = create_app(replace(publication.settings, status_token=token)).test_client()
    page = client.get("/status", headers={"Authorization": f"Bearer {token}"}).text
    section = page[page.index('id="expiring"') :].partition("</section>")[0]
    assert "articles/one.md" in section
    assert 'datetime="2026-12-01T00:00:00+08:00"' in section
    assert "Expired: 1" in section
    assert "articles/over.md" not in section


def test_links_to_its_file_go_with_it(publication: Publication) -> None:
    """Every link in a feed resolves."""
    publication.article("one", expires=TIME)
    publication.article("linking", "[there](one.md)")
    publication.sync()
    assert b"&gt;there&lt;/a&gt;" in feed(publication)
    publication.now = DUE
    report = publication.sync(changed=())
    assert report.removed == ("one",)
    (problem,) = report.problems
    assert "links to 'one.md', which was taken down at its time (remove the link)" in str(problem)
    assert b"&gt;there&lt;/a&gt;" not in feed(publication)
    assert publication.sync(changed=()).is_unchanged


def test_media_go_with_it(publication: Publication) -> None:
    publication.write("articles/a.png", b"\x89PNG")
    publication.article("one", "![a](a.png)", expires=TIME)
    publication.sync()
    assert len(list(publication.settings.media_folder.iterdir())) == 1
    publication.now = DUE
    publication.sync(changed=())
    assert list(publication.settings.media_folder.iterdir()) == []


@pytest.mark.parametrize("expires", ["2026-10-01 10:00", "2026-09-30"])
def test_a_time_that_is_not_later_than_published_is_an_error(publication: Publication, expires: str) -> None:
    publication.article("one", expires=expires)
    (problem,) = publication.sync().problems
    assert str(problem) == (
        "articles/one.md:5: expires: is not later than published (write when the article is taken down)"
    )


@pytest.mark.parametrize("name", ["expiryDate", "unpublishDate", "expiry", "expirationDate"])
def test_other_systems_names_are_read_with_a_hint(publication: Publication, name: str) -> None:
    """Guarantee 13: what was taken down at its time in Hugo is not published again because of the field's name."""
    publication.article("one", **{name: "2026-12-01"})
    publication.article("gone", published="2020-01-01", **{name: "2020-12-01"})
    report = publication.sync()
    assert report.added == ("one",)
    assert [str(each) for each in report.problems] == [
        f"articles/gone.md:5: warning: {name}: is read as 'expires' (write expires)",
        f"articles/one.md:5: warning: {name}: is read as 'expires' (write expires)",
    ]
    assert status(publication, "gone") == 404
    publication.now = datetime(2026, 12, 2, tzinfo=UTC)
    assert publication.sync(changed=()).removed == ("one",)
    assert status(publication, "one") == 410


def test_of_several_ends_the_earliest_counts(publication: Publication) -> None:
    publication.article("one", expires="2027-12-01", expiryDate="2026-12-01")
    publication.sync()
    publication.now = datetime(2026, 12, 2, tzinfo=UTC)
    assert publication.sync(changed=()).removed == ("one",)


def test_an_end_under_another_name_that_is_no_date_sets_aside(publication: Publication) -> None:
    publication.article("one", expiryDate="soon")
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert any("one.md:5: expiryDate:" in str(each) for each in report.problems)


@pytest.mark.parametrize(("hours", "is_aside"), [(23, False), (25, True)])
def test_a_time_of_change_in_the_future(publication: Publication, hours: int, is_aside: bool) -> None:
    """An entry with a later `updated` stands above all others in readers that sort by it."""
    updated = publication.now + timedelta(minutes=1, hours=hours)
    publication.article("one", updated=f"{updated:%Y-%m-%dT%H:%M}Z")
    report = publication.sync()
    assert bool(report.set_aside) == is_aside
    if is_aside:
        assert str(report.problems[0]).startswith("articles/one.md:5: updated: is in the future")
        publication.now += timedelta(hours=3)
        assert publication.sync().added == ("one",), "it is tried again, though nothing changed"


def test_a_good_version_stays_up_while_the_time_of_change_is_in_the_future(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    publication.article("one", "Other.", updated="2029-01-01")
    assert publication.sync().set_aside == ["articles/one.md"]
    assert status(publication, "one") == 200
    assert b"Other." not in feed(publication)


def test_a_scheduled_article_may_be_changed_when_it_is_published(publication: Publication) -> None:
    publication.article("one", published="2026-12-24", updated="2026-12-24")
    assert publication.sync().problems == ()


def test_a_date_far_ahead_is_warned_of_until_it_is_near(publication: Publication) -> None:
    publication.article("one", published="2062-01-01")
    report = publication.sync()
    assert (report.set_aside, report.scheduled) == ([], 1)
    (problem,) = report.problems
    assert str(problem).startswith("articles/one.md:3: warning: published: is more than a year ahead")
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    assert problem in checked.problems
    publication.now = datetime(2061, 6, 1, tzinfo=UTC)
    assert publication.sync().problems == ()
