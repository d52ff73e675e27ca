"""The adapter for granian's private parts: which threads of a worker answer what.

granian runs a WSGI application in its blocking threads, and sends a body that is no list from there, as fast as the
client reads. So slow clients and slow answers take these threads, and every poll waits behind them. More threads are no
cure: with 36 or 72 a poll costs 1.1 to 1.8 times the CPU time (docs/decisions/0131-large-bodies.md). Here granian's
threads answer what is cached, and nothing else. All the rest goes to a pool, which responds when it is done.
"""

import logging
import os
import signal
import socket
import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from queue import SimpleQueue
from threading import Condition, Lock, Thread, get_ident
from typing import TYPE_CHECKING, Any, Final, Protocol

from granian import _signals
from granian.server import mp
from granian.wsgi import Response, ResponseIterWrap

from feedsvc import routes
from feedsvc.terminal import OneWarning, logger
from feedsvc.web.cache.response_cache import Environment, Found
from feedsvc.web.responses import always
from feedsvc.web.stats.request_ids import REQUEST_ID, request_id_of

log = logger("feedsvc.serve")
# Its events are logged at any level of the other loggers.
access_log = logger("feedsvc.access")
access_log.setLevel(logging.INFO)

# One answers while the other encodes a document that is asked for in a coding for the first time.
GRANIAN_THREADS: Final = 2
# Requests that wait for a thread of the pool. Each is a connection and its header fields.
MAX_BACKLOG: Final = 1024
# Answered in a thread of their own: they must be answered while the pool is busy.
PROBES: Final = (routes.HEALTHZ.rule, routes.READYZ.rule)
LISTENING_SECONDS: Final = 60
# The server kills a worker that has not ended after granian_server.STOP_SECONDS.
DRAIN_SECONDS: Final = 3.0
# What granian's threads do takes less than a millisecond.
HUNG_SECONDS: Final = 30.0
# A form of the hub, or a document that the hub's self-test delivers.
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
# A body waits for another one up to this time after that one's begin: in a burst of subscriptions, each comes at once.
# A slow one makes none wait, so that it does not hold both of granian's threads.
BODY_SECONDS: Final = 0.02
REFUSAL: Final = b"too many requests at a time (try again shortly)\n"

Task = Callable[[], None]

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class Application(Protocol):
    """A WSGI application (PEP 3333) that has some of its responses at hand."""

    def __call__(self, environ: Environment, start_response: "StartResponse", /) -> Iterable[bytes]:
        """Answer one request."""
        ...

    def cached(self, environ: Environment, /) -> Found | None:
        """Return the response to a request without waiting for anything; None for one that needs a call."""
        ...


