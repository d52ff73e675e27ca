"""The store uses of its database what the protocol `store.engines` names, and nothing that only one database has."""

import ast
import importlib
import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import pytest
from sqlalchemy.dialects import registry
from sqlalchemy.schema import CreateIndex

from feedsvc.errors import ConfigError
from feedsvc.slices.slice import Slice
from feedsvc.store import Store, engines
from feedsvc.store.opening import engine_at
from feedsvc.store.schema import PARTIAL_INDEXES
from feedsvc.store.sqlite import SqliteEngine
from feedsvc.store.subscriptions import FILE, Subscriptions
from tests.conftest import Publication
from tests.store.test_migrations import make_first

STORE = Path(engines.__file__).parent
PROTOCOLS = {
    "StoreEngine": engines.StoreEngine,
    "SearchIndex": engines.SearchIndex,
    "SearchResults": engines.SearchResults,
    "CommitSignal": engines.CommitSignal,
}
# The protocols of what a member returns.
RETURNED = {"search": "SearchIndex", "find": "SearchResults", "commit_signal": "CommitSignal"}


def members(protocol: type) -> set[str]:
    """The public names of a protocol."""
    return {name for name in vars(protocol) if not name.startswith("_")}


class Only:
    """An engine, or a part of one, that has the members of its protocol only, and notes those that are used."""

    def __init__(self, real: object, protocol: str, used: set[str]) -> None:
        self._real, self._protocol, self._used = real, protocol, used

    def __getattr__(self, name: str) -> Any:
        if name not in members(PROTOCOLS[self._protocol]):
            raise AttributeError(f"{self._protocol} has no {name!r}")
        self._used.add(f"{self._protocol}.{name}")
        found = getattr(self._real, name)
        if name == "search":
            return Only(found, RETURNED[name], self._used)
        if name in RETURNED:
            return lambda *given: Only(found(*given), RETURNED[name], self._used)
        return found


@pytest.fixture
def used(publication: Publication) -> Iterator[set[str]]:
    """The members of the protocols that were used, by a publication whose store has nothing else."""
    found: set[str] = set()
    publication.store.close()
    only: Any = Only(SqliteEngine(publication.settings.store_file), "StoreEngine", found)
    with closing(Store(only)) as publication.store:
        yield found


@pytest.fixture(autouse=True)
def _large_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync of very many files fills the index in another way."""
    monkeypatch.setattr("feedsvc.sync.parallel.SPOOL_FROM", 0)


def test_a_store_needs_of_an_engine_what_the_protocol_says(
    publication: Publication, used: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it: a member that nothing needs would be one that every engine has in vain."""
    store = publication.store
    signal = store.commit_signal()
    with store.known() as snapshot:
        assert snapshot.claims.count() == 0
    publication.article("one", "![a](a.png) nvidia makes chips", tags="[sand]")
    publication.write("articles/a.png", b"\x89PNG")
    gone = publication.article("gone", "nvidia")
    publication.sync()
    assert signal.has_changed()
    assert not signal.has_changed()
    assert (signal.is_connected, signal.problem) == (True, "")
    assert store.copy_lag() is None
    signal.reset()
    assert signal.has_changed()
    assert signal.is_other_store
    for few in (2000, 0):
        monkeypatch.setattr("feedsvc.store.sqlite.search.MAX_SORTED", few)
        with store.read() as snapshot:
            for find in (snapshot.slices.articles, snapshot.slices.most_relevant):
                assert [each.slug for each in find(Slice(terms=("nvidia",)), 9)] == ["gone", "one"]
    gone.unlink()
    publication.article("one", "![a](a.png) amd", tags="[dust]")
    publication.sync()
    assert store.identity()
    with store.translated():
        pass
    with store.writer_lock(Event()) as is_mine:
        assert is_mine
        assert store.is_written()
        store.check_lock()
    store.writer_record().write()
    assert store.writer_state() is not None
    store.back_up(tmp_path / "copy")
    with closing(Subscriptions(store._engine, tmp_path)) as beside:
        assert (beside.numbers(0.0).due, (tmp_path / FILE).exists(), beside.deliveries.feeds()) == (0, False, [])
        assert beside.back_up(tmp_path / "copy") == 0
    store.erase_deleted()
    signal.close()
    store.close()
    make_first(publication.settings.store_file)
    with store.known() as snapshot:
        assert snapshot.claims.count() == 1
    publication.sync()
    assert len(store.copies()) == 1
    monkeypatch.setattr("feedsvc.store.sqlite.search.INDEX_VERSION", 99)
    publication.sync()
    assert store.restore(tmp_path / "copy") is not None
    with store.read() as snapshot:
        assert [each.slug for each in snapshot.slices.articles(Slice(terms=("amd",)), 9)] == ["one"]
    assert used == {f"{name}.{member}" for name, each in PROTOCOLS.items() for member in members(each)}


def test_each_protocol_of_the_module_is_listed() -> None:
    found = {name: each for name, each in vars(engines).items() if inspect.isclass(each) and Protocol in each.__bases__}
    assert found == PROTOCOLS


# What only SQLite understands, or means otherwise.
FOREIGN = re.compile(
    r"pragma|fts5|json_each|json_group|\browid\b|on conflict|insert or |sqlite_master|data_version", re.I
)


@pytest.mark.parametrize(
    "module",
    [each for each in sorted(STORE.rglob("*.py")) if not {"sqlite", "postgresql"} & {*each.parts}],
    ids=lambda each: each.stem,
)
def test_no_module_outside_knows_the_database(module: Path) -> None:
    """Neither its driver, nor SQLAlchemy's dialect for it, nor its SQL. Options of tables in `schema` are named so."""
    tree = ast.parse(module.read_text())
    docs = {each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [each.name for each in node.names] + [getattr(node, "module", None) or ""]
            assert not [each for each in names if each.startswith(("sqlite3", "sqlalchemy.dialects"))]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs:
            assert not FOREIGN.search(node.value)
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"on_conflict_do_update", "on_conflict_do_nothing", "driver_connection"}
            assert not FOREIGN.search(node.attr)


@pytest.mark.parametrize("place", ["sqlite:///{}/x", "{}/x"])
def test_a_store_is_named_by_a_path_or_a_url(publication: Publication, tmp_path: Path, place: str) -> None:
    """A URL of SQLite has three slashes before the path."""
    publication.sync()
    shutil.copy(publication.settings.store_file, tmp_path / "x")
    named = place.format(tmp_path)
    assert engine_at(named if "://" in named else Path(named)).name == f"{tmp_path}/x"


@pytest.mark.parametrize("place", ["mysql+driver://user:secret@host/db", "sqlite://", "sqlite:///", "x"])
def test_another_database_is_refused(place: str) -> None:
    with pytest.raises(ConfigError, match=r"no store can be kept at .*sqlite") as refused:
        engine_at(place)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_partial_indexes_are_partial_in_both_databases(database: str) -> None:
    # It sets the conditions for PostgreSQL.
    importlib.import_module("feedsvc.store.postgresql")
    dialect = registry.load(database)()
    made = [str(CreateIndex(index).compile(dialect=dialect)) for index, _ in PARTIAL_INDEXES]
    assert len(made) == 5
    assert all(" WHERE " in each for each in made), made


def test_commands_with_a_store_in_sqlite_do_not_load_the_dialect_of_postgresql() -> None:
    code = "import sys; import feedsvc.cli; print('sqlalchemy.dialects.postgresql' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
