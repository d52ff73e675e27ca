"""A sync of very many files keeps what they say in a temporary file, and ends as one that keeps it in memory."""

import errno
import os
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table, select

from feedsvc.articles.assets import Asset
from feedsvc.articles.read import read_article
from feedsvc.errors import StoreUnavailable
from feedsvc.media.storage import MediaStorage
from feedsvc.model import SafeHTML
from feedsvc.store import Store
from feedsvc.store.rows import article_row
from feedsvc.store.schema import metadata
from feedsvc.store.sqlite.search import search_rows
from feedsvc.sync import parallel
from feedsvc.sync.assets import copy
from feedsvc.sync.plan import Plan, Planner
from feedsvc.sync.reading import Outcome
from feedsvc.sync.spool import SpooledHTML
from tests.conftest import Publication
from tests.sync.looks import feed, rows, titles


def _many(publication: Publication) -> None:
    """What a plan has to compare: translations, links, copies, conflicts, files, drafts, mistakes."""
    for number in range(6):
        publication.article(f"n{number}", f"Text {number}. [next](n{number + 1}.md)", tags=f"[t{number}]")
    publication.article("zh", "中文。", language="zh-Hant", translation_of="n1")
    publication.article("copy", "Text 2. [next](n3.md)", title="n2")
    publication.article("alias", aliases="[old]")
    publication.article("taken", slug="old")
    publication.article("draft", draft="true")
    publication.article("wrong", topics="[chip]")
    publication.article("picture", "![x](x.png)")
    publication.write("articles/x.png", b"\x89PNG x")
    publication.article("later", published="2027-05-01 10:00")
    publication.article("far", published="2029-05-01 10:00")
    publication.article("expired", expires="2026-10-02")
    publication.article("changed", updated="2028-05-01")


def _swap(publication: Publication) -> None:
    """Slugs that articles take from each other, and files that move."""
    folder = publication.settings.content / "articles"
    publication.article("n0", slug="n1", title="n0", id="tag:example.org,2026:n0")
    publication.article("n1", slug="n0", title="n1", id="tag:example.org,2026:n1")
    (folder / "n2.md").rename(folder / "moved.md")
    publication.article("n3", "Changed.")
    (folder / "alias.md").unlink()


def tables(publication: Publication) -> dict[str, list[Any]]:
    """Every row of every table, and of the search index the articles of each of its terms."""
    tables = [each for each in metadata.sorted_tables if each.name != "meta"]
    with publication.store.read() as snapshot:
        connection = snapshot._session.connection
        found = {each.name: sorted(map(repr, connection.execute(select(*_same(each))))) for each in tables}
        connection.exec_driver_sql("CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'search', 'instance')")
        found["search"] = sorted(map(repr, connection.exec_driver_sql("SELECT * FROM temp.terms")))
        connection.exec_driver_sql("DROP TABLE temp.terms")
        found["search_rows"] = list(map(repr, connection.execute(select(search_rows))))
    return found


def _same(table: Table) -> list[Column[Any]]:
    """The columns without stamps of files: those of the same files in another folder differ."""
    return [each for each in table.columns if each.name not in ("inode", "mtime_ns", "asked") or table.name == "asks"]


def _states(folder: Path) -> list[Any]:
    publication = Publication(folder)
    found: list[Any] = []
    for change in (_many, _swap, lambda _: None):
        change(publication)
        report = publication.sync(whole=True)
        # What later syncs log depends on the size of batches.
        stored = rows(publication) if found else tables(publication)
        found.append((report, stored, feed(publication), feed(publication, "all", "json")))
    publication.store.close()
    return [_without_epoch(each, folder) for each in found]


def _without_epoch(state: Any, folder: Path) -> str:
    with Store(folder / ".feedsvc/content/store.sqlite3").read() as snapshot:
        return repr(state).replace(snapshot.version().epoch, "epoch")


def test_it_ends_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = _states(tmp_path / "memory")
    _spool_everything(monkeypatch)
    spooled = _states(tmp_path / "spooled")
    assert spooled == in_memory
    assert "Text 2." in spooled[0]


