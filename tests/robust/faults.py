"""The faults that a server meets in `make chaos`, one row each; docs/explanation/failures.md has a row for each."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Final

import pytest

from tests.conftest import mounted
from tests.live import is_alive, wait_for
from tests.robust.arena import BLIND, Arena, Fault
from tests.robust.wire import get, say, statuses

DISK_BYTES: Final = 128 * 1024 * 1024
# What fits into the buffers of two sockets and of the server must not be all of it.
TALK_BYTES: Final = 16 * 1024 * 1024


@contextmanager
def disk_of(folder: Path) -> Iterator[Path]:
    """A small disk of its own for the store; skips the test where none may be mounted, or no namespace be made."""
    namespace = ["unshare", "--user", "--map-root-user", "true"]
    if shutil.which("unshare") is None or subprocess.run(namespace, check=False).returncode:
        pytest.skip("may not make a user namespace")
    with mounted(folder, DISK_BYTES):
        yield folder


def slow_readers(arena: Arena) -> Iterator[None]:
    """80 clients ask for a large file and read nothing."""
    path = _talk(arena)
    with ExitStack() as stack:
        for _ in range(80):
            each = stack.enter_context(socket.socket())
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.settimeout(60)
            each.connect(("127.0.0.1", arena.server.port))
            each.sendall(get(path))
        yield


def _talk(arena: Arena) -> str:
    file = arena.tree / "articles" / "talk.mp4"
    if not file.exists():
        file.write_bytes(b"\0\0\0\x18ftypmp42" + os.urandom(1024) * (TALK_BYTES // 1024))
        text = "---\ntitle: Talk\npublished: 2026-10-01\ntopics: [chips]\n---\n[talk](talk.mp4)\n"
        (arena.tree / "articles" / "talk.md").write_text(text)
    wait_for(lambda: arena.server.get("/articles/talk") == 200, "the article")
    page = arena.server.read("/articles/talk").decode()
    return f"/media/{page.split('/media/', 1)[1].split(chr(34), 1)[0]}"


def cold_slices(arena: Arena) -> Iterator[None]:
    """8 clients ask for slices that nobody asked for before, without a pause."""
    stop = Event()

    def ask(number: int) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            since = f"2026-{1 + turn % 9:02}-{1 + turn // 9 % 28:02}"
            limit = 1 + (number + 8 * turn) % 97
            for query in (f"since={since}&limit={limit}", f"q=chip{number}x{turn}", f"until={since}&limit={limit}"):
                found = statuses(say(arena.server.port, get(f"/feeds/all.atom?{query}"))[:200])
                if found and found[0] not in (200, 404, 503):
                    arena.polls.failed.append(f"{query}: {found}")

    threads = [Thread(target=ask, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def disk_full(arena: Arena) -> Iterator[None]:
    """The disk of the store and the counters has no byte left."""
    filler = arena.disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 65536)
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")
    try:
        yield
    finally:
        filler.unlink()


def counters_gone(arena: Arena) -> Iterator[None]:
    """The folder of the counters is deleted, and a file is in its place."""
    (folder,) = arena.store.parent.glob("polls-*")
    shutil.rmtree(folder)
    folder.write_text("in the way")
    try:
        yield
    finally:
        folder.unlink()


def folder_read_only(arena: Arena) -> Iterator[None]:
    """The folder of the store, the media and the counters is mounted read-only."""
    folder = str(arena.store.parent)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def state_deleted(arena: Arena) -> Iterator[None]:
    """The whole folder of the store is deleted: store, WAL, media, counters, lock."""
    # Renamed first: the server goes on writing, so a folder is not empty when rmtree comes to it.
    deleted = arena.disk / "deleted"
    arena.store.parent.rename(deleted)
    shutil.rmtree(deleted, ignore_errors=True)
    yield


def two_killed(arena: Arena) -> Iterator[None]:
    """Both workers are killed at once, again and again."""
    for _ in range(2):
        pids = arena.server.workers()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda pids=pids: len(set(arena.server.workers()) - set(pids)) == 2, "two new workers")  # type: ignore[misc]
    yield


def one_stopped(arena: Arena) -> Iterator[None]:
    """One worker is stopped (SIGSTOP) and does not answer any more."""
    pid = arena.server.workers()[0]
    os.kill(pid, signal.SIGSTOP)
    yield
    wait_for(lambda: not is_alive(pid), "the stopped worker is killed")
    wait_for(lambda: len(arena.server.workers()) == 2, "two workers")


def writer_killed(arena: Arena) -> Iterator[None]:
    """The watcher is killed; `serve` starts another."""
    pid = arena.server.watcher()
    assert pid
    os.kill(pid, signal.SIGKILL)
    yield
    wait_for(arena.server.watcher, "another watcher")


def symlink_switched(arena: Arena) -> Iterator[None]:
    """`content` is a symlink that is switched to another tree, as git-sync and Capistrano do it."""
    before = arena.tree
    after = before.with_name(str(int(before.name) + 1))
    shutil.copytree(before, after)
    link = arena.root / "link"
    link.symlink_to(after)
    os.replace(link, arena.server.content)
    yield
    shutil.rmtree(before)


def content_replaced(arena: Arena) -> Iterator[None]:
    """The folder of the articles is moved away, and another is put in its place."""
    articles = arena.tree / "articles"
    away = articles.with_name("away")
    shutil.copytree(articles, away)
    gone = arena.root / "gone"
    articles.rename(gone)
    away.rename(articles)
    yield
    shutil.rmtree(gone)


def content_gone(arena: Arena) -> Iterator[None]:
    """The content folder is away, as a disk that is not mounted."""
    away = arena.tree.with_name("away")
    tree = arena.tree
    tree.rename(away)
    try:
        yield
    finally:
        away.rename(tree)


def foreign_names(arena: Arena) -> Iterator[None]:
    """Files come whose names are not UTF-8, all the time."""
    folder = os.fsencode(arena.tree / "articles")
    stop = Event()

    def write() -> None:
        number = 0
        while not stop.wait(0.05):
            number += 1
            name = folder + b"/bad-\xff%d.md" % (number % 3)
            with open(name, "wb") as file:
                file.write(b"---\ntitle: x\n---\n")

    thread = Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for name in os.listdir(folder):
            if b"\xff" in name:
                os.unlink(folder + b"/" + name)


def no_watches(arena: Arena) -> Iterator[None]:
    """No inotify watch is left when the folder has to be watched again."""
    _limit_watches(arena, 1)
    try:
        yield from content_replaced(arena)
    finally:
        _limit_watches(arena, 100_000)


def _limit_watches(arena: Arena, number: int) -> None:
    """In the user namespace of the server (namespaces(7)); other programs keep their limit."""
    join = ["nsenter", "--user", "--preserve-credentials", "--target", str(arena.server.process.pid)]
    write = f"echo {number} > /proc/sys/user/max_inotify_watches"
    subprocess.run([*join, "sh", "-c", write], check=True)


def store_moved(arena: Arena) -> Iterator[None]:
    """The files of the store are moved away and back."""
    away = arena.store.parent / "away"
    away.mkdir()
    files = list(arena.store.parent.glob("store.sqlite3*"))
    for file in files:
        file.rename(away / file.name)
    try:
        yield
    finally:
        for file in files:
            os.replace(away / file.name, file)
        away.rmdir()


def refresher_fails(arena: Arena) -> Iterator[None]:
    """The thread that refreshes cached documents meets an error that nobody foresaw."""
    arena.switch.touch()
    try:
        yield
    finally:
        arena.switch.unlink()


def log_not_read(arena: Arena) -> Iterator[None]:
    """Nobody reads the pipe that the log is written to."""
    arena.log.pause()
    try:
        yield from _lines_are_lost(arena, "unread")
    finally:
        arena.log.resume()


def log_closed(arena: Arena) -> Iterator[None]:
    """The program that reads the log ends, and another takes its place later."""
    arena.log.close()
    try:
        yield from _lines_are_lost(arena, "closed")
    finally:
        arena.log.open()


def _lines_are_lost(arena: Arena, name: str) -> Iterator[None]:
    """Each edit is seen while more is logged than pipe and queue take.

    What is wrong with a file is logged once: so files of another `name` are needed for each fault.
    """
    files = [arena.tree / "articles" / f"{name}-{number}.md" for number in range(40)]
    for file in files:
        file.write_text(f"---\ntitle: Broken\npublished: 2026-10-01\ntopics: [{'unknown ' * 20}]\n---\nText.\n")
    for _ in range(3):
        title = arena.edit("unread log")
        wait_for(lambda title=title: arena.is_seen([title]), "the edit")  # type: ignore[misc]
    yield
    for file in files:
        file.unlink()


SPACE: Final = "free some disk space"
FOLDER: Final = "make the folder writable"
WRITABLE: Final = "File exists (create a writable folder there)"
REPLACED: Final = "was deleted or replaced: all files are read again"


def media_gone(arena: Arena) -> Iterator[None]:
    """The media folder is away, and a file is in its place."""
    path = _talk(arena).split("/media/", 1)[1]
    folder, away = arena.store.parent / "media", arena.disk / "media-away"
    folder.rename(away)
    folder.write_text("in the way")
    try:
        assert arena.server.get(f"/media/{path}") == 503
        yield
    finally:
        folder.unlink()
        shutil.rmtree(away)
    wait_for(lambda: arena.server.get(f"/media/{path}") == 200, "the file in the media folder")


FAULTS: Final = (
    Fault("slow readers", slow_readers),
    Fault("new slices", cold_slices),
    Fault("full disk", disk_full, ("the sync failed", SPACE, "feedsvc_writer_failures"), (1, SPACE)),
    Fault("counters gone", counters_gone, (FOLDER,)),
    Fault("read-only folder", folder_read_only, (FOLDER, "the state of the writer is not written")),
    Fault("state deleted", state_deleted, (REPLACED,)),
    Fault("media gone", media_gone, (WRITABLE,), (1, WRITABLE)),
    Fault("two workers killed", two_killed, ("ended (signal 9): it is replaced",), may_reset=True),
    Fault("worker stopped", one_stopped, ("does not answer: it is killed and replaced",), may_reset=True),
    Fault("writer killed", writer_killed, ("the watcher ended (signal 9", "it is started again")),
    Fault("symlink switched", symlink_switched),
    Fault("content replaced", content_replaced),
    Fault("content gone", content_gone, ("warning: ",), (1, "site.toml cannot be used; the last good state is served")),
    Fault("names not in UTF-8", foreign_names, (BLIND,), (1, BLIND)),
    Fault("no inotify watches", no_watches, (BLIND,), (1, BLIND)),
    Fault("store moved", store_moved, (REPLACED,)),
    Fault("refresher error", refresher_fails, ("cannot refresh its cached documents", "feedsvc_refresher_ok 0.0")),
    Fault("log not read", log_not_read, afterwards=("lines of this log were lost: nobody read it in time",)),
    Fault("log closed", log_closed, afterwards=("lines of this log were lost: Broken pipe",)),
)
