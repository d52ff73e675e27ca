"""What a restored store promises: the same documents, no cursor that means something else, and no half of a store."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import Result

from feedsvc.config import Settings
from feedsvc.errors import StoreUnavailable
from feedsvc.site.site_toml import load_site
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.store.schema import VERSION
from feedsvc.store.server_lock import is_served
from feedsvc.sync import sync
from feedsvc.web import create_app
from feedsvc.web.cache.response_cache import ResponseCache
from tests.cli.conftest import Run, run
from tests.conftest import SITE_TOML, Publication
from tests.live import ROOT, Server, wait_for
from tests.store.test_migrations import make_first
from tests.sync.looks import titles
from tests.test_backup import contents

__all__ = ["run"]
ARTICLE = "---\ntitle: {}\npublished: 2026-10-05 10:00\ntopics: [chips]\n---\n![a picture](photo.svg)\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
BASE = "https://news.example"


def _cursor(publication: Publication) -> str:
    found = re.search(r"after=([0-9a-f]{8}-\d+)", publication.client().get("/feeds/all.json").text)
    assert found is not None
    return found[1]


def _after(publication: Publication, cursor: str) -> tuple[int, list[str]]:
    """Return the status of the changes after a cursor, and their titles."""
    answer = publication.client().get(f"/feeds/all.json?after={cursor}")
    return answer.status_code, [each["title"] for each in (answer.json or {}).get("items", [])]


def _restore(run: Run, publication: Publication, copy: Path, *options: str) -> Result:
    publication.store.close()
    return run("restore", str(copy), *options)


def test_a_cursor_of_lost_changes_stays_unknown(publication: Publication, run: Run, tmp_path: Path) -> None:
    """Also when the restored store has as many changes as the lost one had; cursors from before the backup go on."""
    copy = tmp_path / "copy.sqlite3"
    publication.article("one")
    publication.sync()
    known = _cursor(publication)
    before = publication.client().get("/feeds/all.json")
    publication.store.back_up(copy)
    lost = publication.article("lost")
    publication.sync()
    unknown = _cursor(publication)
    assert _after(publication, known) == (200, ["lost"])
    lost.unlink()
    assert _restore(run, publication, copy).exit_code == 0
    restored = publication.client().get("/feeds/all.json")
    assert (restored.data, restored.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert _after(publication, unknown)[0] == 400
    for number in range(3):
        publication.article(f"new{number}")
        publication.sync()
        assert _after(publication, unknown)[0] == 400
    assert _after(publication, known) == (200, ["new0", "new1", "new2"])
    newest = _cursor(publication)
    assert newest[:8] != known[:8]
    assert _after(publication, newest) == (200, [])
    page = publication.client().get(f"/feeds/all.json?after={known}&limit=1").text
    first = re.search(r"after=([0-9a-f]{8}-\d+)", page.replace(known, ""))
    assert first is not None
    assert _after(publication, first[1]) == (200, ["new1", "new2"])


def test_each_restore_of_one_backup_begins_another_epoch(publication: Publication, run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    publication.article("one")
    publication.sync()
    publication.store.back_up(copy)
    given = set()
    for number in range(3):
        publication.article(f"new{number}")
        publication.sync()
        given.add(_cursor(publication))
        assert all((_after(publication, each)[0] == 200) == (each == _cursor(publication)) for each in given)
        assert _restore(run, publication, copy).exit_code == 0
        (publication.settings.content / "articles" / f"new{number}.md").unlink()
        publication.sync()
    assert len(given) == 3


def test_an_older_backup_is_migrated(publication: Publication, run: Run, tmp_path: Path) -> None:
    old = tmp_path / "old.sqlite3"
    publication.article("one")
    publication.sync()
    publication.store.back_up(old)
    make_first(old)
    before = old.read_bytes()
    assert _restore(run, publication, old).exit_code == 0
    with publication.store.read() as snapshot:
        assert snapshot.claims.count() == 1
    assert old.read_bytes() == before


def test_a_newer_backup_is_refused(publication: Publication, run: Run, tmp_path: Path) -> None:
    publication.article("one")
    publication.sync()
    copy, store = tmp_path / "copy.sqlite3", publication.settings.store_file
    publication.store.back_up(copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(VERSION + 1),))
    before = contents(store)
    done = _restore(run, publication, copy)
    assert done.exit_code == 2
    assert f"it has schema {VERSION + 1}, this feedsvc knows {VERSION} (upgrade feedsvc" in done.stderr
    assert contents(store) == before
    assert not list(store.parent.glob("*replaced*"))


@pytest.mark.parametrize("without", ["nothing", "site.toml"])
def test_a_backup_of_another_publication_is_refused(
    publication: Publication, run: Run, tmp_path: Path, without: str
) -> None:
    copy = tmp_path / "copy.sqlite3"
    publication.article("one")
    publication.sync()
    publication.store.back_up(copy)
    publication.write("site.toml", SITE_TOML.replace("example.org,2026", "news.example,2026"))
    assert run("sync", "--new-publication").exit_code == 0
    if without == "site.toml":
        (publication.settings.content / "site.toml").unlink()
    done = _restore(run, publication, copy)
    assert done.exit_code == 2
    assert "tag_authority 'example.org,2026', this publication 'news.example,2026'" in done.stderr
    assert _restore(run, publication, copy, "--same-publication").exit_code == 0
    with publication.store.read() as snapshot:
        assert snapshot.site().tag_authority == "example.org,2026"


SERVER = """
import sys
from pathlib import Path
from feedsvc.store.server_lock import hold_server_lock
hold_server_lock(Path(sys.argv[1]))
print("held", flush=True)
input()
"""


def test_a_server_without_a_writer_is_named(publication: Publication, run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    publication.article("one")
    publication.sync()
    publication.store.back_up(copy)
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, publication.settings.store_file], stdin=-1, stdout=-1, cwd=ROOT
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        assert server.stdout.readline() == b"held\n"
        done = _restore(run, publication, copy)
        assert done.exit_code == 2
        assert "a server runs (stop it, restore, and start it again)" in done.stderr
        if sys.platform == "linux":
            assert f" (process {server.pid}: {sys.executable} -c" in done.stderr
        server.stdin.write(b"\n")
    assert _restore(run, publication, copy).exit_code == 0


def test_an_application_that_watches_the_store_counts_as_a_server(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    assert create_app(publication.settings).test_client().get("/feeds/all.atom").status_code == 200
    assert not is_served(publication.settings.store_file)
    app = create_app(publication.settings, watching=True)
    try:
        assert app.test_client().get("/feeds/all.atom").status_code == 200
        assert is_served(publication.settings.store_file)
    finally:
        assert isinstance(app.wsgi_app, ResponseCache)
        app.wsgi_app.close()


KILLED = """
import os, signal, sqlite3, sys, types
from pathlib import Path
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.store.sqlite import backup
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
class Slow(sqlite3.Connection):
    def backup(self, target): super().backup(target, pages=1, progress=kill)
