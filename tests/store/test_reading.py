"""Every public read method, whatever state the store is in."""

import inspect
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from feedsvc.errors import StoreTooNew, StoreUnavailable
from feedsvc.media.folder import MediaFolder
from feedsvc.model import Article, Localized, Person, SafeHTML
from feedsvc.slices.cursor import Cursor
from feedsvc.slices.period import Period
from feedsvc.slices.slice import Slice
from feedsvc.store import Gone, Moved, Snapshot, Store
from feedsvc.store.snapshot.archives import Archives
from feedsvc.store.snapshot.catalogue import Catalogue, Dated
from feedsvc.store.snapshot.changes import Changes
from feedsvc.store.snapshot.lists import Lists
from feedsvc.store.snapshot.media import Media
from feedsvc.store.snapshot.schedule import Schedule
from feedsvc.store.snapshot.slices import Slices
from feedsvc.store.snapshot.slugs_and_aliases import Slugs
from feedsvc.store.snapshot.translations import Translations
from tests.conftest import Publication
from tests.sqlite_store import engine_of, path_of

ARTICLE = Article(
    id="urn:x:1",
    slug="one",
    title="One",
    published=datetime(2026, 10, 1, tzinfo=UTC),
    updated=datetime(2026, 10, 1, tzinfo=UTC),
    language="en",
    summary="",
    content=SafeHTML("<p>Text</p>"),
    topics=("chips",),
    authors=(Person(name="A"),),
)
OCTOBER = Period(label="2026-10", start=datetime(2026, 10, 1, tzinfo=UTC), end=datetime(2026, 11, 1, tzinfo=UTC))
BETWEEN = ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")
READS: dict[str, Callable[[Snapshot], Any]] = {
    "version": lambda snapshot: snapshot.version(),
    "touched_since": lambda snapshot: snapshot.touched_since(snapshot.version()._replace(seq=0)),
    "surrogate_keys_since": lambda snapshot: snapshot.surrogate_keys_since(snapshot.version()._replace(seq=0)),
    "writer_revision": lambda snapshot: snapshot.writer_revision(),
    "purged_version": lambda snapshot: snapshot.purged_version(),
    "commit": lambda snapshot: snapshot.commit(),
    "is_preview": lambda snapshot: snapshot.is_preview(),
    "site": lambda snapshot: snapshot.site(),
    "slices.articles": lambda snapshot: snapshot.slices.articles(Slice("chips"), 50),
    "slices.count": lambda snapshot: snapshot.slices.count(Slice()),
    "slices.count_up_to": lambda snapshot: snapshot.slices.count_up_to(Slice(), 5),
    "slices.most_relevant": lambda snapshot: snapshot.slices.most_relevant(Slice("chips", terms=("text",)), 5),
    "slugs.page": lambda snapshot: snapshot.slugs.page(50, 0),
    "slugs.beside": lambda snapshot: snapshot.slugs.beside("one", 20),
    "slugs.at": lambda snapshot: snapshot.slugs.at("one"),
    "slugs.was_removed": lambda snapshot: snapshot.slugs.was_removed("urn:x:1"),
    "translations.of": lambda snapshot: snapshot.translations.of([ARTICLE]),
    "translations.groups": lambda snapshot: snapshot.translations.groups(),
    "slices.last_change": lambda snapshot: snapshot.slices.last_change(Slice("chips")),
    "slices.last_change_of": lambda snapshot: snapshot.slices.last_change_of(ARTICLE),
    "slices.last_change_of_lists": lambda snapshot: snapshot.slices.last_change_of_lists(Slice()),
    "slices.languages": lambda snapshot: snapshot.slices.languages(),
    "slices.last_change_of_site": lambda snapshot: snapshot.slices.last_change_of_site(),
    "slices.last_change_of_any": lambda snapshot: snapshot.slices.last_change_of_any([ARTICLE]),
    "archives.running": lambda snapshot: snapshot.archives.running(),
    "archives.current": lambda snapshot: snapshot.archives.current(Slice("chips")),
    "archives.archive": lambda snapshot: snapshot.archives.archive(Slice("chips"), OCTOBER),
    "archives.neighbours": lambda snapshot: snapshot.archives.neighbours(Slice("chips"), OCTOBER),
    "archives.last_change_within": lambda snapshot: snapshot.archives.last_change_within(
        Slice("chips"), OCTOBER.start, OCTOBER.end
    ),
    "changes.cursor": lambda snapshot: snapshot.changes.cursor(Slice("chips")),
    "changes.cursor_at": lambda snapshot: snapshot.changes.cursor_at(1),
    "changes.has_articles": lambda snapshot: snapshot.changes.has_articles(),
    "has_articles": lambda snapshot: snapshot.has_articles(),
    "media.lost": lambda snapshot: snapshot.media.lost(MediaFolder(Path("nowhere"))),
    "media.missing": lambda snapshot: snapshot.media.missing(MediaFolder(Path("nowhere"))),
    "media.unreadable": lambda snapshot: snapshot.media.unreadable(MediaFolder(Path("nowhere"))),
    "changes.is_known": lambda snapshot: snapshot.changes.is_known(Cursor("0" * 8, 1)),
    "changes.after": lambda snapshot: snapshot.changes.after(Slice("chips"), 0, 50),
    "slices.check": lambda snapshot: snapshot.slices.check(Slice(languages=("en",))),
    "slices.tombstones": lambda snapshot: snapshot.slices.tombstones(Slice("chips")),
    "media.public_file": lambda snapshot: snapshot.media.public_file("x.svg"),
    "media.file": lambda snapshot: snapshot.media.file("x.svg"),
    "media.sizes": lambda snapshot: snapshot.media.sizes(["x.jpg"]),
    "media.unsized": lambda snapshot: snapshot.media.unsized("", 50),
    "media.pictures_of": lambda snapshot: snapshot.media.pictures_of({"x.webp"}),
    "slices.last_change_of_pictures": lambda snapshot: snapshot.slices.last_change_of_pictures(),
    "schedule.waiting": lambda snapshot: snapshot.schedule.waiting(),
    "once": lambda snapshot: snapshot.once("commit", snapshot.commit),
    "lists.most_used": lambda snapshot: snapshot.lists.most_used(Slice("chips"), "tag", 5),
    "lists.last_before": lambda snapshot: snapshot.lists.last_before(None),
    "lists.first_from": lambda snapshot: snapshot.lists.first_from(OCTOBER.start),
    "lists.dated_between": lambda snapshot: snapshot.lists.dated_between([OCTOBER.start, OCTOBER.end]),
    "lists.newest_of_topics": lambda snapshot: snapshot.lists.newest_of_topics(["chips", "cloud"], 3, {"x"}),
    "lists.neighbours": lambda snapshot: snapshot.lists.neighbours(ARTICLE, "chips"),
    "catalogue.order": lambda snapshot: snapshot.catalogue.order(Slice("chips")),
    "catalogue.values": lambda snapshot: snapshot.catalogue.values("tag"),
    "lists.neighbour_ids": lambda snapshot: snapshot.lists.neighbour_ids([], "chips", {}),
    "catalogue.articles": lambda snapshot: list(snapshot.catalogue.articles()),
    "catalogue.near": lambda snapshot: snapshot.catalogue.near("chips", Dated("urn:x:1", "2026-10-01T00:00:00Z")),
    "catalogue.count_newer": lambda snapshot: snapshot.catalogue.count_newer(
        ("topic", "chips"), Dated("urn:x:1", "2026-10-01T00:00:00Z"), "2026-11-01T00:00:00Z"
    ),
    "catalogue.count": lambda snapshot: snapshot.catalogue.count(("tag", "a"), BETWEEN),
    "catalogue.ids_on_page": lambda snapshot: snapshot.catalogue.ids_on_page(("all", ""), 0, 20, BETWEEN),
    "catalogue.public_media": lambda snapshot: list(snapshot.catalogue.public_media()),
    "catalogue.old_addresses": lambda snapshot: list(snapshot.catalogue.old_addresses()),
    "slugs.has_address": lambda snapshot: snapshot.slugs.has_address("one"),
    "slugs.owner": lambda snapshot: snapshot.slugs.owner("one"),
    "translations.slugs_of_originals": lambda snapshot: snapshot.translations.slugs_of_originals([ARTICLE]),
    "slices.has_facet": lambda snapshot: snapshot.slices.has_facet("tag", "one"),
    "file_list": lambda snapshot: list(snapshot.file_list()),
    "overview": lambda snapshot: snapshot.overview(),
    "schedule.next_due": lambda snapshot: snapshot.schedule.next_due(),
    "has_address": lambda snapshot: snapshot.has_address("one"),
    "owner": lambda snapshot: snapshot.owner("one"),
    "has_facet": lambda snapshot: snapshot.has_facet("tag", "one"),
    "has_media": lambda snapshot: snapshot.has_media("x.svg"),
}
every_read = pytest.mark.parametrize("read", READS.values(), ids=READS)


