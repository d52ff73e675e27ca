"""The adapter for granian's private parts: which workers of the server are replaced, and when.

granian ends the whole server when a worker dies within 5.5 s of its start ("Worker crash loop detected"), and does not
notice a worker that hangs. This supervisor replaces each worker that ends, with a delay that grows, and ends those that
send no heartbeat. It gives up in one case: no worker has come up since the server started.

A heartbeat is a UDP datagram over the loopback interface: it needs no disk, and reaches the server whether workers are
forked or spawned.
"""

import math
import multiprocessing
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any, Final

from granian._granian import ListenerSpec
from granian.server.mp import MPServer

from feedsvc.terminal import logger

log = logger("feedsvc.serve")

HEARTBEAT_SECONDS: Final = 1.0
# A busy machine delays a thread by tenths of a second. A stopped worker has no beat at all.
MAX_MISSED_HEARTBEATS: Final = 8
# Of a worker that starts.
MAX_STARTING_HEARTBEATS: Final = 60
FIRST_DELAY_SECONDS: Final = 0.1
MAX_DELAY_SECONDS: Final = 30.0
# A worker that lived as long is replaced at once, when it ends.
STABLE_SECONDS: Final = 60.0
# For what a worker answers when it is told to end.
STOP_SECONDS: Final = 5
# Each worker's starts until the server gives up, while none has come up.
START_ATTEMPTS: Final = 3
_ADDRESS: Final = "FEEDSVC_SUPERVISOR"


class Wakeup:
    """Wakes the server's main loop. An Event set within its own `set`, by a signal, would wait for itself for ever."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """A SimpleQueue may be put to from anywhere."""
        self._calls.put(None)

    def wait(self, seconds: float | None = None) -> None:
        """Until it is set, for `seconds` at the most."""
        try:
            self._calls.get(timeout=seconds)
        except Empty:
            return

    def clear(self) -> None:
        """Forget that it was set."""
        while not self._calls.empty():
            self._calls.get()


class Backoff:
    """When the workers that ended are to be replaced, by their index."""

    def __init__(self) -> None:
        self._due: dict[int, float] = {}
        self._failures: dict[int, int] = {}

    def ended(self, index: int, lived: float, now: float) -> float:
        """Note that a worker ended that had lived for `lived` seconds. Return the seconds until it is replaced."""
        failures = 0 if lived >= STABLE_SECONDS else self._failures.get(index, 0)
        delay = min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (failures - 1)) if failures else 0.0
        self._failures[index] = failures + 1
        self._due[index] = now + delay
        return delay

    def due(self, now: float) -> list[int]:
        """Take out those that are to be replaced now."""
        found = sorted(index for index, at in self._due.items() if at <= now)
        for index in found:
            del self._due[index]
        return found

    def wait(self, now: float) -> float:
        """Return the seconds until the next one."""
        return max(0.0, min(self._due.values(), default=math.inf) - now)

    def clear(self) -> None:
        """All workers were replaced."""
        self._due.clear()


class Heartbeats:
    """The server's end: which workers are silent, by their process ids."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._token = secrets.token_hex(16)
        self._missed: dict[int, int] = {}
        self._started: set[int] = set()
        os.environ[_ADDRESS] = f"{self._socket.getsockname()[1]} {self._token}"
        self.has_any_started = False

    def listen(self) -> None:
        """Take in what has arrived."""
        while True:
            try:
                token, _, pid = self._socket.recv(256).decode("ascii", "replace").partition(" ")
            except OSError:
                # Nothing more is there.
                return
            if secrets.compare_digest(token.encode(), self._token.encode()) and pid.isdecimal():
                self._missed[int(pid)] = 0
                self._started.add(int(pid))
                self.has_any_started = True

    def count_missed(self, pids: set[int]) -> list[int]:
        """Count a beat as missed for each of `pids`. Return those that have missed too many.

        To be called once a HEARTBEAT_SECONDS, after `listen`. Calls are counted, not seconds: a machine that slept has
        not called. A worker that has never sent one is still starting, and has more time.
        """
        self._missed = {pid: self._missed.get(pid, 0) + 1 for pid in pids}
        self._started &= pids
        # Where none has ever arrived, it may be that none can.
        starting = MAX_STARTING_HEARTBEATS if self.has_any_started else math.inf
        return [
            pid
            for pid, missed in self._missed.items()
            if missed > (MAX_MISSED_HEARTBEATS if pid in self._started else starting)
        ]

    def close(self) -> None:
        """Let the port go."""
        self._socket.close()


def send_heartbeats(is_hung: Callable[[], bool]) -> None:
    """Send a heartbeat each HEARTBEAT_SECONDS while `is_hung` says no, in a thread of this worker. Return at once."""
    given = os.environ.get(_ADDRESS)
    if given is None:
        return
    port, _, token = given.partition(" ")
    args = (int(port), f"{token} {os.getpid()}".encode("ascii"), is_hung)
    threading.Thread(target=_send, args=args, name="heartbeat", daemon=True).start()


