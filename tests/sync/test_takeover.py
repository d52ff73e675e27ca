"""Writers of one store in PostgreSQL: a lost lock, a refused revision, a connection that ends within a commit."""

import threading
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from feedsvc.errors import StoreUnavailable
from feedsvc.slices.slice import Slice
from feedsvc.sync.commit import SyncWriter
from feedsvc.sync.watch import Watcher
from tests.conftest import Publication
from tests.live import wait_for
from tests.postgresql_server import Server
from tests.sync.test_revision import git
from tests.sync.watchers import titles, until, watching

_HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1717920101 AND granted AND database = "
_HOLDERS += "(SELECT oid FROM pg_database WHERE datname = '{0}')"


@pytest.fixture
def engine() -> str:
    """Use PostgreSQL alone."""
    return "postgresql"


@pytest.fixture
def database_name(publication: Publication) -> str:
    return publication.store._engine.name.rpartition("/")[2]


def writing(publication: Publication, content: Path | None = None) -> AbstractContextManager[Watcher]:
    """Run a watcher over a checkout of its own or the publication's folder."""
    settings = replace(publication.settings, content=content or publication.settings.content, watch="poll")
    return watching(settings)


def end_holder(postgresql: Server, database: str) -> int:
    """End the session that holds the lock of the writer, and return its process id."""
    (found,) = postgresql.run(_HOLDERS.format(database))
    postgresql.run(f"SELECT pg_terminate_backend({found[0]})")
    return int(found[0])


def holders(postgresql: Server, database: str) -> list[int]:
    return [row[0] for row in postgresql.run(_HOLDERS.format(database))]


def test_the_writer_whose_session_ends_stands_by(
    publication: Publication, postgresql: Server, database_name: str
) -> None:
    publication.article("one")
    with writing(publication), writing(publication):
        until(publication, "one")
        for number in range(3):
            former = end_holder(postgresql, database_name)
            wait_for(lambda: holders(postgresql, database_name) not in ([], [former]), "another session", 120)  # noqa: B023
            publication.article(f"edit {number}")
            until(publication, "one", *(f"edit {each}" for each in range(number + 1)))
            assert len(holders(postgresql, database_name)) == 1
    assert holders(postgresql, database_name) == []


