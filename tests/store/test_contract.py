"""What every engine promises, with a store in each database: reads, writes, errors, signals, copies."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from feedsvc.errors import StoreTooNew, StoreUnavailable
from feedsvc.slices.search_terms import parsed
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.store.postgresql import commit_signal
from tests.conftest import Publication
from tests.live import wait_for
from tests.store.test_reading import READS

pytestmark = pytest.mark.both_engines


def sqlalchemy_engine(store: Store) -> Engine:
    """Return the SQLAlchemy engine of a store."""
    found = store._engine._engine  # type: ignore[attr-defined]
    assert isinstance(found, Engine)
    return found


def run(store: Store, statement: str) -> None:
    """Run a statement beside the store, as another process would."""
    with store._engine.write() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture
def filled(publication: Publication) -> Publication:
    """A publication with an article in it."""
    publication.article("one", "nvidia makes 推論 chips", id="urn:x:1", tags="[sand]")
    publication.sync()
    return publication


def test_without_a_store(publication: Publication) -> None:
    """Each read says so, and makes nothing."""
    for read in READS.values():
        with pytest.raises(StoreUnavailable, match="run feedsvc sync"), publication.store.read() as snapshot:
            read(snapshot)
    assert publication.store.identity() == ()
    signal = publication.store.commit_signal()
    assert not signal.has_changed()
    signal.close()
    with publication.store.known() as snapshot:
        assert snapshot.claims.count() == 0


def test_with_a_newer_schema(filled: Publication) -> None:
    run(filled.store, "UPDATE meta SET value = '99' WHERE key = 'schema'")
    for read in READS.values():
        with pytest.raises(StoreTooNew, match="upgrade feedsvc"), filled.store.read() as snapshot:
            read(snapshot)
    with pytest.raises(StoreTooNew), filled.store.write(datetime.now(UTC)):
        pass


def test_a_reader_sees_one_state(filled: Publication) -> None:
    """All reads of a snapshot, before and after another process commits, and those of one that is opened meanwhile."""
    with filled.store.read() as snapshot:
        before = {name: read(snapshot) for name, read in READS.items()}
        with filled.store._engine.write() as connection:
            for table in ("articles", "article_facets", "changes"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
            with filled.store.read() as other:
                assert {name: read(other) for name, read in READS.items()} == before
        assert {name: read(snapshot) for name, read in READS.items()} == before
    with filled.store.read() as snapshot:
        assert snapshot.slices.count(Slice()) != snapshot.claims.count() == 0


def test_a_failed_write_leaves_nothing(filled: Publication) -> None:
    def fail() -> None:
        with filled.store.write(filled.now) as commit:
            commit.articles.remove(["urn:x:1"])
            raise ZeroDivisionError

    with filled.store.read() as snapshot:
        before = {name: read(snapshot) for name, read in READS.items()}
    with pytest.raises(ZeroDivisionError):
        fail()
    with filled.store.read() as snapshot:
        assert {name: read(snapshot) for name, read in READS.items()} == before


def test_writers_wait_for_each_other(filled: Publication) -> None:
    """Eight threads add to one value; no addition is lost."""

    def add() -> None:
        with filled.store._engine.write() as connection:
            old = connection.exec_driver_sql("SELECT value FROM meta WHERE key = 'notebook'").scalar()
            connection.exec_driver_sql(f"UPDATE meta SET value = '{int(old or 0) + 1}' WHERE key = 'notebook'")

    run(filled.store, "UPDATE meta SET value = '0' WHERE key = 'notebook'")
    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with filled.store._engine.read() as connection:
        assert connection.exec_driver_sql("SELECT value FROM meta WHERE key = 'notebook'").scalar() == "8"


def test_upserts(filled: Publication) -> None:
    """Rows over others, rows beside others, and sums."""
    from feedsvc.store.schema import facet_values, meta

    engine = filled.store._engine
    with engine.write() as connection:
        engine.put(connection, meta, [{"key": "x", "value": "1"}, {"key": "x", "value": "2"}])
        engine.put_new(connection, meta, [{"key": "x", "value": "3"}, {"key": "y", "value": "4"}])
        for live in (2, -1):
            engine.add(connection, facet_values, "live", [{"facet": "tag", "value": "new", "live": live}])
        engine.put(connection, meta, [])
    with engine.read() as connection:
        found = connection.exec_driver_sql("SELECT key, value FROM meta WHERE key IN ('x', 'y') ORDER BY key").all()
        assert [tuple(each) for each in found] == [("x", "2"), ("y", "4")]
        assert connection.exec_driver_sql("SELECT live FROM facet_values WHERE value = 'new'").scalar() == 1


def test_a_commit_is_noticed_once(publication: Publication) -> None:
    """The first look finds something; a later one what was committed since, by anybody."""
    publication.sync()
    signal = publication.store.commit_signal()
    assert signal.has_changed()
    assert signal.is_other_store
    assert not signal.has_changed()
    publication.article("a")
    publication.sync()
    wait_for(signal.has_changed, "the commit")
    assert not signal.is_other_store
    assert not signal.has_changed()
    signal.reset()
    assert [signal.has_changed(), signal.has_changed()] == [True, False]
    signal.close()
    assert signal.has_changed()
    signal.close()


def test_text_is_sorted_by_code_points(publication: Publication) -> None:
    for name in ("B", "a", "é", "Z", "_", "ä", "推", "ａ"):
        publication.article(name, id=f"urn:x:{name}", tags=f"['{name}']")
    publication.sync()
    with publication.store.read() as snapshot:
        files = [each.path for each in snapshot.file_list()]
        ids = [each.id for each in snapshot.slices.articles(Slice(), 50)]
        tags = snapshot.lists.most_used(Slice(), "tag", 50)
    assert files == sorted(files)
    assert ids == sorted(ids)
    assert tags == sorted(tags)


def test_the_lock_of_the_writer(filled: Publication) -> None:
    """Another store waits for it, and has it after the first one."""
    stop, held, ended = threading.Event(), threading.Event(), threading.Event()
    other = Store(filled.settings.store)

    def wait() -> None:
        with other.writer_lock(stop) as mine:
            assert mine
            held.set()
            ended.wait(60)

    assert not filled.store.is_written()
    thread = threading.Thread(target=wait)
    with filled.store.writer_lock(threading.Event()) as mine:
        assert mine
        assert other.is_written()
        filled.article("two")
        filled.sync()
        thread.start()
    assert held.wait(60)
    assert filled.store.is_written()
    ended.set()
    thread.join()
    assert not filled.store.is_written()
    stop.set()
    with other.writer_lock(stop) as mine:
        assert not mine
    other.close()


def test_the_state_of_the_writer_is_no_commit(filled: Publication) -> None:
    signal = filled.store.commit_signal()
    signal.has_changed()
    record = filled.store.writer_record()
    record.write()
    state = filled.store.writer_state()
    assert state is not None
    assert state.pid == record.state.pid
    signal.reset()
    assert [signal.has_changed(), signal.has_changed()] == [True, False]
    signal.close()


def test_search(publication: Publication) -> None:
    """Words, beginnings of words, Chinese words of any length and phrases, after changes too."""
    phrase = "人工智慧晶片的推論成本在過去一年之內下降了大約百分之七十以上並且"
    publication.article("one", f"nvidia makes AI chips. {phrase}。")
    publication.article("two", "nvidiots say: chips makes AI, 推理")
    publication.sync()

    def found(query: str) -> list[str]:
        with publication.store.read() as snapshot:
            return [each.slug for each in snapshot.slices.articles(Slice(terms=parsed(query)), 50)]

    for query, slugs in {
        "推論": ["one"],
        "推": ["one", "two"],
        "AI": ["one", "two"],
        "nvid*": ["one", "two"],
        "nvidia": ["one"],
        '"makes AI"': ["one", "two"],
        '"makes AI chips"': ["one"],
        '"makes AI ch*"': [],
        phrase[:30]: ["one"],
        phrase[1:31]: ["one"],
        phrase[::-1]: [],
        "推論 AI nvid*": ["one"],
        "推論 推理": [],
        "nothing": [],
        "it's \\ 'x'": [],
    }.items():
        assert found(query) == slugs, query
    publication.article("one", "other words")
    publication.sync()
    assert found("nvid*") == ["two"]
    assert found("other") == ["one"]


def test_the_best_match_comes_first(publication: Publication) -> None:
    """Titles first, then what the database ranks: an article of several parts by its best one."""
    publication.article("title", "Once.", title="Wafers", published="2026-08-01")
    publication.article("often", "wafers wafers wafers", title="A", published="2026-08-02")
    publication.article("seldom", f"wafers {'other ' * 50}", title="B", published="2026-08-03")
    publication.article("long", f"wafers {'many other words here ' * 8000}", title="C", published="2026-07-01")
    publication.sync()
    slice_ = Slice(terms=("wafers",))
    with publication.store.read() as snapshot:
        best = [each.slug for each in snapshot.slices.most_relevant(slice_, 10)]
        assert best[:2] == ["title", "often"]
        assert set(best) == {"title", "often", "seldom", "long"}
        assert [each.slug for each in snapshot.slices.most_relevant(slice_, 2, 1)] == best[1:3]
        assert snapshot.slices.most_relevant(Slice(terms=("nothing",)), 10) == []


def test_odd_characters_find_nothing(filled: Publication) -> None:
    """NUL and halves of surrogate pairs, which SQLite or PostgreSQL refuse."""
    with filled.store.read() as snapshot:
        for odd in ("a\0b", "\0", "\ud800"):
            if odd == "\ud800" and isinstance(filled.settings.store, str):
                assert not snapshot.slices.has_facet("tag", odd)
            if "\0" in odd:
                assert not snapshot.slices.has_facet("tag", odd)
                assert snapshot.slugs.at(odd) is None


def test_a_slow_search_is_ended(filled: Publication) -> None:
    """And the snapshot can be read on."""
    from feedsvc.errors import SearchTooSlow

    engine = filled.store._engine
    slow = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT max(i) FROM n"
    with engine.read() as connection:
        limit = engine.limited(connection, 0.1, 3, engine.clock())
        with pytest.raises(SearchTooSlow, match="longer than 3 s"), limit:
            connection.exec_driver_sql(slow)
        with pytest.raises(SearchTooSlow), engine.limited(connection, 0, 3, engine.clock()):
            pass
        assert connection.exec_driver_sql("SELECT count(*) FROM articles").scalar() == 1
        with engine.limited(connection, 60, 60, engine.clock()):
            assert connection.exec_driver_sql("SELECT count(*) FROM articles").scalar() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM articles").scalar() == 1


def test_identity_stays(filled: Publication) -> None:
    before = filled.store.identity()
    assert before
    filled.article("two")
    filled.now += timedelta(days=40)
    filled.sync()
    assert filled.store.identity() == before


def test_an_edit_is_one_signal(filled: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that changes nothing would let each node refresh its documents in vain."""
    monkeypatch.setattr(commit_signal, "LOOK_SECONDS", 0.0)
    signal, engine = filled.store.commit_signal(), filled.store._engine
    assert signal.has_changed()
    write, seen = type(engine).write, []

    @contextmanager
    def noted(writing: Any) -> Iterator[Connection]:
        with write(writing) as connection:
            yield connection
        seen.append(signal.has_changed())

    monkeypatch.setattr(type(engine), "write", noted)
    filled.article("two", "another", id="urn:x:2")
    filled.sync()
    assert len(seen) > 1
    assert sum(seen) == 1
    signal.close()
