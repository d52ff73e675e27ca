"""Start `feedsvc serve` as a process on a free port, with a copy of content/, and observe it from outside."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import feedparser

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-m", "feedsvc", "serve")


def environment() -> dict[str, str]:
    """Return this environment without the variables that change the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("FEEDSVC_", "MAKE", "MFLAGS"))}


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 300) -> Any:
    """Wait until `condition` returns a true value, and return it. Fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)


def children(pid: int) -> dict[int, str]:
    """Return the command lines of a process's children by their ids, from /proc."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(entry) == pid:
            found[int(entry.name)] = _read(entry / "cmdline").replace("\0", " ")
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process runs. A zombie does not."""
    return _fields(Path("/proc") / str(pid))[:1] not in ([], ["Z"])


def _parent(entry: Path) -> int | None:
    fields = _fields(entry)
    return int(fields[1]) if len(fields) > 1 else None


def _fields(entry: Path) -> list[str]:
    """Return the fields after the name in /proc/PID/stat (proc(5)): state, parent and so on."""
    return _read(entry / "stat").rpartition(")")[2].split()


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


class Server:
    """A running server. `content` is its own copy, or a symlink to it; `log` is its output.

    `output` takes what it says in place of the file of that log.
    """

    def __init__(
        self,
        folder: Path,
        command: Sequence[str] | None = None,
        settings: Mapping[str, str] | None = None,
        *,
        serve: Sequence[str] = COMMAND,
        cwd: Path = ROOT,
        tree: Path | None = None,
        output: Path | None = None,
    ) -> None:
        self.content, self.port = folder / "content", free_port()
        shutil.copytree(ROOT / "content", tree or self.content)
        if tree is not None:
            self.content.symlink_to(tree)
        self._log = folder / "log"
        options = ["--port", str(self.port), "--content", str(self.content)]
        given = [*serve, *options] if command is None else [*command, f"PORT={self.port}", f"CONTENT={self.content}"]
        with (output or self._log).open("wb") as log:
            self.process = subprocess.Popen(
                given,
                cwd=cwd,
                env={**environment(), **(settings or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self._is_ready, f"{given} is ready", 300)

    @property
    def state_folder(self) -> Path:
        """The path of its store."""
        return self.content.parent / ".feedsvc" / "content"

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log
        try:
            return self.get("/readyz") == 200
        except (urllib.error.URLError, OSError):
            return False

    @property
    def log(self) -> str:
        return self._log.read_text()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str) -> int:
        """Return the status of a response, after redirects."""
        try:
            with urllib.request.urlopen(self.url(path), timeout=120) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def read(self, path: str) -> bytes:
        """Return the body of a response."""
        with urllib.request.urlopen(self.url(path), timeout=120) as answer:
            return bytes(answer.read())

    def write(self, name: str, text: str) -> Path:
        file = self.content / "articles" / name
        file.write_text(text)
        return file

    def everyone(self) -> set[int]:
        """Return the ids of the server's process and its descendants."""
        found, new = set[int](), {self.process.pid}
        while new:
            found |= new
            new = {child for pid in new for child in children(pid)} - found
        return found

    def workers(self) -> list[int]:
        """Return the ids of the running workers."""
        found = children(self.process.pid).items()
        return sorted(
            pid
            for pid, line in found
            if not any(each in line for each in (" watch ", " deliver ", "tracker")) and is_alive(pid)
        )

    def watcher(self) -> int | None:
        """Return the id of the watcher's process."""
        pids = (pid for parent in self.everyone() for pid, line in children(parent).items() if " watch " in line)
        return next(filter(is_alive, pids), None)

    def end(self) -> None:
        """Kill all processes that still run."""
        for pid in self.everyone():
            if is_alive(pid):
                # It may end by itself just now.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait(120)

    def status(self, *options: str) -> tuple[int, str]:
        """Return the exit status of `feedsvc status` and what it prints."""
        command = [sys.executable, "-m", "feedsvc", "status", "--content", str(self.content), *options]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False
        )
        return ended.returncode, ended.stdout + ended.stderr


class Poller:
    """A feed reader that polls one feed with its validators, as in feedparser's manual."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._etag: str | None = None
        self._modified: str | None = None
        self.last: Any = None

    def poll(self) -> bool:
        """Poll once. Return whether the document is new (200, not 304)."""
        answer = feedparser.parse(self.url, etag=self._etag, modified=self._modified)
        assert not answer.bozo, answer.bozo_exception
        assert answer.status in (200, 304)
        if answer.status == 304:
            assert not answer.entries
            return False
        self._etag, self._modified, self.last = answer.get("etag"), answer.get("modified"), answer
        return True

    def until(self, condition: Callable[[Any], bool], what: str) -> None:
        """Poll until a new document meets the condition."""
        wait_for(lambda: self.poll() and condition(self.last), what)

    def titles(self) -> list[str]:
        return [entry.title for entry in self.last.entries]
