"""What commits change is purged: by the writer in the background, and by commands."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli import main
from feedsvc.store import Store
from feedsvc.store.snapshot.surrogate_keys import ALL, SITE, keys_of
from feedsvc.store.writer_problems import problems_of
from feedsvc.sync.purging import purger
from feedsvc.sync.purging.purger import Purger, save_purged
from feedsvc.sync.purging.targets import PurgeFailed
from feedsvc.sync.watch import Watcher
from feedsvc.web import create_app
from tests.conftest import Publication
from tests.live import Server, wait_for
from tests.sync.purge_server import purge_server
from tests.web.cdn import FakeCdn, kept
from tests.web.random_edits import Edits

CHIPS = keys_of({("topic", "chips")})[1]
CLOUD = keys_of({("topic", "cloud")})[1]


class Asked:
    """A purge that notes the keys, and fails while `problem` is set."""

    def __init__(self) -> None:
        self.keys: list[set[str]] = []
        self.problem: PurgeFailed | None = None
        self.attempts = 0

    def __call__(self, keys: Collection[str]) -> None:
        self.attempts += 1
        if self.problem is not None:
            raise self.problem
        self.keys.append(set(keys))


@contextmanager
def purging(
    store: Store, purge: Callable[[Collection[str]], None], *, again: float = 0, seconds: float = 0
) -> Iterator[tuple[Purger, list[str]]]:
    """Yield a running purger, and what it says."""
    said: list[str] = []
    made = Purger(store, purge, seconds, said.append, again)
    made.start()
    try:
        yield made, said
    finally:
        made.stop()


def is_done(publication: Publication, purger_: Purger) -> bool:
    with publication.store.read() as snapshot:
        return purger_.purged == snapshot.version()


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purger, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(purger, "RETRY_SECONDS", 0.02)


def test_a_commit_is_purged_and_purged_again(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    asked = Asked()
    with purging(publication.store, asked) as (made, _):
        # Of what was before the first start, nobody knows what the CDN has.
        wait_for(lambda: is_done(publication, made), "the first purge")
        assert asked.keys == [{ALL, SITE}] * 2
        publication.article("two", topics="[cloud]")
        publication.sync()
        wait_for(lambda: is_done(publication, made), "the second purge")
        assert len(asked.keys) == 4
        assert asked.keys[2] == asked.keys[3]
        assert {ALL, CLOUD} <= asked.keys[2]
        assert not {SITE, CHIPS} & asked.keys[2]


def test_a_purge_that_began_too_early_is_not_the_last_one(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes: a node that lagged may have answered with an earlier state since it began."""
    clock = [0.0]
    monkeypatch.setattr(purger, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def purge(_: object) -> None:
        clock[0] += 10

    made = Purger(publication.store, purge, 0, lambda _: None, again=15)
    versions = []
    for name, begins in (("one", 0.0), ("two", 12.0)):
        publication.article(name)
        publication.sync()
        with publication.store.read() as snapshot:
            versions.append(snapshot.version())
        clock[0] = begins
        made._purge_all()
    # The last purges are due at 25 and 37; this one takes from 30 to 40.
    clock[0] = 30.0
    made._purge_all()
    assert made.purged == versions[0]
    made._purge_all()
    assert made.purged == versions[1]


def test_commits_that_wait_are_purged_together(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    asked = Asked()
    with publication.store.read() as snapshot:
        save_purged(publication.store, snapshot.version())
    asked.problem = PurgeFailed("no")
    with purging(publication.store, asked) as (made, said):
        for name, topic in (("two", "chips"), ("three", "cloud")):
            publication.article(name, topics=f"[{topic}]")
            publication.sync()
            wait_for(lambda: asked.attempts > 1, "it is tried")
            asked.attempts = 0
        asked.problem = None
        wait_for(lambda: is_done(publication, made), "both are purged")
        assert {ALL, CHIPS, CLOUD} <= asked.keys[0]
        assert "no" in said
        assert said[-1] == ""


def test_nothing_is_lost_at_a_restart(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    asked = Asked()
    with purging(publication.store, asked) as (made, _):
        wait_for(lambda: is_done(publication, made), "the first purge")
    assert made.purged is not None
    save_purged(publication.store, made.purged)
    publication.article("two", topics="[cloud]")
    publication.sync()
    asked.keys.clear()
    # The second purge of this commit is not done before the end.
    with purging(publication.store, asked, again=600) as (made, _):
        wait_for(lambda: asked.keys, "it is purged once")
    assert made.purged is not None
    save_purged(publication.store, made.purged)
    asked.keys.clear()
    with purging(publication.store, asked) as (made, _):
        wait_for(lambda: is_done(publication, made), "it is purged again")
    assert {ALL, CLOUD} <= asked.keys[0]
    assert SITE not in asked.keys[0]


def test_saving_what_was_purged_is_no_commit(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    with publication.store.read() as snapshot:
        version = snapshot.version()
    save_purged(publication.store, version)
    with publication.store.read() as snapshot:
        assert (snapshot.version(), snapshot.purged_version()) == (version, version)


def test_a_failure_is_logged_once_with_its_cure(publication: Publication, caplog: pytest.LogCaptureFixture) -> None:
    publication.article("one")
    publication.sync()
    asked = Asked()
    caplog.set_level(logging.INFO, "feedsvc.purge")
    asked.problem = PurgeFailed("cdn.example answers 403 (correct the token)")
    with purging(publication.store, asked) as (made, _):
        wait_for(lambda: asked.attempts > 3, "it is tried again")
        asked.problem = None
        wait_for(lambda: is_done(publication, made), "it is purged")
    said = [each.message for each in caplog.records if each.name == "feedsvc.purge"]
    assert len(said) == 2
    assert "correct the token" in said[0]
    assert said[1] == "purges succeed again"


def test_an_unforeseen_error_does_not_end_it(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    asked = Asked()
    asked.problem = PurgeFailed("no")

    def purge(keys: Collection[str]) -> None:
        if asked.problem is not None:
            asked.attempts += 1
            raise ZeroDivisionError
        asked(keys)

    with purging(publication.store, purge) as (made, said):
        wait_for(lambda: asked.attempts > 1, "it is tried again")
        asked.problem = None
        wait_for(lambda: is_done(publication, made), "it is purged")
    assert any("please report it" in each for each in said)


def test_a_store_that_comes_later_is_purged(publication: Publication) -> None:
    asked = Asked()
    with purging(publication.store, asked) as (made, _):
        publication.article("one")
        publication.sync()
        wait_for(lambda: is_done(publication, made), "it is purged")


def test_a_cdn_serves_what_the_service_says_after_each_purge(publication: Publication) -> None:
    """Random edits through real syncs, purged by a running purger."""
    random = Random(7)
    edits = Edits(publication, random)
    edits.one()
    client = create_app(replace(publication.settings, surrogate_keys="Surrogate-Key")).test_client()
    cdn = FakeCdn(lambda url: kept(client.get(url)))

    def purge(keys: Collection[str]) -> None:
        cdn.purge(keys)

    with purging(publication.store, purge) as (made, _):
        for _ in range(12):
            before = {url: cdn.get(url) for url in random.sample(edits.urls(), 20)}
            name = edits.one()
            wait_for(lambda: is_done(publication, made), name)
            for url in before:
                assert cdn.get(url).compared == kept(client.get(url)).compared, (name, url)


def run(publication: Publication, *arguments: str, **settings: str) -> Result:
    given = ["--content", str(publication.settings.content), "--store", str(publication.settings.store)]
    environment = {f"FEEDSVC_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(main, [*arguments, *given], env={"FEEDSVC_PURGE_SECONDS": "0", **environment})


def test_commands_purge_what_they_commit(publication: Publication, caplog: pytest.LogCaptureFixture) -> None:
    publication.article("one")
    with purge_server() as cdn:
        settings = {"surrogate_keys": "Surrogate-Key", "purge_url": cdn.url}
        assert run(publication, "sync", **settings).exit_code == 0
        assert cdn.keys == [[ALL, SITE]]
        assert run(publication, "sync", **settings).exit_code == 0
        assert len(cdn.keys) == 1
        publication.article("two", topics="[cloud]")
        cdn.status = 500
        # The sync did what it says.
        assert run(publication, "sync", **settings).exit_code == 0
        assert "answers 500 to a purge" in caplog.text
        failed = run(publication, "purge", **settings)
        assert (failed.exit_code, "answers 500" in failed.output) == (2, True)
        cdn.status = 200
        cdn.requests.clear()
        (publication.settings.content / "articles/two.md").unlink()
        assert run(publication, "sync", **settings).exit_code == 0
        assert CLOUD in cdn.keys[0]
        assert run(publication, "forget", "tag:example.org,2026:two", **settings).exit_code == 0


def test_purging_by_hand(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    with publication.store.read() as snapshot:
        first = snapshot.changes.cursor_at(snapshot.version().seq)
    publication.article("two", topics="[cloud]")
    publication.sync()
    with purge_server() as cdn:
        settings = {"surrogate_keys": "Cache-Tag", "purge_url": cdn.url, "purge_token": "secret"}
        assert run(publication, "purge", "--since", str(first), **settings).exit_code == 0
        assert CLOUD in cdn.keys[-1]
        assert SITE not in cdn.keys[-1]
        # What was before the cursor still waits.
        assert run(publication, "purge", **settings).output == "purged 2 keys (all and site: every response)\n"
        assert run(publication, "purge", **settings).output == "everything is purged\n"
        assert run(publication, "purge", "--all", **settings).exit_code == 0
        assert run(publication, "purge", "abc", "def", **settings).exit_code == 0
        assert cdn.keys[-2:] == [[ALL, SITE], ["abc", "def"]]
        for wrong in (("--since", "x"), ("--since", "00000000-1"), ("--all", "abc")):
            assert run(publication, "purge", *wrong, **settings).exit_code == 2
        assert "nothing purges responses" in run(publication, "purge").output


def test_the_state_of_the_writer_says_that_purging_fails(publication: Publication) -> None:
    publication.article("one")
    with purge_server() as cdn:
        cdn.status = 403
        settings = replace(publication.settings, surrogate_keys="Surrogate-Key", purge_url=cdn.url, purge_seconds=0)
        watcher, stop = Watcher(settings, publication.store), threading.Event()
        thread = threading.Thread(target=watcher.run, args=(stop,))
        thread.start()
        try:
            found = wait_for(lambda: watcher._state.state.purge_error, "it says so")
            assert "answers 403" in found
            state = watcher._state.state
            (problem,) = [each for each in problems_of(state, state.seen_at) if each.name == "purging"]
            assert "feedsvc purge" in problem.summary
            assert problem.detail == found
            cdn.status = 200
            wait_for(lambda: not watcher._state.state.purge_error, "it is well")
        finally:
            stop.set()
            thread.join()


def test_a_server_that_was_killed_purges_after_its_restart(tmp_path: Path) -> None:
    """Both by its watcher: an edit while it runs, and one while nothing runs."""
    keys = tmp_path / "keys"
    script = tmp_path / "purge.py"
    script.write_text(
        f"import json, sys\nwith open({str(keys)!r}, 'a') as f: print(json.dumps(sys.stdin.read().split()), file=f)\n"
    )
    settings = {
        "FEEDSVC_SURROGATE_KEYS": "Surrogate-Key",
        "FEEDSVC_PURGE_COMMAND": f"{sys.executable} {script}",
        "FEEDSVC_PURGE_SECONDS": "0",
        "FEEDSVC_WORKERS": "1",
    }
    article = "---\ntitle: X\npublished: 2026-11-01\ntopics: [{}]\n---\nx\n"

    def purged() -> list[list[str]]:
        return [json.loads(line) for line in keys.read_text().splitlines()] if keys.exists() else []

    server = Server(tmp_path, settings=settings)
    try:
        # Until the second one, the edit would be purged together with the first commit.
        wait_for(lambda: purged().count([ALL, SITE]) > 1, "the first purge, and the last one of the same commit")
        before = len(purged())
        server.write("new.md", article.format("chips"))
        wait_for(lambda: any(SITE not in each for each in purged()[before:]), "the edit is purged")
    finally:
        server.end()
    keys.unlink()
    server.write("other.md", article.format("chips"))
    again = [sys.executable, "-m", "feedsvc", "serve", "--port", str(server.port), "--content", str(server.content)]
    with subprocess.Popen(
        again, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(purged, "what happened meanwhile is purged")
        finally:
            process.send_signal(signal.SIGINT)
