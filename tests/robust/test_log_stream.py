"""A log that nobody reads, that is closed or that is on a full disk: no process waits, and lost lines are counted."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from feedsvc.processes import log_stream
from feedsvc.processes.log_stream import LogStream
from tests.live import COMMAND, ROOT, Server, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses what Linux has")

PIPE_BYTES = 4096
LINE = b"x" * 99 + b"\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The ends of a pipe that holds PIPE_BYTES: that to read, that to write."""
    ends = os.pipe()
    fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    yield ends
    for each in ends:
        with suppress(OSError):
            os.close(each)


def read(descriptor: int, end: bytes) -> bytes:
    """All that is written until it contains `end`."""
    found = b""
    while end not in found:
        piece = os.read(descriptor, 65536)
        assert piece
        found += piece
    return found


def _fill(filler: Path) -> None:
    """Fill the disk of a file to the last byte."""
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)


def test_lines_arrive_in_order(pipe: tuple[int, int]) -> None:
    stream = LogStream(pipe[1])
    for number in range(20):
        assert stream.write(b"%d\n" % number) == len(b"%d\n" % number)
        assert stream.write(b"") == 0
    assert stream.drain(300)
    assert os.read(pipe[0], 65536) == b"".join(b"%d\n" % number for number in range(20))


def test_a_pipe_that_nobody_reads_keeps_nobody_waiting(pipe: tuple[int, int]) -> None:
    """Every line that was taken arrives, and the others are counted."""
    stream, written = LogStream(pipe[1]), 10 * log_stream.MAX_QUEUED_BYTES // len(LINE)
    for _ in range(written):
        stream.write(LINE)
    assert not stream.drain(0)
    found = read(pipe[0], b"in time\n")
    *lines, said = found.splitlines(keepends=True)
    assert lines == [LINE] * len(lines)
    assert said == b"feedsvc: %d lines of this log were lost: nobody read it in time\n" % (written - len(lines))
    stream.write(b"on it goes\n")
    assert read(pipe[0], b"on it goes\n") == b"on it goes\n"


def test_a_line_larger_than_the_queue_is_written(pipe: tuple[int, int]) -> None:
    stream = LogStream(pipe[1])
    stream.write(b"x" * (2 * log_stream.MAX_QUEUED_BYTES) + b"\n")
    assert len(read(pipe[0], b"\n")) == 2 * log_stream.MAX_QUEUED_BYTES + 1


def test_a_reader_that_comes_back_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    stream = LogStream(os.open(path, os.O_WRONLY))
    os.close(reader)
    stream.write(b"one\ntwo\n")
    stream.write(b"three\n")
    assert stream.drain(300)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    stream.write(b"four\n")
    assert stream.drain(300)
    assert os.read(reader, 65536) == b"feedsvc: 3 lines of this log were lost: Broken pipe\nfour\n"
    os.close(reader)
    os.close(stream.fileno())


def test_a_full_disk(small_disk: Path) -> None:
    """Half a line that still found room is followed by a line of its own."""
    log, filler = small_disk / "log", small_disk / "filler"
    stream = LogStream(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    stream.write(b"first\n")
    assert stream.drain(300)
    _fill(filler)
    stream.write(b"y" * 8192 + b"\nlost\n")
    assert stream.drain(300)
    filler.unlink()
    stream.write(b"last\n")
    assert stream.drain(300)
    first, *_, said, last = log.read_bytes().splitlines()
    assert (first, last) == (b"first", b"last")
    assert said == b"feedsvc: 2 lines of this log were lost: No space left on device"
    os.close(stream.fileno())


def test_a_file_that_somebody_made_non_blocking(pipe: tuple[int, int]) -> None:
    os.set_blocking(pipe[1], False)
    stream = LogStream(pipe[1])
    for _ in range(200):
        stream.write(LINE)
    stream.write(b"end\n")
    assert read(pipe[0], b"end\n") == LINE * 200 + b"end\n"


def test_a_fork_writes_its_own_lines_and_no_others(pipe: tuple[int, int]) -> None:
    """Also where the thread of the parent waits just then, and when the child ends at once."""
    program = f"""
import multiprocessing, os, sys
from feedsvc.processes.log_stream import LogStream
stream = LogStream({pipe[1]})
stream.write(b"parent\\n" + b"x" * {2 * PIPE_BYTES} + b"\\n")
stream.write(b"queued\\n")
child = multiprocessing.get_context("fork").Process(target=stream.write, args=(b"child\\n",))
child.start()
os.write(1, b"forked")
child.join()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, pass_fds=[pipe[1]], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert os.read(process.stdout.fileno(), 6) == b"forked"
        os.close(pipe[1])
        found = b""
        while piece := os.read(pipe[0], 65536):
            found += piece
        assert process.wait() == 0
    assert [found.count(each) for each in (b"parent\n", b"queued\n", b"child\n")] == [1, 1, 1]


def test_what_is_not_read_at_the_end_holds_nobody_up(pipe: tuple[int, int]) -> None:
    program = f"""
from feedsvc.processes import log_stream
log_stream.LogStream({pipe[1]}).write(b"x" * {2 * PIPE_BYTES})
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, pass_fds=[pipe[1]], check=False).returncode == 0


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of two workers, with what they say in a place of the test's choice."""
    with ExitStack() as stack:

        def start(**given: Any) -> Server:
            server = Server(tmp_path, settings={"FEEDSVC_WORKERS": "2"}, **given)
            stack.callback(server.end)
            return server

        yield start


