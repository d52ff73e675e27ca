"""What the hot queries read in PostgreSQL has a limit, whatever the number of articles.

The rows are counted that each statement reads, also those that it then leaves out: plans differ between versions.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot, Store
from tests.conftest import Publication
from tests.postgresql_server import Server
from tests.store.test_plans import ASKED, SLICES

ARTICLES = 40_000
# The most that a statement may read: the latest 5,000 corrections, each looked up in two tables.
MAX_ROWS = 16_000
# The number of their first change.
FIRST = 1_000
# Neither all articles of a slice are counted, nor all changes listed. For the tags of its 500 newest articles, the
# planner may read a store of this size as a whole.
READS: dict[str, Callable[[Snapshot, Slice], Any]] = {
    **{what: ask for what, ask in ASKED.items() if what not in ("count", "most used")},
    # As for those tags: 500 articles of the running period.
    "current": lambda snapshot, _slice: snapshot.archives.current(Slice("chips")),
    "changes": lambda snapshot, slice_: snapshot.changes.after(slice_, FIRST + ARTICLES - 300, 50),
}
# Made from the one article of a sync, six hours apart. All of them are corrections of the same second, and
# as many were removed long ago.
_FILL = """
CREATE TEMP TABLE numbers AS
    SELECT n, 'urn:x:' || n AS id,
        to_char(timestamp '2026-09-01' + n * interval '6 hours', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS published
    FROM generate_series(1, {articles}) AS n;
CREATE TEMP TABLE facets AS
    SELECT n, id, published, facet, value
    FROM numbers, LATERAL (VALUES ('all', ''), ('topic', 'chips'), ('author', 'A'),
        ('lang', CASE WHEN n % 2 = 0 THEN 'en' ELSE 'ja' END),
        ('tag', CASE WHEN n % 3 = 0 THEN 'a' ELSE 'b' END)) AS own (facet, value);
INSERT INTO articles (id, slug, live, published, language, data, content)
    SELECT numbers.id, 'n' || n, true, numbers.published, 'en', data, content FROM articles, numbers;
INSERT INTO article_facets (facet, value, published, id) SELECT facet, value, published, id FROM facets;
INSERT INTO facet_values SELECT facet, value, count(*) FROM facets GROUP BY facet, value
    ON CONFLICT (facet, value) DO UPDATE SET live = facet_values.live + EXCLUDED.live;
INSERT INTO addresses (slug, id) SELECT 'n' || n, id FROM numbers;
INSERT INTO changes (seq, id, kind, at) SELECT {first} + n, id, 'added', '2026-11-01T12:00:00Z' FROM numbers;
INSERT INTO change_facets (facet, value, state, published)
    SELECT facet, value, 2 * ({first} + n) + 1, published FROM facets;
INSERT INTO corrections (id, at) SELECT id, '2026-11-01T12:00:00Z' FROM numbers;
INSERT INTO removed (id, at, recent) SELECT 'urn:removed:' || n, '2020-01-01T00:00:00Z', false FROM numbers;
INSERT INTO removed_facets (facet, value, id, published)
    SELECT facet, value, 'urn:removed:' || n, published FROM facets;
INSERT INTO search (id, terms) SELECT numbers.id, terms FROM search, numbers
"""
# What scans of tables and indexes returned in this transaction. An index of texts has a list of all articles with a
# term, which it returns as a whole.
_READ = (
    "SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)), 0) FROM pg_class c JOIN pg_am a ON a.oid = c.relam"
    " WHERE c.relnamespace = 'public'::regnamespace AND a.amname IN ('heap', 'btree')"
)
# Autovacuum does both within some minutes. Without VACUUM, an index that lacks a column seems to cost no more.
CASES = [*(("VACUUM ANALYZE", what) for what in READS), ("ANALYZE", "last change")]
PLANS = ("force_custom_plan", "force_generic_plan")


@pytest.fixture(scope="module")
def places(
    request: pytest.FixtureRequest, postgresql: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The URLs of a store with many articles, by the plans that its sessions make of prepared statements."""
    name = postgresql.new_database()
    publication = Publication(tmp_path_factory.mktemp("many"), place=postgresql.url(name))
    publication.article("one", "text", tags="[a]", authors="[A]", language="en")
    publication.sync()
    publication.store.close()
    postgresql.run(*_FILL.format(articles=ARTICLES, first=FIRST).split(";"), database=name)
    postgresql.run(request.param, database=name)
    # Other processes would count what they read by themselves.
    options = "options=-cmax_parallel_workers_per_gather%3D0%20-cplan_cache_mode%3D"
    yield {plan: postgresql.url(name, options=options + plan) for plan in PLANS}
    postgresql.drop(name)


@contextmanager
def rows_read(store: Store) -> Iterator[list[tuple[int, str]]]:
    """Collect how many rows each statement reads in the block, with the statement."""
    found: list[tuple[int, str]] = []

    def read(cursor: Any) -> int:
        raw = cursor.connection
        raw.prepare_threshold = None
        return int(raw.execute(_READ).fetchone()[0])

    def before(_connection: Any, cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            context.read_before = read(cursor)
            # Prepare it at its first execution, not at its fifth.
            cursor.connection.prepare_threshold = 0

    def after(_connection: Any, cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            found.append((read(cursor) - context.read_before, statement))

    engine = store._engine._engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    yield found
    event.remove(engine, "before_cursor_execute", before)
    event.remove(engine, "after_cursor_execute", after)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("places", "what"), CASES, indirect=["places"], scope="module")
def test_reads_have_a_limit(places: dict[str, str], plan: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # For the 1,000 newest results of a search, too, it may read a store of this size.
    monkeypatch.setattr("feedsvc.store.snapshot.slices.RANKED", 100)
    with closing(Store(places[plan], search_seconds=600)) as store, rows_read(store) as found, store.read() as snapshot:
        for slice_ in SLICES.values():
            READS[what](snapshot, slice_)
    assert found
    assert [each for each in found if each[0] > MAX_ROWS] == []
