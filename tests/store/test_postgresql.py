"""What only a store in PostgreSQL does: what it says of servers in trouble, connections that died, migrations."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.store import Snapshot, Store, migrations
from feedsvc.store.opening import engine_at
from feedsvc.store.postgresql import connections
from feedsvc.store.schema import VERSION
from tests.conftest import Publication
from tests.postgresql_server import Server, free_port
from tests.store.test_reading import READS, every_read

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def filled(tmp_path: Path, database: str) -> Iterator[Publication]:
    """A publication in PostgreSQL, with an article."""
    made = Publication(tmp_path, place=database)
    made.article("one", "text")
    made.sync()
    yield made
    made.store.close()


def name_of(publication: Publication) -> str:
    """Return the name of the database of a publication."""
    return publication.store._engine.name.rpartition("/")[2]


def failure(place: str, *, write: bool = False) -> str:
    """Return what a store says that cannot be used."""
    with closing(Store(place)) as store, pytest.raises(StoreUnavailable) as raised:  # noqa: PT012
        if write:
            with store.write(NOW):
                pass
        with store.read():
            pass
    return str(raised.value)


def test_servers_and_roles_in_trouble(filled: Publication, postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message has what, where and a cure, and no password."""
    name = name_of(filled)
    gone = f"postgresql://me:secret@127.0.0.1:{free_port()}/x"
    wrong = f"postgresql://careful:secret@127.0.0.1:{postgresql.port}/{name}"
    postgresql.run("DROP ROLE IF EXISTS visitor", "CREATE ROLE visitor LOGIN")
    cases = {
        gone: "check that the server runs",
        wrong: "correct the password",
        postgresql.url("nowhere"): "create the database",
        postgresql.url(name, "nobody_known"): "name another one in the URL",
        postgresql.url(name, "visitor"): "GRANT the role",
    }
    for place, cure in cases.items():
        said = failure(place)
        assert cure in said
        assert "secret" not in said
        assert said.startswith("postgresql://")
    read_only = postgresql.url(name, options="options=-cdefault_transaction_read_only%3Don")
    with closing(Store(read_only)) as store, store.read() as snapshot:
        assert snapshot.claims.count() == 1
    monkeypatch.setattr(connections, "MIN_VERSION", 99)
    assert "is too old (feedsvc needs 99 or later)" in failure(postgresql.url(name))
    postgresql.run("DROP OWNED BY visitor", "DROP ROLE visitor")


@every_read
def test_each_read_says_that_the_connection_was_lost(
    filled: Publication, postgresql: Server, read: Callable[[Snapshot], Any]
) -> None:
    said = r"start the server if it stays so|check that the server runs"
    with pytest.raises(StoreUnavailable, match=said), filled.store.read() as snapshot:  # noqa: PT012
        postgresql.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(filled)}'")
        read(snapshot)


def test_each_method_of_a_store_whose_server_is_away(filled: Publication, postgresql: Server, tmp_path: Path) -> None:
    """Those that must answer do so; all others say what is wrong, and none changes anything."""

    def entered(block: AbstractContextManager[object]) -> None:
        with block:
            pass

    store = filled.store
    identity, signal, record = store.identity(), store.commit_signal(), store.writer_record()
    fails: dict[str, Callable[[], object]] = {
        "read": lambda: entered(store.read()),
        "write": lambda: entered(store.write(NOW)),
        "back_up": lambda: store.back_up(tmp_path / "copy"),
        "restore": lambda: store.restore(tmp_path / "copy"),
        "migrate": lambda: store.migrate(NOW),
        "writer_lock": lambda: entered(store.writer_lock(Event())),
        "is_written": store.is_written,
        "copy_lag": store.copy_lag,
        "copies": store.copies,
        "erase_deleted": store.erase_deleted,
        "known": lambda: entered(store.known()),
        "copy_to": lambda: store.copy_to(Store(tmp_path / "copy.sqlite3")),
    }
    answers: dict[str, tuple[Callable[[], object], object]] = {
        "identity": (store.identity, identity),
        "commit_signal": (signal.has_changed, False),
        "trim": (store.trim, 0),
        "check_lock": (store.check_lock, None),
        "writer_state": (store.writer_state, None),
        "writer_record": (record.write, None),
        "note_writer_crash": (partial(store.note_writer_crash, 1, NOW, "x"), None),
        "note_standby": (partial(store.note_standby, "x"), None),
        "translated": (partial(entered, store.translated()), None),
        "close": (store.close, None),
    }
    methods = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")}
    assert methods == fails.keys() | answers.keys()
    postgresql.close(name_of(filled))
    try:
        for name, method in fails.items():
            with pytest.raises(StoreUnavailable) as raised:
                method()
            assert str(raised.value).startswith(f"{store._engine.name}: "), name
        for name, (answer, expected) in answers.items():
            assert answer() == expected, name
        assert signal.problem.startswith(f"{store._engine.name}: ")
    finally:
        postgresql.reopen(name_of(filled))
    signal.close()
    assert filled.sync().is_unchanged


def test_a_role_that_may_only_read(filled: Publication, postgresql: Server) -> None:
    """docs/reference/postgresql.md has the rights of a web node's role: it may do every read, and nothing else."""
    name = name_of(filled)
    role = f"web_{name}"
    postgresql.run(
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        database=name,
    )
    with closing(Store(postgresql.url(name, role))) as store:
        for read in READS.values():
            with store.read() as snapshot, filled.store.read() as own:
                assert read(snapshot) == read(own)
        assert store.identity() == filled.store.identity()
        assert not store.is_written()
        with closing(store.commit_signal()) as signal:
            assert signal.has_changed()
        with pytest.raises(StoreUnavailable, match="GRANT the role what"), store.write(NOW) as commit:
            commit.site.note_sync()
    postgresql.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}", database=name)