def _send(port: int, beat: bytes, is_hung: Callable[[], bool]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while True:
            if not is_hung():
                try:
                    sender.sendto(beat, ("127.0.0.1", port))
                except OSError as error:
                    # One that is lost is one missed beat; the thread must not end with it.
                    log.debug("no heartbeat: %s", error)
            time.sleep(HEARTBEAT_SECONDS)


class Server(MPServer):
    """granian with this supervisor in the place of its main loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.main_loop_interrupt = Wakeup()  # type: ignore[assignment]  # it has what is used of an Event
        self._heartbeats, self._backoff = Heartbeats(), Backoff()
        self._failed_starts = 0

    def _init_shared_socket(self) -> None:
        """Make one listening socket, which all workers accept from.

        On Linux, granian gives each worker a socket of its own (SO_REUSEPORT). A worker that dies then resets what
        waited at its socket, where all die connections are refused until one has started, and one that is stopped keeps
        its share of the connections waiting.
        """
        if multiprocessing.get_start_method() != "fork":
            # A worker that is spawned does not inherit it.
            super()._init_shared_socket()  # type: ignore[no-untyped-call]
            return
        holder = ListenerSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._shd, self._sfd = holder, holder.get_fd()  # type: ignore[assignment]  # it begins as None
        self._ssp = None
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        looked = time.monotonic()
        while not self.interrupt_signal:
            now = time.monotonic()
            self.main_loop_interrupt.wait(min(self._backoff.wait(now), max(0.0, looked + HEARTBEAT_SECONDS - now)))
            self.main_loop_interrupt.clear()
            if self.reload_signal and not self.interrupt_signal:
                self._backoff.clear()
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
            self._heartbeats.listen()
            if time.monotonic() - looked >= HEARTBEAT_SECONDS:
                looked = time.monotonic()
                pids = {each.inner.pid for each in self.wrks if each.is_alive()}  # type: ignore[no-untyped-call]
                for pid in self._heartbeats.count_missed(pids):
                    log.error("worker %s does not answer: it is killed and replaced", pid)
                    os.kill(pid, signal.SIGKILL)
            while self.interrupt_children:
                self._note_end(self.interrupt_children.pop(0))
            if not self._heartbeats.has_any_started and self._failed_starts >= START_ATTEMPTS * self.workers:
                log.error("no worker could start in %s attempts (the reason is logged above)", self._failed_starts)
                # `shutdown` ends with status 1 where workers have failed.
                self.interrupt_children.append(0)
                return
            if not self.interrupt_signal and (due := self._backoff.due(time.monotonic())):
                self._respawn_workers(due, spawn_target, target_loader)
        # Workers that ended and were to be replaced are no failure of a server that is told to end.
        self.interrupt_children.clear()

    def _respawn_workers(self, workers: Iterable[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        """Replace workers. One that cannot be started, since there are too many processes, is tried again later."""
        for index in workers:
            # granian's own method takes the old one out of its list first, and ends the loop with an error.
            worker = self._spawn_worker(idx=index, target=spawn_target, callback_loader=target_loader)
            try:
                worker.start()  # type: ignore[no-untyped-call]
            except (OSError, RuntimeError) as error:
                if worker.inner.pid is not None:
                    # It runs, but no thread could be started that waits for its end.
                    worker.kill()  # type: ignore[no-untyped-call]
                    worker.join()  # type: ignore[no-untyped-call]
                seconds = self._backoff.ended(index, 0.0, time.monotonic())
                cure = "raise the limit of processes and threads, or end some"
                log.error(
                    "worker %s cannot be started: %s (%s): it is tried again in %g s", index + 1, error, cure, seconds
                )
                continue
            old, self.wrks[index] = self.wrks[index], worker
            time.sleep(delay)
            old.terminate()  # type: ignore[no-untyped-call]
            old.join(STOP_SECONDS)  # type: ignore[no-untyped-call]
            if old.is_alive():  # type: ignore[no-untyped-call]
                old.kill()  # type: ignore[no-untyped-call]
                old.join()  # type: ignore[no-untyped-call]

    def _note_end(self, index: int) -> None:
        worker = self.wrks[index]
        if worker.is_alive():  # type: ignore[no-untyped-call]
            # Its predecessor ended while it was replaced.
            return
        self._failed_starts += 1
        delay = self._backoff.ended(index, time.monotonic() - worker.birth, time.monotonic())
        code = worker.inner.exitcode
        reason = f"signal {-code}" if code is not None and code < 0 else f"status {code}"
        log.error("worker %s ended (%s): it is replaced in %g s", worker.inner.pid, reason, delay)

    def shutdown(self, exit_code: int = 0) -> None:
        """End all workers. Exits with status 1 where none could start."""
        self._heartbeats.close()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]
