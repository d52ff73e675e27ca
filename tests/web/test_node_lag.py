"""How far behind its store a node is, on /readyz?verbose and /metrics."""

import time
from dataclasses import replace

import pytest

from feedsvc.config import Settings
from feedsvc.store.sqlite import SqliteEngine
from feedsvc.web import create_app
from feedsvc.web.cache.document_cache import DocumentCache
from feedsvc.web.cache.refresher import Refresher
from feedsvc.web.stats.node_lag import NodeLag, node_lag
from tests.conftest import Publication
from tests.live import free_port, wait_for
from tests.web.resources import ask

TOKEN = "0123456789abcdef"


def test_a_worker_tells_how_many_commits_its_documents_lack(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    documents = DocumentCache(publication.store, 1_000_000)
    with publication.store.read() as snapshot:
        assert node_lag(documents, publication.store, snapshot) == NodeLag(0, 0.0, None)
    documents.refresh()
    documents.current_at = time.monotonic() - 60
    with publication.store.read() as snapshot:
        assert node_lag(documents, publication.store, snapshot) == NodeLag(0, 0.0, None)
    publication.article("two")
    publication.sync()
    with publication.store.read() as snapshot:
        lag = node_lag(documents, publication.store, snapshot)
    assert lag.commits == 1
    assert lag.seconds >= 60
    assert node_lag(documents, publication.store, None).commits is None
    assert "1 commits behind its store" in lag.line()


def test_the_refresher_notes_when_the_documents_were_current(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    documents = DocumentCache(publication.store, 1_000_000)
    refresher = Refresher(documents, publication.store.commit_signal())
    refresher.start()
    try:
        first = wait_for(lambda: documents.current_at, "the first refresh")
        wait_for(lambda: documents.current_at != first, "the next look")
        publication.article("two")
        publication.sync()
        with publication.store.read() as snapshot:
            wait_for(lambda: documents.seen == snapshot.version(), "the commit")
        publication.settings.store_file.rename(publication.root / "away")
        wait_for(lambda: not refresher._commit_signal.is_connected, "the store is away")
        last = documents.current_at
        (publication.root / "away").rename(publication.settings.store_file)
        wait_for(lambda: documents.current_at != last, "the store is back")
    finally:
        refresher.stop()


@pytest.fixture
def on_another_machine(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a URL for a store, which is the file of the publication."""
    monkeypatch.setattr("feedsvc.store.engine_at", lambda _place: SqliteEngine(publication.settings.store_file))
    return replace(publication.settings, store="postgresql://u:secret@host/db", status_token=TOKEN)


def test_a_node_whose_store_is_away_says_so_to_monitors(publication: Publication, on_another_machine: Settings) -> None:
    client = create_app(on_another_machine).test_client()
    assert ask(client, "/readyz").status_code == 503
    found = ask(client, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert found.status_code == 200
    assert "feedsvc_node_store_ok 0.0\n" in found.text
    assert "feedsvc_node_commits_behind" not in found.text
    publication.article("one")
    publication.sync()
    assert ask(client, "/readyz?verbose").text.splitlines()[-1] == "node: 0 commits behind its store, current 0 s ago"
    text = ask(client, "/metrics", Authorization=f"Bearer {TOKEN}").text
    assert "feedsvc_node_store_ok 1.0\n" in text
    assert "feedsvc_node_commits_behind 0.0\n" in text


def test_a_node_whose_database_is_away_says_what_is_wrong_and_what_to_do(publication: Publication) -> None:
    """Strangers learn no name, and nobody the password."""
    port = free_port()
    place = f"postgresql://feedsvc:hard-to-guess@127.0.0.1:{port}/news"
    client = create_app(replace(publication.settings, store=place, status_token=TOKEN)).test_client()
    cure = "(check that the server runs and that the URL names it)"
    public = ask(client, "/readyz?verbose")
    assert public.text == (
        f"not ready: the database cannot be used {cure}\n"
        "the log of this server says more, and so does this address with the token of FEEDSVC_STATUS_TOKEN\n"
        "node: cannot reach its store, current 0 s ago\n"
    )
    detailed = ask(client, "/readyz?verbose", Authorization=f"Bearer {TOKEN}")
    first, node = detailed.text.splitlines()
    assert first.startswith(f"not ready: postgresql://feedsvc@127.0.0.1:{port}/news: ")
    assert first.endswith(cure)
    assert node.startswith("node: ")
    for answer in (public, detailed):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Authorization" in answer.headers["Vary"]
        assert "hard-to-guess" not in answer.text
    assert ask(client, "/readyz").text == "not ready, try again shortly\n"


def test_a_store_that_is_missing_or_too_new_is_a_reason_too(publication: Publication) -> None:
    client = create_app(replace(publication.settings, status_token=TOKEN)).test_client()
    assert ask(client, "/readyz?verbose").text.splitlines()[0] == "not ready: there is no store yet (run feedsvc sync)"
    said = ask(client, "/readyz?verbose", Authorization=f"Bearer {TOKEN}").text
    assert said == f"not ready: {publication.settings.store}: there is no store yet (run feedsvc sync)\n"
    publication.article("one")
    publication.sync()
    with publication.store.write(publication.now) as commit:
        commit.log.put_meta("schema", "99")
    assert "not ready: the store has schema 99" in ask(client, "/readyz?verbose").text
    damaged = publication.root / "damaged.sqlite3"
    damaged.write_bytes(b"this is no database" * 200)
    said = ask(create_app(replace(publication.settings, store=damaged)).test_client(), "/readyz?verbose").text
    assert "not ready: the store cannot be used: file is not a database (restore it, or delete it and" in said
    assert str(publication.root) not in said


def test_metrics_of_a_store_on_this_machine_fail_with_it(publication: Publication) -> None:
    client = create_app(replace(publication.settings, status_token=TOKEN)).test_client()
    assert ask(client, "/metrics", Authorization=f"Bearer {TOKEN}").status_code == 503


def test_a_node_reads_the_copy_that_it_is_given(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    settings = replace(publication.settings, store="postgresql://host/db", read_store=publication.settings.store)
    assert ask(create_app(settings).test_client(), "/readyz").text == "ready\n"
