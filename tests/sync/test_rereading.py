"""What makes a file be read, and parsed, again."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from feedsvc.articles import read
from feedsvc.files import open_regular, read_at_most
from feedsvc.sync import reading
from tests.conftest import SITE_TOML, Publication
from tests.sync.looks import all_validators, feed, last_modified, now


def _read(publication: Publication, monkeypatch: pytest.MonkeyPatch, **options: object) -> list[str]:
    """The names of the article files a sync opens."""
    opened: list[str] = []

    def note(path: str | Path) -> BufferedReader:
        opened.append(Path(path).name)
        return open_regular(path)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "open_regular", note)
        publication.sync(**options)
    return sorted(opened)


@pytest.mark.usefixtures("old_files")
def test_an_old_file_is_read_once(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    publication.article("one")
    assert _read(publication, monkeypatch) == ["one.md"]
    assert _read(publication, monkeypatch) == []
    assert _read(publication, monkeypatch, whole=True) == ["one.md"]


def test_a_recent_file_is_read_again(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    publication.article("one")
    assert _read(publication, monkeypatch) == ["one.md"]
    assert _read(publication, monkeypatch) == ["one.md"]


def test_other_bytes_of_the_same_size_and_time_right_after_a_sync(publication: Publication) -> None:
    file = publication.article("one", "Aaaa")
    publication.sync()
    stamp = file.stat()
    file.write_bytes(file.read_bytes().replace(b"Aaaa", b"Bbbb"))
    os.utime(file, ns=(stamp.st_mtime_ns, stamp.st_mtime_ns))
    assert publication.sync().changed == ("one",)


@pytest.mark.usefixtures("old_files")
def test_other_bytes_of_the_same_size_time_and_inode(publication: Publication) -> None:
    """As tar writes a file over an older one of the same time: the time of the inode tells them apart."""
    file = publication.article("one", "Aaaa")
    os.utime(file, ns=(10**18, 10**18))
    publication.sync()
    file.write_bytes(file.read_bytes().replace(b"Aaaa", b"Bbbb"))
    os.utime(file, ns=(10**18, 10**18))
    assert publication.sync().changed == ("one",)


@pytest.mark.usefixtures("old_files")
def test_another_file_of_the_same_size_and_time_is_another_inode(publication: Publication) -> None:
    file = publication.article("one", "Aaaa")
    os.utime(file, ns=(10**18, 10**18))
    publication.sync()
    other = file.with_name("other.tmp")
    other.write_bytes(file.read_bytes().replace(b"Aaaa", b"Bbbb"))
    os.utime(other, ns=(10**18, 10**18))
    other.rename(file)
    assert publication.sync().changed == ("one",)


def _site(publication: Publication, before: str, after: str) -> None:
    assert before in SITE_TOML
    publication.write("site.toml", SITE_TOML.replace(before, after))


def test_another_base_url_reaches_every_article(publication: Publication) -> None:
    publication.article("one", "[x](/here)")
    publication.sync()
    _site(publication, "https://example.org", "https://new.example/sub")
    assert publication.sync().rerendered == 1
    assert b"https://new.example/sub/articles/one" in feed(publication)


def test_another_time_zone_reaches_every_date(publication: Publication) -> None:
    publication.article("one", published="2026-10-01 10:00")
    publication.sync()
    assert b"<published>2026-10-01T02:00:00" in feed(publication)
    _site(publication, "Asia/Taipei", "UTC")
    assert publication.sync().rerendered == 1
    assert b"<published>2026-10-01T10:00:00" in feed(publication)


def test_a_topic_that_goes_sets_its_articles_aside_and_comes_back(publication: Publication) -> None:
    publication.article("one", topics="[cloud]")
    publication.sync()
    _site(publication, '[topics.cloud]\ntitle = "Cloud"\n', "")
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert not report.removed
    publication.write("site.toml", SITE_TOML)
    report = publication.sync()
    assert not report.problems


def test_an_article_names_a_topic_by_its_title(publication: Publication) -> None:
    """A file is read again when the title of a topic changes: its topics depend on it."""
    publication.article("one", topics="[晶片]")
    report = publication.sync()
    assert report.added == ("one",)
    assert "'晶片' counts as the topic chips (write chips)" in "\n".join(map(str, report.problems))
    publication.write("site.toml", SITE_TOML.replace("晶片", "半導體"))
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    publication.write("site.toml", SITE_TOML)
    assert not publication.sync().set_aside


def test_a_new_pipeline_reaches_old_articles(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    publication.article("one")
    publication.sync()
    genuine = read.read_article

    def other(*given: object, **named: object) -> read.Parsed:
        parsed = genuine(*given, **named)  # type: ignore[arg-type]
        return replace(parsed, article=replace(parsed.article, summary="by another pipeline"))

    monkeypatch.setattr(reading, "read_article", other)
    assert publication.sync().is_unchanged
    monkeypatch.setattr(reading, "PIPELINE_VERSION", read.PIPELINE_VERSION + 1)
    assert publication.sync().rerendered == 1
    assert b"by another pipeline" in feed(publication)


def test_a_site_title_touches_every_feed(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    before = all_validators(publication)
    _site(publication, 'subtitle = "All about tests"', 'subtitle = "All about more"')
    publication.sync()
    after = all_validators(publication)
    assert {name for name in after if after[name].last_modified != before[name].last_modified} == set(before)
    assert last_modified(publication, "cloud") == now(publication)


def test_a_topics_title_touches_the_feeds_that_show_it(publication: Publication) -> None:
    publication.article("one", topics="[chips]")
    publication.article("two", topics="[cloud]")
    publication.sync()
    before = all_validators(publication)
    _site(publication, 'title = "Cloud"', 'title = "Clouds"')
    publication.sync()
    after = all_validators(publication)
    touched = {name.partition(".")[0] for name in after if after[name].last_modified != before[name].last_modified}
    assert touched == {"all", "cloud"}
    assert all(after[f"chips.{suffix}"] == before[f"chips.{suffix}"] for suffix in ("atom", "rss", "json"))


def test_a_topics_title_touches_feeds_that_share_an_article_with_it(publication: Publication) -> None:
    publication.article("both", topics="[chips, cloud]")
    publication.sync()
    before = all_validators(publication)
    _site(publication, 'title = "Cloud"', 'title = "Clouds"')
    publication.sync()
    after = all_validators(publication)
    assert all(after[name].last_modified != before[name].last_modified for name in before)


def test_a_new_topic_touches_no_other_feed(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    before = all_validators(publication)
    publication.write("site.toml", f'{SITE_TOML}\n[topics.ai]\ntitle = "AI"\n')
    publication.sync()
    after = all_validators(publication)
    assert {name: after[name] for name in before} == before
    assert last_modified(publication, "ai") == now(publication)


def test_a_new_renderer_touches_every_feed(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    publication.now = datetime(2026, 11, 2, tzinfo=UTC)
    with publication.store.write(publication.now) as writer:
        writer.site.put_renderer_version("another")
    assert {each.last_modified for each in all_validators(publication).values()} == {now(publication)}


@pytest.mark.parametrize("error", [TypeError("odd\x1b]0;x"), RecursionError("deep"), MemoryError()])
def test_an_error_nobody_foresaw_costs_one_article(
    publication: Publication,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    """Its last good version stays up, it is tried at each sync, and the traceback is logged once."""
    publication.article("one")
    publication.article("two")
    publication.sync()
    publication.article("one", "More.")
    publication.article("three")
    genuine = read.read_article

    def fail(path: str, *given: object, **named: object) -> read.Parsed:
        if path == "articles/one.md":
            raise error
        return genuine(path, *given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_article", fail)
        report = publication.sync()
        assert (report.added, report.changed, report.removed) == (("three",), (), ())
        again = publication.sync()
    assert report.problems == again.problems
    (line,) = map(str, report.problems)
    assert line.startswith(f"articles/one.md: cannot be read because of an error in feedsvc ({type(error).__name__}: ")
    assert line.endswith("; please report it)")
    assert line.isprintable()
    assert [each.exc_info[1] for each in caplog.records if each.exc_info] == [error]
    assert publication.sync().changed == ("one",)


@pytest.mark.parametrize("expected", [0, 1, 4, 5, 6, 8, 9])
@pytest.mark.parametrize("limit", [3, 5, 8])
def test_a_file_is_read_whatever_its_length_was(limit: int, expected: int) -> None:
    """It may grow or shrink between the look at the folder and the reading."""
    assert read_at_most(BytesIO(b"12345"), limit, expected) == b"12345"[:limit]