def test_a_database_with_another_encoding(postgresql: Server) -> None:
    postgresql.run("CREATE DATABASE latin OWNER feedsvc ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert "ENCODING 'UTF8'" in failure(postgresql.url("latin"), write=True)
    postgresql.drop("latin")


def test_connections_that_died_are_not_noticed(filled: Publication, postgresql: Server) -> None:
    """As after a restart of the server: each reader and writer goes on with a new one."""
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(filled)}'"
    signal = filled.store.commit_signal()
    assert signal.has_changed()
    for _ in range(3):
        postgresql.run(kill)
        with filled.store.read() as snapshot, filled.store.read():
            assert snapshot.claims.count() == 1
    postgresql.run(kill)
    filled.article("two")
    assert filled.sync().added == ("two",)
    signal.close()


def test_a_connection_that_dies_in_use(filled: Publication, postgresql: Server) -> None:
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(filled)}'"
    with pytest.raises(StoreUnavailable, match="start the server if it stays so"), filled.store.read() as snapshot:  # noqa: PT012
        postgresql.run(kill)
        snapshot.claims.count()
    with pytest.raises(StoreUnavailable, match="start the server if it stays so"), filled.store.write(NOW) as commit:  # noqa: PT012
        commit.articles.remove([])
        postgresql.run(kill)
        commit.site.note_sync()
    with filled.store.read() as snapshot:
        assert snapshot.claims.count() == 1


def test_too_many_readers_of_a_process(filled: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "POOL_SECONDS", 0.1)
    with closing(Store(f"{filled.settings.store}&pool_size=2")) as store, store.read(), store.read():  # noqa: SIM117
        with pytest.raises(StoreUnavailable, match=r"all 2 connections .*raise pool_size"), store.read():
            pass


def test_the_server_has_a_timeout_of_its_own(filled: Publication, postgresql: Server) -> None:
    """It is not taken for the limit of searches."""
    place = postgresql.url(name_of(filled), options="options=-cstatement_timeout%3D50")
    with closing(Store(place)) as store:  # noqa: SIM117
        with pytest.raises(StoreUnavailable, match="statement_timeout that is too short"), store._engine.read() as one:
            one.exec_driver_sql("SELECT pg_sleep(60)")


@pytest.mark.parametrize(
    "place", ["postgresql://h:x/secret", "postgresql://u@h/d?pool_size=1", "postgresql://u@h/d?pool_size=secret"]
)
def test_urls_that_are_none(place: str) -> None:
    with pytest.raises(ConfigError, match="the URL of the store") as raised:
        engine_at(place)
    assert "secret" not in str(raised.value)


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'feedsvc\[postgresql\]'"):
        engine_at("postgresql://u@h/d")


def test_a_later_schema_is_migrated(filled: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """A synthetic one: the former tables are kept in a schema, a failure leaves everything."""
    monkeypatch.setattr(migrations, "VERSION", VERSION + 1)
    steps: list[str] = []

    def to_next(session: Any) -> None:
        session.put_meta("next", "yes")
        steps.append("done")
        if len(steps) == 2:
            raise ZeroDivisionError

    monkeypatch.setattr(migrations, "_MIGRATIONS", (*migrations._MIGRATIONS, to_next))
    with pytest.raises(migrations.StoreOutdated), filled.store.read():
        pass
    with filled.store.known() as snapshot:
        assert snapshot.claims.count() == 1
        assert snapshot._session.meta("next") == "yes"
    assert filled.store.copies() == []
    with pytest.raises(ZeroDivisionError):
        filled.store.migrate(NOW)
    assert filled.store.copies() == []
    filled.store.migrate(NOW)
    copy = f"public_schema_{VERSION}"
    assert filled.store.copies() == [copy]
    with filled.store.read() as snapshot:
        assert snapshot.claims.count() == 1
        assert snapshot._session.meta("next") == "yes"
    with filled.store._engine.read() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {copy}.articles").scalar() == 1
        known = connection.exec_driver_sql(f"SELECT value FROM {copy}.meta WHERE key = 'schema'").scalar()
        assert known == str(VERSION)


def test_a_restored_dump_begins_another_epoch(filled: Publication, postgresql: Server) -> None:
    """A copy of the database has another oid, as the tables of a restored dump have; cursors continue to work."""
    filled.store.close()
    postgresql.run(f"CREATE DATABASE copied TEMPLATE {name_of(filled)} OWNER feedsvc")
    with filled.store.read() as snapshot:
        before = snapshot.version()
        cursor = snapshot.changes.cursor_at(before.seq)
    filled.store.close()
    filled.move_to(postgresql.url("copied"))
    filled.article("two")
    filled.sync()
    with filled.store.read() as snapshot:
        assert snapshot.version().epoch != before.epoch
        assert snapshot.changes.is_known(cursor)
    filled.store.close()
    postgresql.drop("copied")


def test_backups_are_made_by_postgresql(filled: Publication, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="run pg_dump --format=custom"):
        filled.store.back_up(tmp_path / "copy")
    with pytest.raises(StoreUnavailable, match="run pg_restore"):
        filled.store.restore(tmp_path / "copy")
    filled.store.erase_deleted()
    assert filled.store.trim() == 0