store, copy, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if step == "backup":
    backup.sync_to_disk = kill
    Store(store).back_up(copy)
else:
    connect = lambda path: sqlite3.connect(path, factory=Slow)
    backup.sqlite3 = types.SimpleNamespace(connect=connect, Error=sqlite3.Error)
    Store(store).restore(copy)
"""


@pytest.mark.parametrize("step", ["backup", "restore"])
def test_a_step_that_is_killed_leaves_a_usable_store(
    publication: Publication, run: Run, tmp_path: Path, step: str
) -> None:
    copy, store = tmp_path / "copy.sqlite3", publication.settings.store_file
    publication.article("one")
    publication.sync()
    if step == "restore":
        publication.store.back_up(copy)
        publication.article("two")
        publication.sync()
    publication.store.close()
    before = contents(store)
    killed = subprocess.run([sys.executable, "-c", KILLED, store, copy, step], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert contents(store) == before
    assert publication.sync().is_unchanged
    if step == "backup":
        assert not copy.exists()
        publication.store.back_up(copy)
    assert _restore(run, publication, copy).exit_code == 0
    assert titles(publication) == ["one"]
    assert not list(store.parent.glob(".store*"))


def test_a_backup_in_the_middle_of_a_commit_has_the_state_before(publication: Publication, tmp_path: Path) -> None:
    publication.article("one")
    publication.sync()
    with publication.store.write(datetime.now(UTC)) as commit:
        commit.articles.remove([each.id for each in commit.snapshot.archives.current(Slice())])
        publication.store.back_up(tmp_path / "copy.sqlite3")
    with closing(Store(tmp_path / "copy.sqlite3")) as copy, copy.read() as snapshot:
        assert snapshot.overview().total == 1
    with publication.store.read() as snapshot:
        assert snapshot.overview().total == 0


def test_an_existing_file_is_overwritten_on_request_alone(publication: Publication, run: Run, tmp_path: Path) -> None:
    copy, store = tmp_path / "copy.sqlite3", publication.settings.store_file
    publication.article("one")
    publication.sync()
    copy.write_text("mine")
    refused = run("backup", str(copy))
    assert (refused.exit_code, copy.read_text()) == (2, "mine")
    assert "exists already (name a new file, or add --force to overwrite it)" in refused.stderr
    assert run("backup", str(copy), "--force").exit_code == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    itself = run("backup", str(store), "--force")
    assert (itself.exit_code, "is the store itself" in itself.stderr) == (2, True)
    assert publication.sync().is_unchanged
    assert not list(tmp_path.glob(".copy*"))


def test_a_disk_without_hard_links(publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    publication.article("one")
    publication.sync()
    monkeypatch.setattr(os, "link", refuse)
    for _ in range(2):
        if not (tmp_path / "copy").exists():
            publication.store.back_up(tmp_path / "copy")
        with pytest.raises(StoreUnavailable, match="exists already"):
            publication.store.back_up(tmp_path / "copy")


def test_a_restore_deletes_no_file_that_it_did_not_make(publication: Publication, run: Run) -> None:
    """Whatever the backup is called, and wherever it is."""
    publication.article("one")
    publication.sync()
    store = publication.settings.store_file
    copy = store.with_name(f".{store.name}-20261128")
    folder = store.with_name(f".{store.name}-directory")
    folder.mkdir()
    publication.store.back_up(copy)
    of_user = [store.with_name(name) for name in ("-20261128", "-mynotes1", f".{store.name}-20261129", "x.partial")]
    left = store.with_name(f".{store.name}-abcd_123.partial")
    for file in (*of_user, left):
        file.touch()
    assert _restore(run, publication, copy).exit_code == 0
    assert [file for file in (copy, *of_user) if not file.exists()] == []
    assert folder.is_dir()
    assert not left.exists()


def test_a_backup_overwrites_no_device_and_follows_a_symlink(
    publication: Publication, run: Run, tmp_path: Path
) -> None:
    publication.article("one")
    publication.sync()
    fifo, link, target = tmp_path / "fifo", tmp_path / "link", tmp_path / "target.sqlite3"
    os.mkfifo(fifo)
    result = run("backup", str(fifo), "--force")
    assert (result.exit_code, "is no regular file" in result.stderr) == (2, True)
    assert fifo.is_fifo()
    link.symlink_to(target)
    for _ in range(2):
        assert run("backup", str(link), "--force").exit_code == 0
        assert link.is_symlink()
        assert contents(target)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE articles", "it is no store of feedsvc"),
        ("DELETE FROM meta WHERE key = 'site'", "it is no store of feedsvc"),
        ("DELETE FROM meta", "it is no store of feedsvc"),
        ("UPDATE meta SET value = '{}' WHERE key = 'site'", "it is damaged (use another backup)"),
        ("UPDATE meta SET value = 'x' WHERE key = 'site'", "it is damaged (use another backup)"),
        ("UPDATE meta SET value = '[]' WHERE key = 'site'", "it is damaged (use another backup)"),
        ("UPDATE meta SET value = 'abc' WHERE key = 'schema'", "it is damaged (use another backup)"),
    ],
)
def test_a_backup_with_parts_missing_is_refused(
    publication: Publication, run: Run, tmp_path: Path, change: str, said: str
) -> None:
    copy, store = tmp_path / "copy.sqlite3", publication.settings.store_file
    publication.article("one")
    publication.sync()
    publication.store.back_up(copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(change)
    before = contents(store)
    done = _restore(run, publication, copy)
    assert done.exit_code == 2
    assert said in done.stderr
    assert contents(store) == before
    assert not list(store.parent.glob("*replaced*"))


def test_a_database_of_another_program_is_refused(publication: Publication, run: Run, tmp_path: Path) -> None:
    """A browser's history has a table `meta`, too."""
    copy = tmp_path / "History"
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("CREATE TABLE meta (key PRIMARY KEY, value)")
        connection.execute("INSERT INTO meta VALUES ('version', '58')")
    done = _restore(run, publication, copy)
    assert (done.exit_code, "it is no store of feedsvc" in done.stderr) == (2, True)


