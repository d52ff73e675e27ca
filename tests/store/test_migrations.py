"""A store of an earlier schema, as an earlier feedsvc made it, goes on where it was."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from feedsvc.errors import StoreUnavailable
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.store.sqlite import SqliteEngine, search
from tests.conftest import Publication

both_databases = pytest.mark.both_engines
# What schema 4 had otherwise.
FOURTH = """
DROP INDEX media_unsized; ALTER TABLE media DROP COLUMN sizes;
UPDATE meta SET value = '4' WHERE key = 'schema';
"""
# What schema 3 had otherwise.
THIRD = f"""{FOURTH}
DROP INDEX corrections_latest; CREATE INDEX ix_corrections_at ON corrections (at);
DROP INDEX change_facets_change; CREATE INDEX change_facets_latest ON change_facets (state);
UPDATE meta SET value = '3' WHERE key = 'schema';
"""
# What schema 2 had otherwise: it is that of 0.1.0.
SECOND = f"""{THIRD}
DROP INDEX articles_expires; ALTER TABLE articles DROP COLUMN expires; ALTER TABLE files DROP COLUMN expires;
UPDATE meta SET value = '2' WHERE key = 'schema';
"""
# What schema 1 had otherwise.
FIRST = f"""{SECOND}
DROP TABLE change_facets; DROP TABLE removed_facets; DROP TABLE facet_values;
DROP TABLE asks; DROP INDEX files_retried; DROP INDEX files_wrong; DROP TABLE search; DROP TABLE search_rows;
CREATE TABLE change_facets (facet VARCHAR NOT NULL, value VARCHAR NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (facet, value, seq));
CREATE TABLE removed_facets (facet VARCHAR NOT NULL, value VARCHAR NOT NULL, id VARCHAR NOT NULL,
    PRIMARY KEY (facet, value, id));
