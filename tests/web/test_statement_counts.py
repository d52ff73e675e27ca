"""How many statements an edit costs until readers see it: with PostgreSQL each is a round trip to another machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, event

from feedsvc.store import Snapshot
from feedsvc.store.snapshot import MAX_REMEMBERED
from feedsvc.web.context import KEY
from tests.conftest import Publication

pytestmark = pytest.mark.both_engines
# What is needed today. A few more may be needed one day; a statement for each value, file or format is a mistake.
SYNC, REFRESH = 64, 26
FEEDS = ("/feeds/all.atom", "/feeds/all.json", "/feeds/all.rss", "/feeds/chips.atom")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the statements that any engine executes in the block, without settings of SQLite, which read no table."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("PRAGMA cache_size"):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def filled(publication: Publication) -> Iterator[Publication]:
    """A publication with articles, which this process writes."""
    for number in range(5):
        publication.article(f"n{number}")
    with publication.store.writer_lock(Event()):
        publication.sync()
        yield publication


def edited(publication: Publication, *names: str) -> set[Path]:
    """Write articles, and return their paths."""
    return {publication.article(name, f"Another text of {name}.", tags="[new]") for name in names}


def test_a_sync_of_an_edit(filled: Publication) -> None:
    """Of a new article and of a changed one."""
    for name in ("new", "n1"):
        with counted() as statements:
            report = filled.sync(changed=edited(filled, name))
        assert (*report.added, *report.changed) == (name,)
        assert len(statements) <= SYNC, statements


def test_a_sync_of_many_edits(filled: Publication) -> None:
    """Each file costs no statement of its own."""
    with counted() as statements:
        report = filled.sync(changed=edited(filled, *(f"new-{number}" for number in range(20))))
    assert len(report.added) == 20
    assert len(statements) <= SYNC, statements


def test_a_refresh(filled: Publication) -> None:
    """The formats of a feed share what they show; a poll of a cached document asks nothing."""
    client = filled.client()
    documents = client.application.extensions[KEY].cache
    for path in FEEDS:
        assert client.get(path).status_code == 200
    filled.sync(changed=edited(filled, "new"))
    documents.refresh()
    filled.sync(changed=edited(filled, "newer"))
    with counted() as statements:
        documents.refresh()
    assert len(statements) <= REFRESH, statements
    documents.watched = True
    with counted() as statements:
        bodies = [client.get(path).data for path in FEEDS]
    assert all(b"newer" in body for body in bodies)
    assert statements == []


def test_the_identity(filled: Publication) -> None:
    """The watcher asks for it several times a second."""
    with counted() as statements:
        assert filled.store.identity()
    assert len(statements) <= 1


def test_what_a_snapshot_remembers_is_bounded(filled: Publication) -> None:
    """The last results, which are made once."""
    made: list[int] = []

    def remembered(snapshot: Snapshot, number: int) -> int:
        return snapshot.once(number, lambda: made.append(number) or number)  # type: ignore[func-returns-value]

    with filled.store.read() as snapshot:
        numbers = [*range(MAX_REMEMBERED + 1), *range(1, MAX_REMEMBERED + 1), 0]
        assert [remembered(snapshot, number) for number in numbers] == numbers
    assert made == [*range(MAX_REMEMBERED + 1), 0]
