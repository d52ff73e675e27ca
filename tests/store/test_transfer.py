"""A store is copied between databases with its whole history."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from threading import Event

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from feedsvc.errors import StoreUnavailable
from feedsvc.slices.search_terms import parsed
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from tests.conftest import Publication
from tests.store.test_contract import run
from tests.web.random_edits import Edits
from tests.web.resources import ask, fields


@pytest.fixture
def target(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where no store is yet, in the other database."""
    return tmp_path / "copy" / "copy.sqlite3" if engine == "postgresql" else str(request.getfixturevalue("database"))


@pytest.fixture
def edited(publication: Publication) -> Edits:
    """A publication with a history."""
    edits = Edits(publication, Random(3))
    for _ in range(15):
        edits.one()
    publication.article("found", "nvidia 推論", published="2024-01-02 10:00")
    publication.sync()
    return edits


@pytest.mark.both_engines
def test_the_copy_answers_as_the_store(edited: Edits, target: Path | str, tmp_path: Path) -> None:
    """As docs/how-to/move-to-postgresql.md says: every document, cursor and search, and no file is read again."""
    publication = edited.publication
    client, urls = publication.client(), edited.urls()
    before = {url: (fields(answer), answer.data) for url in urls if (answer := ask(client, url))}
    result = CliRunner().invoke(main, ["store", "copy", str(publication.settings.store), str(target)])
    assert result.exit_code == 0, result.output
    assert "is copied to" in result.output
    publication.store.close()
    publication.move_to(target)
    client = publication.client()
    for url, (headers, data) in before.items():
        answer = ask(client, url)
        assert (fields(answer), answer.data) == (headers, data), url
    with publication.store.read() as snapshot:
        assert [each.slug for each in snapshot.slices.articles(Slice(terms=parsed("nvid* 推論")), 9)] == ["found"]
        version = snapshot.version()
    report = publication.sync()
    assert (report.added, report.changed, report.removed, report.rerendered) == ((), (), (), 0)
    publication.article("found", "other words", published="2024-01-02 10:00")
    assert publication.sync().changed == ("found",)
    with publication.store.read() as snapshot:
        assert snapshot.version().epoch == version.epoch
        assert not snapshot.slices.articles(Slice(terms=parsed("nvid* 推論")), 9)
    publication.store.close()


@pytest.mark.both_engines
def test_a_store_is_not_overwritten(publication: Publication, target: Path | str) -> None:
    publication.article("one")
    publication.sync()
    with closing(Store(target)) as copy:
        publication.store.copy_to(copy)
        with pytest.raises(StoreUnavailable, match="there is a store already"):
            publication.store.copy_to(copy)
        with copy.writer_lock(Event()), closing(Store(target)) as other:
            for source, to in ((publication.store, other), (other, publication.store)):
                with pytest.raises(StoreUnavailable, match="a writer runs"):
                    source.copy_to(to)


@pytest.mark.both_engines
def test_nothing_to_copy(publication: Publication, target: Path | str) -> None:
    with closing(Store(target)) as copy:
        with pytest.raises(StoreUnavailable, match="no store yet"):
            publication.store.copy_to(copy)
        publication.sync()
        run(publication.store, "UPDATE meta SET value = '1' WHERE key = 'schema'")
        with pytest.raises(StoreUnavailable, match="run feedsvc sync"):
            publication.store.copy_to(copy)
        with pytest.raises(StoreUnavailable), copy.read():
            pass


def test_a_difference_is_noticed(publication: Publication, database: str) -> None:
    """PostgreSQL takes no NUL, which SQLite may have: nothing is copied."""
    publication.article("one")
    publication.sync()
    run(publication.store, "UPDATE files SET fingerprint = 'a' || char(0)")
    with closing(Store(database)) as copy:
        with pytest.raises(StoreUnavailable, match=r"\['articles/one.md'\] in the table files differs"):
            publication.store.copy_to(copy)
        with pytest.raises(StoreUnavailable, match="no store yet"), copy.read():
            pass


def test_progress(publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It grows to the number of all rows, counted twice."""
    for name in "abc":
        publication.article(name)
    publication.sync()
    monkeypatch.setattr("feedsvc.store.transfer._ARTICLES", 2)
    seen: list[tuple[int, int]] = []
    note: Callable[[int, int], None] = lambda done, total: seen.append((done, total))  # noqa: E731
    with closing(Store(tmp_path / "copy.sqlite3")) as copy:
        counts = publication.store.copy_to(copy, note)
    assert counts["articles"] == 3
    assert seen == sorted(seen)
    assert seen[-1] == (2 * sum(counts.values()),) * 2