def test_every_method_is_here() -> None:
    parts = {
        "": Snapshot,
        "slugs.": Slugs,
        "translations.": Translations,
        "schedule.": Schedule,
        "slices.": Slices,
        "archives.": Archives,
        "changes.": Changes,
    }
    parts |= {"media.": Media, "lists.": Lists, "catalogue.": Catalogue}
    methods = {part + name for part, kind in parts.items() for name, _ in inspect.getmembers(kind, inspect.isfunction)}
    # These ask nothing of the store.
    assert {each for each in methods if "_" not in (each[0], each.partition(".")[2][:1])} - {
        "once_in_a_row",
        "reset_search_time",
        "show",
    } == set(READS)


@contextmanager
def _raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def filled(publication: Publication) -> Store:
    """A store with an article in it, closed: it is opened by the test."""
    publication.article("one", id="urn:x:1")
    publication.sync()
    publication.store.close()
    return publication.store


@every_read
def test_without_a_store(publication: Publication, read: Callable[[Snapshot], Any]) -> None:
    with pytest.raises(StoreUnavailable, match="run feedsvc sync"), publication.store.read() as snapshot:
        read(snapshot)
    assert not publication.settings.store_file.exists()


@every_read
def test_with_an_empty_file(publication: Publication, read: Callable[[Snapshot], Any]) -> None:
    publication.settings.store_file.parent.mkdir(parents=True)
    publication.settings.store_file.touch()
    with pytest.raises(StoreUnavailable, match="run feedsvc sync"), publication.store.read() as snapshot:
        read(snapshot)