def test_each_process_that_reads_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that are forked are tried by `test_killed_first_syncs`."""
    in_memory = _states(tmp_path / "memory")
    _spool_everything(monkeypatch)
    monkeypatch.setattr(parallel, "PARALLEL_FROM", 4)
    monkeypatch.setattr(parallel, "start_method", lambda: "spawn")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    assert _states(tmp_path / "spooled") == in_memory


def test_a_disk_that_takes_little_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = _states(tmp_path / "memory")
    _spool_everything(monkeypatch)
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: pwrite(file, data[:1000], at))
    assert _states(tmp_path / "spooled") == in_memory


def test_the_error_of_a_process_that_reads_is_that_of_the_sync() -> None:
    error = pickle.loads(pickle.dumps(StoreUnavailable("disk: full", "the store cannot be used: full")))
    assert (str(error), error.summary) == ("disk: full", "the store cannot be used: full")


def _spool_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "SPOOL_FROM", 0)
    for module in ("feedsvc.sync.commit", "feedsvc.store.portions", "feedsvc.sync.parallel"):
        monkeypatch.setattr(f"{module}.PORTION", 3)


def test_a_first_sync_has_only_what_is_shared_in_memory(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slug that is an alias of another file, and the copy of an article: all others are settled on the disk."""
    _spool_everything(monkeypatch)
    seen: list[list[str]] = []

    def plan(planner: Planner, outcomes: Sequence[Outcome]) -> Plan:
        seen.append([each.record.path for each in outcomes])
        return plan_all(planner, outcomes)

    plan_all = Planner.plan
    monkeypatch.setattr(Planner, "plan", plan)
    _many(publication)
    report = publication.sync()
    assert seen == [["articles/alias.md", "articles/copy.md", "articles/n2.md", "articles/taken.md"]]
    assert report.set_aside == ["articles/alias.md", "articles/changed.md", "articles/copy.md", "articles/wrong.md"]
    assert publication.sync(whole=True).set_aside == report.set_aside


def test_a_first_sync_whose_files_change_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An article whose picture is lost while it is copied is set aside, and another file gets the slug that it had."""
    in_memory = _with_lost_pictures(tmp_path / "memory", monkeypatch)
    _spool_everything(monkeypatch)
    spooled = _with_lost_pictures(tmp_path / "spooled", monkeypatch)
    assert spooled == in_memory
    assert "articles/holder.md" in spooled


def _with_lost_pictures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    publication, pictures = Publication(folder), ("x", "y")
    _many(publication)
    publication.article("holder", "![y](y.png)", slug="wanted", published="2026-01-01")
    publication.article("other", slug="wanted", published="2026-01-02")
    publication.write("articles/y.png", b"\x89PNG y")

    def lose(assets: Iterable[Asset], sources: Mapping[str, Path], media: MediaStorage) -> dict[str, str]:
        lost = {each.name: "it was deleted" for each in assets if each.filename[:1] in pictures}
        return lost | copy([each for each in assets if each.name not in lost], sources, media)

    monkeypatch.setattr("feedsvc.sync.commit.copy", lose)
    report = publication.sync(whole=True)
    assert {"articles/picture.md", "articles/holder.md"} <= {*report.pending} & {*report.set_aside}
    found = repr((report, tables(publication)))
    publication.store.close()
    return found


@pytest.mark.in_a_file
def test_nothing_is_left_of_it(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "SPOOL_FROM", 0)
    publication.article("one")
    publication.sync()
    assert titles(publication) == ["one"]
    assert {each.name for each in publication.settings.store_file.parent.iterdir()} <= {
        "store.sqlite3",
        "store.sqlite3-wal",
        "store.sqlite3-shm",
        "media",
    }


def test_its_folder_is_made(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store on a server has not made it before a first sync of very many files."""
    monkeypatch.setattr(parallel, "SPOOL_FROM", 0)
    publication.settings = replace(publication.settings, state=publication.root / "not" / "there")
    publication.article("one")
    publication.sync()
    assert titles(publication) == ["one"]


def test_a_full_disk_is_said_and_nothing_is_written(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    publication.article("one")
    publication.sync()
    monkeypatch.setattr(parallel, "SPOOL_FROM", 0)
    publication.article("two")
    message = r"No space left on device \(a sync needs disk space there"
    for name in ("tempfile.TemporaryFile", "os.pwrite"):
        with monkeypatch.context() as patch:
            patch.setattr(f"feedsvc.sync.spool.{name}", full)
            with pytest.raises(StoreUnavailable, match=message):
                publication.sync()
    assert titles(publication) == ["one"]


def test_the_store_refuses_an_article_without_its_content(publication: Publication) -> None:
    """What is in a spool may never be published as an empty article."""
    parsed = read_article(
        "articles/x.md",
        b"---\ntitle: X\npublished: 2026-10-01\ntopics: [chips]\n---\nText.\n",
        publication.site,
        lambda _path: None,
        lambda _folder: [],
    )
    assert article_row(parsed.article)["content"] == SafeHTML("<p>Text.</p>")
    with pytest.raises(TypeError, match="its content is elsewhere"):
        article_row(replace(parsed.article, content=SpooledHTML()))
