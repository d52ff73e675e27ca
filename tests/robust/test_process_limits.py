"""Where no process and no thread can be started, what runs goes on serving; what ended is started again afterwards."""

import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Final

import pytest

from feedsvc.config import load_settings
from feedsvc.errors import ConfigError
from feedsvc.serve import hold_port
from feedsvc.server import granian_worker
from feedsvc.server.granian_worker import WorkerPool
from tests.live import Server, free_port, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

FEED: Final = "/feeds/all.atom"
# As fork(2) and pthread_create(3) fail at a limit, while a file is there: root, whom tests run as, has no limit.
PROGRAM: Final = """
import sys
from pathlib import Path
import granian.server.mp as mp
from feedsvc.server import child_process
from feedsvc.cli import main

def limited(start):
    def started(*args):
        if Path({limit!r}).exists():
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return start(*args)
    return started

mp.WorkerProcess.start = limited(mp.WorkerProcess.start)
child_process._Child = limited(child_process._Child)
given = dict(each.split("=", 1) for each in sys.argv[1:])
main(["serve", "--port", given["PORT"], "--content", given["CONTENT"]])
"""


@pytest.fixture
def limit(tmp_path: Path) -> Path:
    """While this file is there, no process can be started."""
    return tmp_path / "limit"


@pytest.fixture
def server(tmp_path: Path, limit: Path) -> Iterator[Server]:
    """A server of two workers."""
    command = [sys.executable, "-c", PROGRAM.format(limit=str(limit))]
    running = Server(tmp_path, command, {"FEEDSVC_WORKERS": "2"})
    try:
        yield running
    finally:
        limit.unlink(missing_ok=True)
        running.end()


def test_a_worker_and_the_watcher_end_while_no_process_can_be_started(server: Server, limit: Path) -> None:
    wait_for(lambda: len(server.workers()) == 2 and server.watcher() is not None, "two workers and a watcher")
    limit.touch()
    first, watcher = min(server.workers()), server.watcher()
    assert watcher is not None
    os.kill(first, signal.SIGKILL)
    os.kill(watcher, signal.SIGKILL)
    wait_for(lambda: "cannot be started: [Errno 11]" in server.log, "the first attempt to replace the worker")
    wait_for(lambda: "the watcher cannot be started" in server.log, "the first attempt to replace the watcher")
    assert server.process.poll() is None
    # A connection that waited at the socket of the worker that was killed is reset; all later ones are answered.
    wait_for(lambda: all(_answers(server) for _ in range(20)), "answers of the other worker")
    limit.unlink()
    wait_for(lambda: len(server.workers()) == 2, "two workers")
    server.write("seen.md", "---\ntitle: Seen\npublished: 2026-10-01\nlanguage: en\ntopics: chips\n---\nText.\n")
    wait_for(lambda: b"Seen" in server.read(FEED), "the edit")


def _answers(server: Server) -> bool:
    try:
        return server.get(FEED) == 200
    except OSError:
        return False


class Limited(Thread):
    """A thread where there are too many."""

    def start(self) -> None:
        raise RuntimeError("can't start new thread")


def test_a_thread_that_cannot_start_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, done = WorkerPool(2), Event()
    with monkeypatch.context() as patch:
        patch.setattr(granian_worker, "Thread", Limited)
        assert [pool.submit(done.set) for _ in range(5)] == [False] * 5
    assert not done.is_set()
    assert pool.submit(done.set)
    assert done.wait(300)


def test_what_waits_is_done_by_the_thread_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, first, last = WorkerPool(2), Event(), Event()
    assert pool.submit(partial(wait_for, first.is_set, "the second task"))
    with monkeypatch.context() as patch:
        patch.setattr(granian_worker, "Thread", Limited)
        assert pool.submit(last.set)
        first.set()
        assert last.wait(300)


def test_two_servers_on_one_port() -> None:
    """Before either listens: SO_REUSEPORT, which the workers have, would let both serve."""
    settings = load_settings(content=Path("content"), port=free_port())
    held = hold_port(settings)
    assert held is not None
    with held, pytest.raises(ConfigError, match="another feedsvc serve has taken it"):
        hold_port(settings)
    again = hold_port(settings)
    assert again is not None
    again.close()


@pytest.mark.parametrize(
    "spoil",
    [
        'content.joinpath("site.toml").write_text("title = ")',
        'content.joinpath("site.toml").unlink()',
        'content.rename(content.with_name("unmounted"))',
        'content.rename(content.with_name("unmounted")); content.mkdir()',
    ],
)
def test_a_start_with_a_spoilt_content_folder_serves_what_was_published(tmp_path: Path, spoil: str) -> None:
    program = f"""
import sys
from contextlib import suppress
from pathlib import Path
from feedsvc.cli import main

given = dict(each.split("=", 1) for each in sys.argv[1:])
content = Path(given["CONTENT"])
with suppress(SystemExit):
    main(["sync", "--content", str(content)])
{spoil}
main(["serve", "--port", given["PORT"], "--content", str(content)])
"""
    server = Server(tmp_path, [sys.executable, "-c", program])
    try:
        assert server.get(FEED) == 200
        assert "the last published state is served until this is corrected" in server.log
        wait_for(lambda: "site.toml" in server.log.rpartition("serving ")[2], "the watcher says it, too")
        assert server.process.poll() is None
    finally:
        server.end()
