"""A process beside the workers of `feedsvc serve` that is started again when it ends, such as the watcher."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Final

from feedsvc.processes.log_format import message_of
from feedsvc.server.granian_server import STOP_SECONDS
from feedsvc.terminal import OneWarning, logger

log = logger("feedsvc.serve")

RESTART_SECONDS: Final = 2.0
# What is kept of the end of what a process says, in bytes.
_TAIL: Final = 8192
# -P: else Python looks for modules in the folder that `serve` was started in, where a folder `feedsvc` or a file
# `queue.py` would take the place of our package or of the standard library. Processes that it starts inherit the
# option.
COMMAND: Final = (sys.executable, "-P", "-m", "feedsvc")
# Is called with the process id of one that ended by itself, when that was started, and how it ended.
OnCrash = Callable[[int, datetime, str], None]


class ChildProcess:
    """A process of the command `arguments`: started again when it ends, ended when the server does.

    It reads its standard input and ends with it, so it does not outlive a server that was killed. `name` is what the
    log calls it, and `effect` what does not happen while it cannot be started.
    """

    def __init__(self, name: str, arguments: Sequence[str], effect: str, on_crash: OnCrash | None = None) -> None:
        self._name, self._command, self._effect = name, (*COMMAND, *arguments), effect
        self._on_crash = on_crash
        self._stop = threading.Event()
        # Before granian forks: a worker forked in the middle of a start would keep that start waiting for ever.
        self._child = _Child(self._command)
        self._thread = threading.Thread(target=self._keep_running, name=name, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._child.process.terminate()
        self._thread.join(STOP_SECONDS)
        # In the middle of a long sync, if still there. It is one transaction: nothing is lost but its work.
        self._child.process.kill()
        self._thread.join()

    def _keep_running(self) -> None:
        while True:
            status = self._child.process.wait()
            if not self._stop.is_set():
                how = f"signal {-status}" if status < 0 else f"status {status}"
                last = self._child.last_line()
                why = f"{how}: {last}" if last else how
                log.error("the %s ended (%s): it is started again in %g s", self._name, why, RESTART_SECONDS)
                if self._on_crash is not None:
                    self._on_crash(self._child.process.pid, self._child.started_at, why)
            warning, ended = OneWarning(log), self._child
            while self._child is ended:
                if self._stop.wait(RESTART_SECONDS):
                    return
                try:
                    self._child = _Child(self._command)
                except (OSError, RuntimeError) as error:
                    cure = f"raise the limit of processes, or end some; it is tried again every {RESTART_SECONDS:g} s"
                    warning.warn(f"the {self._name} cannot be started, so {self._effect}: {error} ({cure})")
            if self._stop.is_set():
                self._child.process.terminate()


class _Child:
    """One run of a child process. What it says on standard error is passed on, and its end is remembered."""

    def __init__(self, command: Sequence[str]) -> None:
        self.started_at = datetime.now(UTC)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self._tail = b""
        assert self.process.stderr is not None
        self._reader = threading.Thread(target=self._copy_stderr, args=(self.process.stderr,), name="log", daemon=True)
        try:
            self._reader.start()
        except RuntimeError:
            # Nobody would read what it says.
            self.process.kill()
            self.process.wait()
            raise

    def _copy_stderr(self, said: IO[bytes]) -> None:
        with said:
            while piece := os.read(said.fileno(), 65536):
                self._tail = (self._tail + piece)[-_TAIL:]
                # It does not wait (log_stream.py), and this thread must not end: the process would wait for it.
                with suppress(OSError, ValueError):
                    sys.stderr.buffer.write(piece)
                    sys.stderr.buffer.flush()

    def last_line(self) -> str:
        """Return the last line that it said: of an error that ended it, the name and the reason."""
        # Processes that it started may still have the pipe.
        self._reader.join(STOP_SECONDS)
        lines = self._tail.decode("utf-8", "replace").split("\n")
        return message_of(next((line.strip() for line in reversed(lines) if line.strip()), "")).strip()
