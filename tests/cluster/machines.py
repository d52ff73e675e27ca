"""The processes of a cluster: a primary and its standby, two writers, web nodes, and nginx in front of them."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Final

from tests.cluster.proxy import Proxy
from tests.conftest import SITE_TOML
from tests.live import ROOT, environment, free_port, wait_for
from tests.postgresql_server import HBA, Server, initialized, started, stop, user
from tests.unprivileged import NOBODY

NODES: Final = 3
# The node that reads the standby, and the one whose network is cut.
ON_STANDBY: Final = 1
ON_PROXY: Final = 2
_HAS_STORE: Final = "SELECT 1 FROM pg_tables WHERE tablename = 'meta'"
NGINX: Final = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream nodes {{
{servers}
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://nodes;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_connect_timeout 1s;
            proxy_next_upstream error timeout http_502 http_503;
        }}
    }}
}}
"""


class Cluster:
    """A running cluster in `folder`. `ports` are those of the web nodes; `nginx_port` is None without nginx."""

    def __init__(self, folder: Path, nginx: str | None) -> None:
        self.folder, self._stack = folder, contextlib.ExitStack()
        folder.chmod(0o755)
        self.content = folder / "content"
        (self.content / "articles").mkdir(parents=True)
        (self.content / "site.toml").write_text(SITE_TOML)
        self._primary_folder, self._standby_folder = folder / "primary", folder / "standby"
        for each in (self._primary_folder, self._standby_folder):
            each.mkdir()
        self._bin = initialized(self._primary_folder)
        with (self._primary_folder / "data" / "pg_hba.conf").open("a") as hba:
            hba.write("host replication all 127.0.0.1/32 trust\n")
        self._primary_port, self._standby_port = free_port(), free_port()
        self._primary = self._start_primary()
        server = Server(self._primary_folder, self._primary_port)
        server.run("CREATE ROLE feedsvc LOGIN")
        self.store = server.url(server.new_database("feedsvc"), tcp=True)
        self._make_standby()
        self._standby = self._start_standby()
        self.proxy = Proxy(self._primary_port)
        self.writers: list[subprocess.Popen[bytes]] = []
        self.start_writer()
        wait_for(lambda: server.run(_HAS_STORE, database="feedsvc"), "the first sync", 60)
        self.start_writer()
        self.ports = [free_port() for _ in range(NODES)]
        self.nodes = [self.start_node(number) for number in range(NODES)]
        self.nginx_port = free_port() if nginx else None
        self._nginx = self._start_nginx(nginx) if nginx else None
        wait_for(lambda: all(map(self._is_ready, self.ports)), "all nodes are ready", 120)

    def _start_primary(self) -> "subprocess.Popen[bytes]":
        # As a server has it that is not only for tests: without it, a commit is sent to the standby up to 0.6 s later.
        sends = {"wal_level": "replica", "max_wal_senders": "5", "synchronous_commit": "on"}
        return started(self._bin, self._primary_folder, self._primary_port, **sends)

    def _make_standby(self) -> None:
        if os.geteuid() == 0:
            os.chown(self._standby_folder, NOBODY, NOBODY)
        where = ["-h", "127.0.0.1", "-p", str(self._primary_port), "-U", "postgres"]
        command = [
            str(self._bin / "pg_basebackup"),
            "-D",
            str(self._standby_folder / "data"),
            "-R",
            "-c",
            "fast",
            *where,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._standby_folder, **user())
        (self._standby_folder / "data" / "pg_hba.conf").write_text(HBA)

    def _start_standby(self) -> "subprocess.Popen[bytes]":
        again = {"hot_standby_feedback": "on", "wal_retrieve_retry_interval": "200ms"}
        return started(self._bin, self._standby_folder, self._standby_port, **again)

    def restart_primary(self) -> None:
        """Stop the primary, which ends all connections, and start it again."""
        stop(self._primary)
        self._primary = self._start_primary()

    def stop_standby(self) -> None:
        """Stop the standby of the database."""
        stop(self._standby)

    def start_standby(self) -> None:
        """Start it again."""
        self._standby = self._start_standby()

    def start_writer(self) -> None:
        """Start a watcher: the first one is the writer, each other one stands by."""
        number = len(self.writers) + 1
        command = [sys.executable, "-m", "feedsvc", "watch", "--content", str(self.content)]
        self.writers.append(self._start(f"writer-{number}", command, FEEDSVC_STORE=self.store))

    def kill_writer(self) -> None:
        """Kill the watcher that writes; start another one, which stands by."""
        first = self.writers.pop(0)
        first.send_signal(signal.SIGKILL)
        first.wait()

    def start_node(self, number: int) -> "subprocess.Popen[bytes]":
        """Start a web node."""
        command = [sys.executable, "-m", "feedsvc", "serve", "--no-watch", "--workers", "1"]
        given = {"FEEDSVC_STORE": self.store, "FEEDSVC_PORT": str(self.ports[number])}
        if number == ON_STANDBY:
            given["FEEDSVC_READ_STORE"] = self.store.replace(str(self._primary_port), str(self._standby_port))
        if number == ON_PROXY:
            given["FEEDSVC_STORE"] = self.store.replace(str(self._primary_port), str(self.proxy.port))
        return self._start(f"node-{number}", command, **given)

    def kill_node(self, number: int) -> None:
        """Kill a web node with its workers, which end with it."""
        os.killpg(self.nodes[number].pid, signal.SIGKILL)
        self.nodes[number].wait()

    def restart_node(self, number: int) -> None:
        """Start a web node that was killed, and wait until it is ready. The kernel may keep its port for a moment."""
        self.nodes[number] = self.start_node(number)
        wait_for(lambda: self._is_ready(self.ports[number]), "the node is ready", 120)

    def _start(self, name: str, command: list[str], **given: str) -> "subprocess.Popen[bytes]":
        state = self.folder / name
        state.mkdir(exist_ok=True)
        shared = {"FEEDSVC_STATE": str(state), "FEEDSVC_MEDIA": str(self.folder / "media"), "FEEDSVC_WATCH": "events"}
        with (state / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env={**environment(), **shared, **given},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _is_ready(self, port: int) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _start_nginx(self, program: str) -> "subprocess.Popen[bytes]":
        servers = "\n".join(f"        server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;" for port in self.ports)
        file = self.folder / "nginx.conf"
        file.write_text(NGINX.format(folder=self.folder, port=self.nginx_port, servers=servers))
        with (self.folder / "nginx.log").open("ab") as log:
            return subprocess.Popen([program, "-c", str(file), "-p", str(self.folder)], stdout=log, stderr=log)

    def log_of(self, name: str) -> str:
        """Return what a process has said."""
        return (self.folder / name / "log").read_text(errors="replace")

    def write(self, name: str, text: str) -> None:
        """Write an article in one step."""
        file = self.content / "articles" / name
        spare = self.content / f".{name}"
        spare.write_text(text)
        spare.rename(file)

    def close(self) -> None:
        """End every process."""
        self.proxy.close()
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait()
        for each in (*self.nodes, *self.writers):
            with contextlib.suppress(OSError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()
        stop(self._standby)
        stop(self._primary)
