"""A primary with a streaming standby, a dump that is restored, and a server without free slots."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from feedsvc.errors import StoreUnavailable
from feedsvc.store import Store
from feedsvc.web import create_app
from tests.conftest import START, Publication
from tests.live import wait_for
from tests.postgresql_server import HBA, Server, free_port, initialized, programs, started, stop, user
from tests.unprivileged import NOBODY, open_folder
from tests.web.resources import ask

DOCUMENTS = ("/feeds/all.atom", "/feeds/all.json", "/feeds/chips.rss", "/articles/one", "/feeds/all/2026-10.atom", "/")


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """Yield a primary and its standby."""
    with open_folder() as folder:
        first, second = folder / "primary", folder / "standby"
        for each in (first, second):
            each.mkdir()
        bin_ = initialized(first)
        with (first / "data" / "pg_hba.conf").open("a") as hba:
            hba.write("local replication all trust\n")
        ports = free_port(), free_port()
        primary = started(bin_, first, ports[0], wal_level="replica", max_wal_senders="3", max_connections="20")
        try:
            Server(first, ports[0]).run("CREATE ROLE feedsvc LOGIN")
            if os.geteuid() == 0:
                os.chown(second, NOBODY, NOBODY)
            command = [str(bin_ / "pg_basebackup"), "-D", str(second / "data"), "-R", "-c", "fast"]
            command += ["-h", str(first), "-p", str(ports[0]), "-U", "postgres"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=second, **user())
            (second / "data" / "pg_hba.conf").write_text(HBA)
            standby = started(bin_, second, ports[1], wal_retrieve_retry_interval="200ms", max_connections="20")
            try:
                yield Server(first, ports[0]), Server(second, ports[1])
            finally:
                stop(standby)
        finally:
            stop(primary)


def shown(client: FlaskClient, path: str) -> tuple[int, bytes, str | None]:
    answer = ask(client, path)
    return answer.status_code, answer.data, answer.headers.get("ETag")


def test_a_standby_is_read_and_never_written(servers: tuple[Server, Server], tmp_path: Path) -> None:
    primary, standby = servers
    name = primary.new_database("feedsvc")
    publication = Publication(tmp_path, place=primary.url(name))
    place = standby.url(name)
    publication.article("one")
    publication.sync()
    with closing(Store(place)) as copy:
        wait_for(lambda: copy.identity() != (), "the first commit on the standby", 120)
        with publication.store.read() as one:
            version = one.version()

        def has_all() -> bool:
            with copy.read() as snapshot:
                return snapshot.version() == version

        wait_for(has_all, "the standby has all", 120)
        node = create_app(replace(publication.settings, read_store=place)).test_client()
        for path in DOCUMENTS:
            assert shown(node, path) == shown(publication.client(), path)
        said = "name the primary and a role that may write"
        with pytest.raises(StoreUnavailable, match=said), copy.write(START):
            pass
        with pytest.raises(StoreUnavailable, match=said):
            copy.erase_deleted()
        assert copy.copy_lag() is not None
        assert publication.store.copy_lag() is None
        # A reader on the standby hears of commits by the signal, which only reads.
        with closing(copy.commit_signal()) as signal:
            assert signal.has_changed()
            publication.article("two")
            publication.sync()
            wait_for(signal.has_changed, "the commit on the standby", 120)
        wait_for(lambda: b"two" in ask(node, "/feeds/all.atom").data, "the document", 120)
    publication.store.close()


def test_no_free_slot_is_said_with_a_cure(servers: tuple[Server, Server], tmp_path: Path) -> None:
    primary, _ = servers
    publication = Publication(tmp_path, place=primary.url(primary.new_database("filled")))
    publication.article("one")
    publication.sync()
    publication.store.close()
    stack = []

    def read_with_another() -> int:
        stack.append(Store(publication.settings.store))
        with stack[-1].read() as snapshot:
            return snapshot.claims.count()

    with pytest.raises(StoreUnavailable) as raised:
        [read_with_another() for _ in range(25)]
    assert "lower pool_size in the URL or the number of workers, or raise max_connections" in str(raised.value)
    assert ask(publication.client(), "/feeds/all.atom").status_code == 503
    for store in stack:
        store.close()
    wait_for(lambda: ask(publication.client(), "/feeds/all.atom").status_code == 200, "a free slot", 60)
    publication.store.close()


def test_a_dump_is_restored_with_documents_etags_and_cursors(postgresql: Server, database: str, tmp_path: Path) -> None:
    """The commands are those of docs/reference/postgresql.md."""
    publication = Publication(tmp_path, place=database)
    publication.article("one", tags="[x]")
    publication.article("two")
    publication.sync()
    with publication.store.read() as snapshot:
        cursor = snapshot.changes.cursor_at(snapshot.version().seq)
    publication.article("one", "Other text.", tags="[x]")
    publication.sync()
    (publication.settings.content / "articles/two.md").unlink()
    publication.sync()
    before = {path: shown(publication.client(), path) for path in (*DOCUMENTS, "/articles/two", "/search?q=Other")}
    publication.store.close()
    name, target = publication.store._engine.name.rpartition("/")[2], postgresql.new_database()
    dump = tmp_path / "feedsvc.dump"

    def url(database: str) -> str:
        return f"postgresql://feedsvc@127.0.0.1:{postgresql.port}/{database}"

    tools = programs()
    subprocess.run([tools / "pg_dump", "--format=custom", f"--file={dump}", url(name)], check=True)
    restore = [
        str(tools / "pg_restore"),
        "--clean",
        "--if-exists",
        "--single-transaction",
        f"--dbname={url(target)}",
        str(dump),
    ]
    subprocess.run(restore, check=True)
    publication.move_to(postgresql.url(target))
    assert {path: shown(publication.client(), path) for path in before} == before
    assert publication.sync().is_unchanged
    publication.article("three")
    assert publication.sync().added == ("three",)
    with publication.store.read() as snapshot:
        assert snapshot.changes.is_known(cursor)
    later = ask(publication.client(), f"/feeds/all.json?after={cursor}")
    assert later.status_code == 200
    assert later.json is not None
    assert {each["title"] for each in later.json["items"]} == {"three", "one"}
    # Once more over the store that is there, as after damage.
    publication.store.close()
    subprocess.run(restore, check=True)
    assert {path: shown(publication.client(), path) for path in before} == before
    assert publication.sync().added == ("three",)
    publication.store.close()
    postgresql.drop(target)