class WorkerPool:
    """Daemon threads, of which `active` work at a time. A thread that is `idle` lets another one work."""

    def __init__(self, active: int, max_backlog: int = MAX_BACKLOG) -> None:
        self._active, self._max_backlog = max(1, active), max_backlog
        self._lock = Lock()
        self._backlog: deque[Task] = deque()
        # The inboxes of the threads that have nothing to do.
        self._sleeping: list[SimpleQueue[Task]] = []
        self._resumed = Condition(self._lock)
        self._working = self._resuming = 0
        self._warning = OneWarning(log)

    def submit(self, task: Task) -> bool:
        """Run `task` in one of the threads. False where too many wait already, or where no thread can be started."""
        with self._lock:
            if len(self._backlog) >= self._max_backlog:
                return False
            self._backlog.append(task)
            self._dispatch()
            if self._working or not self._backlog:
                return True
            # No thread works that would take it next.
            self._backlog.pop()
            return False

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Wait for something in the block, or send to a client. To be entered by a thread of the pool."""
        with self._lock:
            self._release()
        try:
            yield
        finally:
            with self._lock:
                self._resuming += 1
                self._resumed.wait_for(lambda: self._working < self._active)
                self._resuming -= 1
                self._working += 1
                # A second thread may have been released before this one woke.
                self._dispatch()

    def _release(self) -> None:
        self._working -= 1
        if self._resuming:
            self._resumed.notify()
        else:
            self._dispatch()

    def _dispatch(self) -> None:
        while self._backlog and self._working < self._active:
            if self._sleeping:
                self._sleeping.pop().put(self._backlog[0])
            elif not self._start(self._backlog[0]):
                return
            del self._backlog[0]
            self._working += 1

    def _start(self, task: Task) -> bool:
        """Start a thread with `task`. False where the limit of threads or processes is reached."""
        try:
            Thread(target=self._run, args=(task,), name="feedsvc worker", daemon=True).start()
        except RuntimeError as error:
            cure = "raise the limit: systemd's TasksMax, ulimit -u, or --pids-limit of a container"
            self._warning.warn(f"requests wait or are refused: {error} ({cure})")
            return False
        self._warning.clear()
        return True

    def _run(self, task: Task) -> None:
        inbox: SimpleQueue[Task] = SimpleQueue()
        while True:
            task()
            with self._lock:
                self._sleeping.append(inbox)
                self._release()
            task = inbox.get()


class BodyReader:
    """Reads the bodies of requests to the hub in granian's threads, one at a time, so that the others answer polls."""

    def __init__(self) -> None:
        self._turn = Lock()
        # When the last one began (of the monotonic clock).
        self._begun = 0.0

    def read(self, environ: Environment) -> bytes | None:
        """Return the body; None while a slow one is read. Those of other paths, and longer ones, count as empty."""
        length = environ.get("CONTENT_LENGTH") or ""
        if not environ["PATH_INFO"].startswith(routes.HUB.rule) or not (length.isascii() and length.isdigit()):
            return b""
        if int(length[:12]) > MAX_BODY_BYTES:
            return b""
        if not self._turn.acquire(timeout=max(0.0, self._begun + BODY_SECONDS - time.monotonic())):
            return None
        self._begun = time.monotonic()
        try:
            # It has no timeout. A thread of ours that reads on after `__call__` has returned stops the whole process.
            return bytes(environ["wsgi.input"].read(int(length)))
        finally:
            self._turn.release()


class Runner:
    """What a granian worker calls for each request, in place of granian's wrapper of a WSGI application (PEP 3333)."""

    def __init__(self, app: Application, pool: WorkerPool) -> None:
        self._app, self._cached = app, app.cached
        self._pool, self._probes, self._bodies = pool, WorkerPool(1), BodyReader()
        # When each of granian's threads began what it is at, by its number.
        self._begun: dict[int, float] = {}
        self._base: Environment = {
            **os.environ,
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SCRIPT_NAME": "",
            "SERVER_SOFTWARE": "Granian",
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multiprocess": True,
            "wsgi.multithread": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }

    def __call__(self, protocol: Any, scope: Environment) -> None:
        """Respond with what is cached, or let a thread of the pool respond."""
        thread = get_ident()
        self._begun[thread] = time.monotonic()
        try:
            found = self._cached(scope)
            if found is not None:
                protocol.response_bytes(*found)
                return
            pool = self._probes if scope["PATH_INFO"] in PROBES else self._pool
            body = self._bodies.read(scope) if scope.get("REQUEST_METHOD") == "POST" else b""
            environ = self._base | scope | {"wsgi.input": BytesIO(body or b"")}
            if body is None or not pool.submit(partial(self._answer, pool, protocol, environ)):
                fields = {
                    **always(scope["PATH_INFO"]),
                    "Content-Type": "text/plain; charset=utf-8",
                    "Cache-Control": "no-store",
                    "Retry-After": "5",
                }
                protocol.response_bytes(503, list(fields.items()), REFUSAL)
        finally:
            del self._begun[thread]

    def is_hung(self) -> bool:
        """Whether all of granian's threads have been at one request each for so long that they never come back."""
        now = time.monotonic()
        return sum(now - begun > HUNG_SECONDS for begun in list(self._begun.values())) >= GRANIAN_THREADS

    def _answer(self, pool: WorkerPool, protocol: Any, environ: Environment) -> None:
        response: Any = Response()  # type: ignore[no-untyped-call]
        try:
            body: Iterable[bytes] = self._app(environ, response)
            if isinstance(body, list):
                protocol.response_bytes(response.status, response.headers, b"".join(body))
            else:
                with pool.idle():
                    protocol.response_iter(response.status, response.headers, ResponseIterWrap(body))  # type: ignore[no-untyped-call]
        except Exception:
            # A thread must not end with it. The second response is ignored where there was a first.
            id_ = request_id_of(environ)
            log.exception("cannot answer %r", environ["PATH_INFO"], extra={"fields": {"request_id": id_}})
            protocol.response_bytes(500, [(REQUEST_ID, id_)], b"")


