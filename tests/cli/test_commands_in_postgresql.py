"""Every command with a store in PostgreSQL, named by FEEDSVC_STORE: exit code, output, and what it does."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import Result

from feedsvc.cli import GROUPS
from tests.cli.conftest import Run
from tests.conftest import SITE_TOML, Publication
from tests.live import free_port, wait_for
from tests.postgresql_server import Server
from tests.sync.looks import feed, titles

pytestmark = pytest.mark.usefixtures("named")

# Those that use no store are tested elsewhere: they write files alone.
WITHOUT_STORE = {"new", "init", "import", "classify"}


@pytest.fixture
def engine() -> str:
    """Use PostgreSQL alone."""
    return "postgresql"


@pytest.fixture
def named(publication: Publication, run: Run) -> None:
    """Publish an article. The environment names the store, as an operator does."""
    publication.article("one", "Text of one.")
    assert run("sync").exit_code == 0


def name_of(publication: Publication) -> str:
    """Return how messages call the store."""
    return publication.store._engine.name


def succeeded(result: Result) -> str:
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refused(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    return result.stderr


def test_sync(publication: Publication, run: Run) -> None:
    publication.article("two")
    assert succeeded(run("sync")) == "+ two\n1 added, 0 changed, 0 removed, 0 set aside\n"
    assert sorted(titles(publication)) == ["one", "two"]
    assert json.loads(succeeded(run("sync", "--full", "--json")))["added"] == []


def test_sync_of_a_new_publication_says_what_to_do_instead(
    publication: Publication, run: Run, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused(run("sync", "--new-publication"))
    assert "create another database, name it in FEEDSVC_STORE, and run feedsvc sync" in said
    assert titles(publication) == ["one"]
    other = postgresql.new_database()
    monkeypatch.setenv("FEEDSVC_STORE", postgresql.url(other))
    assert "1 added" in succeeded(run("sync"))
    postgresql.drop(other)


def test_check(publication: Publication, run: Run) -> None:
    assert "1 file" in succeeded(run("check"))
    publication.article("bad", topics="[chip]")
    publication.article("copy", id="tag:example.org,2026:one")
    found = run("check")
    assert found.exit_code == 1
    assert "unknown topic 'chip'" in found.stdout
    # What only the store knows: which of two files has had the id.
    assert "articles/copy.md" in found.stdout
    assert titles(publication) == ["one"]


def test_list(publication: Publication, run: Run) -> None:
    publication.article("late", published="2091-01-01")
    run("sync")
    assert "one" in succeeded(run("list"))


def test_status(publication: Publication, run: Run) -> None:
    found = run("status")
    assert "1 articles" in found.stdout
    assert json.loads(run("status", "--json").stdout)["articles"] == 1
    assert found.exit_code in (0, 1)


def test_doctor(publication: Publication, run: Run) -> None:
    port = free_port()
    found = run("doctor", "--base-url", f"http://127.0.0.1:{port}")
    database = name_of(publication).rpartition("/")[2]
    assert re.search(rf"ok +store: postgresql\S*/{database}: 1 articles", found.stdout)
    assert found.exit_code == 1


def test_ids_and_reidentify(publication: Publication, run: Run) -> None:
    publication.article("renamed", "Other text.")
    succeeded(run("sync"))
    assert succeeded(run("rename", "renamed", "new-name"))
    succeeded(run("sync"))
    assert "0 left as they are" in succeeded(run("ids", "--write"))
    assert "is urn:x:1 from now on" in succeeded(run("reidentify", "tag:example.org,2026:one", "urn:x:1"))
    assert b"<id>urn:x:1</id>" in feed(publication)
    assert b'ref="tag:example.org,2026:one"' in feed(publication)


def test_rename(publication: Publication, run: Run) -> None:
    assert "aliases: one leads to it" in succeeded(run("rename", "one", "other"))
    assert "1 changed" in succeeded(run("sync"))
    client = publication.client()
    assert client.get("/articles/one").status_code == 301
    assert client.get("/articles/other").status_code == 200


def test_forget(publication: Publication, run: Run) -> None:
    publication.article("secret", "A very secret text.")
    run("sync")
    (publication.settings.content / "articles/secret.md").unlink()
    run("sync")
    said = succeeded(run("forget", "tag:example.org,2026:secret"))
    assert "title, summary and text are removed" in said
    with publication.store._engine.read() as connection:
        tables = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        ).scalars()
        for table in tables.all():
            found = connection.exec_driver_sql(
                f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%%very secret%%'"
            )
            assert found.scalar() == 0, table
    assert publication.client().get("/articles/secret").status_code == 410
    assert "no article" in refused(run("forget", "tag:example.org,2026:never"))


def test_new_and_init(publication: Publication, run: Run, tmp_path: Path) -> None:
    path = Path(succeeded(run("new", "A draft", "--topic", "chips")).strip())
    assert path.exists()
    assert "1 draft" in succeeded(run("sync"))
    env = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
    env["FEEDSVC_STORE"] = str(publication.settings.store)
    command = [sys.executable, "-m", "feedsvc", "init", str(tmp_path / "other"), "--yes"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # It writes files alone, and another publication does not get into the store.
    command = [sys.executable, "-m", "feedsvc", "sync", "--content", str(tmp_path / "other" / "content")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "but the store publishes articles of 'example.org,2026', so nothing is written" in done.stderr
    assert titles(publication) == ["one"]


def test_backup_and_restore_name_the_tools_of_postgresql(publication: Publication, run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert f"run pg_dump --format=custom --file={copy} {name_of(publication)}" in refused(run("backup", str(copy)))
    assert not copy.exists()
    copy.write_bytes(b"PGDMP")
    assert "restore the database with pg_restore" in refused(run("restore", str(copy)))
    assert titles(publication) == ["one"]


def test_export(run: Run, tmp_path: Path) -> None:
    assert "0 deleted" in run("export", str(tmp_path / "out")).stdout
    assert (tmp_path / "out/articles/one.html").exists()


def test_purge(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "FEEDSVC_PURGE_URL" in refused(run("purge"))
    monkeypatch.setenv("FEEDSVC_SURROGATE_KEYS", "Surrogate-Key")
    monkeypatch.setenv("FEEDSVC_PURGE_COMMAND", f"tee -a {tmp_path}/keys")
    assert "purged" in run("purge", "--all").stdout
    assert "site" in (tmp_path / "keys").read_text()
    assert run("purge").stdout == "everything is purged\n"


def test_store_copy(publication: Publication, postgresql: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "feedsvc", "store", "copy", str(publication.settings.store)]
    done = subprocess.run([*command, str(tmp_path / "file")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        f"/{name_of(publication).rpartition('/')[2]} is copied to {tmp_path}/file and compared: 1 articles"
        in done.stdout
    )
    again = subprocess.run([*command, str(tmp_path / "file")], capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "there is a store already (name a new file or an empty database)" in again.stderr


def started(publication: Publication, *command: str) -> "subprocess.Popen[str]":
    """Start a command that runs until it is ended. The environment names the store."""
    given = [sys.executable, "-m", "feedsvc", *command, "--content", str(publication.settings.content)]
    return subprocess.Popen(
        given, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(process: "subprocess.Popen[str]") -> str:
    """End a command as a service manager does, and return what it printed."""
    process.terminate()
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def test_watch(publication: Publication, run: Run) -> None:
    process = started(publication, "watch")
    try:
        wait_for(publication.store.is_written, "the writer")
        publication.article("two")
        wait_for(lambda: len(titles(publication)) == 2, "the commit")
        assert "writer" in succeeded(run("status"))
    finally:
        said = ended(process)
    assert "1 added" in said
    assert not publication.store.is_written()


@pytest.mark.parametrize("options", [(), ("--no-watch",)], ids=["with a writer", "a web node"])
def test_serve(publication: Publication, run: Run, options: tuple[str, ...]) -> None:
    port = free_port()
    process = started(publication, "serve", "--port", str(port), "--workers", "1", *options)

    def shows(title: bytes) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/feeds/all.atom", timeout=60) as answer:
                return title in answer.read()
        except OSError:
            return False

    try:
        wait_for(lambda: shows(b"one"), "the feed")
        publication.article("two")
        if options:
            assert run("sync").exit_code == 0
        wait_for(lambda: shows(b"two"), "the commit")
    finally:
        said = ended(process)
    assert "Traceback" not in said
    if options:
        assert re.search(r"serving postgresql\S*/test_\w+ at", said)


def test_deliver(publication: Publication, run: Run) -> None:
    """The worker reads the store, and has its rows in the same database."""
    site = SITE_TOML.replace("https://example.org", "http://127.0.0.1:1")
    publication.write("site.toml", f"{site}\n[hub]\nenabled = true\n")
    assert run("sync").exit_code == 0
    process = started(publication, "deliver")
    try:
        wait_for(lambda: "self-test of" in run("status").stdout + run("status").stderr, "the self-test of the hub")
    finally:
        said = ended(process)
    assert "Traceback" not in said
    assert not list(publication.settings.state.glob("hub.sqlite3*"))


@pytest.mark.parametrize(
    "command",
    [
        "sync",
        "status",
        "list",
        "purge",
        "export out",
        "ids",
        "forget x",
        "reidentify x y",
        "rename one other",
        "serve",
        "sync --full",
    ],
)
def test_a_command_that_ends_does_not_say_that_it_tries_again(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """It says what, where and what to do, in one line without the password."""
    port = free_port()
    monkeypatch.setenv("FEEDSVC_STORE", f"postgresql://feedsvc:hard-to-guess@127.0.0.1:{port}/news")
    monkeypatch.setenv("FEEDSVC_SURROGATE_KEYS", "Surrogate-Key")
    monkeypatch.setenv("FEEDSVC_PURGE_COMMAND", "true")
    said = refused(run(*command.split()))
    assert said.startswith(f"feedsvc: postgresql://feedsvc@127.0.0.1:{port}/news: ")
    assert said.endswith("(check that the server runs and that the URL names it)\n")
    assert said.count("\n") == 1
    assert "hard-to-guess" not in said
    assert "tried again" not in said


def test_every_command_is_here() -> None:
    """A new command is tried with a store in PostgreSQL, too."""
    source = Path(__file__).read_text("utf-8")
    names = {str(each.name) for commands in GROUPS.values() for each in commands}
    missing = {name for name in names - WITHOUT_STORE if f'"{name}"' not in source}
    assert missing == set()
