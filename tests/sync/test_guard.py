"""A mishap removes nothing (promise 9)."""

from pathlib import Path
from threading import Event

import pytest

from feedsvc.errors import ConfigError
from feedsvc.store.writer_lock import is_written, only_writer
from feedsvc.sync import check
from tests.conftest import Publication
from tests.sync.looks import all_validators, rows, status, titles


def _articles(publication: Publication, count: int) -> list[Path]:
    files = [publication.article(f"n{number:02}") for number in range(count)]
    publication.sync()
    return files


def _remove(files: list[Path], count: int) -> None:
    for file in files[:count]:
        file.unlink()


@pytest.mark.parametrize(("count", "gone"), [(50, 10), (60, 12), (10, 10)])
def test_few_or_a_small_share_may_go(publication: Publication, count: int, gone: int) -> None:
    _remove(_articles(publication, count), gone)
    report = publication.sync()
    assert (len(report.removed), report.refused) == (gone, 0)


@pytest.mark.parametrize(("count", "gone"), [(54, 11), (11, 11)])
def test_too_many_do_not(publication: Publication, count: int, gone: int) -> None:
    _remove(_articles(publication, count), gone)
    before = rows(publication)
    for _ in range(2):
        report = publication.sync()
        assert (report.removed, report.refused, report.failed) == ((), gone, True)
        assert f"removed nothing: {gone} articles would be removed" in "\n".join(report.lines())
    assert rows(publication) == before
    report = publication.sync(allow_removals=True)
    assert (len(report.removed), report.failed) == (gone, False)


def test_what_else_changed_is_saved(publication: Publication) -> None:
    files = _articles(publication, 20)
    _remove(files, 15)
    publication.article("n19", "Changed.")
    publication.article("new")
    report = publication.sync()
    assert (report.added, report.changed, report.refused) == (("new",), ("n19",), 15)


def test_what_a_marker_withdraws_goes_however_much_it_is(publication: Publication) -> None:
    """Guarantee 13 comes before 9: a marker in a file that is there is no mishap."""
    files = _articles(publication, 20)
    for number in range(12):
        publication.article(f"n{number:02}", draft="true")
    report = publication.sync()
    assert (len(report.removed), report.refused) == (12, 0)
    assert status(publication, "n00") == 410
    _remove(files[12:], 8)
    assert len(publication.sync().removed) == 8


def test_what_a_marker_withdraws_goes_while_removals_are_refused(publication: Publication) -> None:
    files = _articles(publication, 30)
    _remove(files, 14)
    publication.article("n29", "Secret.", status="private")
    report = publication.sync()
    assert (report.removed, report.refused) == (("n29",), 14)
    assert (status(publication, "n29"), status(publication, "n00")) == (410, 200)


def test_a_word_that_nobody_knows_in_many_files_is_a_mishap(publication: Publication) -> None:
    """One file whose marker is unknown is withdrawn; where many have it, it may well mean "public"."""
    _articles(publication, 20)
    publication.article("n00", status="approved")
    assert publication.sync().removed == ("n00",)
    for number in range(1, 13):
        publication.article(f"n{number:02}", status="approved")
    report = publication.sync()
    assert (report.removed, report.refused) == ((), 12)
    assert status(publication, "n01") == 200
    assert len(publication.sync(allow_removals=True).removed) == 12


def test_ids_changed_in_every_file_change_nothing(publication: Publication) -> None:
    """Guarantee 4: what is published keeps its id, whatever is written later."""
    _articles(publication, 12)
    before = all_validators(publication)
    for number in range(12):
        publication.article(f"n{number:02}", id=f"urn:x:{number}")
    report = publication.sync()
    assert (report.is_unchanged, report.refused, len(report.problems)) == (True, 0, 12)
    assert all_validators(publication) == before