class LoggingRunner(Runner):
    """A runner that logs each response when it has been sent, for FEEDSVC_ACCESS_LOG."""

    def __call__(self, protocol: Any, scope: Environment) -> None:
        """Respond, and log the response."""
        super().__call__(_LoggedProtocol(protocol, scope), scope)


class _LoggedProtocol:
    """What a runner uses of granian's protocol, for one request."""

    def __init__(self, protocol: Any, scope: Environment) -> None:
        self._protocol, self._scope, self._begun = protocol, scope, time.monotonic()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._protocol.response_bytes(status, headers, body)
        self._log(status, headers, len(body))

    def response_iter(self, status: int, headers: list[tuple[str, str]], body: Any) -> None:
        self._protocol.response_iter(status, headers, body)
        length = next((text for name, text in headers if name.lower() == "content-length"), "0")
        self._log(status, headers, int(length))

    def _log(self, status: int, headers: list[tuple[str, str]], length: int) -> None:
        scope = self._scope
        query = scope.get("QUERY_STRING", "")
        fields = {
            "remote": scope.get("REMOTE_ADDR", ""),
            "method": scope["REQUEST_METHOD"],
            "path": scope["PATH_INFO"],
            "query": query,
            "status": status,
            "bytes": length,
            "ms": round((time.monotonic() - self._begun) * 1000, 1),
            "user_agent": scope.get("HTTP_USER_AGENT", ""),
        }
        if id_ := next((text for name, text in headers if name == REQUEST_ID), ""):
            fields["request_id"] = id_
        access_log.info(
            '%s "%s %s" %s %s %s ms "%s"',
            fields["remote"],
            fields["method"],
            f"{fields['path']}{'?' if query else ''}{query}",
            status,
            length,
            fields["ms"],
            fields["user_agent"],
            extra={"fields": fields},
        )


def install(runner: Runner) -> None:
    """Make the granian worker of this process call `runner`, and end in time when it is told to."""
    assert callable(mp._wsgi_call_wrap)  # type: ignore[attr-defined]
    mp._wsgi_call_wrap = lambda *_: runner  # type: ignore[attr-defined]
    set_signals: Callable[[Any], None] = _signals.set_main_signals

    def set_with_limit(handler: Callable[..., None]) -> None:
        """Set granian's handler, which waits without limit for clients that sent half a request or do not read.

        After DRAIN_SECONDS, the main thread leaves that wait and the process ends as ever, so the server need not kill
        it. A second signal begins no further wait.
        """

        def end(*args: Any) -> None:
            signal.signal(signal.SIGALRM, lambda *_: sys.exit(0))
            if signal.getitimer(signal.ITIMER_REAL)[0] == 0.0:
                signal.setitimer(signal.ITIMER_REAL, DRAIN_SECONDS)
            handler(*args)

        set_signals(end)

    _signals.set_main_signals = set_with_limit  # type: ignore[assignment]


def limit_writes(port: int, seconds: int) -> None:
    """End each connection to `port` whose client takes nothing for `seconds`, once the worker of this process listens.

    The kernel does it (TCP_USER_TIMEOUT, tcp(7)); a connection inherits that from the socket that listens. granian has
    no such limit, and makes that socket itself. Only Linux has the option.
    """
    if not hasattr(socket, "TCP_USER_TIMEOUT") or not seconds:
        return
    end = time.monotonic() + LISTENING_SECONDS
    while not (found := _listening(port)):
        if time.monotonic() > end:
            log.warning("no time limit for writes: no socket of this worker listens on port %s", port)
            return
        time.sleep(0.01)
    for each in found:
        with each:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)


def _listening(port: int) -> list[socket.socket]:
    """Return this process's sockets that listen on `port`, each under a descriptor of its own."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptor = os.dup(int(name))
        except OSError:
            # It was closed meanwhile: that of the folder itself, for one.
            continue
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            continue
        each = socket.socket(fileno=descriptor)
        is_tcp = each.family in (socket.AF_INET, socket.AF_INET6) and each.type == socket.SOCK_STREAM
        if is_tcp and each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and each.getsockname()[1] == port:
            found.append(each)
        else:
            each.close()
    return found
