"""The supervisor replaces workers that end or hang while the others serve, and ends only if none could start."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import granian
import pytest
from granian import _signals
from granian.server import mp
from granian.server.common import AbstractServer, AbstractWorker

from feedsvc.server.granian_server import (
    FIRST_DELAY_SECONDS,
    MAX_DELAY_SECONDS,
    MAX_MISSED_HEARTBEATS,
    MAX_STARTING_HEARTBEATS,
    STABLE_SECONDS,
    Backoff,
    Heartbeats,
    send_heartbeats,
)
from feedsvc.server.granian_worker import GRANIAN_THREADS, Runner, WorkerPool
from tests.live import ROOT, Server, environment, free_port, is_alive, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

FEED = "/feeds/all.atom"


def answers(server: Server, number: int = 20) -> bool:
    """Whether as many polls, each on a connection of its own, are answered."""
    try:
        return all(server.get(FEED) == 200 for _ in range(number))
    except OSError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two workers."""
    running = Server(tmp_path_factory.mktemp("supervised"), settings={"FEEDSVC_WORKERS": "2"})
    try:
        wait_for(lambda: len(running.workers()) == 2 and answers(running), "two workers")
        yield running
    finally:
        running.end()


def replaced(server: Server, pids: list[int]) -> bool:
    """Whether there are two workers, none of them one of `pids`."""
    return len(found := server.workers()) == 2 and not set(found) & set(pids)


def test_two_workers_die_at_once_and_again(server: Server) -> None:
    """granian ends the server when a worker dies within 5.5 s of its start."""
    for _ in range(3):
        pids = server.workers()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda pids=pids: replaced(server, pids), "two new workers")  # type: ignore[misc]
        wait_for(lambda: answers(server), "answers")
    assert server.process.poll() is None
    assert "ended (signal 9): it is replaced in" in server.log


def test_a_worker_that_is_stopped_is_replaced(server: Server) -> None:
    """Half of all new connections are the kernel's to give to it, as long as its socket listens."""
    pids = server.workers()
    os.kill(pids[0], signal.SIGSTOP)
    wait_for(lambda: not is_alive(pids[0]), "the stopped worker is killed", 60)
    wait_for(lambda: len(server.workers()) == 2, "two workers")
    wait_for(lambda: answers(server), "answers")
    assert pids[1] in server.workers()
    assert f"worker {pids[0]} does not answer: it is killed and replaced" in server.log


def test_a_server_whose_workers_ended_ends_as_told(server: Server, tmp_path: Path) -> None:
    """The end of a worker is no failure of the server."""
    other = Server(tmp_path, settings={"FEEDSVC_WORKERS": "1"})
    try:
        for _ in range(3):
            wait_for(lambda: len(other.workers()) == 1 and answers(other, 1), "a worker")
            os.kill(other.workers()[0], signal.SIGKILL)
        os.kill(other.process.pid, signal.SIGTERM)
        assert other.process.wait(300) == 0
    finally:
        other.end()


def test_a_worker_ends_by_itself_while_a_client_has_sent_half_a_request(tmp_path: Path) -> None:
    """granian alone waits for such a client, and for one that does not read, until the server kills the worker."""
    server = Server(tmp_path, settings={"FEEDSVC_WORKERS": "1"})
    try:
        (pid,) = server.workers()
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET /feeds/all.atom HTTP/1.1\r\nHost: x\r\n")
            # The worker accepts connections in turn, so it has that one when it answers another.
            assert answers(server)
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not is_alive(pid), "the worker ends")
            wait_for(lambda: f"worker {pid} ended (status 0)" in server.log, "the server says how")
    finally:
        server.end()


