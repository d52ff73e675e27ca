"""`feedsvc serve`: a first sync if the store is empty, then granian's workers and exactly one watcher."""

import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
from contextlib import ExitStack
from dataclasses import replace

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from feedsvc.config import Settings, environment, load_settings
from feedsvc.errors import ConfigError
from feedsvc.processes import START_METHOD, end_with_parent
from feedsvc.server import granian_server, granian_worker
from feedsvc.server.child_process import ChildProcess
from feedsvc.server.watcher_process import watcher_process
from feedsvc.terminal import log_to_stderr, logger
from feedsvc.web import create_app
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.preview import UncachedApplication
from feedsvc.web.render_limiter import RenderLimiter, limits_of_pool
from feedsvc.web.stats import poll_counters

log = logger("feedsvc.serve")

# The maximum size of the header of a request; granian reserves as much for each connection.
MAX_HEADER_BYTES = 64 * 1024
# Per worker, including idle connections. Further connections wait until one ends; an idle one ends after 30 s.
MAX_CONNECTIONS = 8192
# Files that a worker opens beside its connections: the store, media files, templates, metric files.
OTHER_FILES = 128
# How many ports a preview tries.
PREVIEW_PORTS = 20


def own_url(settings: Settings) -> str:
    """Return the URL of this server for clients on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def at_own_url(settings: Settings) -> Settings:
    """Return the settings with the URL of this server as `own_url`, which is used if base_url is not set."""
    return replace(settings, own_url=own_url(settings))


def hold_port(settings: Settings) -> socket.socket | None:
    """Reserve the port against other servers of feedsvc until this process and its children have ended.

    The workers listen only after the first sync, and SO_REUSEPORT would let those of two servers share a port. Return
    the socket to keep open; None outside of Linux, which alone has abstract socket names. Raises ConfigError if another
    server has reserved the port or a program listens on it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise _port_error(settings, error.strerror) from error
    if sys.platform != "linux":
        return None
    holder = socket.socket(socket.AF_UNIX)
    try:
        # An abstract name (unix(7)) disappears with the last process that has it open.
        holder.bind(f"\0feedsvc/{settings.host}:{settings.port}")
    except OSError as error:
        holder.close()
        raise _port_error(settings, "another feedsvc serve has taken it") from error
    return holder


def hold_preview_port(settings: Settings, *, is_chosen: bool) -> tuple[Settings, socket.socket | None]:
    """Reserve the port of a preview, and return the settings with it and its address, and the socket as `hold_port`.

    A port that is not chosen may be taken: then it is the next free one of PREVIEW_PORTS. Raises as `hold_port`.
    """
    last = settings.port if is_chosen else min(settings.port + PREVIEW_PORTS, 65536) - 1
    while True:
        try:
            holder = hold_port(settings)
            break
        except ConfigError:
            if settings.port >= last:
                raise
            settings = replace(settings, port=settings.port + 1)
    return replace(settings, own_url=own_url(settings), base_url=settings.base_url or own_url(settings)), holder


def _port_error(settings: Settings, reason: str | None) -> ConfigError:
    cure = "choose another with --port, or PORT=8001 make serve"
    return ConfigError(f"cannot listen on {settings.host}:{settings.port}: {reason} ({cure})")


def worker_app() -> Flask:
    """Return the application of a worker, and put the worker into a process group of its own.

    Ctrl-C in a terminal signals a whole process group, and granian treats a signalled worker as a failure. In a group
    of its own, a worker ends when the server stops it or is killed.
    """
    # Until granian sets its own handlers, a worker has inherited those of the server, which would ignore SIGTERM.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setpgid(0, 0)
    end_with_parent()
    settings = load_settings()
    # A worker that was spawned has no log yet.
    log_to_stderr(settings.log, level=logging.WARNING, is_piped=True)
    writes = (settings.port, settings.write_seconds)
    threading.Thread(target=granian_worker.limit_writes, args=writes, name="write limit", daemon=True).start()
    pool = granian_worker.WorkerPool(settings.threads)
    limiter = RenderLimiter(limits_of_pool(settings.threads, settings.downloads), pool.idle)
    app = create_app(settings, watching=True, limiter=limiter)
    assert isinstance(app.wsgi_app, ResponseCache | UncachedApplication)
    kind = granian_worker.LoggingRunner if settings.access_log else granian_worker.Runner
    runner = kind(app.wsgi_app, pool)
    granian_worker.install(runner)
    granian_server.send_heartbeats(runner.is_hung)
    return app


def serve(settings: Settings, *, watch: bool = True) -> None:
    """Serve until SIGINT or SIGTERM. Without `watch`, other processes publish and deliver."""
    # granian uses the default start method.
    multiprocessing.set_start_method(START_METHOD, force=True)
    os.environ.update(environment(settings))
    poll_counters.prepare(settings.state / f"polls-{settings.port}")
    connections = allow_connections()
    server = granian_server.Server(
        "feedsvc",
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers or os.cpu_count() or 1,
        blocking_threads=granian_worker.GRANIAN_THREADS,
        # The proxy speaks HTTP/2 with clients; without TLS no client uses it, and its headers may have 16 MB.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=MAX_HEADER_BYTES),
        backlog=2048,
        backpressure=connections,
        websockets=False,
        respawn_failed_workers=True,
        log_enabled=True,
        log_level=LogLevels.warning,
        # Its events are formatted as ours.
        log_dictconfig={"loggers": {"_granian": {"propagate": True}}},
        workers_kill_timeout=granian_server.STOP_SECONDS,
    )
    with ExitStack() as stack:
        if watch:
            stack.enter_context(watcher_process(settings.store))
        # A preview has no subscribers.
        if watch and not settings.drafts:
            effect = "nothing is delivered to subscribers of the hub"
            stack.enter_context(ChildProcess("delivery worker", ("deliver", "--with-parent"), effect))
        # granian's own loader would search for modules in the current folder first.
        server.serve(target_loader=worker_app, wrap_loader=False)


def allow_connections() -> int:
    """Raise the soft limit of open files as far as allowed, and return the number of connections per worker.

    Each connection is a file, and the default limit is often 1,024. A worker without free descriptors could answer no
    request, so it accepts fewer connections, and further ones wait.
    """
    wanted = MAX_CONNECTIONS + 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    connections = max(1, min(MAX_CONNECTIONS, most - OTHER_FILES))
    if connections < MAX_CONNECTIONS:
        cure = "raise it: LimitNOFILE of systemd, ulimit -n, --ulimit of a container"
        log.warning(
            "each worker takes %s connections instead of %s, since the limit of open files is %s (%s)",
            connections,
            MAX_CONNECTIONS,
            most,
            cure,
        )
    return connections
