"""Whatever happens to the disk: commands say it in one line, pollers get what is held or 503, and it heals."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from feedsvc import cli
from feedsvc.store import Store
from feedsvc.store.sqlite import connections
from feedsvc.web import create_app
from tests.cli.conftest import process
from tests.conftest import Publication
from tests.live import Server, wait_for
from tests.unprivileged import give_away, open_folder, unprivileged
from tests.web.resources import ask, delete_store

HELD, OTHER = "/feeds/all.atom", "/feeds/chips.atom"


def _assert_said(returncode: int, stdout: str, stderr: str, *words: str) -> None:
    """An error of a command: one line that says what to do, and 2."""
    assert (returncode, stdout, stderr.count("\n")) == (2, "", 1), stderr
    assert stderr.startswith("feedsvc: ")
    assert all(word in stderr for word in words), stderr


def _sync_fails(publication: Publication, *words: str) -> None:
    done = process("sync", "--content", str(publication.settings.content), "--store", publication.settings.store_name)
    _assert_said(done.returncode, done.stdout, done.stderr, *words)


def _sync_fails_here(publication: Publication, *words: str) -> None:
    """In this process, whoever it is just now."""
    settings = publication.settings
    done = CliRunner().invoke(cli.main, ["sync", "--content", str(settings.content), "--store", settings.store_name])
    assert isinstance(done.exception, SystemExit), done.exception
    _assert_said(done.exit_code, done.stdout, done.stderr, *words)


def _assert_unavailable(client: FlaskClient, *paths: str) -> None:
    for path in paths:
        answer = ask(client, path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def _titles(client: FlaskClient, path: str = HELD) -> str:
    answer = ask(client, path)
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def client(publication: Publication) -> FlaskClient:
    """A client of a publication with one article, whose feed of all is held."""
    publication.article("first")
    publication.sync()
    made = publication.client()
    assert "first" in _titles(made)
    return made


@pytest.fixture
def theirs() -> Iterator[Publication]:
    """A publication of somebody who is not root, with one article."""
    with open_folder() as folder:
        made = Publication(folder)
        made.article("first")
        made.sync()
        give_away(folder)
        yield made
        made.store.close()


def _fill(publication: Publication) -> list[Path]:
    return [publication.article(f"more-{number}", "Text. " * 2000) for number in range(150)]


def test_the_disk_is_full(publication: Publication, small_disk: Path) -> None:
    publication.store.close()
    publication.settings = replace(publication.settings, store=small_disk / "store.sqlite3", media=small_disk / "media")
    publication.store = Store(publication.settings.store_file)
    publication.article("first")
    publication.sync()
    client = publication.client()
    before = _titles(client)
    more = _fill(publication)
    _sync_fails(publication, "full", "free some disk space")
    assert _titles(client) == before
    assert "first" in _titles(client, OTHER)
    for file in more[1:]:
        file.unlink()
    publication.sync()
    assert "more-0" in _titles(client)


def test_the_disk_is_full_before_the_first_sync(publication: Publication, small_disk: Path) -> None:
    publication.settings = replace(publication.settings, store=small_disk / "store.sqlite3")
    (small_disk / "filler").write_bytes(b"x" * 1024 * 1020)
    publication.article("first")
    _sync_fails(publication, "store.sqlite3: ")
    client = create_app(publication.settings).test_client()
    _assert_unavailable(client, HELD, "/", "/readyz")
    (small_disk / "filler").unlink()
    assert process("sync", "--content", str(publication.settings.content), "--store", publication.settings.store_name)
    assert "first" in _titles(client)


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from feedsvc.cli import main
main()
"""