CREATE INDEX removed_facets_id ON removed_facets (id);
DELETE FROM article_facets WHERE facet NOT IN ('all', 'topic');
DELETE FROM meta WHERE key = 'search';
UPDATE meta SET value = '1' WHERE key = 'schema';
"""


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def run(store: Store, script: str) -> None:
    """Run statements in one transaction."""
    with store._engine.write() as connection:
        for statement in script.split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)


def make_first(path: Path) -> None:
    """Turn the store in a SQLite file into one of schema 1 that remembers the same."""
    with closing(Store(path)) as store:
        make_older(store)


def make_older(store: Store) -> None:
    """Turn a store into one of schema 1 that remembers the same."""
    with store._engine.write() as connection:
        states = connection.exec_driver_sql(
            "SELECT facet, value, state / 2 FROM change_facets WHERE facet IN ('all', 'topic', 'site')"
        )
        touched = {tuple(each) for each in states}
        found = connection.exec_driver_sql(
            "SELECT facet, value, id FROM removed_facets WHERE facet IN ('all', 'topic')"
        )
        buried = {tuple(each) for each in found}
        logged = connection.exec_driver_sql("SELECT seq, before, after FROM changes").all()
    # The tables of the search index have other names in PostgreSQL.
    is_file = isinstance(store._engine, SqliteEngine)
    run(store, FIRST if is_file else FIRST.replace("DROP TABLE search_rows", "DROP TABLE search_parts"))
    with store._engine.write() as connection:
        for name, rows in (("change_facets", touched), ("removed_facets", buried)):
            third = "seq" if name == "change_facets" else "id"
            insert = text(f"INSERT INTO {name} (facet, value, {third}) VALUES (:facet, :value, :third)")
            for facet, value, last in sorted(rows):
                connection.execute(insert, {"facet": facet, "value": value, "third": last})
        update = text("UPDATE changes SET before = :before, after = :after WHERE seq = :seq")
        for seq, *sides in logged:
            before, after = (
                side and json.dumps({k: v for k, v in json.loads(side).items() if k != "published"}) for side in sides
            )
            connection.execute(update, {"before": before, "after": after, "seq": seq})


@pytest.fixture
def old(publication: Publication) -> Publication:
    """A store of schema 1 with a history: added, changed, left a topic, removed."""
    publication.article("one", "推論", tags="[nvidia]", language="zh-Hant")
    publication.article("two", topics="[chips, cloud]", tags="[amd]")
    publication.article("shown", "![a](a.png)")
    gone = publication.article("gone", tags="[amd]")
    publication.sync()
    publication.article("two", topics="[cloud]", tags="[intel]")
    gone.unlink()
    publication.sync()
    make_older(publication.store)
    publication.store.close()
    return publication


@both_databases
def test_it_is_not_read_before_it_is_migrated(old: Publication) -> None:
    with (
        pytest.raises(StoreUnavailable, match=r"schema 1, this feedsvc reads \d \(run feedsvc sync\)"),
        old.store.read(),
    ):
        pass


@both_databases
def test_who_asked_for_what_is_known_again(old: Publication) -> None:
    picture = old.write("articles/a.png", b"\x89PNG")
    assert old.sync(changed={picture}).changed == ("shown",)


def remembered(path: Path) -> list[list[tuple[object, ...]]]:
    """Return what every schema of the store in a SQLite file remembers of articles, and what happened to them."""
    with closing(Store(path)) as store:
        return remembered_by(store)


def remembered_by(store: Store) -> list[list[tuple[object, ...]]]:
    """Return what every schema remembers of articles, and what happened to them."""
    known = (
        'seq, id, kind, before, after, "at" FROM changes',
        'id, "at" FROM removed',
        "id, slug, live, published, data, content FROM articles",
    )
    with store._engine.read() as connection:
        return [[tuple(row) for row in connection.exec_driver_sql(f"SELECT {each} ORDER BY 1").all()] for each in known]


@both_databases
def test_nothing_is_lost(old: Publication) -> None:
    before = remembered_by(old.store)
    with old.store._engine.read() as connection:
        epoch, commit = [
            connection.exec_driver_sql(f"SELECT value FROM meta WHERE key = '{key}'").scalar_one()
            for key in ("epoch", "commit")
        ]
    changed = old.now
    assert old.sync().is_unchanged
    assert remembered_by(old.store) == before
    assert len(old.store.copies()) == 1
    with old.store.read() as snapshot:
        assert snapshot.version()[:2] == (epoch, int(commit))
        found = {
            slice_: [each.slug for each in snapshot.slices.articles(slice_, 9)]
            for slice_ in (
                Slice(),
                Slice("chips"),
                Slice(tags=("intel",)),
                Slice(tags=("amd",)),
                Slice(languages=("zh",)),
                Slice(terms=("推論",)),
            )
        }
        assert list(found.values()) == [["one", "shown", "two"], ["one", "shown"], ["two"], [], ["one"], ["one"]]
        assert all(snapshot.slices.count(slice_) == len(slugs) for slice_, slugs in found.items())
        for slice_ in (Slice(), Slice("chips"), Slice(tags=("amd",)), Slice(tags=("intel",))):
            assert snapshot.slices.last_change(slice_) == changed
        assert snapshot.slices.last_change(Slice(tags=("nvidia",))) < changed
        assert [id_ for id_, _ in snapshot.slices.tombstones(Slice(tags=("amd",)))] == ["tag:example.org,2026:gone"]


@both_databases
def test_it_goes_on_as_one_that_was_never_old(old: Publication) -> None:
    old.sync()
    old.article("one", "訓練", tags="[amd]", language="zh-Hant")
    assert old.sync().changed == ("one",)
    with old.store.read() as snapshot:
        assert snapshot.slices.last_change(Slice(tags=("nvidia",))) == old.now
        assert snapshot.slices.articles(Slice(terms=("推論",)), 9) == []
        assert [each.slug for each in snapshot.slices.articles(Slice(tags=("amd",)), 9)] == ["one"]


@both_databases
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.parametrize("older", ["1", "2", "3"])
def test_a_migrated_store_has_the_columns_of_a_new_one(publication: Publication, older: str) -> None:
    """In both databases, with the indexes of each table."""
    publication.article("one")
    publication.sync()

    def shape() -> dict[str, object]:
        with publication.store._engine.read() as connection:
            seen = inspect(connection)
            return {
                name: (
                    sorted((each["name"], str(each["type"]), each["nullable"]) for each in seen.get_columns(name)),
                    sorted(str(each["name"]) for each in seen.get_indexes(name)),
                )
                for name in seen.get_table_names()
                if not name.startswith("search")
            }

    new = shape()
    if older == "1":
        make_older(publication.store)
    else:
        run(publication.store, SECOND if older == "2" else THIRD)
    publication.store.close()
    assert shape() != new
    assert publication.sync().is_unchanged
    assert shape() == new


def schema_of(path: Path) -> list[tuple[object, ...]]:
    """Tables with their columns, and indexes, in an order of their own."""
    with raw(path) as connection:
        tables = connection.execute(
            'SELECT m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_schema m, pragma_table_info(m.name) c '
            "WHERE m.type = 'table' AND m.name NOT LIKE 'search%'"
        )
        indexes = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        return sorted([*tables.fetchall(), *connection.execute(indexes).fetchall()], key=repr)


@pytest.mark.parametrize("older", [THIRD, SECOND, FIRST])
def test_a_migrated_store_has_the_tables_of_a_new_one(publication: Publication, older: str) -> None:
    publication.article("one")
    publication.sync()
    new = schema_of(publication.settings.store_file)
    publication.store.close()
    with raw(publication.settings.store_file) as connection:
        connection.executescript(older)
    assert schema_of(publication.settings.store_file) != new
    assert publication.sync().is_unchanged
    assert schema_of(publication.settings.store_file) == new


def test_other_terms_make_the_index_anew(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    publication.article("one", "推論")
    publication.sync()
    monkeypatch.setattr(search, "INDEX_VERSION", search.INDEX_VERSION + 1)
    monkeypatch.setattr(
        "feedsvc.slices.search_terms.PIECE", __import__("re").compile(r"(?P<cjk>推)|(?P<word>zzz)|(?P<symbol>!)")
    )
    publication.sync()
    with publication.store.read() as snapshot:
        assert [each.slug for each in snapshot.slices.articles(Slice(terms=("推",)), 9)] == ["one"]
        assert snapshot.slices.count(Slice(terms=("zzz",))) == 0


def test_a_line_about_copyright_that_had_no_language(publication: Publication) -> None:
    """Until a sync writes the site anew, it is that of the site's own."""
    rights = 'rights = { en = "Ours", zh-Hant = "版權所有" }\n'
    publication.write("site.toml", rights + (publication.settings.content / "site.toml").read_text())
    publication.article("one")
    publication.sync()
    with raw(publication.settings.store_file) as connection:
        ((key, site),) = connection.execute("SELECT key, value FROM meta WHERE key = 'site'").fetchall()
        older = json.dumps(json.loads(site) | {"rights": "Ours"})
        connection.execute("UPDATE meta SET value = ? WHERE key = ?", (older, key))
    publication.store.close()
    assert publication.client().get("/?ui=zh-Hant").text.count("<p>Ours</p>") == 1
    publication.sync()
    assert publication.client().get("/?ui=zh-Hant").text.count("<p>版權所有</p>") == 1
