"""Exports whose documents are rendered by several processes."""

import multiprocessing
import os
import re
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.export import writing
from feedsvc.export.plan import Planned
from feedsvc.export.rendering import Content, Renderer
from feedsvc.export.writing import Task, Writer
from feedsvc.model import Article
from feedsvc.slices.period import Period
from feedsvc.slices.slice import Slice
from feedsvc.store.snapshot.archives import Archives
from tests.conftest import Publication
from tests.export.publications import exported, files, fill, fresh


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what this process renders, by the key of the file."""
    counts: Counter[str] = Counter()
    content = Renderer.content

    def counted(self: Renderer, planned: Planned) -> Content:
        counts[planned.key] += 1
        return content(self, planned)

    monkeypatch.setattr(Renderer, "content", counted)
    return counts


def test_processes_write_what_one_process_writes(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rendered: Counter[str]
) -> None:
    fill(publication, 8)
    alone = fresh(publication, tmp_path / "alone")
    assert rendered
    rendered.clear()
    monkeypatch.setattr(writing, "PARALLEL_FROM", 1)
    report = exported(publication, tmp_path / "out")
    assert files(tmp_path / "out") == alone
    assert not rendered
    assert report.written == report.total
    assert exported(publication, tmp_path / "out").written == 0


def test_no_document_is_rendered_twice(publication: Publication, tmp_path: Path, rendered: Counter[str]) -> None:
    fill(publication, 8)
    exported(publication, tmp_path / "out")
    assert max(rendered.values()) == 1
    for number in range(2):
        rendered.clear()
        publication.article("n3", f"Text {number}.", published=f"2026-0{8 + number}-02 10:00", topics="[chips, cloud]")
        publication.article(f"new{number}", "Text.", topics="[chips]")
        publication.sync()
        exported(publication, tmp_path / "out", is_checked=False)
        assert max(rendered.values()) == 1
        assert "articles/n3.html" in rendered


def test_documents_with_the_same_articles_are_rendered_one_after_another(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rendered: Counter[str]
) -> None:
    fill(publication, 32)
    read: Counter[tuple[Slice, str]] = Counter()
    archive = Archives.archive

    def counted(self: Archives, slice_: Slice, period: Period) -> list[Article]:
        read[slice_, period.label] += 1
        return archive(self, slice_, period)

    monkeypatch.setattr(Archives, "archive", counted)
    exported(publication, tmp_path / "out")
    assert set(read.values()) == {1}, "once for all formats"
    order = list(rendered)
    archives = [found[1] for key in order if (found := re.search(r"^feeds/.*(2026-[0-9]{2})[^/]*$", key))]
    assert len(set(archives)) == 3
    assert archives == sorted(archives, reverse=True)
    assert order.index("articles/n1.html") < order.index("feeds/all.atom") < order.index("index.html")
    lists = [order.index(key) for key in ("months/2026-11.html", "topics/chips/page/2.html", "feeds/all/2026-10.atom")]
    assert lists == sorted(lists)


def test_a_process_that_is_stopped_begins_no_other_document(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rendered: Counter[str]
) -> None:
    fill(publication, 2)
    writer, tasks = _writer(publication, tmp_path / "out")
    stop = multiprocessing.Event()
    monkeypatch.setattr(writing._process, "renderer", writer.renderer)
    monkeypatch.setattr(writing._process, "stop", stop, raising=False)
    with publication.store.read() as snapshot:
        writer.renderer.show(snapshot, writer.site)
        made = writing._render_in_process(tasks)
        assert made is not None
        assert len(made) == 3
        stop.set()
        assert writing._render_in_process(tasks) == []
    assert rendered == {"robots.txt": 3}


def test_portions_are_of_one_kind() -> None:
    kinds = [
        Planned(key="x", url="/x"),
        Planned(key="x", url="/x", latest="2"),
        Planned(key="x", url="/x", is_late=True),
    ]
    kinds.append(replace(kinds[2], latest="1"))
    tasks = [Task("single", each, "", "") for each in kinds for _ in range(100)]
    sizes = [len(each) for each in writing.portions(tasks, is_idle=False)]
    assert sizes == [24, 24, 24, 24, 4, 96, 4, 24, 24, 24, 24, 4, *[12] * 8, 4]
    assert [len(each) for each in writing.portions(tasks[:13], is_idle=True)] == [6, 6, 1]


def _writer(publication: Publication, folder: Path) -> tuple[Writer, list[Task]]:
    """Return a writer of the robots.txt alone, to a folder that has been exported to."""
    made: list[Writer] = []

    def noted(self: Writer, *_: Any) -> Any:
        made.append(self)
        return iter(())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Writer, "write", noted)
        exported(publication, folder)
    planned = Planned(key="robots.txt", url="/robots.txt")
    return made[0], [Task("single", planned, "", "")] * 3


def test_processes_that_see_another_commit_render_nothing(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rendered: Counter[str]
) -> None:
    fill(publication, 2)
    writer, tasks = _writer(publication, tmp_path / "out")
    monkeypatch.setattr(writing, "PARALLEL_FROM", 1)
    older = replace(writer, version=writer.version._replace(commit=0))
    with publication.store.read() as snapshot:
        writer.renderer.show(snapshot, writer.site)
        assert len(list(older.write(tasks))) == 3
    assert rendered == {"robots.txt": 3}


def test_a_process_that_is_killed_is_named(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(publication, 2)
    writer, tasks = _writer(publication, tmp_path / "out")
    monkeypatch.setattr(writing, "PARALLEL_FROM", 1)
    monkeypatch.setattr(writing, "_render_in_process", _killed)
    with pytest.raises(StoreUnavailable, match="was killed, possibly for lack of memory"):
        list(writer.write(tasks))


def _killed(_tasks: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
