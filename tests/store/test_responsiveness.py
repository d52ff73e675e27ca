"""A database that hangs: no connection ends, and none is answered."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection

from feedsvc.errors import StoreUnavailable
from feedsvc.store import Store
from feedsvc.store.postgresql import responsiveness
from feedsvc.store.postgresql.address import CONNECT_SECONDS
from feedsvc.store.postgresql.engine import PostgresqlEngine
from feedsvc.store.postgresql.responsiveness import NO_ANSWER, SILENT_SECONDS, TRY_AGAIN_SECONDS, Responsiveness
from feedsvc.web.cache import refresher
from tests.cluster.proxy import Proxy
from tests.conftest import START, Publication
from tests.live import wait_for
from tests.postgresql_server import Server

# The driver waits for two seconds at least.
CONNECT_TIMEOUT = "connect_timeout=2"


@pytest.fixture
def proxy(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Yield a proxy in front of the server. A silent server is tried again after tenths of a second."""
    monkeypatch.setattr(responsiveness, "SILENT_SECONDS", 0.2)
    with closing(Proxy(postgresql.port)) as made:
        yield made


@pytest.fixture
def name(postgresql: Server, tmp_path: Path) -> Iterator[str]:
    """Yield the name of a database with a store with one article."""
    name = postgresql.new_database()
    made = Publication(tmp_path, place=postgresql.url(name))
    made.article("one")
    made.sync()
    made.store.close()
    yield name
    postgresql.drop(name)


@pytest.fixture
def through(proxy: Proxy, name: str) -> Iterator[Store]:
    """Yield that store, through the proxy."""
    with closing(Store(url(proxy, name))) as store:
        yield store


def url(proxy: Proxy, name: str) -> str:
    return f"postgresql://feedsvc@127.0.0.1:{proxy.port}/{name}?{CONNECT_TIMEOUT}"


def count(store: Store) -> int:
    with store.read() as snapshot:
        return snapshot.claims.count()


def test_a_reader_gives_up_and_recovers(through: Store, proxy: Proxy) -> None:
    """In the middle of a snapshot, at its beginning, and where a connection has yet to be made."""
    with pytest.raises(StoreUnavailable, match=NO_ANSWER), through.read() as snapshot:  # noqa: PT012
        assert snapshot.claims.count() == 1
        proxy.cut()
        snapshot.claims.count()
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match=f"{NO_ANSWER}.*check that the server runs"):
            count(through)
    proxy.mend()
    wait_for(lambda: answers(through), "the server is tried again")


def answers(store: Store) -> bool:
    try:
        return count(store) == 1
    except StoreUnavailable:
        return False


def test_the_commit_signal_tells_the_readers(through: Store, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responsiveness, "TRY_AGAIN_SECONDS", 3600.0)
    engine = through._engine
    assert isinstance(engine, PostgresqlEngine)
    with closing(through.commit_signal()) as signal:
        assert signal.has_changed()
        proxy.cut()
        wait_for(lambda: not signal.has_changed() and not signal.is_connected, "the signal gives up")
        assert engine._responsiveness.is_silent
        with pytest.raises(StoreUnavailable, match=NO_ANSWER):
            count(through)
        proxy.mend()
        wait_for(lambda: not signal.has_changed() and signal.is_connected, "the signal is there again")
    assert count(through) == 1


def test_a_writer_of_a_command_gives_up_too(through: Store, proxy: Proxy, name: str, postgresql: Server) -> None:
    with pytest.raises(StoreUnavailable, match=NO_ANSWER), through.write(START) as commit:  # noqa: PT012
        commit.site.note_sync()
        proxy.cut()
        commit.articles.remove([])
        commit.site.note_sync()
    proxy.mend()
    with closing(Store(postgresql.url(name))) as store:
        assert count(store) == 1


def test_a_long_query_is_not_taken_for_silence(through: Store) -> None:
    with through._engine.read() as connection:
        assert connection.exec_driver_sql("SELECT 1 FROM pg_sleep(1)").scalar() == 1
    assert count(through) == 1


def test_a_server_without_a_free_slot_answers(through: Store, name: str, postgresql: Server) -> None:
    """The probe is refused, which is an answer."""
    postgresql.run(f"ALTER DATABASE {name} CONNECTION LIMIT 1")
    with through._engine.read() as connection, closing(Store(postgresql.url(name))) as other:
        assert connection.exec_driver_sql("SELECT 1 FROM pg_sleep(1)").scalar() == 1
        with pytest.raises(StoreUnavailable, match=r"too many connections.*lower pool_size"):
            count(other)


def test_a_search_whose_connection_ends_says_so(through: Store, name: str, postgresql: Server) -> None:
    """Also where the limit of its next statement is to be lowered."""
    now = 0.0
    engine = through._engine

    def search(connection: Connection) -> None:
        nonlocal now
        with engine.limited(connection, 10, 10, lambda: now):
            connection.exec_driver_sql("SELECT 1")
            now += 5.0
            postgresql.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreUnavailable, match="start the server if it stays so"), engine.read() as connection:
        search(connection)


class Attempts:
    """Connections that are made or not, on a clock that tests set."""

    def __init__(self) -> None:
        self.now, self.number = 0.0, 0
        self.error: Exception | None = None

    def __call__(self) -> Any:
        self.number += 1
        if self.error is not None:
            raise self.error
        return "made"


def test_one_thread_tries_a_silent_server() -> None:
    attempts = Attempts()
    known = Responsiveness(lambda: attempts.now)
    assert known.connected(attempts) == "made"
    attempts.error = psycopg.errors.ConnectionTimeout("expired")
    with pytest.raises(psycopg.OperationalError, match="expired"):
        known.connected(attempts)
    assert (known.is_silent, attempts.number) == (True, 2)
    # Known, so nobody tries.
    with pytest.raises(psycopg.OperationalError, match=NO_ANSWER):
        known.connected(attempts)
    assert attempts.number == 2
    # One does: always the commit signal, and a request when nobody has tried for some time.
    with pytest.raises(psycopg.OperationalError, match="expired"):
        known.connected(attempts, always=True)
    attempts.now = TRY_AGAIN_SECONDS
    with pytest.raises(psycopg.OperationalError, match="expired"):
        known.connected(attempts)
    with pytest.raises(psycopg.OperationalError, match=NO_ANSWER):
        known.connected(attempts)
    assert attempts.number == 4
    # Refused is answered.
    attempts.error = psycopg.OperationalError("refused")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        known.connected(attempts, always=True)
    assert not known.is_silent
    attempts.error = None
    assert known.connected(attempts) == "made"


def test_others_do_not_wait_for_the_one_that_tries() -> None:
    attempts, begun, end = Attempts(), Event(), Event()
    known = Responsiveness(lambda: attempts.now)
    attempts.error = psycopg.errors.ConnectionTimeout("expired")
    with pytest.raises(psycopg.OperationalError):
        known.connected(attempts)
    attempts.now = 2 * TRY_AGAIN_SECONDS

    def slow() -> Any:
        begun.set()
        end.wait()
        return "made"

    thread = Thread(target=lambda: known.connected(slow))
    thread.start()
    begun.wait()
    with pytest.raises(psycopg.OperationalError, match=NO_ANSWER):
        known.connected(attempts)
    end.set()
    thread.join()
    assert not known.is_silent


def test_the_cache_is_trusted_while_the_commit_signal_finds_out() -> None:
    """Its watchdog takes a refresher for one that hangs after a longer time."""
    assert SILENT_SECONDS + CONNECT_SECONDS < refresher.CHECK_SECONDS * refresher.MAX_STALLED_CHECKS / 1.5
