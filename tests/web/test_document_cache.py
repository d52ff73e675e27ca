"""Finished documents wait between the store and the pollers: rendered once per commit, bounded in bytes."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import exc

from feedsvc.documents.document import Document, Rendered
from feedsvc.errors import StoreUnavailable, UnknownResource
from feedsvc.store import Snapshot
from feedsvc.store.rows import loads
from feedsvc.web.cache.document_cache import PARTS, DocumentCache
from feedsvc.web.cache.state import OVERHEAD
from feedsvc.web.render_limiter import Cost
from tests.conftest import Publication
from tests.live import ROOT, environment
from tests.web.resources import FEEDS, RENDERED, ask, delete_store, fields


def body(text: str, rendered: list[str] | None = None) -> Callable[[Snapshot], Rendered]:
    """A renderer of that text, which notes that it was called."""

    def render(_snapshot: Snapshot) -> Rendered:
        if rendered is not None:
            rendered.append(text)
        return Rendered(
            media_type="text/plain", body=text.encode(), last_modified=datetime(2026, 1, 1, tzinfo=UTC), headers={}
        )

    return render


def size(document: Document) -> int:
    """What the cache counts."""
    return OVERHEAD + document.bodies.size


def test_the_same_document_for_the_same_commit(filled: Publication) -> None:
    """Rendered once."""
    cache = DocumentCache(filled.store, 10_000)
    rendered: list[str] = []
    first = cache.get("a", body("text", rendered))
    assert cache.get("a", body("other", rendered)) is first
    assert rendered == ["text"]


def test_a_commit_renders_again(filled: Publication) -> None:
    """At another version of the store nothing that was worked out before is right for sure."""
    cache = DocumentCache(filled.store, 10_000)
    first = cache.get("a", body("text"))
    filled.article("new")
    filled.sync()
    same, other = cache.get("a", body("text")), cache.get("b", body("other"))
    assert same.tag == first.tag != other.tag
    assert same.bodies is first.bodies


def test_another_store_renders_again(filled: Publication) -> None:
    """A store built anew counts from one again; that it is another one is seen by its epoch."""
    cache, before = DocumentCache(filled.store, 10_000), _commit(filled)
    cache.get("a", body("old store"))
    delete_store(filled)
    filled.sync()
    assert _commit(filled) == before
    assert cache.get("a", body("new store")).bodies["identity"] == b"new store"


def _commit(publication: Publication) -> int:
    with publication.store.read() as snapshot:
        return snapshot.commit()


def test_a_sync_that_changes_nothing_renders_nothing(filled: Publication) -> None:
    """Readers cannot see a difference, so there is none."""
    cache = DocumentCache(filled.store, 10_000)
    rendered: list[str] = []
    first = cache.get("a", body("text", rendered))
    filled.sync(whole=True)
    assert cache.get("a", body("text", rendered)) is first


def test_bounded_in_bytes_least_recently_used_out_first(filled: Publication) -> None:
    """Least recently used out first."""
    one = size(DocumentCache(filled.store, 0).get("x", body("x" * 50)))
    cache = DocumentCache(filled.store, 3 * one * 8 // 5 + 8)  # common documents have five eighths
    rendered: list[str] = []
    for name in "abc":
        cache.get(name, body(name * 50, rendered))
    cache.get("a", body("-", rendered))
    cache.get("d", body("d" * 50, rendered))
    for name in "acd":
        cache.get(name, body("-", rendered))
    assert len(rendered) == 4
    cache.get("b", body("b" * 50, rendered))
    assert len(rendered) == 5


@pytest.mark.parametrize("cost", PARTS)
def test_what_has_no_end_pushes_out_its_own_kind_alone(filled: Publication, cost: Cost) -> None:
    """Whatever dates, limits and words clients think of: what is polled stays."""
    one = OVERHEAD + 2 * len("00")
    cache = DocumentCache(filled.store, 4 * PARTS[cost] * one)
    first = cache.get("feed", body("feed"))
    for number in range(100):
        cache.get((cost, number), body(f"{number:02}"), cost)
    assert list(cache.state.entries) == ["feed", *((cost, number) for number in range(96, 100))]
    assert cache.get("feed", body("-")) is first


def test_one_more_costs_no_look_at_the_others(filled: Publication) -> None:
    """Not their keys, whose hash is made of all that a slice names: neither while there is room nor when it is full."""
    hashed: list[object] = []

    class Key:
        def __hash__(self) -> int:
            hashed.append(self)
            return id(self)

    cache, costs = DocumentCache(filled.store, 64 * 8 * (OVERHEAD + 10) // 5), []
    for _ in range(200):
        hashed.clear()
        cache.get(Key(), body("text"))
        costs.append(len(hashed))
    assert len(cache.state.entries) == 64
    assert max(costs) <= 2 * costs[0]


def test_what_is_counted_is_what_is_taken() -> None:
    """Small documents are mostly what stands beside them. Threads of other tests allocate in this process too."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.held", "200"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    measured, counted = map(int, re.findall(r"(\d+) bytes each; counted (\d+)", done.stdout)[0])
    assert counted / 2 < measured < counted * 1.15


