"""Commits come into what is held by themselves: in one step, forward only, whatever happens to the store."""

import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from feedsvc.documents.document import Rendered
from feedsvc.errors import SearchTooSlow, StoreUnavailable
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot, Store
from feedsvc.store.sqlite.commit_signal import CommitSignal
from feedsvc.web import create_app
from feedsvc.web.cache.document_cache import DocumentCache
from feedsvc.web.cache.refresher import Refresher
from tests.conftest import Publication
from tests.live import wait_for
from tests.web.resources import ask, delete_store


def count(snapshot: Snapshot) -> Rendered:
    """The number of the commit."""
    return Rendered(
        media_type="text/plain",
        body=str(snapshot.commit()).encode(),
        last_modified=datetime(2026, 1, 1, tzinfo=UTC),
        headers={},
    )


def change(publication: Publication, name: str = "new") -> None:
    """A commit that readers can see."""
    publication.article(name, body=str(publication.now))
    publication.sync()


@pytest.fixture
def documents(filled: Publication) -> Iterator[DocumentCache]:
    """A cache that is kept fresh."""
    made = DocumentCache(filled.store, 1_000_000)
    freshness = Refresher(made, filled.store.commit_signal())
    freshness.start()
    wait_for(lambda: made.watched, "the first look")
    yield made
    freshness.stop()
    assert not made.watched


def shown(documents: DocumentCache, key: str = "a") -> bytes:
    """What is held, without asking the store."""
    entry = documents.known(key)
    return entry.document.bodies["identity"] if entry else b""


def test_a_commit_comes_in_by_itself(documents: DocumentCache, filled: Publication) -> None:
    """And nobody has asked."""
    first = documents.get("a", count).bodies["identity"]
    assert shown(documents) == first
    change(filled)
    wait_for(lambda: shown(documents) == b"%d" % (int(first) + 1), "the commit")


def test_another_store_comes_in_by_itself(documents: DocumentCache, filled: Publication) -> None:
    """Whatever number it counts from."""
    documents.get("a", count)
    for number in range(3):
        change(filled, f"n{number}")
    wait_for(lambda: shown(documents) == b"4", "the commits")
    delete_store(filled)
    assert shown(documents) == b"4"
    filled.sync()
    wait_for(lambda: shown(documents) == b"1", "the new store")


