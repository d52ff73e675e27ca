"""`feedsvc serve`: a first sync where there is nothing to serve, then granian's workers and exactly one watcher."""

import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
from dataclasses import replace

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from feedsvc.config import Settings, environment, load_settings
from feedsvc.errors import ConfigError
from feedsvc.processes import START_METHOD, end_with_parent
from feedsvc.server import granian_server, granian_worker
from feedsvc.server.watcher_process import WatcherProcess
from feedsvc.terminal import logger
from feedsvc.web import create_app
from feedsvc.web.cache.response_cache import ResponseCache
from feedsvc.web.render_limiter import RenderLimiter, limits_of_pool
from feedsvc.web.stats import feed_metrics

log = logger("feedsvc.serve")

# All of a request's header; granian holds as much for each connection.
MAX_HEADER_BYTES = 64 * 1024
# Of each worker, idle ones too: past it nobody else is answered until one of them ends, after 30 s.
MAX_CONNECTIONS = 8192
# What a worker opens beside its connections: the store, media files, templates, its counts.
OTHER_FILES = 128


def own_url(settings: Settings) -> str:
    """The address this server is reached at from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def at_own_url(settings: Settings) -> Settings:
    """The settings of a server that answers at its own address while base_url is unset."""
    return replace(settings, own_url=own_url(settings))


def hold_port(settings: Settings) -> socket.socket | None:
    """Keep other servers of feedsvc from listening there until this process and its children have ended.

    The workers listen only after the first sync, and SO_REUSEPORT would let those of two servers share a port. Return
    what is to be kept open; None where the system has no such names (only Linux has them). Raises ConfigError where
    another server holds the port, or anything listens there.
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
        # An abstract name (unix(7)): it goes with the last process that has it open.
        holder.bind(f"\0feedsvc/{settings.host}:{settings.port}")
    except OSError as error:
        holder.close()
        raise _port_error(settings, "another feedsvc serve has taken it") from error
    return holder


def _port_error(settings: Settings, reason: str | None) -> ConfigError:
    cure = "choose another with --port, or PORT=8001 make serve"
    return ConfigError(f"cannot listen on {settings.host}:{settings.port}: {reason} ({cure})")


def worker_app() -> Flask:
    """What each worker runs.

    Ctrl-C in a terminal reaches a whole process group, and granian's workers take it for a failure, twice for a
    deadlock: so each stands in a group of its own, and ends when the server tells it to or is killed.
    """
    # Until granian sets its own handlers, the server's are inherited: they would swallow the signal to end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setpgid(0, 0)
    end_with_parent()
    settings = load_settings()
    writes = (settings.port, settings.write_seconds)
    threading.Thread(target=granian_worker.limit_writes, args=writes, name="write limit", daemon=True).start()
    pool = granian_worker.WorkerPool(settings.threads)
    limiter = RenderLimiter(limits_of_pool(settings.threads, settings.downloads), pool.idle)
    app = create_app(settings, watching=True, limiter=limiter)
    assert isinstance(app.wsgi_app, ResponseCache)
    runner = granian_worker.Runner(app.wsgi_app, pool)
    granian_worker.install(runner)
    granian_server.send_heartbeats(runner.is_hung)
    return app


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    # granian takes the default.
    multiprocessing.set_start_method(START_METHOD, force=True)
    os.environ.update(environment(settings))
    feed_metrics.prepare(settings.store.parent / f"polls-{settings.port}")
    connections = allow_connections()
    server = granian_server.Server(
        "feedsvc",
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers or os.cpu_count() or 1,
        blocking_threads=granian_worker.GRANIAN_THREADS,
        # HTTP/2 is spoken by the proxy in front; without TLS no reader uses it, and its headers may be 16 MB.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=MAX_HEADER_BYTES),
        backlog=2048,
        backpressure=connections,
        websockets=False,
        respawn_failed_workers=True,
        log_enabled=True,
        log_level=LogLevels.warning,
        workers_kill_timeout=granian_server.PATIENCE_SECONDS,
    )
    with WatcherProcess(settings.store):
        # granian's own loader would search for modules in the current folder first.
        server.serve(target_loader=worker_app, wrap_loader=False)


def allow_connections() -> int:
    """Raise the limit of open files as far as may be; return how many connections each worker takes.

    Each connection is a file, and many systems begin with 1,024. A worker that could open no file more would answer
    nobody: a connection that it does not take waits instead.
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
