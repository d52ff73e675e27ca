"""Processes that read articles: they end with the sync that started them, whichever way they were started."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from feedsvc import processes
from feedsvc.errors import StoreUnavailable
from feedsvc.store.sqlite.copying import private_copy
from feedsvc.sync import parallel
from tests.conftest import Publication
from tests.live import ROOT, Server, children, environment, is_alive, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

# A sync that stops for ever once a first portion is read: its processes have work, or wait for it.
SYNC = """
import sys, threading
from datetime import UTC, datetime
from pathlib import Path
from feedsvc.cli.common import site_of
from feedsvc.config import load_settings
from feedsvc.store import Store
from feedsvc.sync import Options, parallel, sync

def stop(done, total):
    print(done, flush=True)
    threading.Event().wait()

parallel.PARALLEL_FROM, parallel.PORTION = 4, 2
parallel.os.sched_getaffinity = lambda _pid: {0, 1}
if sys.argv[2] == "spawn":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
settings = load_settings(content=Path(sys.argv[1]))
sync(settings, site_of(settings), Store(settings.store_file), datetime.now(UTC), Options(progress=stop))
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_no_process_outlives_a_sync_that_is_killed(tmp_path: Path, method: str) -> None:
    """It would keep its memory, the log and a port that the one who started it had."""
    articles = tmp_path / "content" / "articles"
    articles.mkdir(parents=True)
    (articles.parent / "site.toml").write_bytes((ROOT / "content" / "site.toml").read_bytes())
    for number in range(20):
        text = f"---\ntitle: A {number}\npublished: 2026-10-01\ntopics: chips\nlanguage: en\n---\nText {number}.\n"
        (articles / f"a{number}.md").write_text(text)
    command = [sys.executable, "-c", SYNC, str(articles.parent), method]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"2\n"
            readers = children(process.pid)
            assert any("spawn_main" in line for line in readers.values()) == (method == "spawn")
            assert len([line for line in readers.values() if "resource_tracker" not in line]) == 2
        finally:
            process.kill()
        wait_for(lambda: not any(map(is_alive, readers)), f"the end of {readers}")


def test_workers_are_forked_whatever_python_does(tmp_path: Path) -> None:
    """Python 3.14 has another default. What is spawned inherits no socket."""
    program = """
import multiprocessing, sys
from feedsvc.cli import main
multiprocessing.set_start_method("forkserver")
given = dict(each.split("=", 1) for each in sys.argv[1:])
main(["serve", "--port", given["PORT"], "--content", given["CONTENT"]])
"""
    server = Server(tmp_path, [sys.executable, "-c", program], {"FEEDSVC_WORKERS": "2"})
    try:
        wait_for(lambda: len(server.workers()) == 2, "two workers")
        lines = children(server.process.pid).values()
        assert processes.START_METHOD == "fork"
        assert not any("from multiprocessing" in line for line in lines)
    finally:
        server.end()


def test_no_room_for_semaphores(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """/dev/shm is full, or missing in a sandbox: the sync is slower, and done."""

    def refuse(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parallel, "PARALLEL_FROM", 4)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    monkeypatch.setattr(parallel, "ProcessPoolExecutor", refuse)
    for number in range(10):
        publication.article(f"a{number}", title=f"A {number}")
    assert len(publication.sync().added) == 10


@pytest.mark.in_a_file
def test_no_temporary_folder(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` works on a copy of a store of an older version."""

    def refuse(**_given: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    publication.sync()
    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    with pytest.raises(StoreUnavailable, match="name another in TMPDIR"), private_copy(publication.settings.store_file):
        pass