@every_read
def test_with_a_newer_schema(filled: Store, read: Callable[[Snapshot], Any]) -> None:
    with _raw(path_of(filled)) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    with pytest.raises(StoreTooNew, match="upgrade feedsvc"), filled.read() as snapshot:
        read(snapshot)
    with pytest.raises(StoreTooNew), filled.write(datetime.now(UTC)):
        pass


@every_read
def test_while_another_writes(filled: Store, read: Callable[[Snapshot], Any]) -> None:
    with filled.read() as snapshot:
        before = read(snapshot)
    with _raw(path_of(filled)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM articles")
        connection.execute("DELETE FROM article_facets")
        connection.execute("DELETE FROM changes")
        with filled.read() as snapshot:
            assert read(snapshot) == before
        connection.execute("ROLLBACK")


@every_read
@pytest.mark.parametrize("damage", [b"this is no database at all" * 100, b"\0" * 4096])
def test_with_a_broken_file(filled: Store, read: Callable[[Snapshot], Any], damage: bytes) -> None:
    for name in ("-wal", "-shm"):
        path_of(filled).with_name(path_of(filled).name + name).unlink(missing_ok=True)
    path_of(filled).write_bytes(damage)
    with pytest.raises(StoreUnavailable, match=r"store\.sqlite3: .+ \(.+\)$"), filled.read() as snapshot:
        read(snapshot)


def test_with_pages_overwritten_it_says_what_to_do(filled: Store) -> None:
    with _raw(path_of(filled)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path_of(filled).read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path_of(filled).write_bytes(data)
    with pytest.raises(StoreUnavailable, match=r"restore it, or delete it and sync again"), filled.read() as snapshot:
        snapshot.site()


def test_writing_to_a_broken_file_says_what_to_do(filled: Store) -> None:
    path_of(filled).write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreUnavailable, match="restore it, or delete it"), filled.write(datetime.now(UTC)):
        pass


def test_a_store_deleted_and_made_anew_is_the_one_that_is_read(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    reader = Store(publication.settings.store_file)
    with reader.read() as snapshot:
        before = snapshot.version()
    for file in publication.settings.store_file.parent.glob("store.sqlite3*"):
        file.unlink()
    with pytest.raises(StoreUnavailable, match="run feedsvc sync"), reader.read():
        pass
    publication.article("two")
    assert publication.sync().added == ("one", "two")
    with reader.read() as snapshot:
        assert snapshot.slices.count(Slice()) == 2
        assert snapshot.version() != before
    reader.close()


def test_a_full_disk(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    before = publication.client().get("/feeds/all.atom").data
    publication.store.close()
    event.listen(engine_of(publication.store), "connect", _fill_up)
    publication.article("two", "x" * 300_000)
    with pytest.raises(StoreUnavailable, match=r"full \(free some disk space\)"):
        publication.sync()
    assert publication.client().get("/feeds/all.atom").data == before


def _fill_up(connection: sqlite3.Connection, _record: object) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_a_store_that_may_only_be_read(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    publication.store.close()
    event.listen(engine_of(publication.store), "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
    publication.article("two")
    with pytest.raises(StoreUnavailable, match=r"readonly .*\(make the file and its folder writable\)"):
        publication.sync()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "store.sqlite3")
    with pytest.raises(StoreUnavailable, match="name another --store"), store.write(datetime.now(UTC)):
        pass
    store.close()


def test_another_writer_is_waited_for_and_then_named(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    event.listen(engine_of(filled), "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 1"))
    with _raw(path_of(filled)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another process writes"), filled.write(datetime.now(UTC)):
            pass
        connection.execute("ROLLBACK")


def test_what_an_address_leads_to(publication: Publication) -> None:
    def lead(slug: str) -> Article | Moved | Gone | None:
        with publication.store.read() as snapshot:
            return snapshot.slugs.at(slug)

    file = publication.article("one", id="urn:x:1")
    publication.sync()
    found = lead("one")
    assert isinstance(found, Article)
    assert found.id == "urn:x:1"
    assert lead("other") is None
    file = file.rename(file.with_name("two.md"))
    publication.sync()
    assert lead("one") == Moved("two", is_declared=False)
    publication.article("two", id="urn:x:1", aliases="[one]")
    publication.sync()
    assert lead("one") == Moved("two", is_declared=True)
    file.unlink()
    publication.sync()
    assert lead("one") == lead("two") == Gone()


def test_slugs_of_more_articles_than_sqlite_binds_values(publication: Publication) -> None:
    many = [replace(ARTICLE, id=f"urn:x:{n}", slug=f"s{n}", content=SafeHTML("")) for n in range(1200)]
    publication.sync()
    with publication.store.write(publication.now) as writer:
        assert len(writer.articles.put(many)) == 1200
        writer._session.connection.connection.driver_connection.setlimit(  # type: ignore[union-attr]
            sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999
        )
        assert len(writer.snapshot.slugs.page(50_000, 0)) == 1200
        assert writer.articles.put(many) == []


def test_translations_cost_one_statement_where_there_are_none(publication: Publication) -> None:
    publication.article("first")
    publication.article("second")
    publication.sync()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with publication.store.read() as snapshot:
        articles = snapshot.slices.articles(Slice(), 10)
        event.listen(engine_of(publication.store), "before_cursor_execute", note)
        assert snapshot.translations.of(articles) == {}
    event.remove(engine_of(publication.store), "before_cursor_execute", note)
    assert len(statements) == 1
    publication.article("second", translation_of="first", language="ja")
    publication.sync()
    with publication.store.read() as snapshot:
        found = snapshot.translations.of(snapshot.slices.articles(Slice(), 10))
    assert {id_: [each.slug for each in others] for id_, others in found.items()} == {
        article.id: [other.slug] for article, other in (articles, articles[::-1])
    }


@pytest.mark.parametrize("slice_", [Slice(), Slice("chips", since=date(2026, 9, 1))], ids=["all", "dated"])
def test_a_change_of_the_site_is_the_last_change_of_every_slice(publication: Publication, slice_: Slice) -> None:
    publication.article("one", published="2026-10-01T00:00:00Z")
    publication.sync()
    with publication.store.read() as snapshot:
        site, before = snapshot.site(), snapshot.slices.last_change(slice_)
    later = before + timedelta(hours=1)
    with publication.store.write(later) as commit:
        commit.site.put(replace(site, title=Localized({"en": "Another title"})))
    with publication.store.read() as snapshot:
        assert snapshot.slices.last_change(slice_) == later
