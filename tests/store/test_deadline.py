"""A query is interrupted when it has used its CPU time; and a search looks into the index once."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread, get_ident
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, text

from feedsvc.errors import SearchTooSlow, TooBusy
from feedsvc.slices.slice import Slice
from feedsvc.store.sqlite.connections import transaction
from feedsvc.store.sqlite.deadline import WALL_FACTOR, _Watchdog, limited, thread_cpu_clock
from tests.conftest import Publication
from tests.sqlite_store import engine_of
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


class Stopped:
    """A clock that stands still, and tells when it was read often."""

    def __init__(self, readings: int) -> None:
        self._left, self.read_often = readings, Event()

    def __call__(self) -> float:
        self._left -= 1
        if self._left < 0:
            self.read_often.set()
        return 0.0


FOREVER = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(step()) FROM n")


def test_one_long_step_is_noticed(connection: Connection) -> None:
    """A step that lasts until the time is over is the last one: none is needed to look at the clock."""
    steps: list[bool] = []
    begun = Event()

    def step() -> None:
        begun.set()
        steps.append(raw(connection).told.wait(60))

    raw(connection).create_function("step", 0, step)
    # The time is over when the first step has begun: an interrupt before has no effect.
    with pytest.raises(SearchTooSlow), limited(connection, 0.01, 2, cpu=lambda: float(begun.is_set())):
        connection.execute(FOREVER)
    assert steps == [True]


def pause_and_go_on(connection: Connection) -> None:
    """Ask nothing until the time is over, and then for what never ends."""
    assert raw(connection).told.wait(60)
    raw(connection).create_function("step", 0, lambda: 1)
    connection.execute(FOREVER)


def test_what_comes_after_too_long_a_pause_is_ended(connection: Connection) -> None:
    """An interrupt between two statements is lost on SQLite, so there is another."""
    with pytest.raises(SearchTooSlow), limited(connection, 0.01, 2, cpu=time.monotonic):
        pause_and_go_on(connection)


def test_nothing_is_interrupted_afterwards(connection: Connection) -> None:
    """The same snapshot can be read on."""
    with pytest.raises(SearchTooSlow), limited(connection, 0.01, 2, cpu=time.monotonic):
        pause_and_go_on(connection)
    times = raw(connection).times
    # Another's time is over later, so whoever interrupts has come by.
    other = sqlite3.connect(":memory:", factory=Told, check_same_thread=False)
    elsewhere = create_engine("sqlite://", creator=lambda: other)
    with transaction(elsewhere, "BEGIN") as beside, limited(beside, 0.01, 2, cpu=time.monotonic):
        assert other.told.wait(60)
    elsewhere.dispose()
    assert raw(connection).times == times
    assert connection.scalar(text("SELECT 1")) == 1
    assert raw(connection).in_transaction


def test_time_that_passes_is_not_time_used(connection: Connection) -> None:
    """On a busy machine a query waits for the CPU: the watchdog looks often, and ends nothing."""
    cpu = Stopped(5)
    raw(connection).create_function("step", 0, lambda: cpu.read_often.wait(60))
    with limited(connection, 0.01, 2, cpu=cpu, wall=Stopped(0)):
        assert connection.scalar(text("SELECT step()")) == 1
    assert raw(connection).times == 0


def test_a_query_that_waits_for_ever_is_ended(connection: Connection) -> None:
    """One that uses no CPU time, since its disk does not answer, has a limit by the wall clock."""
    passed = Event()

    def step() -> int:
        passed.set()
        return 1

    raw(connection).create_function("step", 0, step)
    wall = lambda: 0.01 * WALL_FACTOR if passed.is_set() else 0.0  # noqa: E731
    with pytest.raises(SearchTooSlow), limited(connection, 0.01, 2, cpu=Stopped(0), wall=wall):
        connection.execute(FOREVER)


def test_an_error_does_not_end_the_watchdog(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It limits all queries of a process: one that it cannot limit costs the others nothing, and is tried again."""
    monkeypatch.setattr("feedsvc.store.sqlite.deadline.ERROR_SECONDS", 0.01)
    failed = Event()

    def broken() -> float:
        if get_ident() == mine:
            return 0.0
        failed.set()
        raise OSError("no clock")

    mine = get_ident()
    other = sqlite3.connect(":memory:", factory=Told, check_same_thread=False)
    elsewhere = create_engine("sqlite://", creator=lambda: other)
    with transaction(elsewhere, "BEGIN") as beside, limited(beside, 0.01, 2, cpu=broken):
        assert failed.wait(300)
        threads = {each for each in enumerate_threads() if each.name == "query limits"}
        test_one_long_step_is_noticed(connection)
        assert {each for each in enumerate_threads() if each.name == "query limits"} == threads
    elsewhere.dispose()
    assert "cannot limit a query" in caplog.text


def test_without_a_thread_nothing_is_asked(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system allows no further thread; later it does."""

    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("feedsvc.store.sqlite.deadline._WATCHDOG", _Watchdog())
    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", refuse)
        with pytest.raises(TooBusy, match="can't start new thread"), limited(connection, 1, 2):
            pytest.fail("it was asked")
    test_one_long_step_is_noticed(connection)


def test_the_clock_is_that_of_its_own_thread() -> None:
    clock = thread_cpu_clock()
    while time.thread_time() < 0.02:
        pass
    with ThreadPoolExecutor(1) as pool:
        read, own = pool.submit(lambda: (clock(), time.thread_time())).result()
    assert read >= 0.02 or not hasattr(time, "pthread_getcpuclockid")
    assert read > own


def test_no_time_left_asks_nothing(connection: Connection) -> None:
    with pytest.raises(SearchTooSlow, match=r"longer than 2 s"), limited(connection, 0, 2):
        pytest.fail("it was asked")


def test_a_search_looks_into_the_index_once(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning of a word costs what stands below it each time the index is opened, so it is not for each row."""
    monkeypatch.setattr("feedsvc.store.sqlite.search.MAX_SORTED", 1)
    for name in "abc":
        publication.article(name, "text", tags=f"[{name}]")
    publication.sync()
    looks: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        looks.extend(["look"] * statement.count("MATCH"))

    event.listen(engine_of(publication.store), "before_cursor_execute", note)
    slice_ = Slice("chips", terms=("te*",))
    with publication.store.read() as snapshot:
        assert [each.slug for each in snapshot.archives.current(slice_)] == ["a", "b", "c"]
        assert snapshot.slices.articles(slice_, 1, 1)
        assert snapshot.slices.count(slice_) == 3
        assert len(snapshot.archives.archive(slice_, OCTOBER)) == 3
        assert snapshot.lists.most_used(slice_, "tag", 2) == ["a", "b"]
    event.remove(engine_of(publication.store), "before_cursor_execute", note)
    assert looks == ["look"]