def test_a_document_larger_than_the_cache_is_served(filled: Publication) -> None:
    """It waits alone, and goes for the next one."""
    cache = DocumentCache(filled.store, 1)
    rendered: list[str] = []
    large = cache.get("large", body("x" * 1000, rendered))
    assert cache.get("large", body("-", rendered)) is large
    cache.get("other", body("y", rendered))
    cache.get("large", body("x" * 1000, rendered))
    assert len(rendered) == 3


def test_a_renderer_that_fails_leaves_nothing(filled: Publication) -> None:
    """An error is the answer to one request."""
    cache = DocumentCache(filled.store, 10_000)

    def fail(_snapshot: Snapshot) -> Rendered:
        raise LookupError

    with pytest.raises(LookupError):
        cache.get("a", fail)
    assert cache.get("a", body("text")).bodies["identity"] == b"text"


def test_many_threads_see_one_document_a_key(filled: Publication) -> None:
    """Threads share it; what they get belongs to the key they asked for."""
    cache = DocumentCache(filled.store, 2_000)
    with ThreadPoolExecutor(8) as threads:
        asked = [str(number % 20) for number in range(400)]
        found = list(threads.map(lambda name: cache.get(name, body(name * 30)).bodies["identity"], asked))
    assert found == [(name * 30).encode() for name in asked]


def test_what_is_not_there_is_not_held(filled: Publication) -> None:
    """A stranger's guesses leave no trace in the cache: their keys are never kept."""
    app = filled.client().application
    held = app.extensions["feedsvc"].cache
    client = app.test_client()
    ask(client, "/feeds/all.atom")
    before = len(held.state.entries)
    for path in ("/articles/x1", "/topics/x2", "/feeds/x3.rss", "/?page=77", "/sitemap-9.xml", "/articles/old"):
        ask(client, path)
    ask(client, "/feeds/all.atom?utm_source=1")
    assert len(held.state.entries) == before


def test_a_document_that_shows_nothing_any_more_leaves_the_cache(filled: Publication) -> None:
    """A refresh takes it out: while a busy worker answers 503, it must not serve what was removed."""
    cache = DocumentCache(filled.store, 10_000)
    articles = ["first"]

    def render(snapshot: Snapshot) -> Rendered:
        if not articles:
            raise UnknownResource("no such article")
        return body(articles[0])(snapshot)

    cache.refresh()
    cache.watched = True
    cache.get("a", render)
    articles.clear()
    filled.article("new")
    filled.sync()
    cache.refresh()
    assert "a" not in cache.state.entries


@pytest.mark.parametrize("damage", ["database", "row"])
def test_a_store_that_fails_in_a_refresh_takes_no_document_along(
    filled: Publication, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The refresh fails as a whole, and what is held is served until the store can be read again."""
    cache = DocumentCache(filled.store, 10_000)
    is_damaged = False

    def render(snapshot: Snapshot) -> Rendered:
        if is_damaged and damage == "database":
            cause = sqlite3.DatabaseError("database disk image is malformed")
            raise exc.DatabaseError("SELECT 1", {}, cause)
        loads('{"title":"torn' if is_damaged else "{}")
        return body("text")(snapshot)

    cache.refresh()
    cache.watched = True
    held = cache.get("a", render)
    filled.article("new")
    filled.sync()
    is_damaged = True
    with pytest.raises(StoreUnavailable, match="restore"):
        cache.refresh()
    assert cache.get("a", render) is held
    assert not [each for each in caplog.records if each.exc_info]
    is_damaged = False
    cache.refresh()
    assert cache.get("a", render).bodies["identity"] == b"text"


def test_a_change_outside_a_slice_leaves_it_alone(filled: Publication) -> None:
    """Promise 2: an ETag changes only when *this* feed changes; Last-Modified likewise."""
    client = filled.client()
    before = {each.path: fields(ask(client, each.path)) for each in FEEDS}
    filled.article("new", topics="[chips]")
    filled.sync()
    after = {each.path: fields(ask(client, each.path)) for each in FEEDS}
    for path, headers in after.items():
        assert (headers == before[path]) == ("/cloud." in path), path


def test_a_change_comes_through_every_way(filled: Publication) -> None:
    """What was held is not shown after the commit, in any application over the store."""
    clients = [filled.client(), filled.client()]
    for client in clients:
        for resource in RENDERED:
            ask(client, resource.path)
    filled.article("new", title="Brand new")
    filled.sync()
    for client in clients:
        for path in (
            "/",
            "/topics/chips",
            *(f"/feeds/{name}.{form}" for name in ("all", "chips") for form in ("atom", "rss", "json")),
        ):
            assert "Brand new" in ask(client, path).text, path
        assert "/articles/new" in ask(client, "/sitemap.xml").text


def test_a_page_keeps_its_etag_when_its_bytes_stay(filled: Publication) -> None:
    """1. … hash of the uncompressed bytes: a commit that changes nothing on a page is no news to who holds it."""
    client = filled.client()
    before = ask(client, "/articles/hello").headers["ETag"]
    filled.article("new", topics="[cloud]")
    filled.sync()
    assert ask(client, "/articles/hello", If_None_Match=before).status_code == 304
