"""Start the servers to measure. Each is a process on a core of its own, and ends with the `with` block."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# One core serves, the other one sends requests.
SERVER_CORE: Final = "0"
LOAD_CORE: Final = "1"
WAIT_SECONDS: Final = 60
RIVALS: Final = Path(__file__).parent / "rivals"
VENV: Final = Path(sys.prefix) / "bench"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `path` is that of the feed; `pid` is the process that was started, 0 if it did not start.

    `fault` says why it did not start.
    """

    name: str
    port: int
    path: str
    pid: int
    fault: str = ""

    @property
    def url(self) -> str:
        """The URL of the feed."""
        return f"http://127.0.0.1:{self.port}{self.path}"


def rival(stack: ExitStack, name: str, server: AbstractContextManager[Server]) -> Server:
    """Start the server of a rival; if it does not start, return one with the fault, which its rows will show."""
    try:
        return stack.enter_context(server)
    except Exception as error:
        return Server(name, 0, "", 0, fault=f"{type(error).__name__}: {error}")


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    port: int,
    path: str,
    *,
    env: Mapping[str, str] | None = None,
    pinned: bool = True,
) -> Iterator[Server]:
    """Start a server with `command`, and yield it when it answers at `path`."""
    pin = ["taskset", "-c", SERVER_CORE] if pinned else []
    log = subprocess.DEVNULL if not os.environ.get("BENCH_LOG") else None
    process = subprocess.Popen(
        [*pin, *map(str, command)], env={**os.environ, **(env or {})}, stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait(f"http://127.0.0.1:{port}{path}", process)
        yield Server(name, port, path, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                answer.read()
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{url} does not answer (BENCH_LOG=1 shows why)") from None
            time.sleep(0.05)


@contextmanager
def feedsvc(
    content: Path,
    path: str = "/feeds/all.atom",
    *,
    workers: int = 1,
    pinned: bool = True,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start `feedsvc serve` with a content folder and the store beside it."""
    port = free_port()
    command = [sys.executable, "-m", "feedsvc", "serve", "--content", content, "--port", port, "--workers", workers]
    with running("feedsvc", [str(each) for each in command], port, path, pinned=pinned, env=env) as server:
        yield server


@contextmanager
def nginx(folder: Path, bodies: Mapping[str, bytes], media_type: str, *, changing: bool = False) -> Iterator[Server]:
    """Start one worker of nginx with the bytes of each coding on disk, at /feed-identity, /feed-gzip and /feed-br.

    Its files are held open unless they are `changing`.
    """
    held = "" if changing else "open_file_cache max=100;"
    port = free_port()
    for coding, body in bodies.items():
        (folder / f"feed-{coding}").write_bytes(body)
    places = "".join(
        f"location = /feed-{coding} {{ alias {folder}/feed-{coding}; default_type {media_type}; "
        f"{'' if coding == 'identity' else f'add_header Content-Encoding {coding};'} "
        "add_header Vary Accept-Encoding; add_header Cache-Control 'public, max-age=900'; }"
        for coding in bodies
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 4096; }\n"
        f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; {held}\n"
        f"client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;\n"
        f"uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e; types {{ }}\n"
        f"server {{ listen 127.0.0.1:{port}; {places} }} }}\n"
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with running("nginx", command, port, "/feed-identity") as server:
        yield server


@contextmanager
def wsgi(name: str, module: str, data: Path) -> Iterator[Server]:
    """Start a rival's WSGI application, which reads `data`, under one worker of granian as in `feedsvc serve`."""
    port = free_port()
    command: list[str | Path] = [
        VENV / "bin/granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    command += ["--blocking-threads", "4", "--http", "1", "--no-ws", "--log-level", "error", f"{module}:app"]
    env = {"PYTHONPATH": str(RIVALS), "BENCH_DATA": str(data)}
    with running(name, command, port, "/feed.atom", env=env) as server:
        yield server
