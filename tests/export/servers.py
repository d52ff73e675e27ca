"""Real web servers that have an export as their root and include what it wrote for them."""

import getpass
import grp
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.live import free_port
from tests.tools import program


@contextmanager
def nginx(root: Path, folder: Path, place: str = "") -> Iterator[str]:
    """Yield the URL of an nginx that serves an export, which is at `place` below `root`."""
    port, file = free_port(), folder / "nginx.conf"
    servers = root / place / ".servers"
    # A worker of another user could not read the folders of tests.
    user = f"user {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name};" if os.getuid() == 0 else ""
    file.write_text(f"""
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {servers}/nginx-maps.conf;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        include {servers}/nginx-server.conf;
    }}
}}
""")
    with _running([program("nginx"), "-p", str(folder), "-c", str(file)], port, folder / "error.log"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def caddy(root: Path, folder: Path, place: str = "") -> Iterator[str]:
    """Yield the URL of a Caddy that serves an export, which is at `place` below `root`."""
    port, file = free_port(), folder / "Caddyfile"
    file.write_text(f"""{{
    admin off
    auto_https off
    default_bind 127.0.0.1
}}
http://127.0.0.1:{port} {{
    root * {root}
    import {root / place}/.servers/Caddyfile
}}
""")
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    command = [program("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]
    with _running(command, port, folder / "caddy.log", environment):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], port: int, log: Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    with log.open("ab") as output, subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process:
        try:
            while True:
                with closing(socket.socket()) as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