def _replace_worker(server: Server) -> None:
    """Let the supervisor log something."""
    wait_for(lambda: len(server.workers()) == 2, "two workers")
    pid = server.workers()[0]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(set(server.workers()) - {pid}) == 2, "another worker")


def _publish(server: Server, title: str, name: str = "edit") -> None:
    server.write(f"{name}.md", f"---\ntitle: {title}\npublished: 2026-10-01\ntopics: chips\n---\nText.\n")
    wait_for(lambda: title.encode() in server.read("/feeds/all.atom"), "the edit")


def test_serve_without_standard_files(serving: Callable[..., Server]) -> None:
    """No file that it opens, the store for one, takes the number of standard error."""
    server = serving(serve=("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *COMMAND))
    _replace_worker(server)
    _publish(server, "Seen")
    assert server.process.poll() is None
    for pid in server.everyone():
        for number in range(3):
            assert "/.feedsvc/" not in os.readlink(f"/proc/{pid}/fd/{number}")


def test_serve_with_its_log_on_a_full_disk(serving: Callable[..., Server], small_disk: Path) -> None:
    log, filler = small_disk / "log", small_disk / "filler"
    server = serving(output=log)
    _fill(filler)
    size = log.stat().st_size
    # What is left of the last block is filled.
    for number in range(10):
        _publish(server, f"{number} {'long' * 100}", f"long-{number}")
    _replace_worker(server)
    filler.unlink()
    _publish(server, "Last")
    wait_for(lambda: "+ Last" in log.read_text(), "the log goes on")
    assert "of this log were lost: No space left on device\n" in log.read_text()[size:]


@pytest.mark.parametrize(
    "end",
    [
        "raise RuntimeError('the reason')",
        "print(file=sys.stderr, end=''); print('the reason', file=sys.stderr)",
        "threading.Thread(target=time.sleep, args=(3600,), daemon=True).start(); print('the reason', file=sys.stderr)",
    ],
)
@pytest.mark.parametrize("fork", [False, True])
def test_what_a_process_says_last_is_written(end: str, fork: bool) -> None:
    """Also by a forked one, whose error is printed after its finalizers have run, and after an empty text."""
    run = "m.get_context('fork').Process(target=f)\np.start()\np.join()" if fork else "f()"
    imports = (
        "import multiprocessing as m, sys, threading, time\nfrom feedsvc.processes.log_stream import use_log_streams"
    )
    start = f"{imports}\nuse_log_streams()\ndef f(): {end}\np = {run}"
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.stderr.rstrip().endswith("the reason")


def test_a_process_ends_though_its_thread_has_the_lock(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter stops daemon threads wherever they are, and writes what is left after that."""
    stream, taken, done = LogStream(pipe[1]), Event(), Event()

    def hold() -> None:
        with stream._changed:
            taken.set()
            done.wait(600)

    holder = Thread(target=hold)
    holder.start()
    taken.wait(600)
    with monkeypatch.context() as patch:
        patch.setattr("sys.is_finalizing", lambda: True)
        assert stream.write(LINE) == len(LINE)
        stream.flush()
    done.set()
    holder.join()
    assert os.read(pipe[0], 65536) == LINE
