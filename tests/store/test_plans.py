"""The hot queries go by an index: their plans scan neither the articles nor the change log."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from feedsvc.model import SafeHTML
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot, Store
from tests.conftest import START, Publication
from tests.sqlite_store import engine_of
from tests.store.test_reading import ARTICLE, OCTOBER, READS

SINCE, UNTIL = date(2026, 9, 1), date(2026, 10, 31)
SLICES = {
    "one facet": Slice("chips"),
    "dated": Slice("chips", since=SINCE, until=UNTIL),
    "any of": Slice(tags=("a", "b")),
    "all of": Slice("chips", tags=("a",), authors=("A",), languages=("en",)),
    "without": Slice("chips", without=(("tag", "a"),)),
    "everything": Slice(
        "chips", tags=("a", "b"), languages=("en", "ja"), without=(("tag", "a"),), since=SINCE, until=UNTIL
    ),
    "search": Slice("chips", terms=("text",)),
    "dated search": Slice("chips", terms=("text",), since=SINCE, until=UNTIL),
}
ASKED: dict[str, Callable[[Snapshot, Slice], Any]] = {
    "articles": lambda snapshot, slice_: snapshot.slices.articles(slice_, 50),
    "last change": lambda snapshot, slice_: snapshot.slices.last_change(slice_),
    "count": lambda snapshot, slice_: snapshot.slices.count(slice_),
    "tombstones": lambda snapshot, slice_: snapshot.slices.tombstones(slice_),
    "current": lambda snapshot, slice_: snapshot.archives.current(slice_),
    "archive": lambda snapshot, slice_: snapshot.archives.archive(slice_, OCTOBER),
    "cursor": lambda snapshot, slice_: snapshot.changes.cursor(slice_),
    "changes": lambda snapshot, slice_: snapshot.changes.after(slice_, 100, 50),
    "neighbours": lambda snapshot, slice_: snapshot.archives.neighbours(slice_, OCTOBER),
    "count up to": lambda snapshot, slice_: snapshot.slices.count_up_to(slice_, 51),
    "most relevant": lambda snapshot, slice_: snapshot.slices.most_relevant(replace(slice_, terms=("text",)), 20),
    "most used": lambda snapshot, slice_: snapshot.lists.most_used(slice_, "tag", 12),
    "change of lists": lambda snapshot, slice_: snapshot.slices.last_change_of_lists(slice_),
    "change of an archive": lambda snapshot, slice_: snapshot.archives.last_change_within(
        slice_, OCTOBER.start, OCTOBER.end
    ),
}


def _asking(ask: Callable[[Snapshot, Slice], Any], slice_: Slice) -> Callable[[Snapshot], Any]:
    return lambda snapshot: ask(snapshot, slice_)


# Of all articles on purpose: for `check`, and for an export.
WHOLE = ("claimed_by", "catalogue.articles", "catalogue.public_media", "catalogue.old_addresses")
HOT: dict[str, Callable[[Snapshot], Any]] = {
    **{name: read for name, read in READS.items() if name not in WHOLE},
    **{f"{what}: {name}": _asking(ask, each) for what, ask in ASKED.items() for name, each in SLICES.items()},
    "last before": lambda snapshot: snapshot.lists.last_before(ARTICLE.published),
    "first from": lambda snapshot: snapshot.lists.first_from(ARTICLE.published),
    "neighbours": lambda snapshot: snapshot.lists.neighbours(ARTICLE, "chips"),
    "translation's original": lambda snapshot: snapshot.translations.of([replace(ARTICLE, translation_of="n1")]),
}
# Walked through as a whole on purpose, and small: media, once a removal; files, once a sync; an empty list; a group of
# translations; what an index has found already, and what a subquery has bounded.
SMALL = {
    "media",
    "files",
    "CONSTANT",
    "(subquery-1)",
    "(subquery-3)",
    "ranked",
    "found",
    "branch",
    "merged",
    "nearest",
    "finds",
    "names",
}
# A partial index: it holds nothing but the scheduled articles.
SCHEDULED = "INDEX articles_scheduled"
# The latest of them, and no more than MANY_CORRECTIONS.
CORRECTED = "SCAN corrections USING COVERING INDEX corrections_latest"
# The full-text index, asked for what matches.
SEARCH = ("SCAN search VIRTUAL TABLE INDEX 0:M", "SCAN search VIRTUAL TABLE INDEX 0:=M")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with enough in it for SQLite to choose indexes, some of it removed and some scheduled."""
    publication = Publication(tmp_path_factory.mktemp("large"))
    publication.sync()
    late = publication.now.replace(year=2030)
    made = [replace(ARTICLE, id=f"urn:x:{n}", slug=f"n{n}", content=SafeHTML("")) for n in range(300)]
    made[-1] = replace(made[-1], translation_of="n298", language="ja")
    with publication.store.write(publication.now) as writer:
        writer.articles.put(made)
        writer.articles.put([replace(each, published=late, updated=late) for each in made[:20]])
        writer.articles.remove([each.id for each in made[20:60]])
    yield publication.store
    publication.store.close()