def test_it_gives_up_where_no_worker_can_start(tmp_path: Path) -> None:
    """With status 1 and the reason, after three attempts of each worker."""
    broken = "import feedsvc.serve as s\ndef worker_app(): raise RuntimeError('no way')\ns.worker_app = worker_app\n"
    start = f"{broken}from feedsvc.cli import main\nmain(['serve', '--port', '{free_port()}', '--content', 'content'])"
    done = subprocess.run(
        [sys.executable, "-c", start],
        cwd=ROOT,
        env={**environment(), "FEEDSVC_WORKERS": "2", "FEEDSVC_STORE": str(tmp_path / "store.sqlite3")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1
    assert "RuntimeError: no way" in done.stderr
    assert "no worker could start in 6 attempts" in done.stderr


def test_the_delay_grows_for_each_worker_by_itself() -> None:
    """Replaced at once, then later each time; who has lived for long is replaced at once again."""
    backoff = Backoff()
    delays = [backoff.ended(0, 1, 100) for _ in range(12)]
    assert delays[:4] == [0, FIRST_DELAY_SECONDS, 2 * FIRST_DELAY_SECONDS, 4 * FIRST_DELAY_SECONDS]
    assert delays[-1] == MAX_DELAY_SECONDS
    assert backoff.ended(1, 1, 100) == 0
    assert backoff.due(100) == [1]
    assert backoff.wait(100) == MAX_DELAY_SECONDS
    assert backoff.ended(0, STABLE_SECONDS, 101) == 0
    assert (backoff.due(101), backoff.due(101)) == ([0], [])


@pytest.fixture
def heartbeats(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heartbeats]:
    """The server's end."""
    monkeypatch.setenv("FEEDSVC_SUPERVISOR", "")
    made = Heartbeats()
    yield made
    made.close()


def test_missed_beats_are_counted_not_seconds(heartbeats: Heartbeats) -> None:
    """A worker that has sent none is starting; one that sent some and stops is silent after so many looks."""
    me = os.getpid()
    assert [heartbeats.count_missed({me}) for _ in range(2 * MAX_MISSED_HEARTBEATS)] == [[]] * 2 * MAX_MISSED_HEARTBEATS
    hung = Event()
    send_heartbeats(hung.is_set)

    def heard() -> bool:
        heartbeats.listen()
        return heartbeats.has_any_started

    wait_for(heard, "a beat")
    assert [heartbeats.count_missed({me}) for _ in range(MAX_MISSED_HEARTBEATS)] == [[]] * MAX_MISSED_HEARTBEATS
    assert heartbeats.count_missed({me}) == [me]

    def silent() -> list[int]:
        heartbeats.listen()
        return heartbeats.count_missed({me})

    wait_for(lambda: silent() == [], "another beat")
    hung.set()
    wait_for(lambda: silent() == [me], "no beat of a worker that is hung")
    assert heartbeats.count_missed(set()) == []
    assert [heartbeats.count_missed({me}) for _ in range(MAX_STARTING_HEARTBEATS)] == [[]] * MAX_STARTING_HEARTBEATS
    assert heartbeats.count_missed({me}) == [me]


class _Stuck:
    """An application that hangs."""

    def __init__(self) -> None:
        self.free = Event()

    def cached(self, _scope: object) -> None:
        self.free.wait(300)


def test_a_worker_is_hung_when_all_its_threads_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """One slow answer is no reason to end a worker."""
    app = _Stuck()
    runner = Runner(app, WorkerPool(1))  # type: ignore[arg-type]
    clock = [0.0]
    monkeypatch.setattr("feedsvc.server.granian_worker.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(runner._pool, "submit", lambda _task: True)
    ask: Callable[[], None] = lambda: runner(None, {"PATH_INFO": "/"})  # noqa: E731
    threads = [Thread(target=ask) for _ in range(GRANIAN_THREADS)]
    threads[0].start()
    wait_for_calls(runner, 1)
    clock[0] = 1000.0
    assert not runner.is_hung()
    threads[1].start()
    wait_for_calls(runner, 2)
    assert not runner.is_hung()
    clock[0] = 2000.0
    assert runner.is_hung()
    app.free.set()
    for thread in threads:
        thread.join()
    assert not runner.is_hung()


def wait_for_calls(runner: Runner, number: int) -> None:
    """Until as many requests are being answered. Without the clock, which stands."""
    while len(runner._begun) < number:
        Event().wait(0.01)


def test_granian_has_what_the_adapter_uses() -> None:
    """Private names of granian 2.8: look at feedsvc/server/granian_server.py when this fails."""
    for name in (
        "_init_shared_socket",
        "_serve_loop",
        "_reload",
        "_respawn_workers",
        "_stop_workers",
        "shutdown",
        "startup",
    ):
        assert callable(getattr(AbstractServer, name)), name
    assert issubclass(granian.Granian, mp.MPServer)
    assert issubclass(mp.WorkerProcess, AbstractWorker)
    made = granian.Granian("x:y", interface="wsgi")  # type: ignore[arg-type]
    for name in ("main_loop_interrupt", "interrupt_signal", "interrupt_children", "reload_signal", "wrks", "workers"):
        assert hasattr(made, name), name
    source = AbstractWorker._watcher.__code__.co_names
    assert "set_main_signals" in _signals.set_sync_signals.__code__.co_names
    assert {"interrupt_by_parent", "interrupt_children", "main_loop_interrupt"} <= set(source)