def test_files_that_come_back_end_the_refusal(publication: Publication) -> None:
    files = _articles(publication, 12)
    text = files[0].read_bytes()
    before = all_validators(publication)
    _remove(files, 12)
    assert publication.sync().refused == 12
    for file in files:
        file.write_bytes(text.replace(b"n00", file.stem.encode()))
    report = publication.sync()
    assert report.is_unchanged
    assert not report.failed
    assert all_validators(publication) == before


def test_a_missing_file_is_kept_until_it_may_go(publication: Publication) -> None:
    file = publication.article("one")
    publication.article("two")
    publication.sync()
    file.unlink()
    report = publication.sync(counts_as_deleted=lambda path: path != "articles/one.md")
    assert (report.missing, report.removed) == (("articles/one.md",), ())
    assert status(publication, "one") == 200
    assert publication.sync().removed == ("one",)


def test_a_rename_is_seen_before_the_old_name_may_go(publication: Publication) -> None:
    file = publication.article("one", id="urn:x:1")
    publication.sync()
    file.rename(file.with_name("two.md"))
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert (report.changed, report.missing, report.problems) == (("one",), (), ())
    assert status(publication, "one") == 301
    assert publication.sync().is_unchanged
    assert titles(publication) == ["one"]


def test_a_file_that_is_being_written_waits(publication: Publication) -> None:
    publication.article("one")
    publication.article("two")
    report = publication.sync(is_complete=lambda found: found.path != "articles/two.md")
    assert (report.added, len(report.pending)) == (("one",), 1)
    publication.article("one", "Half a")
    report = publication.sync(is_complete=lambda _found: False)
    assert (len(report.pending), report.removed, report.changed) == (2, (), ())
    assert publication.sync().changed == ("one",)


@pytest.mark.parametrize(
    "site", ["", "title = ", "title = 'x'", b"\xff", "title = 'x'\ntag_authority = 'example.org,2026'\n[topics]\n"]
)
def test_without_a_valid_site_toml_nothing_changes(publication: Publication, site: str | bytes) -> None:
    publication.article("one")
    publication.sync()
    before = all_validators(publication)
    kept = (publication.settings.content / "site.toml").read_bytes()
    publication.write("site.toml", site)
    publication.article("two")
    with pytest.raises(ConfigError, match=r"site\.toml"):
        publication.sync()
    publication.write("site.toml", kept)
    assert all_validators(publication) == before


def test_without_an_articles_folder_nothing_changes(publication: Publication) -> None:
    publication.article("one").unlink()
    publication.article("one")
    publication.sync()
    folder = publication.settings.content / "articles"
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(ConfigError, match="not a folder"):
        publication.sync()
    assert status(publication, "one") == 200


@pytest.mark.in_a_file
def test_who_writes_is_known_to_others(publication: Publication) -> None:
    store = publication.settings.store_file
    assert not is_written(store)
    with only_writer(store, Event()):
        assert is_written(store)
    assert not is_written(store)


def test_check_sides_with_the_file_that_published_it(publication: Publication) -> None:
    publication.article("z/take")
    publication.sync()
    publication.article("a/take", published="2026-09-01")
    problems = check(publication.settings.content, publication.site, publication.store, publication.now).problems
    assert list(map(str, problems)) == [
        "articles/a/take.md: slug: 'take' is already used by articles/z/take.md (give one of the two files another)"
    ]


def test_a_missing_file_is_named_while_it_may_come_back(publication: Publication) -> None:
    """Not one that published nothing, nor one whose article another file publishes."""
    files = [publication.article("a"), publication.article("b", draft="true"), publication.article("c", id="urn:x:c")]
    publication.sync()
    publication.article("moved", id="urn:x:c", slug="c")
    for file in files:
        file.unlink()
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert report.missing == ("articles/a.md", "articles/b.md")
    lines = [line for line in report.lines() if "missing" in line]
    assert lines == ["articles/a.md is missing; its article will be removed in 5 s unless it returns"]
    assert publication.sync().to_be_removed == ()