def test_a_backup_overwrites_no_part_of_the_store(publication: Publication, run: Run) -> None:
    publication.article("one")
    publication.sync()
    store = publication.settings.store_file.name
    for name in (
        f"{store}-wal",
        f"{store}-shm",
        f"{store}.schema-1",
        store,
        "writer.lock",
        "server.lock",
        "writer.json",
    ):
        copy = publication.settings.store_file.with_name(name)
        copy.touch()
        result = run("backup", str(copy), "--force")
        assert result.exit_code == 2
        assert "is the store itself, or a part of it" in result.stderr
    for name in (f"{store}.old", f"{store}.replaced-1", "copy.sqlite3"):
        copy = publication.settings.store_file.with_name(name)
        copy.touch()
        assert run("backup", str(copy), "--force").exit_code == 0


def test_a_restore_onto_a_full_disk(publication: Publication, run: Run, tmp_path: Path, small_disk: Path) -> None:
    """The store that is there stays, and with it what readers see."""
    publication.article("one")
    publication.sync()
    copy, store = tmp_path / "copy.sqlite3", small_disk / "store.sqlite3"
    publication.store.back_up(copy)
    assert _restore(run, publication, copy, "--store", str(store)).exit_code == 0
    before = contents(store)
    for number in range(30):
        publication.article(f"n{number}", os.urandom(40_000).hex())
    publication.sync()
    publication.store.back_up(copy, overwrite=True)
    done = _restore(run, publication, copy, "--store", str(store))
    assert done.exit_code == 2
    assert "is full (free disk space there for the whole store, or name another disk)" in done.stderr
    assert contents(store) == before
    assert [each.name for each in small_disk.iterdir() if each.name.startswith(".store")] == []