def test_nothing_is_half_done_where_the_lock_is_lost_within_a_commit(
    publication: Publication,
    postgresql: Server,
    database_name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its own process stands by, and the one that takes over publishes all of it."""
    save = SyncWriter.save
    seen: list[set[str]] = []

    def cut(writer: SyncWriter, *given: Any) -> Any:
        report = save(writer, *given)
        if "two" in report.added and not seen:
            end_holder(postgresql, database_name)
            wait_for(lambda: not holders(postgresql, database_name), "the lock is free", 120)
            seen.append(titles(publication))
        return report

    monkeypatch.setattr(SyncWriter, "save", cut)
    publication.article("one")
    publication.sync()
    for name in ("two", "three"):
        publication.article(name)
    with writing(publication), writing(publication):
        until(publication, "one", "two", "three")
    assert seen == [{"one"}]
    assert "nothing more was committed (this watcher stands by)" in caplog.text


@pytest.fixture
def checkout(publication: Publication) -> Path:
    """The content as a checkout with one commit, whose article is published by a writer that has ended."""
    content = publication.settings.content
    git(content, "init", "--quiet")
    article(content, "one")
    with writing(publication):
        until(publication, "one")
    return content


def article(content: Path, name: str) -> None:
    text = f"---\ntitle: {name}\npublished: 2026-10-01\ntopics: [chips]\n---\nText.\n"
    (content / "articles" / f"{name}.md").write_text(text)
    git(content, "add", "--all")
    git(content, "commit", "--quiet", "--message", name)


def refused(publication: Publication) -> str:
    """Return why a standby does not take over, once one has said so."""
    return str(wait_for(lambda: (state := publication.store.writer_state()) and state.standby, "a refusal", 120))


def test_a_standby_with_an_older_checkout_waits_until_it_is_pulled(
    publication: Publication, checkout: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", str(checkout), "standby")
    article(checkout, "two")
    with writing(publication):
        until(publication, "one", "two")
    with writing(publication, tmp_path / "standby"):
        assert "git pull" in refused(publication)
        assert titles(publication) == {"one", "two"}
        git(tmp_path / "standby", "pull", "--quiet")
        article(tmp_path / "standby", "three")
        until(publication, "one", "two", "three")


def test_a_standby_with_a_descendant_takes_over(publication: Publication, checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(checkout), "standby")
    article(tmp_path / "standby", "two")
    with writing(publication, tmp_path / "standby"):
        until(publication, "one", "two")


def test_a_standby_with_an_unrelated_checkout_waits(publication: Publication, checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "articles").mkdir(parents=True)
    (other / "site.toml").write_bytes((checkout / "site.toml").read_bytes())
    git(other, "init", "--quiet")
    article(other, "foreign")
    with writing(publication, other):
        assert "is not known to follow" in refused(publication)
        assert titles(publication) == {"one"}
        # The writer's own checkout goes on meanwhile: the standby does not keep the lock.
        article(checkout, "two")
        with writing(publication):
            until(publication, "one", "two")


@pytest.mark.parametrize("at", [1, 3, 8, 15, "COMMIT"])
def test_a_connection_that_ends_within_a_commit(
    publication: Publication, postgresql: Server, database_name: str, at: int | str
) -> None:
    """Whichever statement of the commit finds it ended: nothing of the commit is there, and the next sync has all."""
    for number in range(5):
        publication.article(f"n{number}")
    publication.sync()
    before = everything(publication)
    publication.article("n0", "Other text.")
    publication.article("new", tags="[fresh]")
    (publication.settings.content / "articles/n1.md").unlink()
    engine: Any = publication.store._engine
    count = 0

    def cut(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal count
        # The first transaction of a sync only looks.
        count += 1 if is_saving and count >= 0 else 0
        if is_saving and at in (statement[-len("COMMIT") :], count):
            count = -1
            postgresql.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database_name}'")

    is_saving = False
    save = SyncWriter.save

    def saving(writer: SyncWriter, *given: Any) -> Any:
        nonlocal is_saving
        is_saving = True
        return save(writer, *given)

    event.listen(engine._engine, "before_cursor_execute", cut)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SyncWriter, "save", saving)
        with pytest.raises(StoreUnavailable, match=r"start the server if it stays so|check that the server runs"):
            publication.sync()
    assert count == -1
    event.remove(engine._engine, "before_cursor_execute", cut)
    assert everything(publication) == before
    report = publication.sync()
    assert (report.added, report.changed, report.removed) == (("new",), ("n0",), ("n1",))
    assert publication.sync().is_unchanged
    with publication.store.read() as snapshot:
        assert [each.title for each in snapshot.slices.articles(Slice(), 100) if "Other" in each.content] == ["n0"]


def everything(publication: Publication) -> dict[str, list[Any]]:
    """Return all rows of all tables of the store. Those of the writer's state and of the commit signal may differ."""
    with publication.store._engine.read() as connection:
        names = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
        return {
            name: connection.exec_driver_sql(f"SELECT t::text FROM {name} AS t ORDER BY 1").scalars().all()  # type: ignore[misc]
            for name in names.scalars().all()
            if name not in ("writer_state", "commits")
        }


def test_two_commands_write_one_after_the_other(publication: Publication) -> None:
    """Without the lock of the writer, as `feedsvc sync` twice: each starts again where another one saved."""
    publication.article("one")
    publication.sync()
    names = [f"n{number}" for number in range(8)]
    with ExitStack() as stack:
        for name in names:
            publication.article(name)
            thread = threading.Thread(target=publication.sync)
            thread.start()
            stack.callback(thread.join)
    assert titles(publication) == {"one", *names}
