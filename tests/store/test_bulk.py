"""Many rows are inserted in one call of the driver, and many articles added to the index of SQLite at once."""

from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, MetaData, String, Table, insert, select

from feedsvc.store.schema import metadata
from feedsvc.store.sqlite import bulk
from feedsvc.store.sqlite.connections import WRITER_CACHE_BYTES
from feedsvc.store.sqlite.engine import SqliteEngine
from feedsvc.store.sqlite.search import BULK_HASH_BYTES, HASH_BYTES, MANY

VALUES = {
    "BOOLEAN": True,
    "INTEGER": 2**53 + 1,
    "BLOB": b"\0\xff",
    "VARCHAR": "推論 אב 🚀",
    "TEXT": "\u0338",
    "BIGINT": 7,
}


@pytest.fixture
def engine(tmp_path: Path) -> SqliteEngine:
    return SqliteEngine(tmp_path / "store.sqlite3")


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
@pytest.mark.parametrize("is_whole", [True, False], ids=["all columns", "needed columns"])
def test_rows_are_those_that_sqlalchemy_inserts(engine: SqliteEngine, table: Table, *, is_whole: bool) -> None:
    needed = [each for each in table.columns if is_whole or (not each.nullable and each.server_default is None)]
    row = {each.name: VALUES[str(each.type)] for each in needed}
    other = table.to_metadata(MetaData(), name="other")
    other.indexes.clear()
    with engine.write() as connection:
        for each in (table, other):
            each.create(connection)
        bulk.execute(connection, bulk.insert_all(table), [row])
        connection.execute(insert(other), [row])
        assert connection.execute(select(table)).all() == connection.execute(select(other)).all()
        columns = ", ".join(f"typeof({each.name})" for each in table.columns)
        types = [connection.exec_driver_sql(f"SELECT {columns} FROM {name}").all() for name in (table.name, "other")]
        assert types[0] == types[1]


def test_one_column_is_enough(engine: SqliteEngine) -> None:
    table = Table("one", MetaData(), Column("key", String, primary_key=True))
    with engine.write() as connection:
        table.create(connection)
        engine.insert(connection, table, [{"key": "a"}, {"key": "b"}])
        engine.insert(connection, table, [])
        assert connection.scalars(select(table.c.key)).all() == ["a", "b"]


def _found(engine: SqliteEngine, connection: Connection, term: str) -> set[str]:
    return {row.id for row in connection.execute(engine.search.find(connection, [term]).ids())}


def test_many_articles_are_collected_in_memory_and_found(engine: SqliteEngine) -> None:
    """The option is not documented: this fails for a SQLite that has it no more."""
    with engine.write() as connection:
        engine.search.create(connection)
        engine.search.put(connection, {f"a{number}": (f"word n{number}", "推論") for number in range(MANY)})
        sizes = connection.exec_driver_sql("SELECT v FROM search_config WHERE k = 'hashsize'").scalars().all()
        assert sizes == [HASH_BYTES] != [BULK_HASH_BYTES]
        assert _found(engine, connection, "n7") == {"a7"}
        assert len(_found(engine, connection, "推論")) == MANY


def test_a_sqlite_without_the_option_makes_the_same_index(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.store.sqlite.search.HASH_SIZE", "INSERT INTO search (search, rank) VALUES ('x', ?)")
    with engine.write() as connection:
        engine.search.create(connection)
        engine.search.put(connection, {f"a{number}": (f"word n{number}", "") for number in range(MANY)})
        assert _found(engine, connection, "n7") == {"a7"}


def test_few_articles_leave_the_option_alone(engine: SqliteEngine) -> None:
    with engine.write() as connection:
        engine.search.create(connection)
        engine.search.put(connection, {f"a{number}": ("word", "") for number in range(MANY - 1)})
        assert connection.exec_driver_sql("SELECT v FROM search_config WHERE k = 'hashsize'").all() == []


def test_the_large_cache_ends_with_the_transaction(engine: SqliteEngine) -> None:
    def size() -> int:
        return int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())

    with engine.write() as connection:
        assert size() == -WRITER_CACHE_BYTES // 1024
    with pytest.raises(ZeroDivisionError), engine.write() as connection:
        raise ZeroDivisionError
    with engine.read() as connection:
        assert size() == -2000
