"""A store of schema 1 or 2, as an earlier feedsvc made it, goes on where it was."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.slices.slice import Slice
from feedsvc.store.sqlite import search
from tests.conftest import Publication

# What schema 2 had otherwise: it is that of 0.1.0.
SECOND = """
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


def make_first(path: Path) -> None:
    """Turn a store into one of schema 1 that remembers the same."""
    with raw(path) as connection:
        states = connection.execute(
            "SELECT facet, value, state / 2 FROM change_facets WHERE facet IN ('all', 'topic', 'site')"
        )
        touched = set(states.fetchall())
        buried = connection.execute(
            "SELECT facet, value, id FROM removed_facets WHERE facet IN ('all', 'topic')"
        ).fetchall()
        logged = connection.execute("SELECT seq, before, after FROM changes").fetchall()
        connection.executescript(FIRST)
        connection.executemany("INSERT INTO change_facets VALUES (?, ?, ?)", sorted(touched))
        connection.executemany("INSERT INTO removed_facets VALUES (?, ?, ?)", buried)
        for seq, *states in logged:
            undated = [
                text and json.dumps({k: v for k, v in json.loads(text).items() if k != "published"}) for text in states
            ]
            connection.execute("UPDATE changes SET before = ?, after = ? WHERE seq = ?", (*undated, seq))


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
    publication.store.close()
    make_first(publication.settings.store_file)
    return publication


def test_it_is_not_read_before_it_is_migrated(old: Publication) -> None:
    with (
        pytest.raises(StoreUnavailable, match=r"schema 1, this feedsvc reads \d \(run feedsvc sync\)"),
        old.store.read(),
    ):
        pass


def test_who_asked_for_what_is_known_again(old: Publication) -> None:
    picture = old.write("articles/a.png", b"\x89PNG")
    assert old.sync(changed={picture}).changed == ("shown",)


def remembered(path: Path) -> list[list[tuple[object, ...]]]:
    """What every schema remembers of articles, and what happened to them."""
    known = ("seq, id, kind, before, after, at FROM changes", "id, at FROM removed")
    with raw(path) as connection:
        rows = [connection.execute(f"SELECT {each}").fetchall() for each in known]
        return [*rows, connection.execute("SELECT id, slug, live, published, data, content FROM articles").fetchall()]


def test_nothing_is_lost(old: Publication) -> None:
    before = remembered(old.settings.store_file)
    with raw(old.settings.store_file) as connection:
        epoch, commit = [
            connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0]
            for key in ("epoch", "commit")
        ]
    changed = old.now
    assert old.sync().is_unchanged
    assert remembered(old.settings.store_file) == before
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


def test_it_goes_on_as_one_that_was_never_old(old: Publication) -> None:
    old.sync()
    old.article("one", "訓練", tags="[amd]", language="zh-Hant")
    assert old.sync().changed == ("one",)
    with old.store.read() as snapshot:
        assert snapshot.slices.last_change(Slice(tags=("nvidia",))) == old.now
        assert snapshot.slices.articles(Slice(terms=("推論",)), 9) == []
        assert [each.slug for each in snapshot.slices.articles(Slice(tags=("amd",)), 9)] == ["one"]


def schema_of(path: Path) -> list[tuple[object, ...]]:
    """Tables with their columns, and indexes, in an order of their own."""
    with raw(path) as connection:
        tables = connection.execute(
            'SELECT m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_schema m, pragma_table_info(m.name) c '
            "WHERE m.type = 'table' AND m.name NOT LIKE 'search%'"
        )
        indexes = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        return sorted([*tables.fetchall(), *connection.execute(indexes).fetchall()], key=repr)


@pytest.mark.parametrize("older", [SECOND, FIRST])
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
        "feedsvc.slices.search_terms._PIECE", __import__("re").compile(r"(?P<cjk>推)|(?P<word>zzz)|(?P<symbol>!)")
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