@contextmanager
def _plans(store: Store) -> Iterator[dict[str, list[str]]]:
    """Collects the plan of every statement that is executed within."""
    found: dict[str, list[str]] = {}

    def explain(_conn: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and statement not in found:
            raw: sqlite3.Connection = cursor.connection
            first = parameters[0] if many else parameters
            rows = raw.execute(f"EXPLAIN QUERY PLAN {statement}", first).fetchall()
            found[statement] = [row[3] for row in rows]

    event.listen(engine_of(store), "before_cursor_execute", explain)
    yield found
    event.remove(engine_of(store), "before_cursor_execute", explain)


def _scans(plans: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Steps that walk through a whole table: a scan, or a search by `live` alone, which nearly all articles share."""
    steps = [(step, statement) for statement, plan in plans.items() for step in plan]
    return [
        (step, statement)
        for step, statement in steps
        if (
            step.startswith("SCAN ")
            and step.split()[1] not in SMALL
            and not step.endswith(SCHEDULED)
            and not step.startswith((*SEARCH, CORRECTED))
        )
        or step.endswith("(live=?)")
    ]


@pytest.mark.parametrize("slice_", SLICES.values(), ids=SLICES)
def test_tags_are_looked_up_by_article(large: Store, slice_: Slice) -> None:
    """Those of a slice's newest articles: nothing walks through all that have a tag, which no plan calls a scan."""
    with _plans(large) as plans, large.read() as snapshot:
        snapshot.lists.most_used(slice_, "tag", 12)
    (plan,) = [plan for statement, plan in plans.items() if "GROUP BY" in statement]
    assert any("article_facets_id (id=?)" in step and step.startswith("SEARCH article_facets ") for step in plan)


def test_a_part_of_the_sitemap_passes_by_the_others_in_an_index(large: Store) -> None:
    """Only what is listed is looked up, so the last part costs what the first one does."""
    with _plans(large) as plans, large.read() as snapshot:
        snapshot.slugs.page(10, 100)
    (plan,) = [plan for statement, plan in plans.items() if "OFFSET" in statement]
    assert any(step.startswith("SEARCH article_facets USING COVERING INDEX") for step in plan)
    assert [step.split()[1] for step in plan if step.startswith("SCAN")] == ["found"]


def test_a_cursor_of_a_range_of_dates_is_found_by_date(large: Store) -> None:
    """The changes since then may be many more."""
    with _plans(large) as plans, large.read() as snapshot:
        snapshot.changes.cursor(SLICES["dated"])
    (plan,) = [plan for statement, plan in plans.items() if "change_facets" in statement]
    assert any("INDEX change_facets_published" in step for step in plan)


@pytest.mark.parametrize("read", HOT.values(), ids=HOT)
def test_reads_go_by_an_index(large: Store, read: Callable[[Snapshot], Any]) -> None:
    with _plans(large) as plans, large.read() as snapshot:
        read(snapshot)
    assert plans
    assert _scans(plans) == []


def test_writes_go_by_an_index(large: Store) -> None:
    with _plans(large) as plans, large.write(START) as writer:
        writer.articles.put([replace(ARTICLE, id="urn:x:100", slug="n100", title="New", translation_of="n101")])
        writer.articles.put([replace(ARTICLE, id="urn:x:101", slug="renamed")])
        writer.articles.remove(["urn:x:102"])
        writer.schedule.release()
        writer.expire_tombstones(0)
        writer.periods.close()
        writer.media.drop_unused()
        writer.snapshot.claims.of(["n103"])
        writer.files.forget(["articles/x.md"])
    assert len(plans) > 20
    assert _scans(plans) == []
