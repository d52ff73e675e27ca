"""Whatever SQLite is at, the clock ends it; and a search looks into the index once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, text

from feedsvc.errors import SearchTooSlow
from feedsvc.model import Slice
from feedsvc.store import listing
from feedsvc.store.engine import transaction
from feedsvc.store.patience import bounded
from tests.conftest import Publication
from tests.store.test_reading import OCTOBER


class Told(sqlite3.Connection):
    """A connection that tells when it is interrupted."""

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.told, self.times = Event(), 0

    def interrupt(self) -> None:
        super().interrupt()
        self.times += 1
        self.told.set()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/x", connect_args={"factory": Told, "check_same_thread": False})
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    with transaction(engine, "BEGIN") as found:
        yield found
    engine.dispose()


def raw(connection: Connection) -> Told:
    found = connection.connection.driver_connection
    assert isinstance(found, Told)
    return found


FOREVER = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(step()) FROM n")


def test_one_long_step_is_noticed(connection: Connection) -> None:
    """A step that lasts until the time is over is the last one: none is needed to look at the clock."""
    steps: list[bool] = []
    raw(connection).create_function("step", 0, lambda: steps.append(raw(connection).told.wait(60)))
    with pytest.raises(SearchTooSlow), bounded(connection, 0.01, 2):
        connection.execute(FOREVER)
    assert steps == [True]


def pause_and_go_on(connection: Connection) -> None:
    """Ask nothing until the time is over, and then for what never ends."""
    assert raw(connection).told.wait(60)
    raw(connection).create_function("step", 0, lambda: 1)
    connection.execute(FOREVER)


def test_what_comes_after_too_long_a_pause_is_ended(connection: Connection) -> None:
    """An interrupt between two statements is lost on SQLite, so there is another."""
    with pytest.raises(SearchTooSlow), bounded(connection, 0.01, 2):
        pause_and_go_on(connection)


def test_nothing_is_interrupted_afterwards(connection: Connection) -> None:
    """The same snapshot can be read on."""
    with pytest.raises(SearchTooSlow), bounded(connection, 0.01, 2):
        pause_and_go_on(connection)
    times = raw(connection).times
    # Another's time is over later, so whoever interrupts has come by.
    other = sqlite3.connect(":memory:", factory=Told, check_same_thread=False)
    elsewhere = create_engine("sqlite://", creator=lambda: other)
    with transaction(elsewhere, "BEGIN") as beside, bounded(beside, 0.01, 2):
        assert other.told.wait(60)
    elsewhere.dispose()
    assert raw(connection).times == times
    assert connection.scalar(text("SELECT 1")) == 1
    assert raw(connection).in_transaction


def test_no_time_left_asks_nothing(connection: Connection) -> None:
    with pytest.raises(SearchTooSlow, match=r"longer than 2 s"), bounded(connection, 0, 2):
        pytest.fail("it was asked")


def test_a_search_looks_into_the_index_once(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning of a word costs what stands below it each time the index is opened, so it is not for each row."""
    monkeypatch.setattr("feedsvc.store.search.FEW", 1)
    for name in "abc":
        publication.article(name, "text", tags=f"[{name}]")
    publication.sync()
    looks: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        looks.extend(["look"] * statement.count("MATCH"))

    event.listen(publication.store._engine, "before_cursor_execute", note)
    slice_ = Slice("chips", terms=("te*",))
    with publication.store.read() as snapshot:
        assert [each.slug for each in snapshot.current(slice_)] == ["a", "b", "c"]
        assert snapshot.articles(slice_, 1, 1)
        assert snapshot.count(slice_) == 3
        assert len(snapshot.archive(slice_, OCTOBER)) == 3
        assert listing.most_used(snapshot, slice_, "tag", 2) == ["a", "b"]
    event.remove(publication.store._engine, "before_cursor_execute", note)
    assert looks == ["look"]
