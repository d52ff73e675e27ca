"""The store is moved away and back under a running server: polls go on, and every edit made is seen afterwards."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.live import Server, wait_for
from tests.robust.wire import connect, get, hear, statuses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

FEED, OTHER_FEED = "/feeds/chips.atom", "/feeds/cloud.rss"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two workers for all moves: each move meets what the one before left behind."""
    running = Server(tmp_path_factory.mktemp("moves"), settings={"FEEDSVC_WORKERS": "2"})
    try:
        yield running
    finally:
        running.end()


def folder(server: Server) -> Path:
    return server.content.parent / ".feedsvc" / "content"


def files(server: Server) -> list[Path]:
    return sorted(folder(server).glob("store.sqlite3*"))


def polls(server: Server, number: int = 10) -> list[int]:
    """The statuses of polls of a cached feed, each on a connection of its own."""
    return [server.get(FEED) for _ in range(number)]


def warm_up(server: Server) -> None:
    """Let both workers cache the feed: of many connections that are open at once, each of them accepts some.

    A worker that gets no processor time for a moment accepts none, so it is done three times.
    """
    for _ in range(3):
        with ExitStack() as stack:
            opened = [stack.enter_context(connect(server.port)) for _ in range(64)]
            for each in opened:
                each.sendall(get(FEED))
            assert all(statuses(hear(each)) == [200] for each in opened)


def _moved(server: Server, chosen: Callable[[Path], bool]) -> Iterator[None]:
    away = folder(server).parent / "away"
    away.mkdir()
    moved = [each for each in files(server) if chosen(each)]
    for each in moved:
        os.rename(each, away / each.name)
    yield
    for each in moved:
        os.replace(away / each.name, each)
    away.rmdir()


def _file(server: Server) -> Iterator[None]:
    yield from _moved(server, lambda each: each.name == "store.sqlite3")


def _file_with_its_log(server: Server) -> Iterator[None]:
    yield from _moved(server, lambda _: True)


def _folder(server: Server) -> Iterator[None]:
    away = folder(server).with_name("away")
    os.rename(folder(server), away)
    yield
    while away.exists():
        # The watcher makes new stores meanwhile, and files of its own.
        shutil.rmtree(folder(server), ignore_errors=True)
        with suppress(OSError):
            os.rename(away, folder(server))


def _copy(server: Server) -> Iterator[None]:
    fresh = folder(server) / "copy"
    shutil.copy(folder(server) / "store.sqlite3", fresh)
    yield
    os.replace(fresh, folder(server) / "store.sqlite3")


def _cut_short(server: Server) -> Iterator[None]:
    kept = folder(server).parent / "kept"
    shutil.copytree(folder(server), kept)
    os.truncate(folder(server) / "store.sqlite3", 0)
    yield
    for each in files(server):
        each.unlink()
    for each in kept.glob("store.sqlite3*"):
        shutil.copy(each, folder(server) / each.name)
    shutil.rmtree(kept)


def _log_deleted(server: Server) -> Iterator[None]:
    for suffix in ("-wal", "-shm"):
        (folder(server) / f"store.sqlite3{suffix}").unlink(missing_ok=True)
    yield


def _unreadable(server: Server) -> Iterator[None]:
    """A folder in its place."""
    for each in _moved(server, lambda each: each.name == "store.sqlite3"):
        store = folder(server) / "store.sqlite3"
        if store.exists():
            store.unlink()
        store.mkdir()
        yield each
        store.rmdir()


MOVES = [_file, _file_with_its_log, _folder, _copy, _cut_short, _log_deleted, _unreadable]


@pytest.mark.parametrize("pause", [0.0, 3.0], ids=["for a moment", "for seconds"])
@pytest.mark.parametrize("move", MOVES)
def test_edits_are_seen_once_the_store_is_back(
    server: Server, move: Callable[[Server], Iterator[None]], pause: float
) -> None:
    title = f"Moved{move.__name__.replace('_', '')}{pause:.0f}"
    said = len(server.log)
    warm_up(server)
    seen = polls(server)
    for _ in move(server):
        end = time.monotonic() + pause
        while time.monotonic() < end:
            seen += polls(server)
    server.write(
        f"{title.lower()}.md", f"---\ntitle: {title}\npublished: 2026-10-05\ntopics: [chips, cloud]\n---\nText.\n"
    )

    def is_seen() -> bool:
        seen.extend(polls(server))
        pages = [server.get(f"/articles/{title.lower()}"), server.get("/readyz"), server.get("/")]
        return pages == [200] * 3 and all(title.encode() in server.read(path) for path in (FEED, OTHER_FEED) * 10)

    try:
        wait_for(is_seen, "the edit")
    except AssertionError as error:
        raise AssertionError(f"{error}; the server said:\n{server.log[-10_000:]}") from error
    assert set(seen) == {200}
    assert "Traceback" not in server.log[said:]