def test_all_of_a_commit_is_seen_at_once(
    documents: DocumentCache, filled: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has seen one document of a commit sees no other of an earlier one; none goes back."""
    monkeypatch.setattr("feedsvc.web.cache.document_cache.REFRESH_SECONDS", 60)
    keys = [f"k{number}" for number in range(40)]
    for key in keys:
        documents.get(key, count)
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        seen = 0
        while not done.is_set():
            for key in keys:
                now = int(shown(documents, key))
                if now < seen:
                    wrong.append(f"{key}: {now} after {seen}")
                seen = max(seen, now)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(10):
        change(filled, f"c{number}")
    last = b"%d" % _commit(filled)
    wait_for(lambda: all(shown(documents, key) == last for key in keys), "the last commit")
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong


def _commit(publication: Publication) -> int:
    with publication.store.read() as snapshot:
        return snapshot.commit()


def test_a_store_that_cannot_be_read_is_tried_again(
    documents: DocumentCache, filled: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is held is served, and it is said once."""
    monkeypatch.setattr("feedsvc.web.cache.refresher.RETRY_SECONDS", 0.01)
    first = documents.get("a", count).bodies["identity"]
    failed: list[None] = []
    real = Snapshot.version

    def fail(self: Snapshot) -> object:
        if len(failed) > 5:
            return real(self)
        failed.append(None)
        raise StoreUnavailable("broken")

    monkeypatch.setattr(Snapshot, "version", fail)
    change(filled)
    wait_for(lambda: len(failed) > 2, "some failures")
    assert shown(documents) == first or len(failed) > 5
    wait_for(lambda: shown(documents) != first, "the recovery")
    said, over = wait_for(lambda: len(caplog.messages) > 1 and caplog.messages, "the end in the log")
    assert said == "broken (the cached documents are served; it is tried again)"
    assert re.fullmatch(r"the store can be read again \(after \d+ s\)", over)


@pytest.mark.parametrize("place", ["refresh", "has_changed"])
def test_an_unforeseen_error_does_not_end_the_refresher(
    documents: DocumentCache,
    filled: Publication,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    place: str,
) -> None:
    """Until a refresh succeeds, the cache asks the store at each request, so that no reader gets an old document."""
    monkeypatch.setattr("feedsvc.web.cache.refresher.RETRY_SECONDS", 0.01)
    assert documents.get("a", count).bodies["identity"] == b"1"
    owner: type = DocumentCache if place == "refresh" else CommitSignal
    real = getattr(owner, place)
    failed: list[None] = []
    repaired = threading.Event()

    def fail(self: object) -> object:
        if repaired.is_set():
            return real(self)
        failed.append(None)
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(owner, place, fail)
    change(filled)
    wait_for(lambda: len(failed) > 2, "some failures")
    assert not documents.watched
    assert documents.problem == "cannot refresh the cached documents: ZeroDivisionError: a fault of ours"
    assert documents.get("a", count).bodies["identity"] == b"2"
    repaired.set()
    wait_for(lambda: documents.watched, "the recovery")
    change(filled, "later")
    wait_for(lambda: shown(documents) == b"3", "a later commit")
    assert [record.message for record in caplog.records] == [
        "cannot refresh the cached documents: ZeroDivisionError: a fault of ours"
    ]


def test_a_refresher_that_hangs_is_not_trusted(
    filled: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As when the disk of the store does not answer: requests ask the store, and /readyz?verbose says so."""
    monkeypatch.setattr("feedsvc.web.cache.refresher.CHECK_SECONDS", 0.01)
    app = create_app(filled.settings, watching=True)
    client, documents = app.test_client(), app.extensions["feedsvc"].cache
    ask(client, "/feeds/chips.atom")
    wait_for(lambda: documents.watched, "the first look")
    real = DocumentCache.refresh
    hangs, go_on = threading.Event(), threading.Event()

    def refresh(self: DocumentCache) -> None:
        hangs.set()
        assert go_on.wait(300)
        real(self)

    monkeypatch.setattr(DocumentCache, "refresh", refresh)
    filled.article("new", title="Brand new")
    filled.sync()
    assert hangs.wait(300)
    wait_for(lambda: not documents.watched, "the watchdog")
    assert "Brand new" in ask(client, "/feeds/chips.atom").text
    wait_for(lambda: "cannot refresh its cached documents" in ask(client, "/readyz?verbose").text, "the alarm")
    go_on.set()
    wait_for(lambda: documents.watched and not documents.problem, "the recovery")
    filled.article("newer", title="Newer still")
    filled.sync()
    wait_for(lambda: "Newer still" in ask(client, "/feeds/chips.atom").text, "a later commit")
    assert "warning" not in ask(client, "/readyz?verbose").text
    app.wsgi_app.close()  # type: ignore[attr-defined]
    assert [record.message for record in caplog.records][:1] == [
        "the refresh of the cached documents hangs (look at the disk of the store)"
    ]


def test_without_a_thread_each_request_asks_the_store(
    filled: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The system allows no further thread just now: nothing fails, and the next request tries again."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    app = create_app(filled.settings, watching=True)
    client, documents = app.test_client(), app.extensions["feedsvc"].cache
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert ask(client, "/").status_code == 200
        filled.article("new", title="Brand new")
        filled.sync()
        assert "Brand new" in ask(client, "/").text
    assert not documents.watched
    assert "can't start new thread (raise the limit of threads" in caplog.text
    ask(client, "/")
    wait_for(lambda: documents.watched, "the thread")
    app.wsgi_app.close()  # type: ignore[attr-defined]


def test_a_renderer_that_breaks_costs_its_own_document(filled: Publication, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever asks for it next is told."""
    documents = DocumentCache(filled.store, 1_000_000)
    documents.watched = True
    breaks: list[bool] = []

    def render(snapshot: Snapshot) -> Rendered:
        if breaks:
            raise ZeroDivisionError
        return count(snapshot)

    documents.get("a", render)
    documents.get("b", count)
    documents.refresh()
    breaks.append(True)
    change(filled)
    documents.refresh()
    assert (documents.known("a"), shown(documents, "b")) == (None, b"2")
    assert "cannot render 'a' again" in caplog.text
    with pytest.raises(ZeroDivisionError):
        documents.get("a", render)


def test_what_was_asked_for_long_ago_waits_until_somebody_asks(
    filled: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that touches thousands of documents makes those anew that are polled, while there is time."""
    monkeypatch.setattr("feedsvc.web.cache.document_cache.REFRESH_SECONDS", 0)
    documents = DocumentCache(filled.store, 1_000_000)
    documents.watched = True
    documents.refresh()
    for key in "abc":
        documents.get(key, count)
    documents.get("b", count)
    change(filled)
    documents.refresh()
    assert [key for key in "abc" if documents.known(key)] == ["b"]
    assert documents.get("a", count).bodies["identity"] == b"2"
    assert shown(documents, "a") == b"2"


def test_many_documents_do_not_share_the_budget_of_one(filled: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is looked for as if it were alone; one that takes too long is made when somebody asks for it."""
    documents = DocumentCache(Store(filled.settings.store_file, 1), 1_000_000)
    documents.watched = True
    documents.refresh()

    def slow(snapshot: Snapshot) -> Rendered:
        # Nearly all that a snapshot may use; two such documents together use too much.
        snapshot._queries._used += 0.9
        snapshot.slices.articles(Slice("chips", terms=("text",)), 1)
        return count(snapshot)

    def too_slow(snapshot: Snapshot) -> Rendered:
        if snapshot.commit() > 1:
            raise SearchTooSlow(1)
        return count(snapshot)

    documents.get("too slow", too_slow)
    for key in "abcd":
        documents.get(key, slow)
    change(filled)
    documents.refresh()
    assert [shown(documents, key) for key in "abcd"] == [b"2"] * 4
    assert documents.known("too slow") is None


def test_a_commit_elsewhere_renders_nothing(filled: Publication) -> None:
    """A document says what it is made of."""
    documents = DocumentCache(filled.store, 1_000_000)
    documents.watched = True
    documents.refresh()
    rendered: list[str] = []

    def render(snapshot: Snapshot) -> Rendered:
        rendered.append("x")
        made = count(snapshot)
        return Rendered(
            media_type=made.media_type,
            body=made.body,
            last_modified=made.last_modified,
            headers={},
            made_of={("topic", "cloud")},
        )

    documents.get("a", render)
    filled.article("chip", topics="[chips]")
    filled.sync()
    documents.refresh()
    assert (len(rendered), shown(documents)) == (1, b"1")
    filled.article("sky", topics="[cloud]")
    filled.sync()
    documents.refresh()
    assert (len(rendered), shown(documents)) == (2, b"3")
    text = (filled.settings.content / "site.toml").read_text()
    filled.write("site.toml", text.replace('"Test Weekly"', '"Weekly Test"'))
    filled.sync()
    documents.refresh()
    assert (len(rendered), shown(documents)) == (3, b"4")


def test_one_thread_makes_a_document_the_others_wait_or_get_the_last_one(filled: Publication) -> None:
    """A crowd that asks for the same thing costs one render."""
    documents = DocumentCache(filled.store, 1_000_000)
    entered, go = threading.Event(), threading.Event()
    rendered: list[None] = []

    def slow(snapshot: Snapshot) -> Rendered:
        rendered.append(None)
        entered.set()
        assert go.wait(300)
        return count(snapshot)

    def ask_in_threads() -> tuple[list[threading.Thread], list[bytes]]:
        got: list[bytes] = []
        ask_once: Callable[[], None] = lambda: got.append(documents.get("a", slow).bodies["identity"])  # noqa: E731
        threads = [threading.Thread(target=ask_once) for _ in range(5)]
        for thread in threads:
            thread.start()
        return threads, got

    threads, got = ask_in_threads()
    assert entered.wait(300)
    go.set()
    for thread in threads:
        thread.join()
    assert (len(rendered), got) == (1, [b"1"] * 5)
    change(filled)
    entered.clear()
    go.clear()
    threads, got = ask_in_threads()
    assert entered.wait(300)
    wait_for(lambda: got == [b"1"] * 4, "the last one for the others")
    go.set()
    for thread in threads:
        thread.join()
    assert (len(rendered), got) == (2, [b"1"] * 4 + [b"2"])


def test_a_snapshot_taken_before_a_refresh_is_not_taken_for_fresh(filled: Publication) -> None:
    """Its document is served to whoever asked; the next one gets another."""
    documents = DocumentCache(filled.store, 1_000_000)
    documents.watched = True

    def late(snapshot: Snapshot) -> Rendered:
        made = count(snapshot)
        change(filled)
        documents.refresh()
        return made

    assert documents.get("a", late).bodies["identity"] == b"1"
    assert documents.known("a") is None
    assert documents.get("a", count).bodies["identity"] == b"2"


def test_an_application_begins_to_watch_at_its_first_request(filled: Publication) -> None:
    """Not before: a server that forks would leave the thread behind."""
    app = create_app(filled.settings, watching=True)
    client, documents = app.test_client(), app.extensions["feedsvc"].cache
    assert not documents.watched
    before = ask(client, "/feeds/chips.atom").text
    wait_for(lambda: documents.watched, "the thread")
    filled.article("new", title="Brand new")
    filled.sync()
    wait_for(lambda: "Brand new" in ask(client, "/feeds/chips.atom").text, "the change")
    assert "Brand new" not in before
    app.wsgi_app.close()  # type: ignore[attr-defined]


def test_only_codings_that_were_asked_for_are_made(filled: Publication) -> None:
    """The first answer waits for one of them; a refresh makes those that pollers use, so that they wait for none."""
    documents = DocumentCache(filled.store, 1_000_000)
    documents.watched = True
    first = documents.get("a", count)
    assert first.bodies.used == ("identity",)
    assert first.bodies["gzip"]
    change(filled)
    documents.refresh()
    entry = documents.known("a")
    assert entry is not None
    assert entry.document.tag != first.tag
    assert set(entry.document.bodies.used) == {"identity", "gzip"}


TOUCHED = {
    "an article of another topic": ("/articles/hello", {"name": "sky", "topics": "[cloud]"}, False),
    "an article beside a topic": ("/topics/cloud", {"name": "chip", "topics": "[chips]"}, False),
    "an article beside a tag": ("/tags/sand", {"name": "chip", "tags": "[silicon]"}, False),
    "a neighbour": ("/articles/hello", {"name": "chip", "published": "2026-10-01 09:59"}, True),
    "a translation": ("/articles/hello", {"name": "salut", "topics": "[cloud]", "translation_of": "hello"}, True),
    "the article": ("/articles/hello", {"name": "hello/index", "title": "Hello again"}, True),
    "the article's topic": ("/articles/hello", {"name": "hello/index", "topics": "[cloud]"}, True),
    "an article with the tag": ("/tags/sand", {"name": "sky", "topics": "[cloud]", "tags": "[sand]"}, True),
}


@pytest.mark.parametrize(("path", "article", "touched"), TOUCHED.values(), ids=TOUCHED)
def test_a_page_is_made_anew_by_what_it_shows(
    filled: Publication, path: str, article: dict[str, str], touched: bool
) -> None:
    """And by nothing else; either way what is held is what a new application would answer."""
    app = create_app(filled.settings)
    documents: DocumentCache = app.extensions["feedsvc"].cache
    documents.watched = True
    documents.refresh()
    before = ask(app.test_client(), path)
    filled.article(**article)
    filled.sync()
    (held,) = documents.state.entries.values()
    documents.refresh()
    (now,) = documents.state.entries.values()
    assert (now is not held) == touched
    after, fresh = ask(app.test_client(), path), ask(filled.client(), path)
    assert (after.text, after.headers["Last-Modified"]) == (fresh.text, fresh.headers["Last-Modified"])
    assert (after.text != before.text) == touched


def test_a_feeds_page_is_made_anew_by_what_its_controls_offer(filled: Publication) -> None:
    """An article that is not in the slice may bring a language or a tag to choose; one of another topic may not."""
    app = create_app(filled.settings)
    documents: DocumentCache = app.extensions["feedsvc"].cache
    documents.watched = True
    documents.refresh()
    narrow, wide = "/feeds/chips.atom?lang=en", "/feeds/all.atom?lang=en"

    def opened(client: FlaskClient, path: str) -> str:
        return ask(client, path, Sec_Fetch_Dest="document").text

    before = opened(app.test_client(), narrow)
    opened(app.test_client(), wide)
    filled.article("sky", topics="[cloud]", language="ja", tags="[sky]")
    filled.sync()
    documents.refresh()
    for path, touched in ((narrow, False), (wide, True)):
        after = opened(app.test_client(), path)
        assert after == opened(filled.client(), path)
        assert ("lang=ja" in after) == touched
    assert opened(app.test_client(), narrow) == before
    filled.article("chip", language="ja", tags="[silicon]")
    filled.sync()
    documents.refresh()
    assert opened(app.test_client(), narrow) == opened(filled.client(), narrow)
    assert "lang=ja" in opened(app.test_client(), narrow)


def titles(snapshot: Snapshot) -> Rendered:
    """The addresses of all articles."""
    body = ",".join(sorted(slug for slug, _ in snapshot.slugs.page(100, 0))).encode()
    return Rendered(media_type="text/plain", body=body, last_modified=datetime(2026, 1, 1, tzinfo=UTC), headers={})


def test_a_store_that_lost_commits_and_went_on_is_not_taken_for_the_one_before(
    documents: DocumentCache, filled: Publication
) -> None:
    """An older copy put in place (or a lost write-ahead log) gives the numbers of lost commits to other ones."""
    store = filled.settings.store_file
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = store.with_suffix(".copy")
    shutil.copy(store, copy)
    documents.get("a", titles)
    change(filled, "lost")
    wait_for(lambda: b"lost" in shown(documents), "the first history")
    filled.store.close()
    os.replace(copy, store)
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    (filled.settings.content / "articles" / "lost.md").unlink()
    change(filled, "other")
    wait_for(lambda: b"other" in shown(documents) and b"lost" not in shown(documents), "the second history")