def test_files_may_not_grow(publication: Publication, client: FlaskClient) -> None:
    """A quota, as far as it can be had without being root."""
    before = _titles(client)
    more = _fill(publication)
    command = [sys.executable, "-c", _LIMITED, "sync", "--content", str(publication.settings.content)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    _assert_said(done.returncode, done.stdout, done.stderr, "store.sqlite3: ")
    assert _titles(client) == before
    with closing(sqlite3.connect(publication.settings.store_file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    publication.sync()
    assert len(more) + 1 == _titles(client, "/sitemap.xml").count("/articles/")


@contextmanager
def _sealed(*folders: Path) -> Iterator[None]:
    """Nothing in these folders may be written."""
    modes = {path: path.stat().st_mode for folder in folders for path in (folder, *folder.iterdir())}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_the_store_may_only_be_read(theirs: Publication) -> None:
    client = theirs.client()
    before = _titles(client)
    theirs.article("second")
    give_away(theirs.root)
    with _sealed(theirs.settings.store_file.parent), unprivileged():
        _sync_fails_here(theirs, "store.sqlite3: ", "writ")
        assert _titles(client) == before
        assert ask(client, OTHER).status_code in (200, 503)
    with unprivileged():
        theirs.sync()
        assert "second" in _titles(client)


def test_media_may_not_be_written(theirs: Publication) -> None:
    theirs.write("articles/p.svg", "<svg/>")
    theirs.article("second", "![x](p.svg)")
    theirs.settings.media_folder.mkdir()
    give_away(theirs.root)
    client = theirs.client()
    before = _titles(client)
    with _sealed(theirs.settings.media_folder), unprivileged():
        _sync_fails_here(theirs, "media: Permission denied (free disk space, or make it writable)")
        assert _titles(client) == before
        assert "second" not in _titles(client, OTHER)
    with unprivileged():
        theirs.sync()
        assert "second" in _titles(client, OTHER)


_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_the_store_is_locked(publication: Publication, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process holds it: writers give up in the end, readers never wait (WAL)."""
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.1)
    command = [sys.executable, "-c", _LOCK, publication.settings.store_name]
    publication.article("second")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "locked\n"
        _sync_fails_here(publication, "locked", "another process writes")
        assert "first" in _titles(client)
        assert "first" in _titles(client, OTHER)
        other.communicate()
    publication.sync()
    assert "second" in _titles(client, OTHER)


def _zeros(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 100)


def _noise(path: Path) -> None:
    """Its head is left, and everything else is not what it was."""
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * (path.stat().st_size - 100))


def _another_schema(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")


def _another_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE meta (somebody, elses)")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "zeros": (_zeros, "restore it, or delete it and sync again"),
    "noise": (_noise, "restore it, or delete it and sync again"),
    "text": (lambda path: path.write_text("no database\n" * 1000), "restore it, or delete it and sync again"),
    "a later schema": (_another_schema, "upgrade feedsvc"),
    "another database": (_another_database, "store"),
}


@pytest.mark.parametrize(("damage", "cure"), DAMAGE.values(), ids=DAMAGE.keys())
def test_the_store_is_broken(
    publication: Publication, client: FlaskClient, damage: Callable[[Path], object], cure: str
) -> None:
    """What is held goes on, the rest is 503; a good store in its place is served without a restart."""
    store = publication.settings.store_file
    with closing(sqlite3.connect(store)) as connection:
        # What stands in the write-ahead log would mend the file.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(store, store.with_suffix(".good"))
    broken = store.with_suffix(".broken")
    shutil.copy(store, broken)
    damage(broken)
    os.replace(broken, store)
    before = _titles(client)
    _assert_unavailable(client, OTHER, "/", "/readyz", "/articles/first", "/nothing")
    assert _titles(client) == before
    publication.article("second")
    _sync_fails(publication, cure)
    os.replace(store.with_suffix(".good"), store)
    assert "first" in _titles(client, OTHER)
    publication.sync()
    assert "second" in _titles(client)


def test_the_store_is_deleted_and_made_anew(publication: Publication, client: FlaskClient) -> None:
    before = _titles(client)
    delete_store(publication)
    assert _titles(client) == before
    _assert_unavailable(client, OTHER, "/", "/readyz")
    publication.article("second")
    publication.sync()
    assert "second" in _titles(client)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("damage", ["deleted", "cut short"])
def test_a_server_outlives_its_store(tmp_path: Path, damage: str) -> None:
    """Its pollers get the feed or 503, never another error; its watcher, or an operator, makes the store anew."""
    server = Server(tmp_path)
    seen: list[int] = []

    def answers() -> bool:
        seen.extend(server.get(path) for path in (HELD, OTHER, "/articles/anew", "/readyz"))
        return seen[-4:] == [200] * 4

    try:
        wait_for(server.watcher, "a watcher")
        everyone = server.everyone()
        assert [server.get(HELD), server.get("/readyz")] == [200, 200]
        server.write("anew.md", "---\ntitle: Anew\npublished: 2026-10-05\ntopics: [chips]\n---\nText.\n")
        wait_for(answers, "the article")
        seen.clear()
        stores = list((tmp_path / ".feedsvc" / "content").glob("store.sqlite3*"))
        assert stores
        if damage == "cut short":
            os.truncate(min(stores), 5000)
            for _ in range(20):
                answers()
        for file in stores:
            file.unlink(missing_ok=True)
        wait_for(answers, "a new store")
        assert set(seen) <= {200, 503}
        assert "Traceback" not in server.log
        assert server.everyone() == everyone
    finally:
        server.end()