def test_a_backup_with_noise_in_it_is_refused(publication: Publication, run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    for number in range(20):
        publication.article(f"n{number}", "Text. " * 500)
    publication.sync()
    publication.store.back_up(copy)
    data = bytearray(copy.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 9000] = os.urandom(9000)
    copy.write_bytes(data)
    before = contents(publication.settings.store_file)
    done = _restore(run, publication, copy)
    assert done.exit_code == 2
    assert "use another backup)" in done.stderr
    assert contents(publication.settings.store_file) == before


def test_a_full_disk(publication: Publication, run: Run, small_disk: Path) -> None:
    for number in range(30):
        publication.article(f"n{number}", os.urandom(40_000).hex())
    publication.sync()
    done = run("backup", str(small_disk / "copy.sqlite3"))
    assert done.exit_code == 2
    assert "is full (free disk space there for the whole store, or name another disk)" in done.stderr
    assert list(small_disk.iterdir()) == []
    assert publication.sync().is_unchanged


def _fill(disk: Path) -> None:
    with (disk / "fill").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("is_in_wal", [False, True])
def test_a_store_on_a_full_disk_is_backed_up(
    publication: Publication, run: Run, tmp_path: Path, small_disk: Path, is_in_wal: bool
) -> None:
    """SQLite cannot make the -shm there, so the backup reads the store without one."""
    publication.article("one")
    store, copy = small_disk / "store.sqlite3", tmp_path / "copy.sqlite3"
    assert run("sync", "--store", str(store)).exit_code == 0
    if is_in_wal:
        # As a writer that was killed leaves it: an article is in the WAL alone.
        beside = store.with_name(f"{store.name}-wal")
        with closing(sqlite3.connect(store)) as kept:
            kept.execute("SELECT count(*) FROM meta").fetchone()
            publication.article("two")
            assert run("sync", "--store", str(store)).exit_code == 0
            killed = {each: each.read_bytes() for each in (store, beside)}
        for each, data in killed.items():
            each.write_bytes(data)
        store.with_name(f"{store.name}-shm").unlink(missing_ok=True)
    _fill(small_disk)
    done = run("status", "--store", str(store))
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"disk I/O error (free disk space in {small_disk}, or raise the quota)" in done.stderr
    done = run("backup", str(copy), "--store", str(store))
    assert (done.exit_code, done.stderr) == (0, "")
    with closing(sqlite3.connect(copy)) as written:
        assert written.execute("SELECT count(*) FROM articles").fetchone() == (2 if is_in_wal else 1,)


def test_a_backup_of_a_store_in_use_on_a_full_disk_names_its_folder(
    publication: Publication, run: Run, tmp_path: Path, small_disk: Path
) -> None:
    publication.article("one")
    store = small_disk / "store.sqlite3"
    assert run("sync", "--store", str(store)).exit_code == 0
    _fill(small_disk)
    # Another process has the lock of a reader; see "The SQLite OS interface", SHARED_FIRST and SHARED_SIZE.
    lock = "fcntl.lockf(file, fcntl.LOCK_SH, 510, 0x40000002)"
    code = f"import fcntl, sys; file = open(sys.argv[1]); {lock}; print(flush=True); input()"
    words = [sys.executable, "-c", code, str(store)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        done = run("backup", str(tmp_path / "copy.sqlite3"), "--store", str(store))
        process.communicate("\n")
    assert done.exit_code == 2, done.output
    assert f"{store}: disk I/O error (free disk space in {small_disk}, or raise the quota)" in done.stderr
    assert not (tmp_path / "copy.sqlite3").exists()


def test_a_backup_under_a_limit_on_the_size_of_files_names_the_limit(publication: Publication, tmp_path: Path) -> None:
    publication.article("one")
    publication.sync()
    publication.store.close()
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))"
    code = f"{limit}; from feedsvc.cli import main; main()"
    copy, settings = tmp_path / "new" / "copy.sqlite3", publication.settings
    copy.parent.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, "backup", copy, "--content", settings.content, "--store", settings.store_file],
        capture_output=True,
        check=False,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 2
    assert "raise the limit of 8,192 bytes on the size of a file (ulimit -f" in done.stderr
    assert list(copy.parent.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("is_killed_first", [False, True])
def test_a_killed_server_is_restored_on_another_path(tmp_path: Path, is_killed_first: bool) -> None:
    """With content/ from version control, whose files have other inodes and times, and no media at all."""
    server = Server(tmp_path / "old", settings={"FEEDSVC_BASE_URL": BASE})
    store, copy = server.state_folder / "store.sqlite3", tmp_path / "copy.sqlite3"
    try:
        (server.content / "articles" / "photo.svg").write_bytes(SVG)
        server.write("first.md", ARTICLE.format("Quokka"))
        wait_for(lambda: b"Quokka" in server.read("/feeds/all.atom"), "the first article")
        paths = ["/feeds/all.atom", "/feeds/chips.rss", "/feeds/all.json", "/articles/first", "/", "/sitemap.xml"]
        found = re.search(rb"/media/[0-9a-f]{32}\.svg", server.read("/articles/first"))
        assert found is not None
        before = {path: _response(server, path) for path in (*paths, found[0].decode())}
        if not is_killed_first:
            Store(store).back_up(copy)
        for pid in server.everyone():
            os.kill(pid, signal.SIGKILL)
        server.process.wait(60)
    finally:
        server.end()
    if is_killed_first:
        Store(store).back_up(copy)
    new = tmp_path / "new" / "place" / "content"
    shutil.copytree(server.content, new, copy_function=shutil.copy)
    state = new.parent / ".feedsvc" / "content"
    settings = Settings(content=new, store=state / "store.sqlite3", media=state / "media", base_url=BASE)
    with closing(Store(settings.store_file)) as restored:
        settings.store_file.parent.mkdir(parents=True)
        assert restored.restore(copy) is None
        assert sync(settings, load_site(new, BASE, BASE), restored, datetime.now(UTC)).is_unchanged
    client = create_app(replace(settings, own_url=BASE)).test_client()
    for path, (etag, body) in before.items():
        answer = client.get(path)
        assert (answer.headers.get("ETag"), answer.data) == (etag, body), path


def _response(server: Server, path: str) -> tuple[str | None, bytes]:
    with urlopen(server.url(path), timeout=60) as answer:
        return answer.headers.get("ETag"), answer.read()
