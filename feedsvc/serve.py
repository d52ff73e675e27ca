"""`feedsvc serve`: a first sync where there is nothing to serve, then granian's workers and exactly one watcher."""

import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from feedsvc.config import Settings, environment
from feedsvc.errors import ConfigError

RESTART_SECONDS = 2.0


def own_url(settings: Settings) -> str:
    """The address this server is reached at from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def at_own_url(settings: Settings) -> Settings:
    """The settings of a server that answers at its own address while base_url is unset."""
    return replace(settings, own_url=own_url(settings))


def check_port(settings: Settings) -> None:
    """Raises ConfigError when nobody can listen there."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror} "
                "(choose another with --port, or PORT=8001 make serve)"
            ) from error


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    os.environ.update(environment(settings))
    server = Granian(
        "feedsvc.web:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers or os.cpu_count() or 1,
        blocking_threads=settings.threads,
        websockets=False,
        respawn_failed_workers=True,
        log_enabled=True,
        log_level=LogLevels.warning,
        workers_kill_timeout=5,
    )
    with _WatcherProcess():
        server.serve()


class _WatcherProcess:
    """The watcher beside the workers: started again when it ends, ended when the server does.

    It reads its standard input and ends with it, so it does not outlive a server that was killed.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="watcher", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        process = self._process
        if process is not None:
            process.terminate()
        self._thread.join()

    def _keep_running(self) -> None:
        while not self._stop.is_set():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "feedsvc", "watch", "--with-parent"],
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
            if self._stop.is_set():
                self._process.terminate()
            self._process.wait()
            self._stop.wait(RESTART_SECONDS)
