"""docs/how-to/backup.md, step by step, with a server that runs."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc import cli
from tests.conftest import Publication
from tests.live import ROOT, Poller, Server, environment

PAGE = (ROOT / "docs" / "how-to" / "backup.md").read_text("utf-8")
ARTICLE = "---\ntitle: {}\npublished: 2026-10-05 10:00\ntopics: [chips]\n---\nText.\n"


def feedsvc(step: str, folder: Path, store: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command of the page, in that folder."""
    assert f"$ feedsvc {step}\n" in PAGE
    return subprocess.run(
        [sys.executable, "-m", "feedsvc", *step.split(), "--store", str(store)],
        cwd=folder,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def invoke(step: str, store: Path) -> Result:
    """Run a command of the page in this process and its working folder."""
    assert f"$ feedsvc {step}\n" in PAGE
    return CliRunner(env=dict.fromkeys(os.environ.keys() - environment().keys())).invoke(
        cli.main, [*step.split(), "--store", str(store)]
    )


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_live_server_is_backed_up_and_restored(tmp_path: Path) -> None:
    store = tmp_path / "state" / "store.sqlite3"
    settings = {"FEEDSVC_STORE": str(store)}
    server = Server(tmp_path, settings=settings)
    try:
        poller = Poller(server.url("/feeds/chips.atom"))
        file = server.write("first.md", ARTICLE.format("First"))
        poller.until(lambda _: "First" in poller.titles(), "the first article is published")
        done = feedsvc("backup copy.sqlite3", tmp_path, store)
        assert (done.returncode, done.stderr) == (0, "")
        updated = [entry.updated for entry in poller.last.entries if entry.title == "First"]
        file.unlink()
        server.write("second.md", ARTICLE.format("Second"))
        poller.until(lambda _: "Second" in poller.titles(), "the second article is published")
        refused = feedsvc("restore copy.sqlite3", tmp_path, store)
        assert refused.returncode == 2
        assert "a writer runs (stop feedsvc serve and feedsvc watch" in refused.stderr
        server.process.send_signal(signal.SIGINT)
        server.process.wait(120)
    finally:
        server.end()
    done = feedsvc("restore copy.sqlite3", tmp_path, store)
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(store) == contents(tmp_path / "copy.sqlite3")
    assert "First" in contents(store)
    assert "Second" in contents(store.with_name("store.sqlite3.replaced-1"))
    file.write_text(ARTICLE.format("First"))
    again = tmp_path / "again"
    again.mkdir()
    server = Server(again, settings=settings)
    try:
        server.write("first.md", ARTICLE.format("First"))
        poller = Poller(server.url("/feeds/chips.atom"))
        poller.until(lambda _: "First" in poller.titles() and "Second" not in poller.titles(), "the restored feed")
        assert [entry.updated for entry in poller.last.entries if entry.title == "First"] == updated
    finally:
        server.end()


def contents(store: Path) -> str:
    """Return the contents of the store as text."""
    with closing(sqlite3.connect(store)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        )
        return "\n".join(f"{name}: {connection.execute(f'SELECT * FROM {name}').fetchall()}" for (name,) in tables)


@pytest.mark.parametrize("damage", ["nothing", "text", "cut"])
def test_what_is_no_backup_is_refused(
    publication: Publication, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    publication.article("one")
    publication.sync()
    store, copy = publication.settings.store_file, tmp_path / "copy.sqlite3"
    assert invoke("backup copy.sqlite3", store).exit_code == 0
    before = contents(store)
    assert copy.stat().st_mode & 0o777 == 0o600
    again = invoke("backup copy.sqlite3", store)
    assert again.exit_code == 2
    assert "exists already (name a new file" in again.stderr
    if damage == "nothing":
        copy.unlink()
    elif damage == "text":
        copy.write_text("no store\n" * 1000)
    else:
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    refused = invoke("restore copy.sqlite3", store)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("feedsvc: ")
    assert contents(store) == before
    assert sorted(file.name for file in store.parent.iterdir() if "replaced" in file.name or file.name[0] == ".") == []


def test_readers_that_have_the_store_open_see_the_restored_one(publication: Publication, tmp_path: Path) -> None:
    publication.article("one")
    publication.sync()
    assert feedsvc("backup copy.sqlite3", tmp_path, publication.settings.store_file).returncode == 0
    publication.article("two")
    publication.sync()
    with publication.store.read() as snapshot:
        newer = snapshot.site()
        assert feedsvc("restore copy.sqlite3", tmp_path, publication.settings.store_file).returncode == 0
        assert snapshot.site() == newer
    text = publication.client().get("/feeds/chips.atom").text
    assert "one" in text
    assert "<title>two" not in text
