"""FEEDSVC_READ_STORE is a copy of the store that is written: a database of another publication is refused."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.cli.sync_commands import serve_command
from feedsvc.doctor.machine_checks import check_store
from feedsvc.doctor.visit import Visit
from feedsvc.errors import OtherStore, StoreUnavailable
from feedsvc.store import Store
from feedsvc.store.engines import StoreEngine
from feedsvc.store.opening import engine_at
from feedsvc.store.schema import COPIED
from feedsvc.store.session import Session
from feedsvc.store.snapshot.copy_check import ASK_SECONDS, CopyCheck
from feedsvc.web import create_app
from tests.cli.conftest import process
from tests.conftest import SITE_TOML, Publication
from tests.live import free_port
from tests.postgresql_server import Server
from tests.web.resources import ask

pytestmark = pytest.mark.both_engines
TOKEN = "0123456789abcdef"
CURE = "(name a standby of that database, or unset FEEDSVC_READ_STORE)"


@pytest.fixture
def other(tmp_path: Path, engine: str, postgresql: Server) -> Iterator[Publication]:
    """A store of another publication in the same kind of database."""
    name = postgresql.new_database() if engine == "postgresql" else ""
    made = Publication(tmp_path / "另一個", place=postgresql.url(name) if name else None)
    made.write("site.toml", SITE_TOML.replace("example.org,2026", "other.example,2026"))
    made.article("foreign")
    made.sync()
    yield made
    made.store.close()
    if name:
        postgresql.drop(name)


def named(publication: Publication) -> str:
    """Return what messages call the store of a publication."""
    return publication.store._engine.name


def test_a_store_of_another_publication_is_not_served(publication: Publication, other: Publication) -> None:
    publication.article("one")
    publication.sync()
    settings = replace(publication.settings, read_store=other.settings.store, status_token=TOKEN)
    client = create_app(settings).test_client()
    for path in ("/feeds/all.atom", "/articles/foreign", "/", "/readyz"):
        found = ask(client, path)
        assert (found.status_code, found.headers["Retry-After"]) == (503, "5"), path
        assert "foreign" not in found.text
    public = ask(client, "/readyz?verbose").text
    assert f"not ready: FEEDSVC_READ_STORE names no copy of the store of FEEDSVC_STORE {CURE}\n" in public
    assert named(other) not in public
    detailed = ask(client, "/readyz?verbose", Authorization=f"Bearer {TOKEN}").text
    said = f"FEEDSVC_READ_STORE: {named(other)} is no copy of {named(publication)}: "
    said += f"it publishes 'other.example,2026', and that one 'example.org,2026' {CURE}"
    assert f"not ready: {said}\n" in detailed
    checked = list(check_store(Visit("http://127.0.0.1:9", settings)))
    assert [each.status for each in checked] == ["ok", "error"]
    assert checked[1].seen == said


def test_serve_does_not_start_with_it(publication: Publication, other: Publication) -> None:
    publication.article("one")
    publication.sync()
    done = process(
        str(serve_command.name),
        "--no-watch",
        "--port",
        str(free_port()),
        FEEDSVC_CONTENT=str(publication.settings.content),
        FEEDSVC_STORE=str(publication.settings.store),
        FEEDSVC_READ_STORE=str(other.settings.store),
        FEEDSVC_STATE=str(publication.settings.state),
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no copy of" in done.stderr
    assert CURE in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_original_without_a_store_has_no_copy(publication: Publication, other: Publication) -> None:
    with (
        closing(Store(other.settings.store, copy_of=publication.settings.store)) as copy,
        pytest.raises(OtherStore, match=r"it publishes 'other\.example,2026', and that one ''"),
        copy.read(),
    ):
        pass


def test_a_copy_is_read_and_may_lag(publication: Publication, tmp_path: Path, postgresql: Server, engine: str) -> None:
    """Also one that is from before the original was restored, when it began another epoch."""
    publication.article("one")
    publication.sync()
    place: Path | str = tmp_path / "copy.sqlite3"
    name = postgresql.new_database() if engine == "postgresql" else ""
    if name:
        place = postgresql.url(name)
    with closing(Store(place)) as target:
        publication.store.copy_to(target)
    with publication.store.write(publication.now) as commit:
        commit.log.put_meta(COPIED, "1")
    publication.article("two")
    publication.sync()
    settings = replace(publication.settings, read_store=place)
    assert b"one" in ask(create_app(settings).test_client(), "/feeds/all.atom").data
    assert [each.status for each in check_store(Visit("http://127.0.0.1:9", settings))] == ["ok", "ok"]
    # Written by itself, it has another history of the same publication.
    with closing(Store(place)) as copy:
        with copy.write(publication.now) as commit:
            commit.log.put_meta(COPIED, "1")
        with copy.write(publication.now) as commit:
            commit.site.note_sync()
    with (
        closing(Store(place, copy_of=publication.settings.store)) as copy,
        pytest.raises(OtherStore, match="their histories differ"),
        copy.read(),
    ):
        pass
    if name:
        postgresql.drop(name)


class Original:
    """An engine of a store that can be away, and counts how often it is read."""

    def __init__(self, engine: StoreEngine) -> None:
        self._engine, self.name = engine, engine.name
        self.is_away, self.reads = False, 0

    def read(self) -> object:
        self.reads += 1
        if self.is_away:
            raise StoreUnavailable("away")
        return self._engine.read()


def test_what_is_known_is_not_asked_again_and_an_original_that_is_away_once_a_minute(
    publication: Publication, other: Publication
) -> None:
    publication.article("one")
    publication.sync()
    now = 1000.0
    original = Original(engine_at(publication.settings.store))
    check = CopyCheck(original, lambda: now)  # type: ignore[arg-type]

    def checked(store: Callable[[], Publication]) -> None:
        engine = store().store._engine
        with engine.read() as connection:
            check.check(Session(connection, engine))

    original.is_away = True
    for _ in range(3):
        checked(lambda: other)
    assert original.reads == 1
    original.is_away = False
    now += ASK_SECONDS
    for _ in range(2):
        with pytest.raises(OtherStore):
            checked(lambda: other)
    for _ in range(3):
        checked(lambda: publication)
    assert original.reads == 4
    original._engine.close()
